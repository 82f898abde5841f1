package nd

import (
	"fmt"
	"math"
)

var castOperators = map[string]operator{
	"Cast":     {attrs: "to saturate", in: 1, most: 1, outs: 1, infer: inferCast, eval: evalCast, note: "numbers and truth values"},
	"CastLike": {attrs: "saturate", in: 2, most: 2, outs: 1, from: 15, eval: evalCast, infer: func(c *call) error { return c.set(c.in[1].Type, c.shape(0)) }},
}

// dataTypes are ONNX's numbers for element types.
var dataTypes = map[int]Type{1: Float32, 2: Uint8, 3: Int8, 4: Uint16, 5: Int16, 6: Int32, 7: Int64, 9: Bool,
	10: Float16, 11: Float64, 12: Uint32, 13: Uint64, 16: BFloat16}

func inferCast(c *call) error {
	if _, ok := c.Attrs["to"]; !ok {
		return fmt.Errorf("to is missing")
	}
	to, ok := dataTypes[c.attrInt("to", 1)]
	if !ok {
		return c.unsupported("to")
	}
	return c.set(to, c.shape(0))
}

func evalCast(c *call, y []*Tensor) error {
	x, out := c.x(0), y[0]
	switch {
	case x.Type.IsFloat() && out.Type.IsFloat():
		for i, v := range x.F {
			out.F[i] = round(out.Type, v)
		}
	case x.Type.IsFloat():
		for i, v := range x.F {
			out.I[i] = toInt(out.Type, v)
		}
	case out.Type.IsFloat():
		for i, v := range asFloats(x).F {
			out.F[i] = round(out.Type, v)
		}
	default:
		for i, v := range x.I {
			out.I[i] = Wrap(out.Type, v)
		}
	}
	return nil
}

// round keeps of a number what its type can hold. Float64 is held as float32.
func round(t Type, v float32) float32 {
	switch t {
	case Float16:
		return Half(ToHalf(v))
	case BFloat16:
		return BFloat(ToBFloat(v))
	}
	return v
}

// toInt cuts off the fraction. Numbers out of range wrap around, NaN is 0.
func toInt(t Type, v float32) int64 {
	switch {
	case t == Bool:
		return truth(v != 0)
	case v != v:
		return 0
	case t == Uint64 && v >= 1<<63:
		return int64(uint64(min(float64(v), math.Nextafter(1<<64, 0))))
	}
	return Wrap(t, int64(min(max(float64(v), -1<<63), math.Nextafter(1<<63, 0))))
}
