package float

import (
	"slices"

	"likeness/engine/graph"
)

// AddFlat makes layers of the pictures that the file makes vectors, behind them.
// What computes goes on to read the pictures.
func (n *Network) AddFlat() {
	var tensors []Tensor
	var nodes []Node
	place := make([]int, len(n.Tensors))
	behind := make([]int, len(n.Tensors)) // the vector of a tensor, or 0
	for i, t := range n.Tensors {
		place[i] = len(tensors)
		names := slices.DeleteFunc(slices.Clone(t.Flat), func(name string) bool { _, taken := n.Find(name); return taken })
		t.Flat = nil
		tensors = append(tensors, t)
		if size := t.Shape[0] * t.Shape[1] * t.Shape[2]; i > 0 && len(names) > 0 && len(n.Nodes)+len(tensors)-i < graph.MaxNodes {
			behind[i] = len(tensors)
			tensors = append(tensors, Tensor{Name: names[0], Also: names[1:], Shape: [3]int{1, 1, size}, ID: -1})
		}
	}
	for _, node := range n.Nodes {
		out := node.Output
		for k, t := range node.Inputs {
			node.Inputs[k] = place[t]
		}
		node.Output = place[out]
		nodes = append(nodes, node)
		if b := behind[out]; b > 0 {
			flat := Node{Node: graph.Node{Op: graph.Reshape, Name: tensors[b].Name, Inputs: []int{place[out]}, Output: b}}
			flat.ActMin, flat.ActMax = Unclamped()
			nodes = append(nodes, flat)
		}
	}
	for _, ends := range [][]int{n.Outputs, n.Kept} {
		for i, t := range ends {
			ends[i] = place[t]
		}
	}
	n.Tensors, n.Nodes = tensors, nodes
}
