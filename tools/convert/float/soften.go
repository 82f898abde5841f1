package float

import (
	"slices"

	"likeness/engine/graph"
)

// SeparateSoftmax puts a copy of another scale between a softmax, whose scale is given, and
// operators that need one of their own: a concatenation with other values, and
// layers with weights, whose sums have to fit.
func (n *Network) SeparateSoftmax() {
	var nodes []Node
	copies := map[int]int{} // by tensor of a softmax
	soft := map[int]bool{}  // tensors of a softmax's scale
	for _, node := range n.Nodes {
		all := !slices.ContainsFunc(node.Inputs, func(t int) bool { return !soft[t] })
		if node.Op == graph.Concat && !all || node.Op == graph.Conv || node.Op == graph.FullyConnected {
			for k, t := range node.Inputs {
				if !soft[t] {
					continue
				}
				if copies[t] == 0 {
					copies[t] = n.copied(t)
					plain := Node{Node: graph.Node{Op: graph.Activation, Fn: graph.Identity, Name: n.Tensors[copies[t]].Name, Inputs: []int{t}, Output: copies[t]}}
					plain.ActMin, plain.ActMax = Unclamped()
					nodes = append(nodes, plain)
				}
				node.Inputs[k] = copies[t]
			}
		}
		soft[node.Output] = node.Op == graph.Softmax || graph.Copies(node.Op) && all
		nodes = append(nodes, node)
	}
	n.Nodes = nodes
}

// copied appends a tensor like t, under a name of its own.
func (n *Network) copied(t int) int {
	from := n.Tensors[t]
	name := from.Name + "/apart"
	for _, taken := n.Find(name); taken; _, taken = n.Find(name) {
		name += "'"
	}
	n.Tensors = append(n.Tensors, Tensor{Name: name, Shape: from.Shape, Min: from.Min, Max: from.Max, HasRange: from.HasRange, ID: -1, Invented: true})
	return len(n.Tensors) - 1
}
