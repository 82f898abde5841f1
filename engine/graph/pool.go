package graph

import "math"

var (
	maxPoolRule       = rule{inputs: 1, copies: true, attributes: validatePool, shape: poolShape, field: windowField}
	avgPoolRule       = rule{inputs: 1, attributes: validatePool, shape: poolShape, scales: meanScales, field: windowField}
	globalAvgPoolRule = rule{inputs: 1, attributes: validateGlobalPool, shape: globalShape, scales: meanScales, field: wholeField}
	globalMaxPoolRule = rule{inputs: 1, copies: true, attributes: validateGlobalPool, shape: globalShape, field: wholeField}
)

func validatePool(_ *Graph, n *Node) error {
	if err := n.validateWindow(); err != nil {
		return err
	}
	return n.validateTaps(n.Kernel[0] * n.Kernel[1])
}

func validateGlobalPool(g *Graph, n *Node) error {
	s := g.Tensors[n.Inputs[0]].Shape
	return n.validateTaps(s[0] * s[1])
}

// validateTaps keeps the sum of an average from overflowing int32.
func (n *Node) validateTaps(taps int) error {
	if taps > MaxTaps {
		return n.errorf("the window has %d places, at most %d are supported", taps, MaxTaps)
	}
	return nil
}

func poolShape(g *Graph, n *Node) ([3]int, error) {
	return n.windowShape(g, g.Tensors[n.Inputs[0]].Shape[2])
}

func globalShape(g *Graph, n *Node) ([3]int, error) {
	return [3]int{1, 1, g.Tensors[n.Inputs[0]].Shape[2]}, nil
}

// meanScales: a mean is not clamped.
func meanScales(g *Graph, n *Node) error {
	in, out := g.Tensors[n.Inputs[0]], g.Tensors[n.Output]
	ratio := float64(in.Scale) / float64(out.Scale)
	if math.RoundToEven(float64(in.Lo)*ratio) < float64(out.Lo) || math.RoundToEven(float64(in.Hi)*ratio) > float64(out.Hi) {
		return n.errorf("the output's range must cover the input's")
	}
	return nil
}
