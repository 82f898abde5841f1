package nd

import "fmt"

var argOperators = map[string]operator{
	"ArgMax": arg(func(a, b float32) bool { return a > b }, func(t Type, a, b int64) bool { return less(t, b, a) }),
	"ArgMin": arg(func(a, b float32) bool { return a < b }, less),
}

// arg finds where along an axis the best number lies: the first of equals, or
// with select_last_index the last.
func arg(better func(a, b float32) bool, betterInt func(t Type, a, b int64) bool) operator {
	return operator{
		attrs: "axis keepdims select_last_index", in: 1, most: 1, outs: 1,
		infer: func(c *call) error {
			c.attrInt("select_last_index", 0)
			x := c.shape(0)
			a, err := axis(c.attrInt("axis", 0), len(x))
			if err != nil {
				return err
			}
			if x[a] == 0 {
				return fmt.Errorf("axis %d of input %q of shape %v is empty", a, c.Inputs[0], x)
			}
			shape := append([]int{}, x[:a]...)
			if c.attrInt("keepdims", 1) != 0 {
				shape = append(shape, 1)
			}
			return c.set(Int64, append(shape, x[a+1:]...))
		},
		eval: func(c *call, y []*Tensor) error {
			x := c.x(0)
			a, _ := axis(c.attrInt("axis", 0), len(x.Shape))
			n := x.Shape[a]
			inner := alongAxis(x.Shape, a).n / n
			last := c.attrInt("select_last_index", 0) != 0
			for r := range y[0].I {
				at, best := r/inner*inner*n+r%inner, 0
				for i := 1; i < n; i++ {
					p, q := at+i*inner, at+best*inner // new and old
					var wins, loses bool
					if x.Type.IsFloat() {
						wins, loses = better(x.F[p], x.F[q]), better(x.F[q], x.F[p])
					} else {
						wins, loses = betterInt(x.Type, x.I[p], x.I[q]), betterInt(x.Type, x.I[q], x.I[p])
					}
					if wins || last && !loses {
						best = i
					}
				}
				y[0].I[r] = int64(best)
			}
			return nil
		},
	}
}
