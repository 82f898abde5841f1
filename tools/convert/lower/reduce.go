package lower

import (
	"fmt"
	"slices"

	"likeness/engine/graph"
	"likeness/tools/convert/float"
	"likeness/tools/convert/nd"
)

// reduce lowers global pooling and the reductions over height, width, channels
// or parts of these.
func (l *lowering) reduce(n *nd.Node) error {
	v, err := l.input(0)
	if err != nil {
		return err
	}
	axes, keep, err := l.reduced(n, len(v.dims))
	if err != nil {
		return err
	}
	if axes == nil {
		return l.identity(n)
	}
	switch n.Op { // in terms of averages, and of the greatest
	case "ReduceL1":
		v, err = l.mapped(v, float.Node{Node: graph.Node{Op: graph.Activation, Fn: graph.Abs}})
	case "ReduceL2", "ReduceSumSquare", "GlobalLpPool":
		v, err = l.mapped(v, float.Node{Node: graph.Node{Op: graph.Activation, Fn: graph.Square}})
	case "ReduceMin":
		v, err = l.scaled(v, -1)
	}
	if err != nil {
		return err
	}
	largest := slices.Contains([]string{"ReduceMax", "ReduceMin", "GlobalMaxPool"}, n.Op)
	count := 1
	for _, a := range axes {
		count *= elems(v.dims[a])
	}
	if v, err = l.reduceOver(v, axes, largest); err != nil {
		return err
	}
	switch n.Op {
	case "ReduceSum", "ReduceL1", "ReduceL2", "ReduceSumSquare", "GlobalLpPool":
		v, err = l.scaled(v, float64(count))
	case "ReduceMin":
		v, err = l.scaled(v, -1)
	}
	if err == nil && (n.Op == "ReduceL2" || n.Op == "GlobalLpPool") {
		v, err = l.mapped(v, float.Node{Node: graph.Node{Op: graph.Activation, Fn: graph.Sqrt}})
	}
	if err != nil {
		return err
	}
	if !keep {
		out := v.clone()
		out.dims = nil
		for i, d := range v.dims {
			if !slices.Contains(axes, i) {
				out.dims = append(out.dims, d)
			}
		}
		v = out
	}
	l.define(0, v)
	return nil
}

// reduced reads the axes that a node reduces, nil for none, and whether they stay
// as axes of length 1.
func (l *lowering) reduced(n *nd.Node, rank int) (axes []int, keep bool, err error) {
	if n.Op == "GlobalLpPool" && intAttr(n, "p", 2) != 2 {
		return nil, false, l.unsupported("p", "2 is")
	}
	if n.Op == "GlobalAveragePool" || n.Op == "GlobalMaxPool" || n.Op == "GlobalLpPool" {
		for i := 2; i < rank; i++ {
			axes = append(axes, i)
		}
		return axes, true, nil
	}
	given, err := l.ints(1, "axes")
	if err != nil {
		return nil, false, err
	}
	if len(given) == 0 {
		if intAttr(n, "noop_with_empty_axes", 0) != 0 {
			return nil, true, nil
		}
		for i := range rank {
			given = append(given, i)
		}
	}
	for _, a := range given {
		if a, err = axis(a, rank); err != nil {
			return nil, false, err
		}
		if !slices.Contains(axes, a) {
			axes = append(axes, a)
		}
	}
	return axes, intAttr(n, "keepdims", 1) != 0, nil
}

// mapped is a function of every value of v.
func (l *lowering) mapped(v *view, n float.Node) (*view, error) {
	n.Inputs = []int{v.t}
	t, err := l.emit(n, l.net.Tensors[v.t].Shape)
	if err != nil {
		return nil, err
	}
	return v.onto(t), nil
}

// scaled is v times by.
func (l *lowering) scaled(v *view, by float64) (*view, error) {
	if by == 1 {
		return v, nil
	}
	t, err := l.emitAffine(v.t, func(int) (a, b float64) { return by, 0 })
	if err != nil {
		return nil, err
	}
	return v.onto(t), nil
}

// reduceOver is the average, or the greatest, over axes, which stay with length 1.
func (l *lowering) reduceOver(v *view, axes []int, largest bool) (*view, error) {
	var over []atom
	for _, a := range axes {
		over = append(over, v.dims[a]...)
	}
	out := v.clone()
	for _, a := range axes {
		out.dims[a] = nil
	}
	shape := l.net.Tensors[v.t].Shape
	c := v.channels(shape)
	lead := v.phys[:len(v.phys)-len(c)]
	part := func(of []atom) (in []atom) {
		for _, a := range of {
			if slices.Contains(over, a) {
				in = append(in, a)
			}
		}
		return in
	}
	var err error
	if sides := part(lead); len(sides) > 0 {
		if out.t, err = l.reduceSides(v, lead, sides, axes, largest); err != nil {
			return nil, err
		}
	}
	if deep := part(c); len(deep) > 0 {
		if out.t, err = l.reduceChannels(out.t, c, deep, largest); err != nil {
			return nil, err
		}
	}
	out.phys = slices.DeleteFunc(slices.Clone(v.phys), func(a atom) bool { return slices.Contains(over, a) })
	return out, nil
}

