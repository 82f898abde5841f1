package tensorflow

import (
	"slices"
	"strconv"

	"likeness/tools/convert/nd"
)

// Blocks is DepthToSpace or SpaceToDepth of x [1,H,W,C] with square blocks.
func (b *Builder) Blocks(op, name string, x Value, size int) Value {
	x = b.ToNCHW(x)
	c, h, w := x.Shape[1], x.Shape[2], x.Shape[3]
	shape := []int{1, c * size * size, 0, 0}
	a := Attrs{"blocksize": nd.Int(size)}
	switch {
	case size < 1 || size > 64:
		b.Fail("block_size", "%d is out of range, 1 to 64 is possible", size)
	case op == "DepthToSpace" && c%(size*size) == 0:
		shape = []int{1, c / size / size, h * size, w * size}
		a["mode"] = nd.String("DCR")
	case op == "SpaceToDepth" && h%size == 0 && w%size == 0:
		shape[2], shape[3] = h/size, w/size
	default:
		b.Fail("block_size", "%d does not fit an input of height %d, width %d and %d channels", size, h, w, c)
	}
	return b.ToNHWC(name, b.Emit(op, name+":dcr", shape, a, x))
}

// Pack stacks values of one shape along a new axis.
func (b *Builder) Pack(name string, in []Value, axis int) Value {
	axis = b.Axis("axis", axis, len(in[0].Shape)+1)
	var parts []Value
	for i, x := range in {
		if !slices.Equal(x.Shape, in[0].Shape) {
			b.Fail("", "shapes %v and %v cannot be stacked", in[0].Shape, x.Shape)
		}
		parts = append(parts, b.Reshape(Part(name, i), x, slices.Insert(slices.Clone(x.Shape), axis, 1)))
	}
	return b.Concat(name, parts, axis)
}

// Part names the i-th of several invented values.
func Part(name string, i int) string { return name + ":part" + strconv.Itoa(i) }

// Strides are a StridedSlice: what is taken along each axis, and masks, a bit an
// axis, of what is left out or, with Shrink, is one place whose axis goes.
type Strides struct {
	Begin, End, Step       []int
	NoBegin, NoEnd, Shrink int
}

// StridedSlice is x[begin:end:step, ...].
func (b *Builder) StridedSlice(name string, x Value, s Strides) Value {
	if len(s.End) != len(s.Begin) || len(s.Step) != len(s.Begin) || len(s.Begin) > len(x.Shape) {
		b.Fail("", "begin %v, end %v, strides %v for the input %v", s.Begin, s.End, s.Step, x.Shape)
	}
	var from, size, by, shape []int
	for i, d := range x.Shape {
		lo, hi, step := 0, d, 1
		if i < len(s.Begin) {
			bit := 1 << i
			step = s.Step[i]
			if s.NoBegin&bit == 0 {
				lo = within(s.Begin[i], d)
			}
			if s.NoEnd&bit == 0 {
				hi = within(s.End[i], d)
			}
			if s.Shrink&bit != 0 {
				hi, step = lo+1, 1
			}
		}
		if step < 1 {
			b.Fail("strides", "%v: only steps forward are supported", s.Step)
		}
		from, by, size = append(from, lo), append(by, step), append(size, (hi-lo+step-1)/step)
		if i >= len(s.Begin) || s.Shrink&(1<<i) == 0 {
			shape = append(shape, size[i])
		}
	}
	if len(shape) == len(size) {
		return b.Slice(name, x, from, size, by)
	}
	return b.Reshape(name, b.Slice(name+":slice", x, from, size, by), append([]int{}, shape...))
}

// within counts a negative index from the end and keeps it in range.
func within(i, d int) int {
	if i < 0 {
		i += d
	}
	return min(max(i, 0), d)
}

// Split cuts x into the named parts of the given sizes along an axis.
func (b *Builder) Split(names []string, x Value, axis int, sizes []int) []Value {
	total := 0
	n := nd.Node{Op: "Split", Attrs: Attrs{"axis": nd.Int(axis)}}
	var out []Value
	for i, s := range sizes {
		if s < 1 || total > x.Shape[axis]-s || len(names) != len(sizes) {
			b.Fail("sizes", "%v of axis %d of %v, in %d parts", sizes, axis, x.Shape, len(names))
		}
		total += s
		shape := slices.Clone(x.Shape)
		shape[axis] = s
		out = append(out, b.Keep(Value{Name: names[i], Shape: shape}))
		n.Outputs = append(n.Outputs, names[i])
	}
	if total != x.Shape[axis] || len(sizes) == 0 {
		b.Fail("sizes", "%v of axis %d of %v", sizes, axis, x.Shape)
	}
	b.Add(n, []Value{x, b.Ints(names[0]+":sizes", sizes...)})
	return out
}

// Limit is Minimum or Maximum; with a constant number it is a limit.
func (b *Builder) Limit(name string, x, y Value, upper bool) Value {
	if x.Const != nil {
		x, y = y, x
	}
	switch {
	case x.Const == nil && y.Const != nil && nd.Elems(y.Shape) == 1 && len(y.Shape) <= len(x.Shape):
		v := b.Number(y, "limit")
		if upper {
			return b.Clip(name, x, negInf, v)
		}
		return b.Clip(name, x, v, -negInf)
	case upper:
		return b.Binary("Min", name, x, y)
	}
	return b.Binary("Max", name, x, y)
}

// Sum adds all values.
func (b *Builder) Sum(name string, in []Value) Value {
	sum := in[0]
	for i, v := range in[1:] {
		as := name
		if i < len(in)-2 {
			as = Part(name, i)
		}
		sum = b.Binary("Add", as, sum, v)
	}
	if len(in) == 1 {
		return b.Same(name, sum)
	}
	return sum
}

// SquaredDifference is (x - y)².
func (b *Builder) SquaredDifference(name string, x, y Value) Value {
	d := b.Binary("Sub", name+":difference", x, y)
	return b.Binary("Mul", name, d, d)
}
