package convert

import (
	"slices"

	"likeness/engine/graph"
)

// simplify joins operators that the engine runs as one: a ReLU or ReLU6 to the
// convolution, fully connected layer or addition before it, and a padding to
// the convolution after it. Layers named in keep stay.
func (n *Network) simplify(keep []string) {
	readers := make([]int, len(n.Tensors))
	maker := make([]int, len(n.Tensors)) // node that computes a tensor, or -1
	for i := range maker {
		maker[i] = -1
	}
	for i := range n.Nodes {
		maker[n.Nodes[i].Output] = i
		for _, t := range n.Nodes[i].Inputs {
			readers[t]++
		}
	}
	gone := make([]bool, len(n.Nodes))
	for i := range n.Nodes {
		node := &n.Nodes[i]
		in := node.Inputs[0]
		m := maker[in]
		if m < 0 || readers[in] != 1 {
			continue
		}
		switch {
		case node.Op == graph.Activation && n.fuses(m, i, keep):
			n.fuse(m, i)
			maker[node.Output], gone[i] = m, true
		case node.Op == graph.Conv && n.Nodes[m].Op == graph.Pad && !slices.Contains(keep, n.Tensors[in].Name):
			for k, p := range n.Nodes[m].Pads {
				node.Pads[k] += p
			}
			node.Inputs = slices.Clone(n.Nodes[m].Inputs)
			gone[m] = true
		}
	}
	n.compact(gone)
}

// fuses reports whether node m can do the clamping of activation a.
func (n *Network) fuses(m, a int, keep []string) bool {
	node, act := &n.Nodes[m], &n.Nodes[a]
	switch node.Op {
	case graph.Conv, graph.FullyConnected, graph.Add, graph.Sub, graph.Mul:
	default:
		return false
	}
	if act.Fn != graph.ReLU && act.Fn != graph.ReLU6 || max(node.ActMin, act.ActMin) > min(node.ActMax, act.ActMax) {
		return false
	}
	// The two parts of one layer share its name.
	name := n.Tensors[node.Output].Name
	return n.Tensors[act.Output].again == name || !slices.Contains(keep, name)
}

// fuse makes node m write the result of activation a.
func (n *Network) fuse(m, a int) {
	node, act := &n.Nodes[m], &n.Nodes[a]
	out := &n.Tensors[act.Output]
	if before := &n.Tensors[node.Output]; out.again == before.Name {
		out.Name, out.again = before.Name, ""
		before.Name += "/unclamped" // dropped by compact
	}
	node.ActMin, node.ActMax = max(node.ActMin, act.ActMin), min(node.ActMax, act.ActMax)
	node.Output = act.Output
	node.rename(out.Name)
}

// compact removes nodes and the tensors that nobody computes any more.
func (n *Network) compact(gone []bool) {
	var nodes []Node
	used := make([]bool, len(n.Tensors))
	used[0] = true
	for i, node := range n.Nodes {
		if !gone[i] {
			nodes = append(nodes, node)
			used[node.Output] = true
		}
	}
	place := make([]int, len(n.Tensors))
	var tensors []Tensor
	for i, t := range n.Tensors {
		if place[i] = len(tensors); used[i] {
			tensors = append(tensors, t)
		}
	}
	for i := range nodes {
		for k, t := range nodes[i].Inputs {
			nodes[i].Inputs[k] = place[t]
		}
		nodes[i].Output = place[nodes[i].Output]
	}
	n.Nodes, n.Tensors = nodes, tensors
}
