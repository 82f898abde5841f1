// Package float holds networks of the engine's operators with float32
// parameters, joins operators that the engine runs as one, and runs networks as
// the reference for quantised ones. The lowering makes networks, package
// quantise reads them; neither is imported here.
package float

import (
	"fmt"
	"math"

	"likeness/engine/graph"
	"likeness/engine/picture"
	"likeness/tools/convert/failure"
)

// Network is a float32 network: the graph's operators, not yet quantised.
type Network struct {
	Name         string
	Tensors      []Tensor
	Nodes        []Node
	Prepare      picture.Preparation
	DefaultLayer string
	Output       string

	Outputs []int // tensors that must stay, by index
	Kept    []int // further ones, of layers that were asked for
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

	// Flat are names of the same numbers as one vector.
	Flat []string

	ID       int  // position at import
	Invented bool // the name is not the file's
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

	Packed []float32 // weights as convolve reads them, once it has run
	Affine bool      // a depthwise 1 x 1 convolution made of a scale and a shift
}

// Rename names a node and its parameters.
func (n *Node) Rename(name string) {
	n.Name = name
	if n.Weight != nil {
		n.Weights = name
	}
}

// Validate applies the graph's shape rules, before anything is run.
func (n *Network) Validate() error {
	if err := n.Prepare.Validate(); err != nil {
		return err
	}
	if len(n.Nodes) == 0 {
		return ErrEmpty
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

// Unclamped are the ends of a result that no activation clamps: all numbers.
func Unclamped() (lo, hi float64) { return math.Inf(-1), math.Inf(1) }

// AffineNode is a depthwise 1 x 1 convolution, whose weights int8 holds
// exactly: one to a channel, each with a scale of its own.
func AffineNode(t, channels int) Node {
	one := [2]int{1, 1}
	return Node{Node: graph.Node{Op: graph.Conv, Inputs: []int{t}, Groups: channels, Kernel: one, Stride: one, Dilation: one},
		Weight: make([]float32, channels), Bias: make([]float32, channels), Affine: true}
}

// ErrEmpty is a graph that computes nothing.
var ErrEmpty error = failure.New(failure.CodeEmpty, "the graph holds no operators between the picture and its output")

// ClampFn is a clamp between any two values; no file holds it.
const ClampFn = "clamp"

// CheckShape applies the graph's own shape limits early.
func CheckShape(shape [3]int) error {
	n := 1
	for _, d := range shape {
		if d < 1 || n > graph.MaxTensorElems/d {
			return fmt.Errorf("shape %v is empty or too large", shape)
		}
		n *= d
	}
	return nil
}

// Range is the interval of a tensor's real values.
type Range struct{ Min, Max float64 }

// Extend widens r to values; it has no ends if one of them is no number.
func (r *Range) Extend(vals []float32) {
	lo, hi, finite := extend(vals, float32(r.Min), float32(r.Max))
	if r.Min, r.Max = float64(lo), float64(hi); finite {
		return
	}
	for _, v := range vals {
		r.Min, r.Max = min(r.Min, float64(v)), max(r.Max, float64(v))
	}
}
