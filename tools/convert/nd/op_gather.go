package nd

import "fmt"

var gatherOperators = map[string]operator{
	"Gather": {attrs: "axis", in: 2, most: 2, outs: 1, infer: inferGather, eval: evalGather},
}

// inferGather: the axis is replaced by the axes of the indices.
func inferGather(c *call) error {
	if err := c.ints(1); err != nil {
		return err
	}
	x := c.shape(0)
	a, err := axis(c.attrInt("axis", 0), len(x))
	if err != nil {
		return err
	}
	shape := append([]int{}, x[:a]...)
	shape = append(shape, c.shape(1)...)
	return c.set(c.in[0].Type, append(shape, x[a+1:]...))
}

func evalGather(c *call, y []*Tensor) error {
	x, index := c.x(0), c.x(1).I
	a, _ := axis(c.attrInt("axis", 0), len(x.Shape))
	b := alongAxis(x.Shape, a)
	if b.outer == 0 || len(index) == 0 {
		return nil
	}
	d := x.Shape[a]
	for i, v := range index {
		if v < int64(-d) || v >= int64(d) {
			return fmt.Errorf("index %d is outside the %d of axis %d", v, d, a)
		}
		if v < 0 {
			v += int64(d)
		}
		inner := b.n / d
		blocks(y[0], x, b.outer, inner, i*inner, len(index)*inner, int(v)*inner, b.n)
	}
	return nil
}
