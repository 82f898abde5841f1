package graph

var convRule = rule{inputs: 1, params: int8Params, attributes: validateConv, field: windowField,
	shape: func(g *Graph, n *Node) ([3]int, error) { return n.windowShape(g, g.Tensors[n.Output].Shape[2]) }}

// denseRule is that of FullyConnected, which reads its input as one vector.
var denseRule = rule{inputs: 1, params: int8Params, field: wholeField,
	shape: func(g *Graph, n *Node) ([3]int, error) { return [3]int{1, 1, g.Tensors[n.Output].Shape[2]}, nil }}

func validateConv(g *Graph, n *Node) error {
	if err := n.validateWindow(); err != nil {
		return err
	}
	in, out := g.Tensors[n.Inputs[0]].Shape[2], g.Tensors[n.Output].Shape[2]
	if n.Groups < 1 || in%n.Groups != 0 || out%n.Groups != 0 {
		return n.errorf("%d groups do not divide %d input and %d output channels", n.Groups, in, out)
	}
	return nil
}