// reduceSides reduces height and width, or one of them.
func (l *lowering) reduceSides(v *view, lead, sides []atom, axes []int, largest bool) (int, error) {
	shape := l.net.Tensors[v.t].Shape
	node := float.Node{Node: graph.Node{Op: graph.GlobalAvgPool, Inputs: []int{v.t}}}
	if largest {
		node.Op = graph.GlobalMaxPool
	}
	out := [3]int{1, 1, shape[2]}
	if len(sides) < len(lead) {
		side := 0
		for n := 1; n < shape[0] && len(lead) > 0; lead = lead[1:] { // the atoms of the height
			if n *= lead[0].size; !slices.Contains(sides, lead[0]) {
				side = 1
			}
		}
		if elems(sides) != shape[side] || shape[side] > 256 {
			return 0, l.unsupported("", fmt.Sprintf("over axes %v of %v; over height, width and channels it is", axes, v.shape()))
		}
		node.Op = map[bool]string{false: graph.AvgPool, true: graph.MaxPool}[largest]
		node.Kernel, node.Stride, node.Dilation = [2]int{1, 1}, [2]int{1, 1}, [2]int{1, 1}
		node.Kernel[side] = shape[side]
		out = shape
		out[side] = 1
	}
	return l.emit(node, out)
}

// reduceChannels reduces the atoms deep of the channels c of tensor t.
func (l *lowering) reduceChannels(t int, c, deep []atom, largest bool) (int, error) {
	if len(deep) == len(c) {
		if largest {
			return l.largestChannel(t)
		}
		shape, one := l.net.Tensors[t].Shape, [2]int{1, 1}
		node := float.Node{Node: graph.Node{Op: graph.Conv, Inputs: []int{t}, Groups: 1, Kernel: one, Stride: one, Dilation: one},
			Weight: slices.Repeat([]float32{1 / float32(shape[2])}, shape[2]), Bias: []float32{0}}
		shape[2] = 1
		return l.emit(node, shape)
	}
	// A part for each place along deep; they are added up, or compared.
	rest := slices.DeleteFunc(slices.Clone(c), func(a atom) bool { return slices.Contains(deep, a) })
	from, each := order(c, slices.Concat(deep, rest)), elems(rest)
	if elems(deep) > 64 {
		return 0, l.unsupported("", fmt.Sprintf("over %d parts of the channels; up to 64 are", elems(deep)))
	}
	sum := -1
	for i := range elems(deep) {
		part, err := l.gather(t, from[i*each:][:each])
		if err == nil && sum >= 0 {
			part, err = l.pairwise(sum, part, map[bool]string{false: "Sum", true: "Max"}[largest])
		}
		if err != nil {
			return 0, err
		}
		sum = part
	}
	if largest {
		return sum, nil
	}
	return l.emitAffine(sum, func(int) (a, b float64) { return 1 / float64(elems(deep)), 0 })
}

// largestChannel is the greatest of a place's channels: a place's channels are
// laid out as a row of places, over which a maximum is taken.
func (l *lowering) largestChannel(t int) (int, error) {
	shape := l.net.Tensors[t].Shape
	places := shape[0] * shape[1]
	if places > graph.MaxDim {
		return 0, l.unsupported("", fmt.Sprintf("the greatest channel of %d places; up to %d are", places, graph.MaxDim))
	}
	left := shape[2]
	t, err := l.emit(float.Node{Node: graph.Node{Op: graph.Reshape, Inputs: []int{t}}}, [3]int{places, left, 1})
	for err == nil && left > 1 {
		k := min(left, 256)
		for left%k != 0 {
			k--
		}
		if k == 1 {
			return 0, l.unsupported("", fmt.Sprintf("the greatest of %d channels, whose number has a prime factor above 256", shape[2]))
		}
		left /= k
		t, err = l.emit(float.Node{Node: graph.Node{Op: graph.MaxPool, Inputs: []int{t}, Kernel: [2]int{1, k}, Stride: [2]int{1, k}, Dilation: [2]int{1, 1}}}, [3]int{places, left, 1})
	}
	if err != nil {
		return 0, err
	}
	return l.emit(float.Node{Node: graph.Node{Op: graph.Reshape, Inputs: []int{t}}}, [3]int{shape[0], shape[1], 1})
}
