package nd

import "fmt"

var sliceOperators = map[string]operator{
	"Slice": {attrs: "starts<10 ends<10 axes<10", in: 1, most: 5, outs: 1, infer: inferSlice, eval: evalSlice},
}

// cut is what is taken of an axis: n indices from a start, in steps.
type cut struct{ start, step, n int }

func resolveSlice(c *call) ([]cut, error) {
	lists := [4][]int{c.attrInts("starts"), c.attrInts("ends"), c.attrInts("axes")}
	if c.opset >= 10 {
		for i := range lists {
			var err error
			if lists[i], err = c.constInts(1 + i); err != nil {
				return nil, err
			}
		}
	} else if len(c.in) > 1 {
		return nil, c.lacking("bounds as inputs before operator set 10 are")
	}
	if lists[0] == nil || lists[1] == nil {
		return nil, fmt.Errorf("starts or ends are missing")
	}
	x := c.shape(0)
	starts, ends, list, steps := lists[0], lists[1], lists[2], lists[3]
	if list == nil {
		for i := range starts {
			list = append(list, i)
		}
	}
	if steps == nil {
		for range starts {
			steps = append(steps, 1)
		}
	}
	if len(ends) != len(starts) || len(list) != len(starts) || len(steps) != len(starts) {
		return nil, fmt.Errorf("starts %v, ends %v, axes %v, steps %v are of different lengths", starts, ends, list, steps)
	}
	list, err := axes(list, len(x))
	if err != nil {
		return nil, err
	}
	cuts := make([]cut, len(x))
	for i, d := range x {
		cuts[i] = cut{0, 1, d}
	}
	for i, a := range list {
		if steps[i] == 0 {
			return nil, fmt.Errorf("a step is 0")
		}
		cuts[a] = slice(x[a], starts[i], ends[i], steps[i])
	}
	return cuts, nil
}

// slice cuts bounds to the axis, whose length is n, as Python does.
func slice(n, start, end, step int) cut {
	if start < 0 {
		start = max(start, -n-1) + n
	}
	if end < 0 {
		end = max(end, -n-1) + n
	}
	if step > 0 {
		start, end = min(max(start, 0), n), min(max(end, 0), n)
		step = min(step, n+1) // no further than past the end
		return cut{start, step, max(0, (end-start+step-1)/step)}
	}
	start, end = min(max(start, -1), n-1), min(max(end, -1), n-1)
	step = max(step, -n-1)
	return cut{start, step, max(0, (start-end-step-1)/-step)}
}

func inferSlice(c *call) error {
	cuts, err := resolveSlice(c)
	if err != nil {
		return err
	}
	shape := make([]int, len(cuts))
	for i, k := range cuts {
		shape[i] = k.n
	}
	return c.set(c.in[0].Type, shape)
}

func evalSlice(c *call, y []*Tensor) error {
	cuts, err := resolveSlice(c)
	if err != nil {
		return err
	}
	maps := make([][]int, len(cuts))
	for i, k := range cuts {
		maps[i] = make([]int, k.n)
		for j := range maps[i] {
			maps[i][j] = k.start + j*k.step
		}
	}
	pick(y[0], c.x(0), maps)
	return nil
}
