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

func unclamped() (lo, hi float64) { return math.Inf(-1), math.Inf(1) }
