package op

import (
	"fmt"

	"likeness/engine/graph"
	"likeness/engine/kernel"
)

// binaryStep is Add or Mul; a second operand of one pixel is broadcast.
type binaryStep struct {
	a, b, out view
	ma, mb    float32 // Mul uses ma only
	mul       bool
	lo, hi    int16
}

func (s *binaryStep) run(arena []int16) {
	out, a, b := s.out.slice(arena), s.a.slice(arena), s.b.slice(arena)
	if len(a) == len(b) {
		s.apply(out, a, b)
		return
	}
	for i := 0; i < len(out); i += s.out.px {
		s.apply(out[i:i+s.out.px], a[i:i+s.out.px], b)
	}
}

func (s *binaryStep) apply(out, a, b []int16) {
	if s.mul {
		kernel.Mul(out, a, b, s.ma, s.lo, s.hi)
	} else {
		kernel.Add(out, a, b, s.ma, s.mb, s.lo, s.hi)
	}
}

func (b *builder) binary(n *graph.Node) (*binaryStep, error) {
	st := &binaryStep{a: b.views[n.Inputs[0]], b: b.views[n.Inputs[1]], out: b.views[n.Output]}
	if !st.a.dense() || !st.b.dense() || st.a.px != st.out.px {
		return nil, fmt.Errorf("operands have different layouts")
	}
	t := b.g.Tensors[n.Output]
	st.lo, st.hi = t.Lo, t.Hi
	return st, nil
}

func (b *builder) add(n *graph.Node) (step, error) {
	st, err := b.binary(n)
	if err != nil {
		return nil, err
	}
	out := float64(b.g.Tensors[n.Output].Scale)
	st.ma = float32(float64(b.g.Tensors[n.Inputs[0]].Scale) / out)
	st.mb = float32(float64(b.g.Tensors[n.Inputs[1]].Scale) / out)
	return st, nil
}

func (b *builder) mul(n *graph.Node) (step, error) {
	st, err := b.binary(n)
	if err != nil {
		return nil, err
	}
	st.mul = true
	st.ma = float32(float64(b.g.Tensors[n.Inputs[0]].Scale) * float64(b.g.Tensors[n.Inputs[1]].Scale) / float64(b.g.Tensors[n.Output].Scale))
	return st, nil
}
