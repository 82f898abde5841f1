package tflite

import (
	"slices"

	"likeness/tools/convert/nd"
	"likeness/tools/convert/tensorflow"
)

// reshape gives a value the shape that the file declares for the output, or that
// the second input holds where the network computes it.
func (c *call) reshape() {
	x := c.computed(0)
	shape := c.declaredShape()
	if c.code == 22 && len(c.inputs) > 1 {
		if v, ok := c.made[c.inputs[1]]; ok && v.Const != nil {
			shape = c.Integers(v, "shape")
		}
	}
	c.Reshape(c.name, x, c.filled(shape, x.Shape))
}

// filled is a shape with as many values as from has: its one open side, -1, is
// settled. A file run at another input size may only flatten.
func (c *call) filled(shape, from []int) []int {
	out, known, open, total := slices.Clone(shape), 1, -1, nd.Elems(from)
	for i, d := range shape {
		switch {
		case d == -1 && open < 0:
			open = i
		case d < 1 || known > nd.MaxElems/d:
			c.Fail("shape", "cannot reshape %v to %v", from, shape)
		default:
			known *= d
		}
	}
	switch last := len(out) - 1; {
	case open >= 0 && total%known == 0:
		out[open] = total / known
	case open >= 0:
		c.Fail("shape", "cannot reshape %v to %v", from, shape)
	case known == total:
	case last >= 0 && known == out[last]:
		out[last] = total
	default:
		c.Fail("shape", "cannot reshape %v to %v, as another input size would need", from, shape)
	}
	return out
}

// pad is PAD, PADV2 with a value and MIRROR_PAD.
func (c *call) pad() {
	x, p := c.computed(0), c.numbers2(1)
	if len(p) != len(x.Shape) {
		c.Fail("paddings", "%d pairs for %d dimensions", len(p), len(x.Shape))
	}
	for _, v := range p {
		if min(v[0], v[1]) < 0 || max(v[0], v[1]) > tensorflow.MaxSide || p[0] != [2]int{} {
			c.Fail("paddings", "only around height, width and channels, not %v", p)
		}
	}
	var with float32
	if c.code == 60 {
		with = c.Number(c.floats(2), "value")
	}
	c.Pad(c.name, x, p, with)
	if c.code != 100 {
		return
	}
	if c.byte(0) != 0 {
		c.Fail("mode", "SYMMETRIC is not supported; REFLECT is")
	}
	c.Out.Nodes[len(c.Out.Nodes)-1].Attrs["mode"] = nd.String("reflect")
}

// numbers2 are the known pairs of integers of an input.
func (c *call) numbers2(i int) [][2]int {
	v := c.integers(i)
	if len(v.Shape) != 2 || v.Shape[1] != 2 {
		c.Fail("", "input %d has shape %v, pairs are wanted", i, v.Shape)
	}
	var out [][2]int
	for k := 0; k < len(v.Const.I); k += 2 {
		out = append(out, [2]int{int(min(max(v.Const.I[k], -1), 1<<30)), int(min(max(v.Const.I[k+1], -1), 1<<30))})
	}
	return out
}

// resize is to a size, which follows the picture's where that is not the file's.
func (c *call) resize(mode string, corners int) {
	x, size := c.computed(0), slices.Clone(c.numbers(1))
	c.Rank(x, 4)
	if len(size) != 2 {
		c.Fail("size", "%d sizes, 2 are wanted", len(size))
	}
	_, known := c.made[c.inputs[1]]
	if file := c.tensors[c.inputs[0]].shape; !known && len(file) == 4 && min(file[1], file[2]) > 0 {
		size[0], size[1] = size[0]*x.Shape[1]/file[1], size[1]*x.Shape[2]/file[2]
	}
	c.Resize(c.name, x, mode, size[0], size[1], c.byte(corners) != 0, c.byte(corners+1) != 0)
}

// shapeOf is the shape of a computed value: known numbers, of which files compute
// the shape of a reshape.
func (c *call) shapeOf() {
	t := &nd.Tensor{Type: nd.Int32}
	x := c.computed(0)
	t.Shape = []int{len(x.Shape)}
	for _, d := range x.Shape {
		t.I = append(t.I, int64(d))
	}
	c.Constant(c.name, t)
}

// known is input i, computed or known integers.
func (c *call) known(i int) tensorflow.Value {
	if v, ok := c.made[c.inputs[i]]; ok && v.Const == nil {
		return c.computed(i)
	}
	return c.integers(i)
}

// stridedSlice takes a part, or one place, along axes.
func (c *call) stridedSlice() {
	if c.int(2, 0)|c.int(3, 0) != 0 {
		c.Fail("ellipsis_mask", "masks for ellipses and new axes are not supported")
	}
	c.StridedSlice(c.name, c.known(0), tensorflow.Strides{Begin: c.numbers(1), End: c.numbers(2), Step: c.numbers(3),
		NoBegin: c.int(0, 0), NoEnd: c.int(1, 0), Shrink: c.int(4, 0)})
}

// slice takes places from begin on; a size of -1 is all that follow.
func (c *call) slice() {
	x, begin, size := c.known(0), c.numbers(1), slices.Clone(c.numbers(2))
	if len(begin) != len(x.Shape) || len(size) != len(x.Shape) {
		c.Fail("", "begin %v and size %v for the input %v", begin, size, x.Shape)
	}
	for i := range size {
		if size[i] == -1 {
			size[i] = x.Shape[i] - begin[i]
		}
	}
	c.Slice(c.name, x, begin, size, ones(len(size)))
}

// pack stacks values, or makes a shape of its parts.
func (c *call) pack() {
	var in []tensorflow.Value
	for i := range c.inputs {
		in = append(in, c.known(i))
	}
	c.Pack(c.name, in, c.int(1, 0))
}

// split is SPLIT, into equal parts along the axis that comes first, or SPLIT_V.
func (c *call) split() {
	data, axis := 1, 0
	if c.code == 102 {
		data, axis = 0, 2
	}
	x, at := c.computed(data), c.numbers(axis)
	if len(at) != 1 {
		c.Fail("axis", "%d axes, 1 is wanted", len(at))
	}
	a := c.Axis("axis", at[0], len(x.Shape))
	var names []string
	for _, t := range c.outputs {
		if t < 0 {
			c.Fail("", "an output is left out")
		}
		names = append(names, c.names[t])
	}
	sizes := slices.Repeat([]int{x.Shape[a] / len(names)}, len(names))
	if c.code == 102 {
		sizes = c.numbers(1)
	}
	c.Split(names, x, a, sizes)
}
