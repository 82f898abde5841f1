package lower

import (
	"fmt"
	"slices"

	"likeness/engine/graph"
	"likeness/tools/convert/float"
	"likeness/tools/convert/nd"
)

// gather emits a choice of channels: channel i of the result is channel from[i]
// of t.
func (l *lowering) gather(t int, from []int) (int, error) {
	s := l.net.Tensors[t].Shape
	return l.emit(float.Node{Node: graph.Node{Op: graph.GatherChannels, Inputs: []int{t}, Channels: from}}, [3]int{s[0], s[1], len(from)})
}

// selected makes output i of the positions at along axis a of v.
func (l *lowering) selected(i int, v *view, a int, at []int) error {
	if len(at) == 0 {
		return l.unsupported("", "nothing is left")
	}
	whole := len(at) == elems(v.dims[a])
	for k, p := range at {
		whole = whole && k == p
	}
	if whole {
		l.define(i, v)
		return nil
	}
	shape := l.net.Tensors[v.t].Shape
	c := v.channels(shape)
	if sameSet(v.dims[a], c) {
		where := order(c, v.dims[a])
		from := make([]int, len(at))
		for k, p := range at {
			from[k] = where[p]
		}
		t, err := l.gather(v.t, from)
		if err != nil {
			return err
		}
		l.define(i, v.withChannels(t, v.phys[:len(v.phys)-len(c)], a, len(at)))
		return nil
	}
	lead := v.phys[:len(v.phys)-len(c)]
	step := 1
	if len(at) > 1 {
		step = at[1] - at[0]
	}
	for k, p := range at {
		if p != at[0]+k*step || step < 1 {
			return l.unsupported("", fmt.Sprintf("positions along axis %d of %v in an order of their own", a, v.shape()))
		}
	}
	node := float.Node{Node: graph.Node{Op: graph.Crop, Inputs: []int{v.t}, Stride: [2]int{1, 1}}}
	k := slices.IndexFunc(lead, func(x atom) bool { return len(v.dims[a]) == 1 && x == v.dims[a][0] })
	side := -1
	switch {
	case k == 0 && lead[0].size == shape[0]:
		side = 0
	case k >= 0 && k == len(lead)-1 && lead[k].size == shape[1]:
		side = 1
	default:
		return l.unsupported("", fmt.Sprintf("a part of axis %d of %v", a, v.shape()))
	}
	node.Start[side], node.Stride[side] = at[0], step
	shape[side] = len(at)
	t, err := l.emit(node, shape)
	if err != nil {
		return err
	}
	l.define(i, v.resized(t, v.dims[a][0], len(at)))
	return nil
}

// resized is v on another tensor, where one atom has another size.
func (v *view) resized(t int, which atom, size int) *view {
	out := v.onto(t)
	change := func(atoms []atom) []atom {
		var kept []atom
		for _, a := range atoms {
			if a == which {
				if a.size = size; size == 1 {
					continue
				}
			}
			kept = append(kept, a)
		}
		return kept
	}
	out.phys = change(out.phys)
	for i := range out.dims {
		out.dims[i] = change(out.dims[i])
	}
	return out
}

// slice lowers Slice with constant limits, one axis after the other.
func (l *lowering) slice(n *nd.Node) error {
	v, err := l.input(0)
	if err != nil {
		return err
	}
	var args [4][]int // starts, ends, axes, steps
	for i, name := range []string{"starts", "ends", "axes", "steps"} {
		if args[i], err = l.ints(i+1, name); err != nil {
			return err
		}
	}
	starts, ends, axes, steps := args[0], args[1], args[2], args[3]
	if axes == nil {
		for i := range starts {
			axes = append(axes, i)
		}
	}
	if steps == nil {
		steps = slices.Repeat([]int{1}, len(starts))
	}
	if len(ends) != len(starts) || len(axes) != len(starts) || len(steps) != len(starts) {
		return fmt.Errorf("starts %v, ends %v, axes %v and steps %v differ in length", starts, ends, axes, steps)
	}
	if len(starts) == 0 {
		l.define(0, v)
	}
	defer func() { l.unnamed = false }()
	for i := range starts {
		l.unnamed = i < len(starts)-1 // the name is that of the whole selection
		a, err := axis(axes[i], len(v.dims))
		if err != nil {
			return err
		}
		size := elems(v.dims[a])
		at, err := sliced(starts[i], ends[i], steps[i], size)
		if err != nil {
			return err
		}
		if err := l.selected(0, v, a, at); err != nil {
			return err
		}
		v = l.views[n.Outputs[0]]
	}
	return nil
}

