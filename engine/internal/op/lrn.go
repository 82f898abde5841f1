package op

import (
	"math"

	"likeness/engine/graph"
)

// lrnStep divides each value by a power of the mean square of its neighbours
// across channels:
//
//	q' = q * ratio / (shift + alpha/size * scale^2 * sum(q*q))^beta
//
// with the exact sum over channels c-(size-1)/2 .. c+size/2 that exist.
type lrnStep struct {
	in, out       view
	before, after int
	factor, shift float64
	beta, ratio   float64
	lo, hi        float64
}

func (s *lrnStep) run(arena []int16) {
	in, out := s.in.slice(arena), s.out.slice(arena)
	for i := 0; i < len(in); i += s.in.px {
		row, dst := in[i:][:s.in.c], out[i:]
		var sum int64
		for _, q := range row[:min(s.after, len(row))] {
			sum += int64(q) * int64(q)
		}
		for c, q := range row {
			if k := c + s.after; k < len(row) {
				sum += int64(row[k]) * int64(row[k])
			}
			if k := c - s.before - 1; k >= 0 {
				sum -= int64(row[k]) * int64(row[k])
			}
			y := float64(float64(q)*s.ratio) / pow(s.shift+float64(s.factor*float64(sum)), s.beta)
			dst[c] = int16(math.RoundToEven(min(max(y, s.lo), s.hi)))
		}
	}
}

func (b *builder) lrn(n *graph.Node) (step, error) {
	in, out := b.g.Tensors[n.Inputs[0]], b.g.Tensors[n.Output]
	scale := float64(in.Scale)
	return &lrnStep{in: b.views[n.Inputs[0]], out: b.views[n.Output], before: (n.Size - 1) / 2, after: n.Size / 2,
		factor: n.Alpha / float64(n.Size) * float64(scale*scale), shift: n.Shift, beta: n.Beta,
		ratio: scale / float64(out.Scale), lo: float64(out.Lo), hi: float64(out.Hi)}, nil
}
