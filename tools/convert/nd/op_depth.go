package nd

import "fmt"

var depthOperators = map[string]operator{
	"DepthToSpace": {attrs: "blocksize mode", in: 1, most: 1, outs: 1, infer: inferDepthToSpace, eval: evalDepthToSpace},
	"SpaceToDepth": {attrs: "blocksize", in: 1, most: 1, outs: 1, infer: inferSpaceToDepth, eval: evalSpaceToDepth},
}

func (c *call) blocksize() (int, error) {
	if err := c.rank(0, 4, 4); err != nil {
		return 0, err
	}
	b := c.attrInt("blocksize", 0)
	if b < 1 || b > maxStep {
		return 0, fmt.Errorf("blocksize %d is outside 1 to %d", b, maxStep)
	}
	return b, nil
}

func inferDepthToSpace(c *call) error {
	b, err := c.blocksize()
	if err != nil {
		return err
	}
	if m := c.attrString("mode", "DCR"); m != "DCR" && m != "CRD" {
		return c.unsupported("mode")
	}
	x := c.shape(0)
	if x[1]%(b*b) != 0 {
		return fmt.Errorf("%d channels are no multiple of blocksize %d squared", x[1], b)
	}
	return c.set(c.in[0].Type, []int{x[0], x[1] / (b * b), x[2] * b, x[3] * b})
}

// evalDepthToSpace is a transposition between two shapes: channels are
// [b][b][depth] (DCR) or [depth][b][b] (CRD).
func evalDepthToSpace(c *call, y []*Tensor) error {
	b, _ := c.blocksize()
	x := c.shape(0)
	d := x[1] / (b * b)
	split, perm := []int{x[0], b, b, d, x[2], x[3]}, []int{0, 3, 4, 1, 5, 2}
	if c.attrString("mode", "DCR") == "CRD" {
		split, perm = []int{x[0], d, b, b, x[2], x[3]}, []int{0, 1, 4, 2, 5, 3}
	}
	regroup(y[0], c.x(0), split, perm)
	return nil
}

func inferSpaceToDepth(c *call) error {
	b, err := c.blocksize()
	if err != nil {
		return err
	}
	x := c.shape(0)
	if x[2]%b != 0 || x[3]%b != 0 {
		return fmt.Errorf("input of shape %v is no multiple of blocksize %d", x, b)
	}
	return c.set(c.in[0].Type, []int{x[0], Elems([]int{x[1], b, b}), x[2] / b, x[3] / b})
}

func evalSpaceToDepth(c *call, y []*Tensor) error {
	b, _ := c.blocksize()
	x := c.shape(0)
	regroup(y[0], c.x(0), []int{x[0], x[1], x[2] / b, b, x[3] / b, b}, []int{0, 3, 5, 1, 2, 4})
	return nil
}

// regroup sees x as of another shape, permutes its axes and sees the result as
// of y's shape.
func regroup(y, x *Tensor, shape, perm []int) {
	from, to := *x, *y
	from.Shape, to.Shape = shape, permuted(shape, perm)
	permute(&to, &from, perm)
}
