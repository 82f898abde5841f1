package tensorflow

import (
	"slices"

	"likeness/tools/convert/nd"
)

// Reduce is ReduceMean, ReduceMax, ReduceMin or ReduceSum over axes.
func (b *Builder) Reduce(op, name string, x Value, axes []int, keep bool) Value {
	drop := map[int]bool{}
	for _, a := range axes {
		drop[b.Axis("axes", a, len(x.Shape))] = true
	}
	var shape, sorted []int
	for i, d := range x.Shape {
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
	a := Attrs{"keepdims": nd.Int(map[bool]int{true: 1}[keep])}
	if op == "ReduceSum" { // the one whose axes are an input in this opset
		return b.Emit(op, name, shape, a, x, b.Ints(name+":axes", sorted...))
	}
	a["axes"] = nd.Ints(sorted...)
	return b.Emit(op, name, shape, a, x)
}

// Concat joins along an axis.
func (b *Builder) Concat(name string, in []Value, axis int) Value {
	if len(in) == 0 {
		b.Fail("", "nothing to concatenate")
	}
	axis = b.Axis("axis", axis, len(in[0].Shape))
	shape := slices.Clone(in[0].Shape)
	constant := in[0].Const != nil
	for _, v := range in[1:] {
		if len(v.Shape) != len(shape) {
			b.Fail("", "shapes %v and %v cannot be concatenated", shape, v.Shape)
		}
		for i, d := range v.Shape {
			if i != axis && d != shape[i] {
				b.Fail("", "shapes %v and %v cannot be concatenated along axis %d", shape, v.Shape, axis)
			}
		}
		shape[axis] += v.Shape[axis]
		constant = constant && v.Const != nil && v.Const.Type == in[0].Const.Type
	}
	if constant && len(shape) == 1 {
		t := &nd.Tensor{Type: in[0].Const.Type, Shape: shape}
		for _, v := range in {
			t.F, t.I = append(t.F, v.Const.F...), append(t.I, v.Const.I...)
		}
		return b.Constant(name, t)
	}
	return b.Emit("Concat", name, shape, Attrs{"axis": nd.Int(axis)}, in...)
}

// Transpose permutes dimensions; a constant must be float.
func (b *Builder) Transpose(name string, x Value, perm []int) Value {
	if len(perm) != len(x.Shape) {
		b.Fail("perm", "%v of a tensor with %d dimensions", perm, len(x.Shape))
	}
	seen := make([]bool, len(perm))
	shape := make([]int, len(perm))
	for i, p := range perm {
		if p < 0 || p >= len(perm) || seen[p] {
			b.Fail("perm", "%v is not a permutation", perm)
		}
		seen[p], shape[i] = true, x.Shape[p]
	}
	if x.Const != nil && x.Const.Type.IsFloat() {
		return b.Constant(name, permute(x.Const, perm))
	}
	return b.Emit("Transpose", name, shape, Attrs{"perm": nd.Ints(perm...)}, x)
}

// Pad adds constant values: before and after, per dimension.
func (b *Builder) Pad(name string, x Value, pads [][2]int, with float32) Value {
	if len(pads) != len(x.Shape) {
		b.Fail("paddings", "%d pairs for %d dimensions", len(pads), len(x.Shape))
	}
	shape := slices.Clone(x.Shape)
	flat := make([]int, 2*len(pads))
	for i, p := range pads {
		if p[0] < 0 || p[1] < 0 || p[0] > MaxSide || p[1] > MaxSide {
			b.Fail("paddings", "%v is out of range", p)
		}
		shape[i] += p[0] + p[1]
		flat[i], flat[len(pads)+i] = p[0], p[1]
	}
	in := []Value{x, b.Ints(name+":pads", flat...)}
	if with != 0 {
		in = append(in, b.Scalar(name+":value", with))
	}
	return b.Emit("Pad", name, shape, Attrs{"mode": nd.String("constant")}, in...)
}

// Slice takes size values from begin on, per dimension, at steps of step > 0.
func (b *Builder) Slice(name string, x Value, begin, size, step []int) Value {
	end, axes := make([]int, len(begin)), make([]int, len(begin))
	for i := range begin {
		end[i], axes[i] = begin[i]+(size[i]-1)*step[i]+1, i
		if begin[i] < 0 || size[i] < 1 || step[i] < 1 || end[i] > x.Shape[i] {
			b.Fail("", "a slice from %v of size %v does not fit the input %v", begin, size, x.Shape)
		}
	}
	if x.Const != nil && len(x.Shape) == 1 {
		var at []int
		for i := range size[0] {
			at = append(at, begin[0]+i*step[0])
		}
		return b.Take(name, x.Const, slices.Clone(size), at)
	}
	return b.Emit("Slice", name, slices.Clone(size), nil, x, b.Ints(name+":begin", begin...), b.Ints(name+":end", end...), b.Ints(name+":axes", axes...), b.Ints(name+":steps", step...))
}

// Resize is TensorFlow's resize to a size: linear or nearest.
func (b *Builder) Resize(name string, x Value, mode string, height, width int, alignCorners, halfPixel bool) Value {
	b.Rank(x, 4)
	if height < 1 || width < 1 || height > MaxSide || width > MaxSide {
		b.Fail("size", "%d x %d is out of range", height, width)
	}
	a := Attrs{"mode": nd.String(mode), "coordinate_transformation_mode": nd.String("asymmetric")}
	near := "floor"
	if alignCorners {
		a["coordinate_transformation_mode"], near = nd.String("align_corners"), "round_prefer_ceil"
	} else if halfPixel {
		a["coordinate_transformation_mode"], near = nd.String("half_pixel"), "round_prefer_ceil"
	}
	if mode == "nearest" {
		a["nearest_mode"] = nd.String(near)
	}
	shape := []int{1, x.Shape[3], height, width}
	return b.ToNHWC(name, b.Emit("Resize", name+":resize", shape, a, b.ToNCHW(x), Value{}, Value{}, b.Ints(name+":sizes", shape...)))
}
