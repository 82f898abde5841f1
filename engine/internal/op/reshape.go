package op

import (
	"fmt"

	"likeness/engine/graph"
)

// copyPixels copies c values of n pixels between pixel strides.
func copyPixels(dst []int16, dstPx int, src []int16, srcPx, n, c int) {
	for i := range n {
		copy(dst[i*dstPx:][:c], src[i*srcPx:][:c])
	}
}

// concatStep joins tensors along channels.
type concatStep struct {
	in  []view
	out view
}

func (s *concatStep) run(arena []int16) {
	out, at := s.out.slice(arena), 0
	for _, v := range s.in {
		copyPixels(out[at:], s.out.px, v.slice(arena), v.px, v.h*v.w, v.c)
		at += v.c
	}
}

func (b *builder) concat(n *graph.Node) (step, error) {
	st := &concatStep{out: b.views[n.Output]}
	for _, i := range n.Inputs {
		if !b.views[i].dense() {
			return nil, fmt.Errorf("the picture itself cannot be joined")
		}
		st.in = append(st.in, b.views[i])
	}
	return st, nil
}

// padStep copies a picture into a larger one of zeros.
type padStep struct {
	in, out   view
	top, left int
}

func (s *padStep) run(arena []int16) {
	clear(s.out.slice(arena))
	for y := range s.in.h {
		copy(arena[s.out.at(y+s.top, s.left):][:s.in.w*s.in.px], arena[s.in.at(y, 0):])
	}
}

func (b *builder) pad(n *graph.Node) (step, error) {
	return &padStep{b.views[n.Inputs[0]], b.views[n.Output], n.Pads[0], n.Pads[1]}, nil
}

// reshapeStep keeps the values in HWC order and changes where padding lanes
// lie.
type reshapeStep struct{ in, out view }

func (s *reshapeStep) run(arena []int16) {
	in, out := s.in.slice(arena), s.out.slice(arena)
	i, o := 0, 0 // channel positions
	for ip, op := 0, 0; ip < len(in); {
		n := min(s.in.c-i, s.out.c-o)
		copy(out[op+o:][:n], in[ip+i:][:n])
		if i += n; i == s.in.c {
			i, ip = 0, ip+s.in.px
		}
		if o += n; o == s.out.c {
			o, op = 0, op+s.out.px
		}
	}
}

func (b *builder) reshape(n *graph.Node) (step, error) {
	return &reshapeStep{b.views[n.Inputs[0]], b.views[n.Output]}, nil
}
