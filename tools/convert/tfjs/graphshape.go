package tfjs

import (
	"encoding/json"
	"math"
	"slices"
	"strings"

	"likeness/tools/convert/nd"
	"likeness/tools/convert/tensorflow"
)

// shapeOps move values and compute shapes; with the picture's size fixed,
// every shape is a constant.
var shapeOps = map[string]graphOp{
	"Shape":        {1, 1, func(c *call) { c.shapeList(c.in[0].Shape) }},
	"Reshape":      {2, 2, (*call).reshaping},
	"Squeeze":      {1, 1, (*call).squeeze},
	"ExpandDims":   {2, 2, (*call).expandDims},
	"ConcatV2":     {2, -1, (*call).concatV2},
	"Pack":         {1, -1, func(c *call) { c.Pack(c.Name, c.in, c.int("axis", 0)) }},
	"Pad":          {2, 2, (*call).padding},
	"PadV2":        {3, 3, (*call).padding},
	"Transpose":    {2, 2, func(c *call) { c.Transpose(c.Name, c.in[0], c.Integers(c.in[1], "permutation")) }},
	"Slice":        {3, 3, (*call).slicing},
	"StridedSlice": {4, 4, (*call).stridedSlice},
	"Fill":         {2, 2, (*call).fill},
	"Prod":         {2, 2, (*call).prod},
	"GatherV2":     {3, 3, (*call).gather},
	"Size":         {1, 1, func(c *call) { c.list(c.Name, nd.Elems(c.in[0].Shape)) }},
	"MirrorPad":    {2, 2, (*call).mirrorPad},
}

// list is an integer constant; a single value is a scalar.
func (c *call) list(name string, v int) tensorflow.Value {
	return c.Constant(name, &nd.Tensor{Type: nd.Int32, Shape: []int{}, I: []int64{int64(v)}})
}

func (c *call) shapeList(v []int) tensorflow.Value {
	t := &nd.Tensor{Type: nd.Int32, Shape: []int{len(v)}}
	for _, d := range v {
		t.I = append(t.I, int64(d))
	}
	return c.Constant(c.Name, t)
}

// reshaping has at most one dimension of -1, which takes what is left. A file
// that was made for another batch may give the batch, too.
func (c *call) reshaping() {
	shape := slices.Clone(c.Integers(c.in[1], "shape"))
	total, known, free := nd.Elems(c.in[0].Shape), 1, -1
	for i, d := range shape {
		switch {
		case d == -1 && free < 0:
			free = i
		case d < 1 || known > nd.MaxElems/d:
			c.Fail("shape", "%v is not possible", shape)
		default:
			known *= d
		}
	}
	if free >= 0 {
		shape[free] = total / known
	}
	c.Reshape(c.Name, c.in[0], shape)
}

func (c *call) squeeze() {
	x := c.in[0]
	var drop []int
	if _, ok := c.Attr["squeeze_dims"]; ok {
		drop = c.ints("squeeze_dims")
	} else if _, ok := c.Attr["axis"]; ok {
		drop = c.ints("axis")
	}
	for i := range drop {
		drop[i] = c.Axis("squeeze_dims", drop[i], len(x.Shape))
		if x.Shape[drop[i]] != 1 {
			c.Fail("squeeze_dims", "dimension %d of %v is not 1", drop[i], x.Shape)
		}
	}
	shape := []int{}
	for i, d := range x.Shape {
		if d != 1 || len(drop) > 0 && !slices.Contains(drop, i) {
			shape = append(shape, d)
		}
	}
	c.Reshape(c.Name, x, shape)
}

func (c *call) expandDims() {
	x := c.in[0]
	a := c.Axis("axis", int(c.Number(c.in[1], "axis")), len(x.Shape)+1)
	c.Reshape(c.Name, x, slices.Insert(slices.Clone(x.Shape), a, 1))
}

func (c *call) concatV2() {
	last := len(c.in) - 1
	c.Concat(c.Name, c.in[:last], int(c.Number(c.in[last], "axis")))
}

func (c *call) padding() {
	p := c.in[1]
	if p.Const == nil || p.Const.Type.IsFloat() || len(p.Shape) != 2 || p.Shape[1] != 2 {
		c.Fail("paddings", "%q is not a constant list of pairs", p.Name)
	}
	pads := make([][2]int, p.Shape[0])
	for i := range pads {
		for k := range 2 {
			v := p.Const.I[2*i+k]
			if v < 0 || v > tensorflow.MaxSide {
				c.Fail("paddings", "%d is out of range", v)
			}
			pads[i][k] = int(v)
		}
	}
	var with float32
	if len(c.in) == 3 {
		with = c.Number(c.in[2], "value")
	}
	c.Pad(c.Name, c.in[0], pads, with)
}

func (c *call) slicing() {
	x := c.in[0]
	begin, size := c.Integers(c.in[1], "begin"), slices.Clone(c.Integers(c.in[2], "size"))
	if len(begin) != len(x.Shape) || len(size) != len(x.Shape) {
		c.Fail("", "begin %v and size %v for the input %v", begin, size, x.Shape)
	}
	step := make([]int, len(size))
	for i := range size {
		if step[i] = 1; size[i] == -1 {
			size[i] = x.Shape[i] - begin[i]
		}
	}
	c.Slice(c.Name, x, begin, size, step)
}

