package graph

// Operators that move values: Concat, GatherChannels, Crop, Pad and Reshape.
var (
	concatRule  = rule{inputs: many, copies: true, shape: concatShape}
	gatherRule  = rule{inputs: 1, copies: true, attributes: (*Graph).validateChannels, shape: gatherShape}
	cropRule    = rule{inputs: 1, copies: true, attributes: (*Graph).validateCrop, shape: placesShape, field: cropField}
	padRule     = rule{inputs: 1, copies: true, shape: padShape}
	reshapeRule = rule{inputs: 1, copies: true, shape: reshapeShape, field: reshapeField}
)

func concatShape(g *Graph, n *Node) ([3]int, error) {
	in, c := g.Tensors[n.Inputs[0]].Shape, 0
	for _, i := range n.Inputs {
		s := g.Tensors[i].Shape
		if s[0] != in[0] || s[1] != in[1] {
			return in, n.errorf("cannot join %v and %v along channels", in, s)
		}
		c += s[2]
	}
	return [3]int{in[0], in[1], c}, nil
}

func gatherShape(g *Graph, n *Node) ([3]int, error) {
	in := g.Tensors[n.Inputs[0]].Shape
	return [3]int{in[0], in[1], len(n.Channels)}, nil
}

// placesShape has the output's own places and the input's channels.
func placesShape(g *Graph, n *Node) ([3]int, error) {
	out := g.Tensors[n.Output].Shape
	return [3]int{out[0], out[1], g.Tensors[n.Inputs[0]].Shape[2]}, nil
}

func padShape(g *Graph, n *Node) ([3]int, error) {
	in := g.Tensors[n.Inputs[0]].Shape
	return [3]int{in[0] + n.Pads[0] + n.Pads[2], in[1] + n.Pads[1] + n.Pads[3], in[2]}, nil
}

func reshapeShape(g *Graph, n *Node) ([3]int, error) {
	in, out := g.Tensors[n.Inputs[0]].Shape, g.Tensors[n.Output].Shape
	if out[0]*out[1]*out[2] != in[0]*in[1]*in[2] {
		return in, n.errorf("%v does not reshape to %v", in, out)
	}
	return out, nil
}

func cropField(n *Node, _, _ [3]int, axis int, field, jump float64) (float64, float64) {
	return field, jump * float64(n.Stride[axis])
}

func reshapeField(n *Node, in, out [3]int, axis int, field, jump float64) (float64, float64) {
	if out == in {
		return field, jump
	}
	return wholeField(n, in, out, axis, field, jump)
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
