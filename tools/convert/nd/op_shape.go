package nd

import (
	"fmt"
	"math"
)

// Operators that make numbers from nothing or from shapes.
var shapeOperators = map[string]operator{
	"Constant": {attrs: "value value_float value_floats value_int value_ints", outs: 1, infer: inferConstant, eval: nothing},
	"ConstantOfShape": {attrs: "value", in: 1, most: 1, outs: 1, from: 9,
		infer: inferConstantOfShape, eval: evalConstantOfShape},
	"Shape": {attrs: "start end", in: 1, most: 1, outs: 1, infer: inferShape, eval: nothing},
	"Size": {in: 1, most: 1, outs: 1, eval: nothing, infer: func(c *call) error {
		c.value(&Tensor{Type: Int64, Shape: []int{}, I: []int64{int64(Elems(c.shape(0)))}})
		return nil
	}},
	"Range": {in: 3, most: 3, outs: 1, from: 11, infer: inferRange, eval: evalRange},
}

// nothing is left to do where infer found the value.
func nothing(*call, []*Tensor) error { return nil }

// value sets output 0 to what infer already knows.
func (c *call) value(t *Tensor) { c.out[0] = Info{t.Type, t.Shape, t} }

func inferConstant(c *call) error {
	if len(c.Attrs) != 1 {
		return fmt.Errorf("it should have one value, not %d", len(c.Attrs))
	}
	var t *Tensor
	for name := range c.Attrs {
		switch name {
		case "value":
			a, _ := c.attr(name, KindTensor)
			t = a.Tensor
		case "value_float":
			t = &Tensor{Type: Float32, Shape: []int{}, F: []float32{c.attrFloat(name, 0)}}
		case "value_floats":
			v := c.attrFloats(name)
			t = &Tensor{Type: Float32, Shape: []int{len(v)}, F: v}
		case "value_int":
			t = &Tensor{Type: Int64, Shape: []int{}, I: []int64{int64(c.attrInt(name, 0))}}
		case "value_ints":
			a, _ := c.attr(name, KindInts)
			t = &Tensor{Type: Int64, Shape: []int{len(a.Ints)}, I: a.Ints}
		}
	}
	if c.err != nil {
		return c.err
	}
	if err := t.check(); err != nil {
		return err
	}
	c.value(t)
	return nil
}

func inferConstantOfShape(c *call) error {
	shape, err := c.constInts(0)
	if err != nil {
		return err
	}
	typ := Float32
	if a, ok := c.attr("value", KindTensor); ok {
		if err := a.Tensor.check(); err != nil {
			return err
		}
		if Elems(a.Tensor.Shape) != 1 {
			return fmt.Errorf("value has shape %v instead of [1]", a.Tensor.Shape)
		}
		typ = a.Tensor.Type
	}
	return c.set(typ, shape)
}

func evalConstantOfShape(c *call, y []*Tensor) error {
	a, ok := c.attr("value", KindTensor)
	if !ok {
		return nil
	}
	for i := range y[0].F {
		y[0].F[i] = a.Tensor.F[0]
	}
	for i := range y[0].I {
		y[0].I[i] = a.Tensor.I[0]
	}
	return nil
}

// inferShape: bounds that reach outside are cut.
func inferShape(c *call) error {
	rank := len(c.shape(0))
	bound := func(v int) int {
		if v < 0 {
			v += rank
		}
		return min(max(v, 0), rank)
	}
	from, to := bound(c.attrInt("start", 0)), bound(c.attrInt("end", rank))
	t := &Tensor{Type: Int64, Shape: []int{max(to-from, 0)}, I: []int64{}}
	for i := from; i < to; i++ {
		t.I = append(t.I, int64(c.shape(0)[i]))
	}
	c.value(t)
	return nil
}

// inferRange: start, limit, delta.
func inferRange(c *call) error {
	if err := c.same(0, 1, 2); err != nil {
		return err
	}
	var f [3]float64
	for i := range f {
		t, err := c.constant(i)
		if err != nil {
			return err
		}
		if err := c.single(i); err != nil {
			return err
		}
		f[i] = float64(asFloats(t).F[0])
		if !t.Type.IsFloat() {
			f[i] = float64(t.I[0])
		}
	}
	n := math.Ceil((f[1] - f[0]) / f[2])
	if !(n <= MaxElems) { // also NaN, of a delta of 0
		return fmt.Errorf("the numbers from %v to %v in steps of %v are too many", f[0], f[1], f[2])
	}
	return c.set(c.in[0].Type, []int{int(max(n, 0))})
}

func evalRange(c *call, y []*Tensor) error {
	if y[0].Type.IsFloat() {
		from, step := c.x(0).F[0], c.x(2).F[0]
		for i := range y[0].F {
			y[0].F[i] = from + float32(float32(i)*step)
		}
		return nil
	}
	for i := range y[0].I {
		y[0].I[i] = Wrap(y[0].Type, c.x(0).I[0]+int64(i)*c.x(2).I[0])
	}
	return nil
}
