package op

import (
	"fmt"

	"likeness/engine/graph"
)

// gatherStep picks channels: a split, a slice or a shuffle.
type gatherStep struct {
	in, out view
	runs    []channelRun
}

// channelRun is n channels that follow each other on both sides.
type channelRun struct{ from, to, n int }

func (s *gatherStep) run(arena []int16) {
	in, out := s.in.slice(arena), s.out.slice(arena)
	if len(s.runs) < s.out.c {
		for _, r := range s.runs {
			copyPixels(out[r.to:], s.out.px, in[r.from:], s.in.px, s.in.h*s.in.w, r.n)
		}
		return
	}
	for i, o := 0, 0; i < len(in); i, o = i+s.in.px, o+s.out.px {
		src, dst := in[i:][:s.in.px], out[o:][:s.out.c]
		for c := range dst {
			dst[c] = src[s.runs[c].from]
		}
	}
}

func (b *builder) gatherChannels(n *graph.Node) (step, error) {
	st := &gatherStep{in: b.views[n.Inputs[0]], out: b.views[n.Output]}
	if !st.in.dense() {
		return nil, fmt.Errorf("the picture with a border has no channels to gather")
	}
	for to, from := range n.Channels {
		if k := len(st.runs) - 1; k >= 0 && st.runs[k].from+st.runs[k].n == from {
			st.runs[k].n++
			continue
		}
		st.runs = append(st.runs, channelRun{from, to, 1})
	}
	return st, nil
}

// cropStep copies part of the rows and columns.
type cropStep struct {
	in, out view
	start   [2]int
	stride  [2]int
}

func (s *cropStep) run(arena []int16) {
	for y := range s.out.h {
		src, dst := arena[s.in.at(s.start[0]+y*s.stride[0], s.start[1]):], arena[s.out.at(y, 0):]
		if s.stride[1] == 1 {
			copyPixels(dst, s.out.row, src, s.in.row, 1, s.out.row)
		} else {
			copyPixels(dst, s.out.px, src, s.stride[1]*s.in.px, s.out.w, s.out.c)
		}
	}
}

func (b *builder) crop(n *graph.Node) (step, error) {
	return &cropStep{b.views[n.Inputs[0]], b.views[n.Output], n.Start, n.Stride}, nil
}
