// Package convert reads networks from other formats, runs them in float32 as
// the reference, and quantises them into model files. It is not part of the
// wasm.
package convert

import (
	"fmt"
	"math"
	"strings"

	"likeness/engine/graph"
	"likeness/engine/picture"
)

// Network is a float32 network: the graph's operators, not yet quantised.
type Network struct {
	Name         string
	Tensors      []Tensor
	Nodes        []Node
	Prepare      picture.Preparation
	DefaultLayer string
	Output       string
}

// Tensor is an activation [H, W, C]. Min and Max are the range that the file
// declares, if HasRange.
type Tensor struct {
	Name     string
	Shape    [3]int
	Min, Max float64
	HasRange bool

	id    int    // position at import
	again string // name wanted, when it was taken
}

// Node is an operator with float32 parameters. Its result is clamped to
// [ActMin, ActMax], the fused activation.
type Node struct {
	graph.Node
	Weight, Bias   []float32 // laid out as graph.Params
	Step           float64   // every weight is a multiple of this; 0 if unknown
	ActMin, ActMax float64
}

// UnsupportedError names what the importer cannot convert.
type UnsupportedError struct {
	Operator, Tensor, Reason string
	Supported                []string
}

func (e *UnsupportedError) Error() string {
	return fmt.Sprintf("operator %s, which makes tensor %q, is not supported%s; supported are %s",
		e.Operator, e.Tensor, e.Reason, strings.Join(e.Supported, ", "))
}

// tensor returns the index of a layer by name.
func (n *Network) tensor(name string) (int, bool) {
	for i, t := range n.Tensors {
		if t.Name == name {
			return i, true
		}
	}
	return 0, false
}

// rename names a node and its parameters.
func (n *Node) rename(name string) {
	n.Name = name
	if n.Weight != nil {
		n.Weights = name
	}
}

// validate applies the graph's shape rules, before anything is run.
func (n *Network) validate() error {
	g := graph.Graph{Name: n.Name, Prepare: n.Prepare, DefaultLayer: n.Tensors[0].Name}
	for _, t := range n.Tensors { // one scale that suits every operator
		g.Tensors = append(g.Tensors, graph.Tensor{Name: t.Name, Shape: t.Shape, Scale: 1.0 / 32767, Lo: -math.MaxInt16, Hi: math.MaxInt16})
	}
	for i := range n.Nodes {
		g.Nodes = append(g.Nodes, n.Nodes[i].Node)
	}
	if err := g.Validate(); err != nil {
		return err
	}
	for i := range n.Nodes {
		node := &n.Nodes[i]
		if node.Weights == "" {
			continue
		}
		s := node.WeightShape(&g)
		if len(node.Weight) != s[0]*s[1]*s[2]*s[3] || len(node.Bias) != s[0] {
			return fmt.Errorf("layer %s: %d weights and %d biases do not fit shape %v", node.Name, len(node.Weight), len(node.Bias), s)
		}
	}
	return nil
}

// someLayers lists the last layers, enough to see how they are named.
func (n *Network) someLayers() string {
	var names []string
	for _, node := range n.Nodes {
		names = append(names, node.Name)
	}
	if len(names) > 8 {
		return fmt.Sprintf("%d, the last ones are %s", len(names), strings.Join(names[len(names)-8:], ", "))
	}
	return strings.Join(names, ", ")
}

func unclamped() (lo, hi float64) { return math.Inf(-1), math.Inf(1) }
