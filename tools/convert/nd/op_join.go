package nd

import "fmt"

var joinOperators = map[string]operator{
	"Concat": {attrs: "axis", in: 1, most: many, outs: 1, infer: inferConcat, eval: evalConcat},
	"Split":  {attrs: "axis split<13 num_outputs", in: 1, most: 2, outs: many, infer: inferSplit, eval: evalSplit},
}

func inferConcat(c *call) error {
	if _, ok := c.Attrs["axis"]; !ok {
		return fmt.Errorf("axis is missing")
	}
	x := c.shape(0)
	a, err := axis(c.attrInt("axis", 0), len(x))
	if err != nil {
		return err
	}
	shape := append([]int{}, x...)
	for i := 1; i < len(c.in); i++ {
		if !c.has(i) {
			return c.lacking("an absent input is")
		}
		if err := c.same(0, i); err != nil {
			return err
		}
		s := c.shape(i)
		fits := len(s) == len(x)
		for j := range x {
			fits = fits && (j == a || s[j] == x[j])
		}
		if !fits {
			return fmt.Errorf("shapes %v and %v cannot be joined along axis %d", x, s, a)
		}
		shape[a] += s[a]
	}
	return c.set(c.in[0].Type, shape)
}

func evalConcat(c *call, y []*Tensor) error {
	a, _ := axis(c.attrInt("axis", 0), len(y[0].Shape))
	b := alongAxis(y[0].Shape, a)
	at := 0
	for i := range c.in {
		n := alongAxis(c.shape(i), a).n
		blocks(y[0], c.x(i), b.outer, n, at, b.n, 0, n)
		at += n
	}
	return nil
}

// inferSplit: the sizes of the parts are given (an attribute before operator
// set 13, then an input), or equal but for a smaller last.
func inferSplit(c *call) error {
	x := c.shape(0)
	a, err := axis(c.attrInt("axis", 0), len(x))
	if err != nil {
		return err
	}
	parts := c.attrInts("split")
	if c.opset < 13 && len(c.in) > 1 {
		return c.lacking("split as an input before operator set 13 is")
	}
	if parts == nil {
		if parts, err = c.constInts(1); err != nil {
			return err
		}
	}
	n := len(c.out)
	if parts == nil {
		if c.attrInt("num_outputs", n) != n {
			return fmt.Errorf("num_outputs %d contradicts %d outputs", c.attrInt("num_outputs", n), n)
		}
		each := (x[a] + n - 1) / n
		left := x[a]
		for range n {
			parts = append(parts, min(each, left))
			left -= parts[len(parts)-1]
		}
	}
	sum := 0
	for _, p := range parts {
		if p < 0 || p > x[a] {
			return fmt.Errorf("split %v does not fit %d", parts, x[a])
		}
		sum += p
	}
	if len(parts) != n || sum != x[a] {
		return fmt.Errorf("split %v does not fit %d in %d outputs", parts, x[a], n)
	}
	for i, p := range parts {
		shape := append([]int{}, x...)
		shape[a] = p
		c.out[i] = Info{Type: c.in[0].Type, Shape: shape}
	}
	return nil
}

func evalSplit(c *call, y []*Tensor) error {
	x := c.x(0)
	a, _ := axis(c.attrInt("axis", 0), len(x.Shape))
	b := alongAxis(x.Shape, a)
	at := 0
	for _, part := range y {
		n := alongAxis(part.Shape, a).n
		blocks(part, x, b.outer, n, 0, n, at, b.n)
		at += n
	}
	return nil
}
