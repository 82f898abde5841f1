package op

import (
	"fmt"

	"likeness/engine/graph"
	"likeness/engine/kernel"
)

// operand is one side of a binaryStep: consecutive output rows and pixels are
// row and px apart in it, 0 where it has one only. splat marks a single value
// a pixel that stands for all channels.
type operand struct {
	view
	row, px int
	splat   bool
}

// binaryStep is Add, Sub or Mul, with either operand broadcast.
type binaryStep struct {
	a, b, out operand
	whole     bool // neither is broadcast: one call does all
	repeat    int  // one operand is a pixel: so many copies of it serve one call
	first     bool // and it is a
	scratch   view // a row for each splat
	ma, mb    float32
	mul       bool // by ma only
	lo, hi    int16
}

func (s *binaryStep) run(arena []int16) {
	if s.whole {
		s.apply(s.out.slice(arena), s.a.slice(arena), s.b.slice(arena))
		return
	}
	if s.repeat > 0 {
		s.runRepeated(arena)
		return
	}
	n := s.out.px
	scratch := s.scratch.slice(arena)
	for y := range s.out.h {
		out := arena[s.out.off+y*s.out.row:][:s.out.row]
		for x := range s.out.w {
			a := s.a.pixel(arena, y, x, n, scratch)
			b := s.b.pixel(arena, y, x, n, scratch[min(n, len(scratch)):])
			s.apply(out[x*n:][:n], a, b)
		}
	}
}

// runRepeated makes a row of copies of the one pixel, long enough to hide the
// cost of a call and short enough to stay in the first cache.
func (s *binaryStep) runRepeated(arena []int16) {
	out, copies := s.out.slice(arena), s.scratch.slice(arena)
	one, many := s.b, s.a
	if s.first {
		one, many = many, one
	}
	copy(copies, one.slice(arena)[:s.out.px])
	for n := s.out.px; n < len(copies); n *= 2 {
		copy(copies[n:], copies[:n])
	}
	rest := many.slice(arena)
	for i := 0; i < len(out); i += len(copies) {
		n := min(len(copies), len(out)-i)
		a, b := rest[i:][:n], copies[:n]
		if s.first {
			a, b = b, a
		}
		s.apply(out[i:][:n], a, b)
	}
}

// pixel is n values of an operand, spread into scratch if they come from one.
func (o *operand) pixel(arena []int16, y, x, n int, scratch []int16) []int16 {
	p := arena[o.off+y*o.row+x*o.px:]
	if !o.splat {
		return p[:n]
	}
	spread := scratch[:n]
	for i := range spread {
		spread[i] = p[0]
	}
	return spread
}

// repeatLen is about how many values one call of runRepeated does.
const repeatLen = 4096

func (s *binaryStep) apply(out, a, b []int16) {
	if s.mul {
		kernel.Mul(out, a, b, s.ma, s.lo, s.hi)
	} else {
		kernel.Add(out, a, b, s.ma, s.mb, s.lo, s.hi)
	}
}

func newOperand(v, out view) operand {
	o := operand{v, v.row, v.px, v.c < out.c}
	if v.h < out.h {
		o.row = 0
	}
	if v.w < out.w {
		o.px = 0
	}
	return o
}

func (b *builder) binary(n *graph.Node) (step, error) {
	va, vb, out := b.views[n.Inputs[0]], b.views[n.Inputs[1]], b.views[n.Output]
	if !va.dense() || !vb.dense() {
		return nil, fmt.Errorf("the picture with a border is no operand")
	}
	t := b.g.Tensors[n.Output]
	st := &binaryStep{a: newOperand(va, out), b: newOperand(vb, out), out: newOperand(out, out), mul: n.Op == graph.Mul, lo: t.Lo, hi: t.Hi}
	st.whole = va.same(out) && vb.same(out)
	pixel := func(v view) bool { return v.h*v.w == 1 && v.c == out.c }
	switch {
	case st.whole:
	case va.same(out) && pixel(vb) || vb.same(out) && pixel(va):
		st.first = pixel(va)
		st.repeat = min(max(repeatLen/out.px, 1), out.h*out.w)
		st.scratch = b.scratchView(st.repeat * out.px)
	case st.a.splat || st.b.splat:
		st.scratch = b.scratchView(2 * out.px)
	}
	sa, sb, so := float64(b.g.Tensors[n.Inputs[0]].Scale), float64(b.g.Tensors[n.Inputs[1]].Scale), float64(t.Scale)
	if st.mul {
		st.ma = float32(sa * sb / so)
		return st, nil
	}
	st.ma, st.mb = float32(sa/so), float32(sb/so)
	if n.Op == graph.Sub {
		st.mb = -st.mb
	}
	return st, nil
}
