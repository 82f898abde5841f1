package nd

import (
	"fmt"
	"slices"
)

// Operators that give the same numbers another shape.
var reshapeOperators = map[string]operator{
	"Reshape":   {attrs: "allowzero", in: 2, most: 2, outs: 1, infer: inferReshape, eval: evalSame},
	"Flatten":   {attrs: "axis", in: 1, most: 1, outs: 1, infer: inferFlatten, eval: evalSame},
	"Squeeze":   {attrs: "axes<13", in: 1, most: 2, outs: 1, infer: inferSqueeze, eval: evalSame},
	"Unsqueeze": {attrs: "axes<13", in: 1, most: 2, outs: 1, infer: inferUnsqueeze, eval: evalSame},
	"Identity": {in: 1, most: 1, outs: 1, eval: evalSame, infer: func(c *call) error {
		return c.set(c.in[0].Type, c.shape(0))
	}},
	"Dropout": {attrs: "ratio<12 seed", in: 1, most: 3, outs: 2, infer: inferDropout, eval: evalDropout, note: "passes its input on; training is refused"},
}

func evalSame(c *call, y []*Tensor) error {
	duplicate(y[0], c.x(0))
	return nil
}

// inferReshape: 0 keeps a dimension (unless allowzero), one -1 takes what is
// left.
func inferReshape(c *call) error {
	shape, err := c.constInts(1)
	if err != nil {
		return err
	}
	x, zero := c.shape(0), c.attrInt("allowzero", 0) != 0
	wrong := fmt.Errorf("shape %v does not fit an input of shape %v", shape, x)
	shape = slices.Clone(shape)
	free, n := -1, 1
	for i, d := range shape {
		switch {
		case d == 0 && !zero:
			if i >= len(x) {
				return wrong
			}
			shape[i] = x[i]
		case d == -1 && free < 0:
			free = i
			continue
		case d < 0:
			return wrong
		}
		if n = Elems([]int{n, shape[i]}); n < 0 {
			return wrong
		}
	}
	have := Elems(x)
	if free >= 0 {
		if n == 0 || have%n != 0 {
			return wrong
		}
		shape[free] = have / n
		n = have
	}
	if n != have {
		return wrong
	}
	return c.set(c.in[0].Type, shape)
}

func inferFlatten(c *call) error {
	x := c.shape(0)
	a := c.attrInt("axis", 1)
	if a != len(x) {
		var err error
		if a, err = axis(a, len(x)); err != nil {
			return err
		}
	}
	b := alongAxis(x, a)
	return c.set(c.in[0].Type, []int{b.outer, b.n})
}

// axesOf are those of Squeeze and Unsqueeze, which became an input in 13.
func axesOf(c *call) ([]int, error) {
	if c.opset >= 13 {
		return c.constInts(1)
	}
	if len(c.in) > 1 {
		return nil, c.lacking("axes as an input before operator set 13 are")
	}
	return c.attrInts("axes"), nil
}

func inferSqueeze(c *call) error {
	list, err := axesOf(c)
	if err != nil {
		return err
	}
	x := c.shape(0)
	if list, err = axes(list, len(x)); err != nil {
		return err
	}
	shape := []int{}
	for i, d := range x {
		named := slices.Contains(list, i)
		if named && d != 1 {
			return fmt.Errorf("axis %d of %v is not 1", i, x)
		}
		if !named && (len(list) > 0 || d != 1) {
			shape = append(shape, d)
		}
	}
	return c.set(c.in[0].Type, shape)
}

func inferUnsqueeze(c *call) error {
	list, err := axesOf(c)
	if err != nil {
		return err
	}
	if list == nil {
		return fmt.Errorf("axes are missing")
	}
	x := c.shape(0)
	rank := len(x) + len(list)
	if list, err = axes(list, rank); err != nil {
		return err
	}
	shape := make([]int, 0, rank)
	for i := range rank {
		if slices.Contains(list, i) {
			shape = append(shape, 1)
		} else {
			shape = append(shape, x[0])
			x = x[1:]
		}
	}
	return c.set(c.in[0].Type, shape)
}

// inferDropout: the mask was of the input's type before operator set 10.
func inferDropout(c *call) error {
	c.attrFloat("ratio", 0)
	c.attrInt("seed", 0)
	if c.opset < 12 && len(c.in) > 1 {
		return c.lacking("ratio as an input before operator set 12 is")
	}
	if c.has(2) {
		t, err := c.constant(2)
		if err != nil {
			return err
		}
		if t.Type != Bool || len(t.I) != 1 {
			return fmt.Errorf("input %q should be one truth value", c.Inputs[2])
		}
		if t.I[0] != 0 {
			return c.lacking("training_mode is")
		}
	}
	if len(c.out) > 1 {
		c.out[1] = Info{Type: Bool, Shape: c.shape(0)}
		if c.opset < 10 {
			c.out[1].Type = c.in[0].Type
		}
	}
	return c.set(c.in[0].Type, c.shape(0))
}

func evalDropout(c *call, y []*Tensor) error {
	duplicate(y[0], c.x(0))
	if len(y) > 1 {
		for i := range y[1].F {
			y[1].F[i] = 1
		}
		for i := range y[1].I {
			y[1].I[i] = 1
		}
	}
	return nil
}
