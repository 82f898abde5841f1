package lower

import (
	"slices"

	"likeness/engine/graph"
	"likeness/tools/convert/float"
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
		t.Flat = append(t.Flat, names...)
	case fitsOther:
		t.Joined = append(t.Joined, names...)
	default:
		for _, name := range names {
			t.AddName(name)
		}
	}
}

// flattened is a layer of v's numbers as one vector.
func (l *lowering) flattened(v *view) (int, error) {
	if t, ok := l.flat[v.t]; ok {
		return t, nil
	}
	t, err := l.emit(float.Node{Node: graph.Node{Op: graph.Reshape, Inputs: []int{v.t}}}, [3]int{1, 1, elems(v.phys)})
	if err != nil {
		return 0, err
	}
	l.flat[v.t] = t
	for _, name := range l.net.Tensors[v.t].Flat {
		l.net.Tensors[t].AddName(name)
	}
	l.net.Tensors[v.t].Flat = nil
	return t, nil
}
