package op

import (
	"math"

	"likeness/engine/graph"
	"likeness/engine/kernel"
)

// lookupStep applies a function through a table over the input's integers,
// made at load with portable arithmetic.
type lookupStep struct {
	in, out view
	table   []int16
}

func (s *lookupStep) run(arena []int16) {
	kernel.Lookup(s.out.slice(arena), s.in.slice(arena), s.table)
}

// scaleStep is identity, ReLU and ReLU6: a rescaling whose range does the clamping.
type scaleStep struct {
	in, out view
	m       float32
	lo, hi  int16
}

func (s *scaleStep) run(arena []int16) {
	kernel.Scale(s.out.slice(arena), s.in.slice(arena), s.m, s.lo, s.hi)
}

func (b *builder) activation(n *graph.Node) (step, error) {
	in, out := b.g.Tensors[n.Inputs[0]], b.g.Tensors[n.Output]
	vi, vo := b.views[n.Inputs[0]], b.views[n.Output]
	lo, hi := out.Lo, out.Hi
	switch n.Fn {
	case graph.ReLU6:
		hi = int16(min(float64(hi), math.RoundToEven(6/float64(out.Scale))))
		fallthrough
	case graph.ReLU:
		lo = max(lo, 0)
		fallthrough
	case graph.Identity:
		return &scaleStep{vi, vo, float32(float64(in.Scale) / float64(out.Scale)), lo, hi}, nil
	}
	f := function(n.Fn, n.Alpha, n.Beta)
	table := kernel.NewTable(in.Lo, in.Hi, func(q int16) int16 {
		y := math.RoundToEven(f(float64(q)*float64(in.Scale)) / float64(out.Scale))
		return int16(min(max(y, float64(out.Lo)), float64(out.Hi)))
	})
	return &lookupStep{vi, vo, table}, nil
}
