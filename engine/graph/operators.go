package graph

// Operators lists every operator of this version.
var Operators = []string{Conv, FullyConnected, Add, Sub, Mul, Concat, GatherChannels, Crop, MaxPool, AvgPool,
	GlobalAvgPool, GlobalMaxPool, Activation, Softmax, LogSoftmax, LayerNorm, LRN, PReLU,
	Pad, Reshape, DepthToSpace, SpaceToDepth, Resize, GroupNorm}

// Copies reports whether an operator copies integers, so that its inputs and
// its output share one scale.
func Copies(op string) bool {
	switch op {
	case MaxPool, GlobalMaxPool, Pad, Reshape, Concat, GatherChannels, Crop, DepthToSpace, SpaceToDepth, Resize:
		return true
	}
	return false
}

// broadcast is the shape of two operands, of which either may have length 1
// along an axis where the other is longer.
func (n *Node) broadcast(a, b [3]int) (out [3]int, err error) {
	for i := range out {
		if out[i] = max(a[i], b[i]); min(a[i], b[i]) != 1 && a[i] != b[i] {
			return out, n.errorf("shapes %v and %v do not broadcast: along each axis lengths must be equal, or one of them 1", a, b)
		}
	}
	return out, nil
}

func (g *Graph) validateChannels(n *Node) error {
	if len(n.Channels) > MaxChannels {
		return n.errorf("lists %d channels, at most %d are allowed", len(n.Channels), MaxChannels)
	}
	c := g.Tensors[n.Inputs[0]].Shape[2]
	for _, i := range n.Channels {
		if i < 0 || i >= c {
			return n.errorf("channel %d is not one of the input's %d", i, c)
		}
	}
	return nil
}

func (g *Graph) validateCrop(n *Node) error {
	in, out := g.Tensors[n.Inputs[0]].Shape, g.Tensors[n.Output].Shape
	for i := range 2 {
		if n.Stride[i] < 1 || n.Stride[i] > MaxDim || n.Start[i] < 0 || n.Start[i] > MaxDim || n.Start[i]+(out[i]-1)*n.Stride[i] >= in[i] {
			return n.errorf("%v rows and columns from %v, %v apart, do not lie within %v", out[:2], n.Start, n.Stride, in[:2])
		}
	}
	return nil
}
