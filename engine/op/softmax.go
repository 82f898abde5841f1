package op

import (
	"math"

	"likeness/engine/graph"
)

// softmaxStep writes probabilities in units of 1/32767, pixel by pixel.
type softmaxStep struct {
	in, out view
	exps    []float64 // e^(-d*scale) for a distance d from the largest value
}

func (s *softmaxStep) run(arena []int16) {
	in, out := s.in.slice(arena), s.out.slice(arena)
	for i := 0; i < len(in); i += s.in.px {
		row := in[i:][:s.in.c]
		top := row[0]
		for _, q := range row {
			top = max(top, q)
		}
		sum := 0.0
		for _, q := range row {
			sum += s.exps[int(top)-int(q)]
		}
		for c, q := range row {
			p := s.exps[int(top)-int(q)] / sum
			out[i+c] = int16(math.RoundToEven(p * math.MaxInt16))
		}
	}
}

func (b *builder) softmax(n *graph.Node) (step, error) {
	t := b.g.Tensors[n.Inputs[0]]
	st := &softmaxStep{in: b.views[n.Inputs[0]], out: b.views[n.Output]}
	st.exps = make([]float64, int(t.Hi)-int(t.Lo)+1)
	for d := range st.exps {
		st.exps[d] = exp(-float64(d) * float64(t.Scale))
	}
	return st, nil
}
