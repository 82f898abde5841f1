package lower

import (
	"fmt"
	"slices"

	"likeness/engine/graph"
	"likeness/tools/convert/float"
	"likeness/tools/convert/nd"
)

// leastSquares is what is added to a sum of squares at least: the operator takes
// no less. It matters to vectors shorter than a hundredth.
const leastSquares = 1e-6

// unitLength lowers a division by the length over some axes that recognise has
// found: local response normalisation over so many channels that every channel
// sees all.
func (l *lowering) unitLength(n *nd.Node) error {
	v, err := l.input(0)
	if err != nil {
		return err
	}
	var over []atom
	for _, a := range intsAttr(n, "axes") {
		if a, err = axis(a, len(v.dims)); err != nil {
			return err
		}
		over = append(over, v.dims[a]...)
	}
	return l.unit(v, over, max(floatAttr(n, "epsilon", 0), leastSquares))
}

func (l *lowering) unit(v *view, over []atom, epsilon float64) error {
	v, t, err := l.overAtoms(v, over)
	if err != nil {
		return err
	}
	shape := l.net.Tensors[t].Shape
	size := 2*shape[2] + 1
	if size > graph.MaxDim {
		return l.unsupported("", fmt.Sprintf("a length over %d values; up to %d are", shape[2], graph.MaxDim/2-1))
	}
	out, err := l.emit(float.Node{Node: graph.Node{Op: graph.LRN, Inputs: []int{t}, Size: size, Alpha: float64(size), Beta: 0.5, Shift: epsilon}}, shape)
	if err != nil {
		return err
	}
	l.define(0, v.onto(out))
	return nil
}

// overAtoms places v with some atoms as its channels, in whatever order.
func (l *lowering) overAtoms(v *view, over []atom) (*view, int, error) {
	c := v.channels(l.net.Tensors[v.t].Shape)
	if sameSet(c, over) {
		return v, v.t, nil
	}
	t, perm, err := l.overChannels(v, over)
	if err != nil {
		return nil, 0, err
	}
	out := v.onto(t)
	rest := slices.DeleteFunc(slices.Clone(v.phys), func(a atom) bool { return slices.Contains(over, a) })
	if perm == nil {
		out.phys = slices.Concat(rest, over)
	}
	return out, t, nil
}

// lpNormalization lowers LpNormalization.
func (l *lowering) lpNormalization(n *nd.Node) error {
	v, err := l.input(0)
	if err != nil {
		return err
	}
	a, err := axis(intAttr(n, "axis", -1), len(v.dims))
	if err != nil {
		return err
	}
	switch intAttr(n, "p", 2) {
	case 2:
		return l.unit(v, v.dims[a], leastSquares)
	case 1:
		sum, err := l.mapped(v, float.Node{Node: graph.Node{Op: graph.Activation, Fn: graph.Abs}})
		if err == nil {
			sum, err = l.reduceOver(sum, []int{a}, false)
		}
		if err == nil {
			sum, err = l.scaled(sum, float64(elems(v.dims[a])))
		}
		if err == nil {
			sum, err = l.mapped(sum, float.Node{Node: graph.Node{Op: graph.Activation, Fn: graph.Power, Alpha: -1}})
		}
		if err != nil {
			return err
		}
		whole, t, err := l.match(v, sum)
		if err != nil {
			return err
		}
		out, err := l.emit(float.Node{Node: graph.Node{Op: graph.Mul, Inputs: []int{whole.t, t}}}, l.net.Tensors[whole.t].Shape)
		if err != nil {
			return err
		}
		l.define(0, whole.onto(out))
		return nil
	}
	return l.unsupported("p", "1 and 2 are")
}

// expand lowers Expand and Tile where they only repeat a place over height and
// width, or do nothing: operators that take the result repeat it themselves.
func (l *lowering) expand(n *nd.Node) error {
	v, err := l.input(0)
	if err != nil {
		return err
	}
	want, err := l.ints(1, "")
	if err != nil {
		return err
	}
	v = v.padded(max(len(v.dims), len(want)))
	have := v.shape()
	sizes := slices.Clone(have)
	for i, x := range want {
		at := len(have) - len(want) + i
		if n.Op == "Tile" {
			x *= have[at]
		}
		sizes[at] = max(x, have[at])
	}
	if slices.Equal(sizes, have) || len(have) > 0 && l.batch > 1 && have[0] == 1 && sizes[0] == l.batch && slices.Equal(sizes[1:], have[1:]) {
		l.define(0, v)
		return nil
	}
	v, h, w, err := l.pictured(v)
	if err != nil {
		return err
	}
	shape := l.net.Tensors[v.t].Shape
	for i := range sizes {
		if sizes[i] != have[i] && (i != h && i != w || have[i] != 1) {
			return l.unsupported("", fmt.Sprintf("from %v to %v; repeating one place over height and width is", have, sizes))
		}
	}
	shape[0], shape[1] = sizes[h], sizes[w]
	t, err := l.emit(float.Node{Node: graph.Node{Op: graph.Resize, Inputs: []int{v.t}, Fn: graph.Nearest, Coordinates: graph.Asymmetric, Rounding: graph.RoundFloor}}, shape)
	if err != nil {
		return err
	}
	l.define(0, l.withSides(v, t, h, w))
	return nil
}
