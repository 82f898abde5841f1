package learn

import "likeness/engine/graph"

// What the values of a network's output are.
const (
	// ValuesLogits: any numbers, of which softmax makes scores.
	ValuesLogits = "logits"
	// ValuesProbabilities: scores already, 1 together, by the network's softmax.
	ValuesProbabilities = "probabilities"
	// ValuesIndependent: scores already, each by itself, by the network's sigmoid:
	// a picture may show several classes or none.
	ValuesIndependent = "independent probabilities"
)

// Values tells what the values of tensor t are, by the last layer that changes
// them: a pooling, reshape or rescaling after a softmax leaves probabilities.
func Values(g *graph.Graph, t int) string {
	for i := len(g.Nodes) - 1; i >= 0; i-- {
		n := &g.Nodes[i]
		if n.Output != t {
			continue
		}
		switch {
		case n.Op == graph.Softmax:
			return ValuesProbabilities
		case n.Op == graph.Activation && (n.Fn == graph.Sigmoid || n.Fn == graph.HardSigmoid):
			return ValuesIndependent
		case n.Op == graph.Reshape, n.Op == graph.GatherChannels, n.Op == graph.GlobalAvgPool, n.Op == graph.AvgPool,
			n.Op == graph.Activation && n.Fn == graph.Identity:
			t = n.Inputs[0]
		default:
			return ValuesLogits
		}
	}
	return ValuesLogits
}
