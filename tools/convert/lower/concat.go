package lower

import (
	"fmt"
	"slices"

	"likeness/engine/graph"
	"likeness/tools/convert/float"
	"likeness/tools/convert/nd"
)

// concat joins values along their channels.
func (l *lowering) concat(n *nd.Node) error {
	if len(n.Inputs) == 0 {
		return fmt.Errorf("no input")
	}
	node := float.Node{Node: graph.Node{Op: graph.Concat}}
	var first *view
	var rest []atom
	var pixels [2]int
	a, c := 0, 0
	for i := range n.Inputs {
		v, err := l.input(i)
		if err != nil {
			return err
		}
		if i == 0 {
			first = v
			if a, err = axis(intAttr(n, "axis", 1), len(v.dims)); err != nil {
				return err
			}
		}
		if len(v.dims) != len(first.dims) {
			return fmt.Errorf("inputs of %d and %d dimensions", len(first.dims), len(v.dims))
		}
		if h, w, ok := l.sides(v); ok && i == 0 && (a == h || a == w) && !sameSet(v.dims[a], v.channels(l.net.Tensors[v.t].Shape)) {
			return l.beside(n, a)
		}
		lead := slices.Concat(slices.Concat(v.dims[:a]...), slices.Concat(v.dims[a+1:]...))
		h, w := l.leading(v, lead)
		t, perm, err := l.place(v, h, w, v.dims[a])
		if err != nil {
			return err
		}
		if perm != nil {
			if t, err = l.gather(t, invert(perm)); err != nil {
				return err
			}
		}
		s := l.net.Tensors[t].Shape
		if i == 0 {
			rest, pixels = lead, [2]int{s[0], s[1]}
		} else if pixels != [2]int{s[0], s[1]} {
			return fmt.Errorf("input %d has shape %v beside %v", i, v.shape(), first.shape())
		}
		node.Inputs = append(node.Inputs, t)
		c += s[2]
	}
	if len(n.Inputs) == 1 {
		return l.identity(n)
	}
	out, err := l.emit(node, [3]int{pixels[0], pixels[1], c})
	if err != nil {
		return err
	}
	l.define(0, first.withChannels(out, rest, a, c))
	return nil
}

// beside joins pictures along one of their sides.
func (l *lowering) beside(n *nd.Node, a int) error {
	var parts []int
	var first *view
	var side [2]int
	for i := range n.Inputs {
		v, err := l.input(i)
		if err != nil {
			return err
		}
		if len(v.dims) <= a {
			return fmt.Errorf("input %d has shape %v", i, v.shape())
		}
		h, w, ok := l.sides(v)
		if i == 0 {
			first, side = v, [2]int{h, w}
		}
		if !ok || side != [2]int{h, w} || l.fits(v) != fitsAsIs {
			return l.unsupported("", fmt.Sprintf("along axis %d of %v", a, v.shape()))
		}
		parts = append(parts, v.t)
	}
	t, err := l.stack(parts, slices.Index(side[:], a))
	if err != nil {
		return err
	}
	l.define(0, l.withSides(first, t, side[0], side[1]))
	return nil
}

// stack joins tensors along height (0) or width (1): each is padded with zeros
// to the whole, and they are added.
func (l *lowering) stack(parts []int, side int) (int, error) {
	whole := l.net.Tensors[parts[0]].Shape
	whole[side] = 0
	for _, t := range parts {
		s := l.net.Tensors[t].Shape
		if s[1-side] != whole[1-side] || s[2] != whole[2] {
			return 0, fmt.Errorf("parts of %v and %v do not fit together", l.net.Tensors[parts[0]].Shape, s)
		}
		whole[side] += s[side]
	}
	sum, at := -1, 0
	for _, t := range parts {
		size := l.net.Tensors[t].Shape[side]
		node := float.Node{Node: graph.Node{Op: graph.Pad, Inputs: []int{t}}}
		node.Pads[side], node.Pads[side+2] = at, whole[side]-at-size
		at += size
		if node.Pads != [4]int{} {
			var err error
			if t, err = l.emit(node, whole); err != nil {
				return 0, err
			}
		}
		if sum >= 0 {
			var err error
			if t, err = l.emit(float.Node{Node: graph.Node{Op: graph.Add, Inputs: []int{sum, t}}}, whole); err != nil {
				return 0, err
			}
		}
		sum = t
	}
	return sum, nil
}
