package lower

import (
	"slices"

	"likeness/tools/convert/nd"
)

// units finds divisions of a value by its own length, however they are written:
// the length by ReduceL2, or by a root of a sum of squares; kept from 0 by Clip,
// Max or a small summand; a division, or a product with the inverse.
type units struct {
	maker   map[string]*nd.Node
	scalars map[string]float64
	consts  map[string]*nd.Tensor
}

// length is that of value x over axes.
type length struct {
	x       string
	axes    []int
	epsilon float64 // added to the sum of squares, about
}

// smallest is the least bound of a length that means something.
const smallest = 1e-2

func recogniseUnits(g *nd.Graph, nodes []nd.Node, scalars map[string]float64) {
	u := units{maker: map[string]*nd.Node{}, scalars: scalars, consts: map[string]*nd.Tensor{}}
	for name, t := range g.Const {
		u.consts[name] = t
	}
	for i := range nodes {
		for _, out := range nodes[i].Outputs {
			u.maker[out] = &nodes[i]
		}
		if t := nodes[i].Attrs["value"].Tensor; nodes[i].Op == "Constant" && t != nil {
			u.consts[nodes[i].Outputs[0]] = t
		}
	}
	for i := range nodes {
		n := &nodes[i]
		if n.Domain != "" || len(n.Inputs) != 2 {
			continue
		}
		var l *length
		switch n.Op {
		case "Div":
			l = u.lengthOf(n.Inputs[1])
		case "Mul":
			if l = u.inverseOf(n.Inputs[1]); l == nil || l.x != n.Inputs[0] {
				l = u.inverseOf(n.Inputs[0])
			}
		}
		if l == nil || !slices.Contains(n.Inputs, l.x) {
			continue
		}
		nodes[i] = nd.Node{Op: "UnitLength", Domain: ownDomain, Name: n.Name, Inputs: []string{l.x}, Outputs: n.Outputs,
			Attrs: map[string]nd.Attr{"axes": nd.Ints(l.axes...), "epsilon": nd.Float(float32(l.epsilon))}}
	}
}

// of is the node that makes a value, past those that leave a length what it is,
// and the bound that they keep it above.
func (u *units) of(name string) (n *nd.Node, bound float64) {
	for range 8 {
		n = u.maker[name]
		if n == nil || n.Domain != "" || len(n.Inputs) == 0 {
			return nil, 0
		}
		small := func(i int) bool {
			if i >= len(n.Inputs) {
				return false
			}
			v, ok := u.scalars[n.Inputs[i]]
			if ok = ok && v >= 0 && v <= smallest; ok {
				bound = max(bound, v)
			}
			return ok
		}
		switch n.Op {
		case "Identity", "Cast", "Expand", "Unsqueeze", "Reshape":
			name = n.Inputs[0]
		case "Clip":
			if a, ok := n.Attrs["min"]; ok && float64(a.Float) <= smallest {
				bound = max(bound, float64(a.Float))
			} else if !small(1) {
				return n, bound
			}
			name = n.Inputs[0]
		case "Max", "Add":
			switch {
			case small(1):
				name = n.Inputs[0]
			case small(0) && len(n.Inputs) > 1:
				name = n.Inputs[1]
			default:
				return n, bound
			}
		default:
			return n, bound
		}
	}
	return nil, 0
}

func (u *units) lengthOf(name string) *length {
	n, bound := u.of(name)
	if n == nil {
		return nil
	}
	var l *length
	switch {
	case n.Op == "ReduceL2":
		l = u.over(n, n.Inputs[0])
	case n.Op == "Sqrt" || n.Op == "Pow" && len(n.Inputs) == 2 && u.scalars[n.Inputs[1]] == 0.5:
		l = u.squaresOf(n.Inputs[0])
	}
	if l != nil {
		l.epsilon = max(l.epsilon, bound*bound)
	}
	return l
}

// squaresOf is the length whose square a value is.
func (u *units) squaresOf(name string) *length {
	n, bound := u.of(name)
	if n == nil {
		return nil
	}
	var l *length
	switch n.Op {
	case "ReduceSumSquare":
		l = u.over(n, n.Inputs[0])
	case "ReduceSum":
		square, _ := u.of(n.Inputs[0])
		if square == nil || len(square.Inputs) != 2 {
			return nil
		}
		if square.Op == "Mul" && square.Inputs[0] == square.Inputs[1] || square.Op == "Pow" && u.scalars[square.Inputs[1]] == 2 {
			l = u.over(n, square.Inputs[0])
		}
	}
	if l != nil {
		l.epsilon = bound
	}
	return l
}

// inverseOf is the length whose inverse a value is.
func (u *units) inverseOf(name string) *length {
	n, _ := u.of(name)
	if n == nil {
		return nil
	}
	one := func(i int) bool { v, ok := u.scalars[n.Inputs[i]]; return ok && v == 1 }
	switch {
	case n.Op == "Reciprocal":
		return u.lengthOf(n.Inputs[0])
	case n.Op == "Div" && one(0):
		return u.lengthOf(n.Inputs[1])
	case n.Op == "Pow" && u.scalars[n.Inputs[1]] == -0.5:
		return u.squaresOf(n.Inputs[0])
	}
	return nil
}

// over reads the axes of a reduction; all of them are not taken for a length.
func (u *units) over(n *nd.Node, x string) *length {
	axes := intsAttr(n, "axes")
	if len(n.Inputs) > 1 {
		if t := u.consts[n.Inputs[1]]; t != nil {
			for _, a := range t.I {
				axes = append(axes, int(a))
			}
		}
	}
	if len(axes) == 0 {
		return nil
	}
	return &length{x: x, axes: axes}
}
