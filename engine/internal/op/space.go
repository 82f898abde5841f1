package op

import "likeness/engine/graph"

// spaceStep moves channels to blocks of block x block pixels, or back.
type spaceStep struct {
	in, out view
	block   int
	step    int // between the channels of one pixel of a block, on the deep side
	deepen  bool
}

func (s *spaceStep) run(arena []int16) {
	wide, deep := s.out, s.in
	if s.deepen {
		wide, deep = deep, wide
	}
	for y := range wide.h {
		for x := range wide.w {
			at := y%s.block*s.block + x%s.block
			if s.step == 1 {
				at *= wide.c
			}
			w, d := arena[wide.at(y, x):][:wide.c], arena[deep.at(y/s.block, x/s.block)+at:]
			for c := range w {
				if s.deepen {
					d[c*s.step] = w[c]
				} else {
					w[c] = d[c*s.step]
				}
			}
		}
	}
}

func (b *builder) space(n *graph.Node) (step, error) {
	st := &spaceStep{b.views[n.Inputs[0]], b.views[n.Output], n.Block, 1, n.Op == graph.SpaceToDepth}
	if n.Order == graph.OrderCRD {
		st.step = n.Block * n.Block
	}
	return st, nil
}