// sliced lists the positions of a slice of an axis.
func sliced(start, end, step, size int) (at []int, err error) {
	if step == 0 {
		return nil, fmt.Errorf("a step of 0")
	}
	clamp := func(p, lo, hi int) int {
		if p < 0 {
			p += size
		}
		return min(max(p, lo), hi)
	}
	if step > 0 {
		for p, last := clamp(start, 0, size), clamp(end, 0, size); p < last; p += step {
			at = append(at, p)
		}
		return at, nil
	}
	last := -1
	if end > -size-1 {
		last = clamp(end, -1, size-1)
	}
	for p := clamp(start, 0, size-1); p > last; p += step {
		at = append(at, p)
	}
	return at, nil
}

// split lowers Split.
func (l *lowering) split(n *nd.Node) error {
	v, err := l.input(0)
	if err != nil {
		return err
	}
	a, err := axis(intAttr(n, "axis", 0), len(v.dims))
	if err != nil {
		return err
	}
	size, parts := elems(v.dims[a]), len(n.Outputs)
	lengths, err := l.ints(1, "split")
	if err != nil {
		return err
	}
	if lengths == nil {
		each := (size + parts - 1) / parts
		for left := size; left > 0; left -= each {
			lengths = append(lengths, min(each, left))
		}
	}
	if len(lengths) != parts {
		return fmt.Errorf("%d parts for %d outputs", len(lengths), parts)
	}
	left := size
	for _, c := range lengths {
		if c < 1 || c > left {
			return fmt.Errorf("parts %v of an axis of %d", lengths, size)
		}
		left -= c
	}
	if left > 0 {
		return fmt.Errorf("parts %v do not add up to an axis of %d", lengths, size)
	}
	from := 0
	for i, c := range lengths {
		at := make([]int, c)
		for k := range at {
			at[k] = from + k
		}
		from += c
		if n.Outputs[i] == "" {
			continue
		}
		if err := l.selected(i, v, a, at); err != nil {
			return err
		}
	}
	return nil
}

// gatherAxis lowers Gather with constant indices.
func (l *lowering) gatherAxis(n *nd.Node) error {
	v, err := l.input(0)
	if err != nil {
		return err
	}
	k, err := l.constant(1)
	if err != nil {
		return err
	}
	a, err := axis(intAttr(n, "axis", 0), len(v.dims))
	if err != nil {
		return err
	}
	if k == nil || len(k.Shape) > 1 || k.I == nil {
		return l.unsupported("", "the indices must be a list")
	}
	at := make([]int, len(k.I))
	for i, p := range k.I {
		if at[i], err = axis(int(p), elems(v.dims[a])); err != nil {
			return err
		}
	}
	if err := l.selected(0, v, a, at); err != nil {
		return err
	}
	if len(k.Shape) == 0 {
		out := l.views[n.Outputs[0]].clone()
		out.dims = slices.Delete(out.dims, a, a+1)
		l.views[n.Outputs[0]] = out
	}
	return nil
}

// moveLimit is how many values may be brought into any order: the order is listed
// in the model's file.
const moveLimit = 1 << 14

// move brings a value into an order that takes more than choosing channels: a
// small one as one vector, whose values are chosen.
func (l *lowering) move(v *view, h, w, c []atom) (int, []int, error) {
	wanted, size := slices.Concat(h, w, c), elems(v.phys)
	if size > moveLimit || !sameSet(v.phys, wanted) {
		return 0, nil, l.unsupported("", fmt.Sprintf("its input of shape %v lies in memory in an order that the engine cannot change", v.shape()))
	}
	t := v.t
	flat, shape := [3]int{1, 1, size}, [3]int{elems(h), elems(w), elems(c)}
	var err error
	if l.net.Tensors[t].Shape != flat {
		if t, err = l.emit(float.Node{Node: graph.Node{Op: graph.Reshape, Inputs: []int{t}}}, flat); err != nil {
			return 0, nil, err
		}
	}
	if t, err = l.gather(t, order(v.phys, wanted)); err != nil || shape == flat {
		return t, nil, err
	}
	t, err = l.emit(float.Node{Node: graph.Node{Op: graph.Reshape, Inputs: []int{t}}}, shape)
	return t, nil, err
}
