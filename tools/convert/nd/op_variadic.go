package nd

import "math"

// variadic folds any number of inputs that broadcast; finish sees the count.
func variadic(f func(a, b float32) float32, i func(t Type, a, b int64) (int64, error), mean bool) operator {
	return operator{
		in: 1, most: many, outs: 1,
		infer: func(c *call) error {
			var shapes [][]int
			for j, in := range c.in {
				if in == nil {
					return c.lacking("an absent input is")
				}
				if err := c.same(0, j); err != nil {
					return err
				}
				shapes = append(shapes, in.Shape)
			}
			if i == nil {
				if err := c.floats(0); err != nil {
					return err
				}
			}
			shape, err := broadcast(shapes...)
			if err != nil {
				return err
			}
			return c.set(c.in[0].Type, shape)
		},
		eval: func(c *call, y []*Tensor) error {
			expand(y[0], c.x(0))
			for j := 1; j < len(c.in); j++ {
				if y[0].Type.IsFloat() {
					pairFloats(y[0], y[0], c.x(j), f)
				} else if err := pairInts(y[0], y[0], c.x(j), i); err != nil {
					return err
				}
			}
			if mean {
				for j := range y[0].F {
					y[0].F[j] /= float32(len(c.in))
				}
			}
			return nil
		},
	}
}

var variadicOperators = map[string]operator{
	"Sum":  variadic(func(a, b float32) float32 { return a + b }, nil, false),
	"Mean": variadic(func(a, b float32) float32 { return a + b }, nil, true),
	"Max": variadic(func(a, b float32) float32 { return float32(math.Max(float64(a), float64(b))) },
		func(t Type, a, b int64) (int64, error) {
			if less(t, a, b) {
				return b, nil
			}
			return a, nil
		}, false),
	"Min": variadic(func(a, b float32) float32 { return float32(math.Min(float64(a), float64(b))) },
		func(t Type, a, b int64) (int64, error) {
			if less(t, b, a) {
				return b, nil
			}
			return a, nil
		}, false),
}
