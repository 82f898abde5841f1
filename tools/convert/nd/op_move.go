package nd

import "fmt"

var moveOperators = map[string]operator{
	"Transpose": {attrs: "perm", in: 1, most: 1, outs: 1, infer: inferTranspose, eval: evalTranspose},
	"Expand":    {in: 2, most: 2, outs: 1, from: 8, infer: inferExpand, eval: evalExpand},
	"Tile":      {in: 2, most: 2, outs: 1, infer: inferTile, eval: evalTile},
}

// permutation of Transpose: reversed unless given.
func permutation(c *call) ([]int, error) {
	rank := len(c.shape(0))
	perm := c.attrInts("perm")
	if perm == nil {
		for i := range rank {
			perm = append(perm, rank-1-i)
		}
	}
	sorted, err := axes(perm, rank)
	if err != nil || len(perm) != rank {
		return nil, fmt.Errorf("perm %v is no order of %d axes", perm, rank)
	}
	return sorted, nil
}

func inferTranspose(c *call) error {
	perm, err := permutation(c)
	if err != nil {
		return err
	}
	return c.set(c.in[0].Type, permuted(c.shape(0), perm))
}

func evalTranspose(c *call, y []*Tensor) error {
	perm, err := permutation(c)
	if err != nil {
		return err
	}
	permute(y[0], c.x(0), perm)
	return nil
}

// inferExpand: the shape may hold 1 where the input is larger.
func inferExpand(c *call) error {
	to, err := c.constInts(1)
	if err != nil {
		return err
	}
	for _, d := range to {
		if d < 0 {
			return fmt.Errorf("shape %v is negative", to)
		}
	}
	shape, err := broadcast(c.shape(0), to)
	if err != nil {
		return err
	}
	return c.set(c.in[0].Type, shape)
}

func evalExpand(c *call, y []*Tensor) error {
	expand(y[0], c.x(0))
	return nil
}

// expand fills y with x, which broadcasts to its shape.
func expand(y, x *Tensor) {
	offsets := make([][]int, len(y.Shape))
	for i, s := range stretch(x.Shape, y.Shape) {
		offsets[i] = make([]int, y.Shape[i])
		for j := range offsets[i] {
			offsets[i][j] = j * s
		}
	}
	gather(y, x, offsets)
}

func inferTile(c *call) error {
	times, err := c.constInts(1)
	if err != nil {
		return err
	}
	x := c.shape(0)
	if len(times) != len(x) {
		return fmt.Errorf("repeats %v do not fit an input of shape %v", times, x)
	}
	shape := make([]int, len(x))
	for i, d := range x {
		if times[i] < 0 || times[i] > MaxElems {
			return fmt.Errorf("repeats %v are outside 0 to %d", times, MaxElems)
		}
		shape[i] = d * times[i]
	}
	return c.set(c.in[0].Type, shape)
}

func evalTile(c *call, y []*Tensor) error {
	x := c.x(0)
	maps := make([][]int, len(x.Shape))
	for i, d := range x.Shape {
		maps[i] = make([]int, y[0].Shape[i])
		for j := range maps[i] {
			maps[i][j] = j % d
		}
	}
	pick(y[0], x, maps)
	return nil
}