func (c *call) fill() {
	shape := c.Integers(c.in[0], "shape")
	n := nd.Elems(shape)
	if n < 0 || n > tensorflow.MaxFold || len(shape) > tensorflow.MaxRank {
		c.Fail("", "a constant of shape %v is too large", shape)
	}
	if c.in[1].Const == nil || nd.Elems(c.in[1].Shape) != 1 {
		c.Fail("", "its value %q is not a constant number", c.in[1].Name)
	}
	v := c.in[1].Const
	t := &nd.Tensor{Type: v.Type, Shape: shape}
	if v.Type.IsFloat() {
		t.F = slices.Repeat(v.F, n)
	} else {
		t.I = slices.Repeat(v.I, n)
	}
	c.Constant(c.Name, t)
}

// prod multiplies the dimensions of a shape.
func (c *call) prod() {
	n := nd.Elems(c.Integers(c.in[0], "input"))
	if n < 0 || c.bool("keep_dims") {
		c.Fail("", "only the product of a shape is supported")
	}
	c.list(c.Name, n)
}

// gather picks from a shape.
func (c *call) gather() {
	from, at := c.Integers(c.in[0], "input"), c.in[1]
	index := slices.Clone(c.Integers(at, "indices"))
	if len(c.in[0].Shape) != 1 || c.Number(c.in[2], "axis") != 0 {
		c.Fail("", "only picking from a shape is supported")
	}
	for i := range index {
		index[i] = c.Axis("indices", index[i], len(from))
	}
	c.Take(c.Name, c.in[0].Const, at.Shape, index)
}

// cast between real types changes nothing; integers become real only where
// they are constant.
func (c *call) cast() {
	x := c.in[0]
	to := strings.Trim(string(c.Attr["DstT"].Type), `"`)
	var number int
	if json.Unmarshal(c.Attr["DstT"].Type, &number) == nil && number > 0 {
		to = map[int]string{1: "DT_FLOAT", 2: "DT_DOUBLE", 3: "DT_INT32", 9: "DT_INT64", 19: "DT_HALF"}[number]
	}
	toFloat := to == "DT_FLOAT" || to == "DT_HALF" || to == "DT_DOUBLE"
	if !toFloat && to != "DT_INT32" && to != "DT_INT64" {
		c.Fail("DstT", "%.20q is not supported; DT_FLOAT and DT_INT32 are", to)
	}
	switch {
	case x.Const == nil && toFloat || x.Const != nil && x.Const.Type.IsFloat() == toFloat:
		c.Same(c.Name, x)
	case x.Const == nil:
		c.Fail("DstT", "a computed tensor cannot become %s", to)
	case toFloat:
		t := &nd.Tensor{Type: nd.Float32, Shape: x.Shape, F: make([]float32, len(x.Const.I))}
		for i, v := range x.Const.I {
			t.F[i] = float32(v)
		}
		c.Constant(c.Name, t)
	default:
		t := &nd.Tensor{Type: nd.Int32, Shape: x.Shape, I: make([]int64, len(x.Const.F))}
		for i, v := range x.Const.F {
			t.I[i] = nd.Wrap(nd.Int32, int64(max(min(v, math.MaxInt32), math.MinInt32)))
		}
		c.Constant(c.Name, t)
	}
}

func (c *call) split() {
	x := c.in[1]
	a, n := c.Axis("axis", int(c.Number(c.in[0], "axis")), len(x.Shape)), c.int("num_split", 0)
	if n < 1 || n > x.Shape[a] || x.Shape[a]%n != 0 {
		c.Fail("num_split", "%d parts of axis %d of %v", n, a, x.Shape)
	}
	c.parts(x, a, slices.Repeat([]int{x.Shape[a] / n}, n))
}

func (c *call) splitV() {
	x := c.in[0]
	c.parts(x, c.Axis("axis", int(c.Number(c.in[2], "axis")), len(x.Shape)), c.Integers(c.in[1], "sizes"))
}

// stridedSlice refuses the masks that change the number of axes in other ways.
func (c *call) stridedSlice() {
	for _, m := range []string{"ellipsis_mask", "new_axis_mask"} {
		if c.int(m, 0) != 0 {
			c.Fail(m, "it is not supported")
		}
	}
	c.StridedSlice(c.Name, c.in[0], tensorflow.Strides{Begin: c.Integers(c.in[1], "begin"), End: c.Integers(c.in[2], "end"), Step: c.Integers(c.in[3], "strides"),
		NoBegin: c.int("begin_mask", 0), NoEnd: c.int("end_mask", 0), Shrink: c.int("shrink_axis_mask", 0)})
}

// parts emits Split. Its first output has the node's name.
func (c *call) parts(x tensorflow.Value, axis int, sizes []int) {
	var names []string
	for i := range sizes {
		names = append(names, c.Name)
		if i > 0 {
			names[i] = nameOfOutput(c.Name, i)
		}
	}
	c.Split(names, x, axis, sizes)
}
