package convert

import (
	"slices"

	"likeness/engine/graph"
)

// How a value of the file lies in the tensor that holds its numbers.
const (
	fitsAsIs  = iota // as a picture [H, W, C] or a vector whose numbers follow the value's
	fitsFlat         // the value is one vector, the tensor a picture of the same numbers in the same order
	fitsOther        // in another order
)

// fits tells how v lies in its tensor. A picture with its channels first fits:
// layers are given as H, W, C whatever the file's order of axes.
func (l *lowering) fits(v *view) int {
	flat := v.flat()
	c := v.channels(l.net.Tensors[v.t].Shape)
	lead := v.phys[:len(v.phys)-len(c)]
	if v.vector() && len(lead) > 0 {
		if sameOrder(flat, v.phys) {
			return fitsFlat
		}
		return fitsOther
	}
	if !apart(v.dims, lead, c) {
		return fitsOther
	}
	for _, part := range [][]atom{lead, c} {
		if !sameOrder(part, slices.DeleteFunc(slices.Clone(flat), func(a atom) bool { return !slices.Contains(part, a) })) {
			return fitsOther
		}
	}
	return fitsAsIs
}

// apart reports whether places and channels are axes of their own: the channels
// behind the places, or before them, which are then the last two axes.
func apart(dims [][]atom, lead, c []atom) bool {
	bounds := func(of []atom) (first, last int) {
		first, last = len(dims), -1
		for i, d := range dims {
			if slices.ContainsFunc(d, func(a atom) bool { return slices.Contains(of, a) }) {
				first, last = min(first, i), i
			}
		}
		return first, last
	}
	firstPlace, lastPlace := bounds(lead)
	firstChannel, lastChannel := bounds(c)
	if lastPlace < 0 || lastChannel < 0 || lastPlace < firstChannel {
		return true
	}
	return lastChannel < firstPlace && (len(dims) < 4 || firstPlace >= len(dims)-2)
}

// vector reports whether a value has one axis, lengths of 1 aside.
func (v *view) vector() bool {
	n := 0
	for _, d := range v.dims {
		if len(d) > 0 {
			n++
		}
	}
	return n == 1
}

// called gives names to the tensor of v, if its numbers are v's. In any other
// order the names lead to no values, since those that are there are not v's.
func (l *lowering) called(v *view, names []string) {
	t := &l.net.Tensors[v.t]
	switch l.fits(v) {
	case fitsFlat:
		t.flat = append(t.flat, names...)
	case fitsOther:
		t.Joined = append(t.Joined, names...)
	default:
		for _, name := range names {
			t.addName(name)
		}
	}
}

// flattened is a layer of v's numbers as one vector.
func (l *lowering) flattened(v *view) (int, error) {
	if t, ok := l.flat[v.t]; ok {
		return t, nil
	}
	t, err := l.emit(Node{Node: graph.Node{Op: graph.Reshape, Inputs: []int{v.t}}}, [3]int{1, 1, elems(v.phys)})
	if err != nil {
		return 0, err
	}
	l.flat[v.t] = t
	for _, name := range l.net.Tensors[v.t].flat {
		l.net.Tensors[t].addName(name)
	}
	l.net.Tensors[v.t].flat = nil
	return t, nil
}

// addFlat makes layers of the pictures that the file makes vectors, behind them.
// What computes goes on to read the pictures.
func (n *Network) addFlat() {
	var tensors []Tensor
	var nodes []Node
	place := make([]int, len(n.Tensors))
	behind := make([]int, len(n.Tensors)) // the vector of a tensor, or 0
	for i, t := range n.Tensors {
		place[i] = len(tensors)
		names := slices.DeleteFunc(slices.Clone(t.flat), func(name string) bool { _, taken := n.tensor(name); return taken })
		t.flat = nil
		tensors = append(tensors, t)
		if size := t.Shape[0] * t.Shape[1] * t.Shape[2]; i > 0 && len(names) > 0 && len(n.Nodes)+len(tensors)-i < graph.MaxNodes {
			behind[i] = len(tensors)
			tensors = append(tensors, Tensor{Name: names[0], Also: names[1:], Shape: [3]int{1, 1, size}, id: -1})
		}
	}
	for _, node := range n.Nodes {
		out := node.Output
		for k, t := range node.Inputs {
			node.Inputs[k] = place[t]
		}
		node.Output = place[out]
		nodes = append(nodes, node)
		if b := behind[out]; b > 0 {
			flat := Node{Node: graph.Node{Op: graph.Reshape, Name: tensors[b].Name, Inputs: []int{place[out]}, Output: b}}
			flat.ActMin, flat.ActMax = unclamped()
			nodes = append(nodes, flat)
		}
	}
	for _, ends := range [][]int{n.outputs, n.kept} {
		for i, t := range ends {
			ends[i] = place[t]
		}
	}
	n.Tensors, n.Nodes = tensors, nodes
}
