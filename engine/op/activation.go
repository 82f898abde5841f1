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
	lo      int16
}

func (s *lookupStep) run(arena []int16) {
	kernel.Lookup(s.out.slice(arena), s.in.slice(arena), s.table, s.lo)
}

// scaleStep is ReLU and ReLU6: a rescaling whose range does the clamping.
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
	if n.Fn == graph.ReLU || n.Fn == graph.ReLU6 {
		hi := out.Hi
		if n.Fn == graph.ReLU6 {
			hi = int16(min(float64(hi), math.RoundToEven(6/float64(out.Scale))))
		}
		return &scaleStep{vi, vo, float32(float64(in.Scale) / float64(out.Scale)), max(out.Lo, 0), hi}, nil
	}
	f := function(n.Fn, n.Alpha)
	table := make([]int16, int(in.Hi)-int(in.Lo)+1)
	for i := range table {
		q := int(in.Lo) + i
		y := math.RoundToEven(f(float64(q)*float64(in.Scale)) / float64(out.Scale))
		table[i] = int16(min(max(y, float64(out.Lo)), float64(out.Hi)))
	}
	return &lookupStep{vi, vo, table, in.Lo}, nil
}

func function(name string, alpha float64) func(float64) float64 {
	switch name {
	case graph.LeakyReLU:
		return func(x float64) float64 {
			if x < 0 {
				return x * alpha
			}
			return x
		}
	case graph.HardSwish:
		return func(x float64) float64 { return float64(x*min(max(x+3, 0), 6)) / 6 }
	case graph.Sigmoid:
		return func(x float64) float64 { return 1 / (1 + exp(-x)) }
	}
	panic("op: function " + name + " has passed validation")
}

// exp is e^x by range reduction and a Taylor polynomial, within 2 ulp. Unlike
// math.Exp, which has assembly bodies, it gives the same bits everywhere: each
// product is rounded by its conversion before it is added.
func exp(x float64) float64 {
	const (
		ln2Hi = 6.93147180369123816490e-01
		ln2Lo = 1.90821492927058770002e-10
	)
	switch {
	case x > 709:
		return math.MaxFloat64
	case x < -745:
		return 0
	}
	k := math.RoundToEven(float64(x * math.Log2E))
	r := float64(x-float64(k*ln2Hi)) - float64(k*ln2Lo)
	y := 1.0
	for i := 14; i >= 1; i-- {
		y = 1 + float64(float64(r*y)/float64(i))
	}
	return math.Ldexp(y, int(k))
}
