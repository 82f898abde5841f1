package lower

import (
	"fmt"
	"math"
	"slices"

	"likeness/engine/graph"
	"likeness/tools/convert/float"
	"likeness/tools/convert/nd"
)

// pad lowers Pad: constants, the edge or a reflection around height and width,
// zeros around channels. Less than nothing is cut off.
func (l *lowering) pad(n *nd.Node) error {
	v, err := l.input(0)
	if err != nil {
		return err
	}
	before, after, err := l.padding(n, len(v.dims))
	if err != nil {
		return err
	}
	nothing := func(p int) bool { return p == 0 }
	if !slices.ContainsFunc(slices.Concat(before, after), func(p int) bool { return !nothing(p) }) {
		return l.identity(n)
	}
	v, h, w, err := l.pictured(v)
	if err != nil {
		return err
	}
	var pads [4]int
	for i := range before {
		switch i {
		case h:
			pads[0], pads[2] = before[i], after[i]
		case w:
			pads[1], pads[3] = before[i], after[i]
		default:
			if before[i] == 0 && after[i] == 0 {
				continue
			}
			if i < len(before)-3 || textAttr(n, "mode", "constant") != "constant" || min(before[i], after[i]) < 0 {
				return l.unsupported("", fmt.Sprintf("padding of %d and %d along axis %d of %v; height, width and, with zeros, channels can be padded", before[i], after[i], i, v.shape()))
			}
			if v, err = l.padChannels(v, i, before[i], after[i]); err != nil {
				return err
			}
		}
	}
	t, err := l.padSides(n, v.t, pads)
	if err != nil {
		return err
	}
	l.define(0, l.withSides(v, t, h, w))
	return nil
}

// padding reads how much is added before and after each axis.
func (l *lowering) padding(n *nd.Node, rank int) (before, after []int, err error) {
	pads, err := l.ints(1, "pads")
	if err != nil {
		return nil, nil, err
	}
	axes, err := l.ints(3, "axes")
	if err != nil {
		return nil, nil, err
	}
	if axes == nil {
		for i := range rank {
			axes = append(axes, i)
		}
	}
	if len(pads) != 2*len(axes) {
		return nil, nil, l.unsupported("", fmt.Sprintf("%d paddings %v for %d axes", len(pads), pads, len(axes)))
	}
	before, after = make([]int, rank), make([]int, rank)
	for i, a := range axes {
		if a, err = axis(a, rank); err != nil {
			return nil, nil, err
		}
		before[a], after[a] = pads[i], pads[len(axes)+i]
	}
	return before, after, nil
}

// padSides pads height and width of a tensor in the mode of the node in work.
func (l *lowering) padSides(n *nd.Node, t int, pads [4]int) (int, error) {
	t, err := l.cut(t, pads)
	if err != nil {
		return 0, err
	}
	for i, p := range pads {
		pads[i] = max(p, 0)
	}
	switch mode := textAttr(n, "mode", "constant"); mode {
	case "constant":
		return l.padConstant(n, t, pads)
	case "reflect", "edge":
		for side := range 2 {
			if t, err = l.padSide(t, side, pads[side], pads[side+2], mode == "edge"); err != nil {
				return 0, err
			}
		}
		return t, nil
	default:
		return 0, l.unsupported("mode", "constant, reflect and edge are")
	}
}

// cut takes away rows and columns for paddings below zero.
func (l *lowering) cut(t int, pads [4]int) (int, error) {
	shape := l.net.Tensors[t].Shape
	node := float.Node{Node: graph.Node{Op: graph.Crop, Inputs: []int{t}, Stride: [2]int{1, 1}}}
	out := shape
	for i := range 2 {
		node.Start[i] = max(-pads[i], 0)
		if out[i] += min(pads[i], 0) + min(pads[i+2], 0); out[i] < 1 {
			return 0, l.unsupported("", fmt.Sprintf("padding %v takes all of %v away", pads, shape))
		}
	}
	if out == shape {
		return t, nil
	}
	return l.emit(node, out)
}

