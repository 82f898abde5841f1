package op

import (
	"math"

	"likeness/engine/graph"
)

// resizeStep reads each output between two rows and two columns. Weights are
// whole numbers of 1/weightOne, so sums are exact and halves round up.
type resizeStep struct {
	in, out    view
	rows, cols []tap
}

const (
	weightBits = 14
	weightOne  = 1 << weightBits
)

// tap lies between places a and b; the second has the weight w of weightOne.
type tap struct{ a, b, w int }

func (s *resizeStep) run(arena []int16) {
	for y, r := range s.rows {
		for x, c := range s.cols {
			out := arena[s.out.at(y, x):][:s.out.c]
			aa := arena[s.in.at(r.a, c.a):][:len(out)]
			if r.w == 0 && c.w == 0 {
				copy(out, aa)
				continue
			}
			ab := arena[s.in.at(r.a, c.b):][:len(out)]
			ba, bb := arena[s.in.at(r.b, c.a):][:len(out)], arena[s.in.at(r.b, c.b):][:len(out)]
			right, below := int64(c.w), int64(r.w)
			left, above := weightOne-right, weightOne-below
			for i := range out {
				top := int64(aa[i])*left + int64(ab[i])*right
				bottom := int64(ba[i])*left + int64(bb[i])*right
				out[i] = int16((top*above + bottom*below + 1<<(2*weightBits-1)) >> (2 * weightBits))
			}
		}
	}
}

func (b *builder) resize(n *graph.Node) (step, error) {
	in, out := b.views[n.Inputs[0]], b.views[n.Output]
	return &resizeStep{in, out, taps(n, 0, in.h, out.h), taps(n, 1, in.w, out.w)}, nil
}

func taps(n *graph.Node, axis, in, out int) []tap {
	list := make([]tap, out)
	for o := range list {
		x := n.Position(axis, o, in, out)
		a := int(x)
		list[o] = tap{a, min(a+1, in-1), int(math.RoundToEven((x - float64(a)) * weightOne))}
	}
	return list
}
