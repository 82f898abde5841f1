// Package convert reads networks from other formats, runs them in float32 as
// the reference, and quantises them into model files. It is not part of the
// wasm.
package convert

import (
	"fmt"
	"math"
	"slices"
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

	outputs []int // tensors that must stay
	kept    []int // further ones, of layers that were asked for
}

// Tensor is an activation [H, W, C]. Min and Max are the range that the file
// declares, if HasRange.
type Tensor struct {
	Name     string
	Shape    [3]int
	Min, Max float64
	HasRange bool

	// Also are further names of the same values: of the layers that were joined
	// into one, and of those that only look at it in another shape.
	Also []string

	// Joined are layers whose own values are not computed, because the operator
	// that makes this tensor does their work too.
	Joined []string

	// flat are names of the same numbers as one vector.
	flat []string

	id       int    // position at import
	again    string // name wanted, when it was taken
	invented bool   // the name is not the file's
}

// Node is an operator with float32 parameters. Its result is clamped to
// [ActMin, ActMax], the fused activation.
type Node struct {
	graph.Node
	Weight, Bias []float32 // laid out as graph.Params; gain and offset where FloatParams
	// Steps: every weight of output channel o is a multiple of Steps[o]; nil if
	// the file does not say.
	Steps          []float64
	ActMin, ActMax float64

	packed []float32 // weights as convolve reads them, once it has run
	affine bool      // a depthwise 1 x 1 convolution made of a scale and a shift
}

// UnsupportedError names what the importer cannot convert: a node, its operator
// and, where these are at fault, an attribute and its value.
type UnsupportedError struct {
	Node, Operator, Tensor string
	Attribute, Value       string
	Reason                 string
	Supported              []string // operators, where few enough to list
	Hint                   string   // what else to do
}

func (e *UnsupportedError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "operator %s", e.Operator)
	if e.Node != "" {
		fmt.Fprintf(&b, " (node %q)", e.Node)
	}
	fmt.Fprintf(&b, ", which makes tensor %q, is not supported", e.Tensor)
	if e.Attribute != "" {
		fmt.Fprintf(&b, " with %s = %s", e.Attribute, e.Value)
	}
	if e.Reason != "" {
		b.WriteString(": " + e.Reason)
	}
	if e.Supported != nil {
		b.WriteString("; supported are " + strings.Join(e.Supported, ", "))
	} else {
		b.WriteString("; likeness convert --operators lists what is")
	}
	return b.String() + e.Hint
}

// tensor returns the index of a layer by any of its names.
func (n *Network) tensor(name string) (int, bool) {
	for i, t := range n.Tensors {
		if t.Name == name {
			return i, true
		}
	}
	for i, t := range n.Tensors {
		if slices.Contains(t.Also, name) {
			return i, true
		}
	}
	return 0, false
}

// named reports whether one of the names is the tensor's.
func (t *Tensor) named(names []string) bool {
	return slices.ContainsFunc(names, func(s string) bool { return s != "" && (s == t.Name || slices.Contains(t.Also, s)) })
}

// maxJoined is how many joined layers a tensor tells; more are rare, and would
// only be told.
const maxJoined = 256

// joins takes up the names of a tensor that is no longer computed, since the one
// operator makes t at once. They lead to no values: t's are another layer's.
func (t *Tensor) joins(before *Tensor) {
	names := slices.Clone(before.Joined)
	if !before.invented {
		names = append(names, before.Name)
	}
	t.Joined = slices.Concat(names, before.Also, before.flat, t.Joined)
}

// tidyJoined drops the names of joined layers that other layers have, and those
// beyond what a file may hold.
func (n *Network) tidyJoined() {
	own := map[string]bool{"": true}
	for _, t := range n.Tensors {
		own[t.Name] = true
		for _, name := range t.Also {
			own[name] = true
		}
	}
	for i := range n.Tensors {
		t := &n.Tensors[i]
		var kept []string
		for _, name := range t.Joined {
			layer, part, inner := strings.Cut(name, ":")
			if inner && strings.Trim(part, "0123456789") != "" && (own[layer] || slices.Contains(t.Joined, layer)) {
				continue // of the reader, beside the layer's own
			}
			if !own[name] && len(kept) < maxJoined && len(name) <= graph.MaxName {
				own[name] = true
				kept = append(kept, name)
			}
		}
		t.Joined = kept
	}
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
	if err := n.Prepare.Validate(); err != nil {
		return err
	}
	if len(n.Nodes) == 0 {
		return errEmpty
	}
	// Pictures that fit the scale below stand for the network's own.
	unit := n.Prepare
	unit.Mean, unit.Std = [3]float64{}, [3]float64{255, 255, 255}
	g := graph.Graph{Name: n.Name, Prepare: unit, DefaultLayer: n.Tensors[n.Nodes[0].Output].Name}
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
		biases := s[0]
		if node.Op == graph.PReLU {
			biases = 0
		}
		if len(node.Weight) != s[0]*s[1]*s[2]*s[3] || len(node.Bias) != biases {
			return fmt.Errorf("layer %s: %d weights and %d biases do not fit shape %v", node.Name, len(node.Weight), len(node.Bias), s)
		}
	}
	return n.checkPeak()
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
