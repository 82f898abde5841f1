package nd

import (
	"fmt"
	"math"
)

var quantiseOperators = map[string]operator{
	"QuantizeLinear": {attrs: "axis block_size output_dtype saturate", in: 2, most: 3, outs: 1, from: 10,
		infer: inferQuantize, eval: evalQuantize, note: "to 8 and 16 bits, without block_size"},
	"DequantizeLinear": {attrs: "axis block_size", in: 2, most: 3, outs: 1, from: 10,
		infer: inferDequantize, eval: evalDequantize, note: "without block_size"},
	"DynamicQuantizeLinear": {in: 1, most: 1, outs: 3, from: 11, infer: inferDynamicQuantize, eval: evalDynamicQuantize},
}

// limits are the least and greatest number of an integer type of 8 or 16 bits.
func limits(t Type) (lo, hi int64, ok bool) {
	switch t {
	case Int8:
		return math.MinInt8, math.MaxInt8, true
	case Uint8:
		return 0, math.MaxUint8, true
	case Int16:
		return math.MinInt16, math.MaxInt16, true
	case Uint16:
		return 0, math.MaxUint16, true
	}
	return 0, 0, false
}

// perAxis checks scale (input s) and zero point (s+1) of input i: one number,
// or one for each index along an axis.
func (c *call) perAxis(i, s int) error {
	if c.attrInt("block_size", 0) != 0 {
		return c.unsupported("block_size")
	}
	if err := c.floats(s); err != nil {
		return err
	}
	if n := Elems(c.shape(s)); n != 1 {
		a, err := axis(c.attrInt("axis", 1), len(c.shape(i)))
		if err != nil {
			return err
		}
		if err := c.vector(s, c.shape(i)[a]); err != nil {
			return err
		}
	}
	if c.has(s+1) && Elems(c.shape(s+1)) != Elems(c.shape(s)) {
		return fmt.Errorf("scale of shape %v and zero point of shape %v do not agree", c.shape(s), c.shape(s+1))
	}
	return nil
}

// levels is a quantisation: real = (q - zero) * scale. Scale and zero hold one
// number, or one for each index along an axis.
type levels struct {
	scale *Tensor
	zero  *Tensor // nil: 0
	axis  int
}

func (c *call) levels(s, axisOf int) levels {
	l := levels{scale: c.x(s), zero: c.x(s + 1)}
	if a, err := axis(c.attrInt("axis", 1), axisOf); err == nil {
		l.axis = a
	}
	return l
}

// each visits the numbers of a shape with their scale and zero point.
func (l levels) each(shape []int, visit func(i int, scale float32, zero int64)) {
	inner := 1
	if len(l.scale.F) > 1 {
		inner = alongAxis(shape, l.axis+1).n
	}
	n := max(len(l.scale.F), 1)
	for i := range Elems(shape) {
		ch := i / inner % n
		zero := int64(0)
		if l.zero != nil {
			zero = l.zero.I[ch]
		}
		visit(i, l.scale.F[ch], zero)
	}
}

// quantise: q = saturate(round(x / scale) + zero), halves to even.
func (l levels) quantise(y, x *Tensor) {
	lo, hi, _ := limits(y.Type)
	l.each(x.Shape, func(i int, scale float32, zero int64) {
		q := math.RoundToEven(float64(x.F[i]/scale)) + float64(zero)
		if q != q {
			q = 0
		}
		y.I[i] = int64(min(max(q, float64(lo)), float64(hi)))
	})
}

// dequantise: x = (q - zero) * scale.
func (l levels) dequantise(y, q *Tensor) {
	l.each(q.Shape, func(i int, scale float32, zero int64) { y.F[i] = float32(q.I[i]-zero) * scale })
}

func inferQuantize(c *call) error {
	if err := c.floats(0); err != nil { // int32 is possible and rare
		return err
	}
	if err := c.perAxis(0, 1); err != nil {
		return err
	}
	c.attrInt("saturate", 1)
	to := Uint8
	if n := c.attrInt("output_dtype", 0); n != 0 {
		var ok bool
		if to, ok = dataTypes[n]; !ok {
			return c.unsupported("output_dtype")
		}
	}
	if c.has(2) {
		if c.attrInt("output_dtype", 0) != 0 && to != c.in[2].Type {
			return fmt.Errorf("output_dtype %s contradicts a zero point of %s", to, c.in[2].Type)
		}
		to = c.in[2].Type
	}
	if _, _, ok := limits(to); !ok {
		return c.lacking("quantising to %s is", to)
	}
	return c.set(to, c.shape(0))
}

func evalQuantize(c *call, y []*Tensor) error {
	c.levels(1, len(c.shape(0))).quantise(y[0], c.x(0))
	return nil
}

func inferDequantize(c *call) error {
	if err := c.ints(0, 2); err != nil {
		return err
	}
	if c.has(2) {
		if err := c.same(0, 2); err != nil {
			return err
		}
	}
	if err := c.perAxis(0, 1); err != nil {
		return err
	}
	return c.set(c.in[1].Type, c.shape(0))
}

func evalDequantize(c *call, y []*Tensor) error {
	c.levels(1, len(c.shape(0))).dequantise(y[0], c.x(0))
	return nil
}

func inferDynamicQuantize(c *call) error {
	for i := 1; i < len(c.out); i++ {
		c.out[i] = Info{Type: []Type{Uint8, Float32, Uint8}[i], Shape: []int{}}
	}
	if err := c.floats(0); err != nil {
		return err
	}
	return c.set(Uint8, c.shape(0))
}

// evalDynamicQuantize covers the numbers and 0 with 256 levels.
func evalDynamicQuantize(c *call, y []*Tensor) error {
	x := c.x(0)
	lo, hi := float32(0), float32(0)
	for _, v := range x.F {
		lo, hi = min(lo, v), max(hi, v)
	}
	l := levels{scale: New(Float32, []int{}), zero: New(Uint8, []int{})}
	if scale := (hi - lo) / 255; scale > 0 {
		l.scale.F[0] = scale
		l.zero.I[0] = int64(math.RoundToEven(min(max(float64(-lo/scale), 0), 255)))
	} else {
		l.scale.F[0] = 1
	}
	l.quantise(y[0], x)
	if len(y) > 1 {
		duplicate(y[1], l.scale)
	}
	if len(y) > 2 {
		duplicate(y[2], l.zero)
	}
	return nil
}
