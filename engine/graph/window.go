package graph

// Operators whose kernel moves over places: Conv, MaxPool and AvgPool.

func (n *Node) validateWindow() error {
	for i := range 2 {
		if n.Kernel[i] < 1 || n.Kernel[i] > 256 || n.Stride[i] < 1 || n.Stride[i] > 256 || n.Dilation[i] < 1 || n.Dilation[i] > 256 {
			return n.errorf("kernel %v, stride %v, dilation %v: each must be within 1..256", n.Kernel, n.Stride, n.Dilation)
		}
	}
	return nil
}

// windowShape has a place for each position of the kernel.
func (n *Node) windowShape(g *Graph, channels int) ([3]int, error) {
	in := g.Tensors[n.Inputs[0]].Shape
	h, err := n.windows(in[0], 0)
	if err != nil {
		return in, err
	}
	w, err := n.windows(in[1], 1)
	return [3]int{h, w, channels}, err
}

// windows counts the positions of the kernel along one axis.
func (n *Node) windows(size, axis int) (int, error) {
	span := (n.Kernel[axis]-1)*n.Dilation[axis] + 1
	padded := size + n.Pads[axis] + n.Pads[axis+2]
	if span > padded {
		return 0, n.errorf("kernel spans %d, the padded input has %d", span, padded)
	}
	count := (padded-span)/n.Stride[axis] + 1
	if n.Op != Conv && n.emptyWindow(size, axis, count) {
		return 0, n.errorf("padding %v leaves windows without a value", n.Pads)
	}
	return count, nil
}

// emptyWindow reports whether one of count windows has no tap inside.
func (n *Node) emptyWindow(size, axis, count int) bool {
	d := n.Dilation[axis]
	for i := range count {
		first := i*n.Stride[axis] - n.Pads[axis]
		tap := 0
		if first < 0 {
			tap = (d - 1 - first) / d
		}
		if tap >= n.Kernel[axis] || first+tap*d >= size {
			return true
		}
	}
	return false
}

// windowField: the kernel's span is seen, and outputs are a stride apart.
func windowField(n *Node, _, _ [3]int, axis int, field, jump float64) (float64, float64) {
	return field + float64(float64((n.Kernel[axis]-1)*n.Dilation[axis])*jump), jump * float64(n.Stride[axis])
}

// wholeField: all places are seen.
func wholeField(_ *Node, in, _ [3]int, axis int, field, jump float64) (float64, float64) {
	return field + float64(float64(in[axis]-1)*jump), jump
}

// scaledField: up to one more place is seen, and outputs are as far apart as the
// sizes tell.
func scaledField(_ *Node, in, out [3]int, axis int, field, jump float64) (float64, float64) {
	return field + jump, jump * (float64(in[axis]) / float64(out[axis]))
}
