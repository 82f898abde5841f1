package lower

import (
	"fmt"
	"math"
	"slices"

	"likeness/engine/graph"
	"likeness/tools/convert/float"
	"likeness/tools/convert/nd"
)

// variadic lowers Sum, Mean, Max and Min of any number of inputs, constants among
// them.
func (l *lowering) variadic(n *nd.Node) error {
	var sum *view
	var constants []*nd.Tensor
	for i, name := range n.Inputs {
		if k := l.consts[name]; k != nil {
			constants = append(constants, k)
			continue
		}
		v, err := l.input(i)
		if err != nil {
			return err
		}
		if sum == nil {
			sum = v
			continue
		}
		if elems(sum.phys) < elems(v.phys) {
			sum, v = v, sum
		}
		a, t, err := l.match(sum, v)
		if err != nil {
			return err
		}
		made, err := l.pairwise(a.t, t, n.Op)
		if err != nil {
			return err
		}
		sum = a.onto(made)
	}
	if sum == nil {
		return fmt.Errorf("no input")
	}
	for _, k := range constants {
		var err error
		if sum, err = l.withValues(sum, k, n.Op); err != nil {
			return err
		}
	}
	if n.Op == "Mean" {
		var err error
		if sum, err = l.scaled(sum, 1/float64(len(n.Inputs))); err != nil {
			return err
		}
	}
	l.define(0, sum)
	return nil
}

// pairwise is the sum, or the greater or lesser, of two tensors: the greater of a
// and b is b + max(a - b, 0), the lesser a - max(a - b, 0).
func (l *lowering) pairwise(a, b int, op string) (int, error) {
	sa, sb := l.net.Tensors[a].Shape, l.net.Tensors[b].Shape
	shape := [3]int{max(sa[0], sb[0]), max(sa[1], sb[1]), max(sa[2], sb[2])}
	both := func(op string, x, y int, lo float64) (int, error) {
		return l.emit(float.Node{Node: graph.Node{Op: op, Inputs: []int{x, y}}, ActMin: lo, ActMax: math.Inf(1)}, shape)
	}
	if op != "Max" && op != "Min" {
		return both(graph.Add, a, b, math.Inf(-1))
	}
	more, err := both(graph.Sub, a, b, 0)
	if err != nil {
		return 0, err
	}
	if op == "Max" {
		return both(graph.Add, b, more, math.Inf(-1))
	}
	return both(graph.Sub, a, more, math.Inf(-1))
}

// withValues is the sum of v and a constant, or the greater or lesser of them.
func (l *lowering) withValues(v *view, k *nd.Tensor, op string) (*view, error) {
	if !k.Type.IsFloat() {
		return nil, l.unsupported("", "a constant of integers")
	}
	v = v.padded(max(len(v.dims), len(k.Shape)))
	where, err := l.broadcastTo(v, k)
	if err != nil {
		return nil, err
	}
	if op == "Sum" || op == "Mean" {
		t, err := l.emitAffine(v.t, func(i int) (a, b float64) { return 1, float64(k.F[where[i]]) })
		if err != nil {
			return nil, err
		}
		return v.onto(t), nil
	}
	lo, hi := make([]float64, len(where)), make([]float64, len(where))
	for i, p := range where {
		lo[i], hi[i] = math.Inf(-1), math.Inf(1)
		if op == "Max" {
			lo[i] = float64(k.F[p])
		} else {
			hi[i] = float64(k.F[p])
		}
	}
	return l.limited(v, lo, hi)
}

// negligible is how near to 0 a limit may be that counts as 0.
const negligible = 1e-4

// limited clamps each channel of v: around 0 by the operator itself, elsewhere
// after a shift there and back.
func (l *lowering) limited(v *view, lo, hi []float64) (*view, error) {
	one := func(x []float64) bool {
		return !slices.ContainsFunc(x, func(y float64) bool { return y != x[0] })
	}
	for i := range lo {
		for _, x := range []*float64{&lo[i], &hi[i]} {
			if math.Abs(*x) < negligible {
				*x = 0
			}
		}
		if !(lo[i] < hi[i]) {
			return nil, l.unsupported("", fmt.Sprintf("limits %g and %g: nothing lies between them", lo[i], hi[i]))
		}
	}
	switch {
	case one(lo) && one(hi) && lo[0] <= 0 && hi[0] >= 0:
		return l.mapped(v, clampNode(lo[0], hi[0]))
	case one(lo) && one(hi) && lo[0] > 0:
		return l.shifted(v, lo, clampNode(0, hi[0]-lo[0]))
	case one(lo) && one(hi):
		return l.shifted(v, hi, clampNode(lo[0]-hi[0], 0))
	case one(lo) && math.IsInf(lo[0], -1):
		return l.shifted(v, hi, clampNode(lo[0], 0))
	case one(hi) && math.IsInf(hi[0], 1):
		return l.shifted(v, lo, clampNode(0, hi[0]))
	}
	return nil, l.unsupported("", "two limits that differ from channel to channel")
}

// shifted applies a clamp to v less some values, which are added again.
func (l *lowering) shifted(v *view, by []float64, clamp float.Node) (*view, error) {
	move := func(v *view, sign float64) (*view, error) {
		t, err := l.emitAffine(v.t, func(i int) (a, b float64) { return 1, sign * by[i] })
		if err != nil {
			return nil, err
		}
		return v.onto(t), nil
	}
	v, err := move(v, -1)
	if err != nil {
		return nil, err
	}
	if v, err = l.mapped(v, clamp); err != nil {
		return nil, err
	}
	return move(v, 1)
}
