package graph

import "math"

// binaryRule is that of Add, Sub and Mul.
var binaryRule = rule{inputs: 2, shape: func(g *Graph, n *Node) ([3]int, error) {
	return n.broadcast(g.Tensors[n.Inputs[0]].Shape, g.Tensors[n.Inputs[1]].Shape)
}}

var activationRule = rule{inputs: 1, attributes: func(_ *Graph, n *Node) error { return n.validateFunction() }}

// softmaxRule: the sum of the output's values is 1, whatever the input.
var softmaxRule = rule{inputs: 1, scales: func(g *Graph, n *Node) error {
	if out := g.Tensors[n.Output]; out.Scale != float32(1.0/32767) || out.Hi != math.MaxInt16 {
		return n.errorf("output must have scale 1/32767 and reach 32767")
	}
	return nil
}}

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
