package op

import (
	"likeness/engine/graph"
	"likeness/engine/kernel"
)

// preluStep rescales with one factor for positive values, and one for each
// channel's negative ones.
type preluStep struct {
	in, out  view
	positive float32
	negative []float32
	lo, hi   int16
}

func (s *preluStep) run(arena []int16) {
	in, out := s.in.slice(arena), s.out.slice(arena)
	for i := 0; i < len(in); i += s.in.px {
		kernel.PReLU(out[i:][:s.in.c], in[i:][:s.in.c], s.positive, s.negative, s.lo, s.hi)
	}
}

func (b *builder) prelu(n *graph.Node, w Weights) (step, error) {
	in, out := b.g.Tensors[n.Inputs[0]], b.g.Tensors[n.Output]
	ratio := float64(in.Scale) / float64(out.Scale)
	st := &preluStep{in: b.views[n.Inputs[0]], out: b.views[n.Output], positive: float32(ratio), lo: out.Lo, hi: out.Hi}
	for _, slope := range w.params.Gain {
		st.negative = append(st.negative, float32(float64(slope)*ratio))
	}
	return st, nil
}
