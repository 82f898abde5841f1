package nd

import "fmt"

// compare is an operator on two numbers of one type with a truth value.
func compare(f func(a, b float32) bool, i func(t Type, a, b int64) bool) operator {
	return operator{
		in: 2, most: 2, outs: 1,
		infer: func(c *call) error {
			err := inferPair(c)
			c.out[0].Type = Bool
			return err
		},
		eval: func(c *call, y []*Tensor) error {
			a, b := c.x(0), c.x(1)
			if !a.Type.IsFloat() {
				return pairInts(y[0], a, b, func(t Type, a, b int64) (int64, error) { return truth(i(t, a, b)), nil })
			}
			pairs(y[0].Shape, a.Shape, b.Shape, func(at, n, oa, sa, ob, sb int) {
				for j := range n {
					y[0].I[at+j] = truth(f(a.F[oa+j*sa], b.F[ob+j*sb]))
				}
			})
			return nil
		},
	}
}

func truth(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// logic is an operator on two truth values.
func logic(f func(a, b bool) bool) operator {
	op := compare(nil, func(_ Type, a, b int64) bool { return f(a != 0, b != 0) })
	infer := op.infer
	op.infer = func(c *call) error {
		for i := range 2 {
			if err := c.bool(i); err != nil {
				return err
			}
		}
		return infer(c)
	}
	return op
}

func (c *call) bool(i int) error {
	if c.in[i].Type != Bool {
		return fmt.Errorf("input %q is %s instead of bool", c.Inputs[i], c.in[i].Type)
	}
	return nil
}

var compareOperators = map[string]operator{
	"Equal":          compare(func(a, b float32) bool { return a == b }, func(_ Type, a, b int64) bool { return a == b }),
	"Less":           compare(func(a, b float32) bool { return a < b }, less),
	"Greater":        compare(func(a, b float32) bool { return a > b }, func(t Type, a, b int64) bool { return less(t, b, a) }),
	"LessOrEqual":    since(12, compare(func(a, b float32) bool { return a <= b }, func(t Type, a, b int64) bool { return !less(t, b, a) })),
	"GreaterOrEqual": since(12, compare(func(a, b float32) bool { return a >= b }, func(t Type, a, b int64) bool { return !less(t, a, b) })),
	"And":            logic(func(a, b bool) bool { return a && b }),
	"Or":             logic(func(a, b bool) bool { return a || b }),
	"Xor":            logic(func(a, b bool) bool { return a != b }),
	"Not": {in: 1, most: 1, outs: 1,
		infer: func(c *call) error {
			if err := c.bool(0); err != nil {
				return err
			}
			return c.set(Bool, c.shape(0))
		},
		eval: func(c *call, y []*Tensor) error {
			for i, v := range c.x(0).I {
				y[0].I[i] = 1 - v
			}
			return nil
		}},
	"Where": since(9, operator{in: 3, most: 3, outs: 1, infer: inferWhere, eval: evalWhere}),
}

// inferWhere: output = condition ? x : y, all three broadcast.
func inferWhere(c *call) error {
	if err := c.bool(0); err != nil {
		return err
	}
	if err := c.same(1, 2); err != nil {
		return err
	}
	shape, err := broadcast(c.shape(0), c.shape(1), c.shape(2))
	if err != nil {
		return err
	}
	return c.set(c.in[1].Type, shape)
}

func evalWhere(c *call, y []*Tensor) error {
	cond := New(Bool, y[0].Shape)
	expand(cond, c.x(0))
	a, b := New(y[0].Type, y[0].Shape), y[0]
	expand(a, c.x(1))
	expand(b, c.x(2))
	for i, v := range cond.I {
		switch {
		case v == 0:
		case b.Type.IsFloat():
			b.F[i] = a.F[i]
		default:
			b.I[i] = a.I[i]
		}
	}
	return nil
}