// padConstant pads with one value: zeros, after values are made relative to it.
func (l *lowering) padConstant(n *nd.Node, t int, pads [4]int) (int, error) {
	value := floatAttr(n, "value", 0)
	if k, err := l.constant(2); err != nil {
		return 0, err
	} else if k != nil && len(k.F) == 1 {
		value = float64(k.F[0])
	}
	if pads == [4]int{} {
		return t, nil
	}
	if math.Abs(value) > 1e6 || math.IsNaN(value) {
		return 0, l.unsupported("", fmt.Sprintf("padding with %g; values up to 1e6 are", value))
	}
	shift := func(t int, by float64) (int, error) {
		if value == 0 {
			return t, nil
		}
		return l.emitAffine(t, func(int) (a, b float64) { return 1, by })
	}
	t, err := shift(t, -value)
	if err != nil {
		return 0, err
	}
	out := l.net.Tensors[t].Shape
	out[0], out[1] = out[0]+pads[0]+pads[2], out[1]+pads[1]+pads[3]
	if t, err = l.emit(float.Node{Node: graph.Node{Op: graph.Pad, Inputs: []int{t}, Pads: pads}}, out); err != nil {
		return 0, err
	}
	return shift(t, value)
}

// padSide repeats the edge, or reflects at it, along one side: rows are cut out
// and stacked.
func (l *lowering) padSide(t, side, before, after int, edge bool) (int, error) {
	size := l.net.Tensors[t].Shape[side]
	if before == 0 && after == 0 {
		return t, nil
	}
	if !edge && max(before, after) >= size {
		return 0, l.unsupported("mode", fmt.Sprintf("a reflection of %d at a side of %d", max(before, after), size))
	}
	var parts []int
	row := func(at, times int) error {
		shape := l.net.Tensors[t].Shape
		node := float.Node{Node: graph.Node{Op: graph.Crop, Inputs: []int{t}, Stride: [2]int{1, 1}}}
		node.Start[side], shape[side] = at, 1
		part, err := l.emit(node, shape)
		if err == nil && times > 1 {
			shape[side] = times
			part, err = l.emit(float.Node{Node: graph.Node{Op: graph.Resize, Inputs: []int{part}, Fn: graph.Nearest, Coordinates: graph.Asymmetric, Rounding: graph.RoundFloor}}, shape)
		}
		parts = append(parts, part)
		return err
	}
	var errs []error
	if edge && before > 0 {
		errs = append(errs, row(0, before))
	}
	for p := before; p > 0 && !edge; p-- {
		errs = append(errs, row(p, 1))
	}
	parts = append(parts, t)
	for p := range after {
		if !edge {
			errs = append(errs, row(size-2-p, 1))
		}
	}
	if edge && after > 0 {
		errs = append(errs, row(size-1, after))
	}
	if err := errorsOf(errs...); err != nil {
		return 0, err
	}
	return l.stack(parts, side)
}

// padChannels adds channels of zeros along axis a.
func (l *lowering) padChannels(v *view, a, before, after int) (*view, error) {
	h, w, _ := l.sides(v)
	parts := []int{}
	zeros := func(count int) error {
		if count == 0 {
			return nil
		}
		t, err := l.gather(v.t, make([]int, count))
		if err == nil {
			t, err = l.emitAffine(t, func(int) (a, b float64) { return 0, 0 })
		}
		parts = append(parts, t)
		return err
	}
	if l.fits(v) != fitsAsIs {
		t, perm, err := l.place(v, v.dims[h], v.dims[w], v.dims[a])
		if err != nil {
			return nil, err
		}
		if t, err = l.gather(t, invert(perm)); err != nil {
			return nil, err
		}
		v = v.withChannels(t, slices.Concat(v.dims[h], v.dims[w]), a, elems(v.dims[a]))
	}
	if err := zeros(before); err != nil {
		return nil, err
	}
	parts = append(parts, v.t)
	if err := zeros(after); err != nil {
		return nil, err
	}
	shape := l.net.Tensors[v.t].Shape
	shape[2] += before + after
	t, err := l.emit(float.Node{Node: graph.Node{Op: graph.Concat, Inputs: parts}}, shape)
	if err != nil {
		return nil, err
	}
	return v.withChannels(t, slices.Concat(v.dims[h], v.dims[w]), a, shape[2]), nil
}
