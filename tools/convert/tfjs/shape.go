package tfjs

import (
	"slices"

	"likeness/tools/convert/nd"
)

// reduce is ReduceMean, ReduceMax, ReduceMin or ReduceSum over axes.
func (b *builder) reduce(op, name string, x value, axes []int, keep bool) value {
	drop := map[int]bool{}
	for _, a := range axes {
		drop[b.axis("axes", a, len(x.shape))] = true
	}
	var shape, sorted []int
	for i, d := range x.shape {
		switch {
		case !drop[i]:
			shape = append(shape, d)
		case keep:
			shape = append(shape, 1)
		}
		if drop[i] {
			sorted = append(sorted, i)
		}
	}
	a := attrs{"keepdims": nd.Int(map[bool]int{true: 1}[keep])}
	if op == "ReduceSum" { // the one whose axes are an input in this opset
		return b.emit(op, name, shape, a, x, b.ints(name+":axes", sorted...))
	}
	a["axes"] = nd.Ints(sorted...)
	return b.emit(op, name, shape, a, x)
}

// concat joins along an axis.
func (b *builder) concat(name string, in []value, axis int) value {
	if len(in) == 0 {
		b.fail("", "nothing to concatenate")
	}
	axis = b.axis("axis", axis, len(in[0].shape))
	shape := slices.Clone(in[0].shape)
	constant := in[0].c != nil
	for _, v := range in[1:] {
		if len(v.shape) != len(shape) {
			b.fail("", "shapes %v and %v cannot be concatenated", shape, v.shape)
		}
		for i, d := range v.shape {
			if i != axis && d != shape[i] {
				b.fail("", "shapes %v and %v cannot be concatenated along axis %d", shape, v.shape, axis)
			}
		}
		shape[axis] += v.shape[axis]
		constant = constant && v.c != nil && v.c.Type == in[0].c.Type
	}
	if constant && len(shape) == 1 {
		t := &nd.Tensor{Type: in[0].c.Type, Shape: shape}
		for _, v := range in {
			t.F, t.I = append(t.F, v.c.F...), append(t.I, v.c.I...)
		}
		return b.constant(name, t)
	}
	return b.emit("Concat", name, shape, attrs{"axis": nd.Int(axis)}, in...)
}

// transpose permutes dimensions; a constant must be float.
func (b *builder) transpose(name string, x value, perm []int) value {
	if len(perm) != len(x.shape) {
		b.fail("perm", "%v of a tensor with %d dimensions", perm, len(x.shape))
	}
	seen := make([]bool, len(perm))
	shape := make([]int, len(perm))
	for i, p := range perm {
		if p < 0 || p >= len(perm) || seen[p] {
			b.fail("perm", "%v is not a permutation", perm)
		}
		seen[p], shape[i] = true, x.shape[p]
	}
	if x.c != nil && x.c.Type.IsFloat() {
		return b.constant(name, permute(x.c, perm))
	}
	return b.emit("Transpose", name, shape, attrs{"perm": nd.Ints(perm...)}, x)
}

// pad adds constant values: before and after, per dimension.
func (b *builder) pad(name string, x value, pads [][2]int, with float32) value {
	if len(pads) != len(x.shape) {
		b.fail("paddings", "%d pairs for %d dimensions", len(pads), len(x.shape))
	}
	shape := slices.Clone(x.shape)
	flat := make([]int, 2*len(pads))
	for i, p := range pads {
		if p[0] < 0 || p[1] < 0 || p[0] > maxSide || p[1] > maxSide {
			b.fail("paddings", "%v is out of range", p)
		}
		shape[i] += p[0] + p[1]
		flat[i], flat[len(pads)+i] = p[0], p[1]
	}
	in := []value{x, b.ints(name+":pads", flat...)}
	if with != 0 {
		in = append(in, b.scalar(name+":value", with))
	}
	return b.emit("Pad", name, shape, attrs{"mode": nd.String("constant")}, in...)
}

// slice takes size values from begin on, per dimension, at steps of step > 0.
func (b *builder) slice(name string, x value, begin, size, step []int) value {
	end, axes := make([]int, len(begin)), make([]int, len(begin))
	for i := range begin {
		end[i], axes[i] = begin[i]+(size[i]-1)*step[i]+1, i
		if begin[i] < 0 || size[i] < 1 || step[i] < 1 || end[i] > x.shape[i] {
			b.fail("", "a slice from %v of size %v does not fit the input %v", begin, size, x.shape)
		}
	}
	if x.c != nil && len(x.shape) == 1 {
		var at []int
		for i := range size[0] {
			at = append(at, begin[0]+i*step[0])
		}
		return b.take(name, x.c, slices.Clone(size), at)
	}
	return b.emit("Slice", name, slices.Clone(size), nil, x, b.ints(name+":begin", begin...), b.ints(name+":end", end...), b.ints(name+":axes", axes...), b.ints(name+":steps", step...))
}

// resize is TensorFlow's resize to a size: linear or nearest.
func (b *builder) resize(name string, x value, mode string, height, width int, alignCorners, halfPixel bool) value {
	b.rank(x, 4)
	if height < 1 || width < 1 || height > maxSide || width > maxSide {
		b.fail("size", "%d x %d is out of range", height, width)
	}
	a := attrs{"mode": nd.String(mode), "coordinate_transformation_mode": nd.String("asymmetric")}
	near := "floor"
	if alignCorners {
		a["coordinate_transformation_mode"], near = nd.String("align_corners"), "round_prefer_ceil"
	} else if halfPixel {
		a["coordinate_transformation_mode"], near = nd.String("half_pixel"), "round_prefer_ceil"
	}
	if mode == "nearest" {
		a["nearest_mode"] = nd.String(near)
	}
	shape := []int{1, x.shape[3], height, width}
	return b.toNHWC(name, b.emit("Resize", name+":resize", shape, a, b.toNCHW(x), value{}, value{}, b.ints(name+":sizes", shape...)))
}
