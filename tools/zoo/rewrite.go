package zoo

import (
	"fmt"
	"math"
	"slices"

	"likeness/tools/convert/nd"
)

// cut ends the network at its features.
func (n *Net) cut() {
	g := n.Graph
	i := slices.IndexFunc(g.Nodes, func(node nd.Node) bool { return node.Outputs[0] == n.Embedding })
	g.Nodes = g.Nodes[:i+1]
	g.Nodes[i].Outputs[0], n.Embedding = "output", "output"
	g.Outputs = []nd.Value{{Name: "output"}}
	n.sweep()
}

// sweep removes nodes and initialisers that nothing reads.
func (n *Net) sweep() {
	g := n.Graph
	read := map[string]bool{g.Outputs[0].Name: true}
	for i := len(g.Nodes) - 1; i >= 0; i-- {
		if !read[g.Nodes[i].Outputs[0]] {
			g.Nodes = slices.Delete(g.Nodes, i, i+1)
			continue
		}
		for _, in := range g.Nodes[i].Inputs {
			read[in] = true
		}
	}
	for name := range g.Const {
		if !read[name] {
			delete(g.Const, name)
		}
	}
}

// readers counts who reads each tensor.
func (n *Net) readers() map[string]int {
	count := map[string]int{}
	for _, node := range n.Graph.Nodes {
		for _, in := range node.Inputs {
			count[in]++
		}
	}
	for _, out := range n.Graph.Outputs {
		count[out.Name]++
	}
	return count
}

// fold takes batch normalisation into the convolution before it, as exporters
// do, and names the weights as they do.
func (n *Net) fold() {
	g, readers := n.Graph, n.readers()
	makes := map[string]int{}
	for i, node := range g.Nodes {
		makes[node.Outputs[0]] = i
	}
	renamed := map[string]string{}
	for i := range g.Nodes {
		node := &g.Nodes[i]
		for j, in := range node.Inputs {
			if to := renamed[in]; to != "" {
				node.Inputs[j] = to
			}
		}
		if node.Op != "BatchNormalization" {
			continue
		}
		at, ok := makes[node.Inputs[0]]
		if !ok || g.Nodes[at].Op != "Conv" || readers[node.Inputs[0]] != 1 {
			continue
		}
		n.foldInto(&g.Nodes[at], node, len(renamed))
		renamed[node.Outputs[0]] = node.Inputs[0]
	}
	g.Nodes = slices.DeleteFunc(g.Nodes, func(node nd.Node) bool { return renamed[node.Outputs[0]] != "" })
	if to := renamed[n.Embedding]; to != "" {
		n.Embedding = to
	}
	n.sweep()
}

func (n *Net) foldInto(conv, norm *nd.Node, count int) {
	g := n.Graph
	w := g.Const[conv.Inputs[1]]
	gamma, beta, mean, variance := g.Const[norm.Inputs[1]], g.Const[norm.Inputs[2]], g.Const[norm.Inputs[3]], g.Const[norm.Inputs[4]]
	out := w.Shape[0]
	per := len(w.F) / out
	folded, bias := make([]float32, len(w.F)), make([]float32, out)
	for o := range out {
		f := float64(gamma.F[o]) / math.Sqrt(float64(variance.F[o])+float64(norm.Attrs["epsilon"].Float))
		for k := range per {
			folded[o*per+k] = float32(float64(w.F[o*per+k]) * f)
		}
		b := -float64(mean.F[o])
		if len(conv.Inputs) > 2 {
			b += float64(g.Const[conv.Inputs[2]].F[o])
		}
		bias[o] = float32(float64(beta.F[o]) + b*f)
	}
	wn, bn := fmt.Sprintf("onnx::Conv_%d", 1000+3*count), fmt.Sprintf("onnx::Conv_%d", 1001+3*count)
	g.Const[wn] = &nd.Tensor{Shape: w.Shape, F: folded}
	g.Const[bn] = &nd.Tensor{Shape: []int{out}, F: bias}
	conv.Inputs = []string{conv.Inputs[0], wn, bn}
}
