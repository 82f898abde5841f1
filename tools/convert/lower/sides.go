package lower

import "slices"

// sides finds the axes of v that are the height and the width of its tensor,
// also where a picture is one place high or wide.
func (l *lowering) sides(v *view) (h, w int, ok bool) {
	shape := l.net.Tensors[v.t].Shape
	first := len(v.dims) - 3 // before it only axes of length 1
	if first < 0 || slices.ContainsFunc(v.dims[:first], func(d []atom) bool { return len(d) > 0 }) {
		return 0, 0, false
	}
	c := v.channels(shape)
	fit := func(h, w, depth int) bool {
		return sameSet(v.dims[depth], c) && whole(v.dims[h], shape[0]) && whole(v.dims[w], shape[1])
	}
	switch {
	case fit(first+1, first+2, first):
		return first + 1, first + 2, true
	case fit(first, first+1, first+2):
		return first, first + 1, true
	}
	return 0, 0, false
}

// whole reports whether an axis is one side of a tensor.
func whole(axis []atom, size int) bool { return len(axis) < 2 && elems(axis) == size }

// withSides is v on a tensor of other sides.
func (l *lowering) withSides(v *view, t, h, w int) *view {
	shape := l.net.Tensors[t].Shape
	next := 0
	for _, a := range v.phys {
		next = max(next, a.id+1)
	}
	out := &view{t: t, dims: slices.Clone(v.dims)}
	for i, axis := range [2]int{h, w} {
		out.dims[axis] = nil
		if shape[i] > 1 {
			a := atom{next + i, shape[i]}
			out.phys, out.dims[axis] = append(out.phys, a), []atom{a}
		}
	}
	out.phys = append(out.phys, v.channels(l.net.Tensors[v.t].Shape)...)
	return out
}

// pictured is v with height and width that are those of its tensor: v itself, or a
// value with axes N, C, H and W that is placed so.
func (l *lowering) pictured(v *view) (out *view, h, w int, err error) {
	if h, w, ok := l.sides(v); ok {
		return v, h, w, nil
	}
	t, perm, err := l.nchw(v)
	if err == nil && perm != nil {
		t, err = l.gather(t, invert(perm))
	}
	if err != nil {
		return nil, 0, 0, err
	}
	return pictureView(t, l.net.Tensors[t].Shape, "NCHW"), 2, 3, nil
}
