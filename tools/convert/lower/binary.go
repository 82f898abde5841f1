package lower

import (
	"fmt"
	"slices"

	"likeness/engine/graph"
	"likeness/tools/convert/float"
	"likeness/tools/convert/nd"
)

// binary lowers Add, Sub, Mul and Div.
func (l *lowering) binary(n *nd.Node) error {
	if len(n.Inputs) != 2 {
		return fmt.Errorf("%d inputs, two are wanted", len(n.Inputs))
	}
	for i, name := range n.Inputs {
		if k := l.consts[name]; k != nil {
			return l.withConstant(1-i, k)
		}
	}
	a, err := l.input(0)
	if err != nil {
		return err
	}
	b, err := l.input(1)
	if err != nil {
		return err
	}
	if n.Op == "Div" {
		if b, err = l.mapped(b, float.Node{Node: graph.Node{Op: graph.Activation, Fn: graph.Power, Alpha: -1}}); err != nil {
			return err
		}
	}
	node := float.Node{Node: graph.Node{Op: map[string]string{"Add": graph.Add, "Sub": graph.Sub, "Mul": graph.Mul, "Div": graph.Mul}[n.Op]}}
	swapped := elems(a.phys) < elems(b.phys)
	if swapped {
		a, b = b, a
	}
	a, tb, err := l.match(a, b)
	if err != nil {
		return err
	}
	if node.Inputs = []int{a.t, tb}; swapped && n.Op == "Sub" {
		node.Inputs = []int{tb, a.t}
	}
	out, err := l.emit(node, l.net.Tensors[a.t].Shape)
	if err != nil {
		return err
	}
	l.define(0, a.onto(out))
	return nil
}

// withConstant lowers an operation with a constant: a scale and a shift by
// channel.
func (l *lowering) withConstant(at int, k *nd.Tensor) error {
	v, err := l.input(at)
	if err != nil {
		return err
	}
	v = v.padded(max(len(v.dims), len(k.Shape)))
	if !k.Type.IsFloat() {
		return l.unsupported("", "a constant of integers")
	}
	where, err := l.broadcastTo(v, k)
	if err != nil {
		return err
	}
	var f func(c float64) (a, b float64)
	switch l.node.Op {
	case "Add":
		f = func(c float64) (a, b float64) { return 1, c }
	case "Mul":
		f = func(c float64) (a, b float64) { return c, 0 }
	case "Sub":
		f = func(c float64) (a, b float64) { return 1, -c }
		if at == 1 {
			f = func(c float64) (a, b float64) { return -1, c }
		}
	default:
		if at == 1 {
			if v, err = l.mapped(v, float.Node{Node: graph.Node{Op: graph.Activation, Fn: graph.Power, Alpha: -1}}); err != nil {
				return err
			}
			f = func(c float64) (a, b float64) { return c, 0 }
			break
		}
		f = func(c float64) (a, b float64) { return 1 / c, 0 }
	}
	return l.affine(v, func(i int) (a, b float64) { return f(float64(k.F[where[i]])) })
}

// broadcastTo gives, for each channel of v's tensor, the place in constant k,
// which is broadcast over v.
func (l *lowering) broadcastTo(v *view, k *nd.Tensor) ([]int, error) {
	bad := func() error {
		return l.unsupported("", fmt.Sprintf("a constant of shape %v over an input of %v; one value, or one a channel is", k.Shape, v.shape()))
	}
	offset := len(v.dims) - len(k.Shape)
	if offset < 0 || len(k.F) == 0 {
		return nil, bad()
	}
	for i, d := range k.Shape {
		if d != 1 && d != elems(v.dims[offset+i]) {
			return nil, bad()
		}
	}
	where, ok := l.positionsIn(v, func(i int) bool { return i >= offset && k.Shape[i-offset] > 1 })
	if !ok {
		if first := k.F[0]; slices.ContainsFunc(k.F, func(x float32) bool { return x != first }) {
			return nil, bad()
		}
		where = make([]int, l.net.Tensors[v.t].Shape[2])
	}
	return where, nil
}

// padded has leading axes of length 1, as broadcasting adds them.
func (v *view) padded(rank int) *view {
	if len(v.dims) == rank {
		return v
	}
	out := v.clone()
	out.dims = append(make([][]atom, rank-len(v.dims)), out.dims...)
	return out
}

// match brings b, which has the shape of a or length 1 along some axes, into
// a's order in memory. The engine broadcasts one pixel over a picture.
func (l *lowering) match(a, b *view) (*view, int, error) {
	rank := max(len(a.dims), len(b.dims))
	a, b = a.padded(rank).clone(), b.padded(rank).clone()
	as := a.shape()
	for i := range rank {
		if len(b.dims[i]) == 0 {
			continue
		}
		if err := refine(a, b, i); err != nil {
			return nil, 0, l.unsupported("", fmt.Sprintf("shapes %v and %v: %v", as, b.shape(), err))
		}
	}
	// The order of b's atoms that a has in memory.
	twin := map[int]atom{}
	for i := range rank {
		for k, x := range b.dims[i] {
			twin[a.dims[i][k].id] = x
		}
	}
	shape := l.net.Tensors[a.t].Shape
	full := len(b.phys) == len(a.phys)
	var h, w, c []atom
	n := 1
	for _, x := range a.phys {
		y, ok := twin[x.id]
		switch {
		case !ok:
		case n < shape[0]:
			h = append(h, y)
		case n < shape[0]*shape[1]:
			w = append(w, y)
		default:
			c = append(c, y)
		}
		n *= x.size
	}
	if !full && elems(c) != 1 && elems(c) != shape[2] || elems(h) != 1 && elems(h) != shape[0] || elems(w) != 1 && elems(w) != shape[1] {
		return nil, 0, l.unsupported("", fmt.Sprintf("shapes %v and %v: broadcasting over a part of an axis", as, b.shape()))
	}
	t, perm, err := l.place(b, h, w, c)
	if err != nil {
		return nil, 0, err
	}
	if perm != nil {
		if t, err = l.gather(t, invert(perm)); err != nil {
			return nil, 0, err
		}
	}
	return a, t, nil
}

// refine splits axis i of two views until their atoms have equal sizes.
func refine(a, b *view, i int) error {
	for k := 0; k < max(len(a.dims[i]), len(b.dims[i])); k++ {
		if k >= len(a.dims[i]) || k >= len(b.dims[i]) {
			return fmt.Errorf("axis %d differs", i)
		}
		x, y := a.dims[i][k], b.dims[i][k]
		switch {
		case x.size == y.size:
		case x.size%y.size == 0:
			a.split(x.id, y.size)
		case y.size%x.size == 0:
			b.split(y.id, x.size)
		default:
			return fmt.Errorf("axis %d differs", i)
		}
	}
	return nil
}
