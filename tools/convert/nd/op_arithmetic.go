package nd

import (
	"fmt"
	"math"
	"slices"
)

// less compares integers as their type orders them: a Uint64 keeps its bits in
// an int64.
func less(t Type, a, b int64) bool {
	if t == Uint64 {
		return uint64(a) < uint64(b)
	}
	return a < b
}

// within refuses input i unless it broadcasts to a shape without growing it.
func within(c *call, i int, shape []int) error {
	out, err := broadcast(shape, c.shape(i))
	if err == nil && !slices.Equal(out, shape) {
		err = fmt.Errorf("input %q of shape %v does not broadcast to %v", c.Inputs[i], c.shape(i), shape)
	}
	return err
}

// inferPair is two inputs of one type that broadcast.
func inferPair(c *call) error {
	if err := c.same(0, 1); err != nil {
		return err
	}
	shape, err := broadcast(c.shape(0), c.shape(1))
	if err != nil {
		return err
	}
	return c.set(c.in[0].Type, shape)
}

// pair is an operator on two numbers. i is nil where ONNX has no integers.
func pair(f func(a, b float32) float32, i func(t Type, a, b int64) (int64, error)) operator {
	return operator{
		in: 2, most: 2, outs: 1,
		infer: func(c *call) error {
			if i == nil {
				if err := c.floats(0, 1); err != nil {
					return err
				}
			}
			return inferPair(c)
		},
		eval: func(c *call, y []*Tensor) error {
			if y[0].Type.IsFloat() {
				pairFloats(y[0], c.x(0), c.x(1), f)
				return nil
			}
			return pairInts(y[0], c.x(0), c.x(1), i)
		},
	}
}

func pairFloats(y, a, b *Tensor, f func(a, b float32) float32) {
	pairs(y.Shape, a.Shape, b.Shape, func(at, n, oa, sa, ob, sb int) {
		for j := range n {
			y.F[at+j] = f(a.F[oa+j*sa], b.F[ob+j*sb])
		}
	})
}

// pairInts is not fast: integers are shapes and indices. It stops at an error.
func pairInts(y, a, b *Tensor, f func(t Type, a, b int64) (int64, error)) error {
	as, bs := stretch(a.Shape, y.Shape), stretch(b.Shape, y.Shape)
	for r := range y.I {
		oa, ob, rest := 0, 0, r
		for i := len(y.Shape) - 1; i >= 0; i-- {
			j := rest % y.Shape[i]
			rest /= y.Shape[i]
			oa += j * as[i]
			ob += j * bs[i]
		}
		v, err := f(a.Type, a.I[oa], b.I[ob])
		if err != nil {
			return err
		}
		y.I[r] = Wrap(y.Type, v)
	}
	return nil
}

// exact is an integer function that cannot fail.
func exact(f func(a, b int64) int64) func(Type, int64, int64) (int64, error) {
	return func(_ Type, a, b int64) (int64, error) { return f(a, b), nil }
}

var errDivide = fmt.Errorf("an integer is divided by zero")

func divide(t Type, a, b int64) (int64, error) {
	switch {
	case b == 0:
		return 0, errDivide
	case t == Uint64:
		return int64(uint64(a) / uint64(b)), nil
	}
	return a / b, nil
}

var arithmeticOperators = map[string]operator{
	"Add": pair(func(a, b float32) float32 { return a + b }, exact(func(a, b int64) int64 { return a + b })),
	"Sub": pair(func(a, b float32) float32 { return a - b }, exact(func(a, b int64) int64 { return a - b })),
	"Mul": pair(func(a, b float32) float32 { return a * b }, exact(func(a, b int64) int64 { return a * b })),
	"Div": pair(func(a, b float32) float32 { return a / b }, divide),
	"Pow": {in: 2, most: 2, outs: 1, infer: inferPow, eval: evalPow},
	"Mod": since(10, modulo()),
}

// inferPow: the result has the type of the base, whatever the exponent's.
func inferPow(c *call) error {
	shape, err := broadcast(c.shape(0), c.shape(1))
	if err != nil {
		return err
	}
	return c.set(c.in[0].Type, shape)
}

func evalPow(c *call, y []*Tensor) error {
	a, b := asFloats(c.x(0)), asFloats(c.x(1))
	out := y[0]
	if !out.Type.IsFloat() {
		out = New(Float32, y[0].Shape)
	}
	// Squares are common (variances) and need no logarithm.
	if len(b.F) == 1 && b.F[0] == 2 {
		pairFloats(out, a, b, func(x, _ float32) float32 { return x * x })
	} else {
		pairFloats(out, a, b, func(x, e float32) float32 { return float32(math.Pow(float64(x), float64(e))) })
	}
	if out != y[0] {
		for i, v := range out.F {
			y[0].I[i] = toInt(y[0].Type, v)
		}
	}
	return nil
}

// asFloats is a tensor as float32, itself if it is.
func asFloats(t *Tensor) *Tensor {
	if t.Type.IsFloat() {
		return t
	}
	f := New(Float32, t.Shape)
	for i, v := range t.I {
		if t.Type == Uint64 {
			f.F[i] = float32(uint64(v))
		} else {
			f.F[i] = float32(v)
		}
	}
	return f
}

// modulo has the divisor's sign for integers, and with fmod the dividend's.
func modulo() operator {
	fmod := func(c *call) bool { return c.attrInt("fmod", 0) != 0 }
	return operator{
		attrs: "fmod", in: 2, most: 2, outs: 1,
		infer: func(c *call) error {
			if c.in[0].Type.IsFloat() && !fmod(c) {
				return fmt.Errorf("floating-point numbers need fmod=1")
			}
			return inferPair(c)
		},
		eval: func(c *call, y []*Tensor) error {
			if y[0].Type.IsFloat() {
				pairFloats(y[0], c.x(0), c.x(1), func(a, b float32) float32 { return float32(math.Mod(float64(a), float64(b))) })
				return nil
			}
			likeC := fmod(c)
			return pairInts(y[0], c.x(0), c.x(1), func(t Type, a, b int64) (int64, error) {
				switch {
				case b == 0:
					return 0, errDivide
				case t == Uint64:
					return int64(uint64(a) % uint64(b)), nil
				}
				r := a % b
				if !likeC && r != 0 && (r < 0) != (b < 0) {
					r += b
				}
				return r, nil
			})
		},
	}
}
