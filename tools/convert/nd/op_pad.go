package nd

import "fmt"

var padOperators = map[string]operator{
	"Pad": {attrs: "mode pads<11 value<11", in: 1, most: 4, outs: 1, infer: inferPad, eval: evalPad},
}

// padding is what goes before and after each axis; negative cuts.
type padding struct{ before, after []int }

func resolvePad(c *call) (p padding, err error) {
	rank := len(c.shape(0))
	list := c.attrInts("pads")
	if c.opset >= 11 {
		if list, err = c.constInts(1); err != nil {
			return p, err
		}
	} else if len(c.in) > 1 {
		return p, c.lacking("pads as an input before operator set 11 are")
	}
	to, err := c.constInts(3)
	if err != nil {
		return p, err
	}
	if to == nil {
		for i := range rank {
			to = append(to, i)
		}
	}
	if to, err = axes(to, rank); err != nil {
		return p, err
	}
	if len(list) != 2*len(to) {
		return p, fmt.Errorf("pads %v do not fit %d axes", list, len(to))
	}
	p = padding{make([]int, rank), make([]int, rank)}
	for i, a := range to {
		p.before[a], p.after[a] = list[i], list[len(to)+i]
		if max(list[i], -list[i], list[len(to)+i], -list[len(to)+i]) > maxStep {
			return p, fmt.Errorf("pads %v are outside -%d to %d", list, maxStep, maxStep)
		}
	}
	return p, nil
}

func inferPad(c *call) error {
	p, err := resolvePad(c)
	if err != nil {
		return err
	}
	mode := c.attrString("mode", "constant")
	switch {
	case mode == "constant", mode == "edge", mode == "reflect":
	case mode == "wrap" && c.opset >= 19:
	default:
		return c.unsupported("mode")
	}
	c.attrFloat("value", 0)
	if c.has(2) {
		if err := c.single(2); err != nil {
			return err
		}
		if err := c.same(0, 2); err != nil {
			return err
		}
	}
	shape := make([]int, len(p.before))
	for i, d := range c.shape(0) {
		shape[i] = d + p.before[i] + p.after[i]
		if shape[i] < 0 {
			return fmt.Errorf("pads %d and %d cut more than the %d of axis %d", p.before[i], p.after[i], d, i)
		}
		if d == 0 && shape[i] > 0 && mode != "constant" {
			return fmt.Errorf("axis %d is empty and cannot be padded by mode %q", i, mode)
		}
	}
	return c.set(c.in[0].Type, shape)
}

func evalPad(c *call, y []*Tensor) error {
	p, err := resolvePad(c)
	if err != nil {
		return err
	}
	x, mode := c.x(0), c.attrString("mode", "constant")
	maps := make([][]int, len(x.Shape))
	for i, d := range x.Shape {
		maps[i] = make([]int, y[0].Shape[i])
		for j := range maps[i] {
			maps[i][j] = source(j-p.before[i], d, mode)
		}
	}
	if mode == "constant" {
		fill := c.attrFloat("value", 0)
		if t := c.x(2); t != nil && t.F != nil {
			fill = t.F[0]
		}
		for i := range y[0].F {
			y[0].F[i] = fill
		}
		if t := c.x(2); t != nil && t.I != nil {
			for i := range y[0].I {
				y[0].I[i] = t.I[0]
			}
		}
	}
	pick(y[0], x, maps)
	return nil
}

// source is the index in 0..n that padding puts at i, or -1 for the constant.
func source(i, n int, mode string) int {
	if i >= 0 && i < n {
		return i
	}
	switch mode {
	case "edge":
		return min(max(i, 0), n-1)
	case "wrap":
		return (i%n + n) % n
	case "reflect": // without repeating the border
		if n == 1 {
			return 0
		}
		turn := 2 * (n - 1)
		i = (i%turn + turn) % turn
		return min(i, turn-i)
	}
	return -1
}
