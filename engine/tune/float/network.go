package float

import (
	"fmt"
	"slices"

	"likeness/engine/graph"
	"likeness/engine/model"
)

// operator reads the values of tensors that were computed before. backward adds
// to the gradients of what forward has read, and may change those of its output.
type operator interface {
	forward(pictures int)
	backward(pictures int)
}

// learner is an operator with parameters.
type learner interface{ parameters() *Param }

// Network is a part of a network with a head, for up to Batch pictures at a time.
// All its memory is allocated by New. It is not safe for concurrent use.
type Network struct {
	Batch  int
	Input  *Tensor // values of the layer that the part begins after
	Last   *Tensor // of the layer that it ends with
	Pooled *Tensor // [C]: Last, pooled
	// Direction [C] is Pooled divided by its length, Logits [classes] what the head
	// makes of it.
	Direction, Logits *Tensor
	// Params are what is learned, the head's last.
	Params []*Param

	tensors []*Tensor
	byIndex []*Tensor // of the graph's tensors, nil where they are no part
	ops     []operator
	nodes   map[int]linear // operators with weights, by graph node
	slopes  map[int]*Param // those of prelu
	head    *conv
}

// linear is an operator whose weights a model file holds as int8.
type linear interface {
	operator
	set(weight, bias []float32)
	get() (weight, bias []float32)
}

// Refusal says of an operator that it cannot be trained through, "" if it can.
func Refusal(g *graph.Graph, n *graph.Node) string {
	switch n.Op {
	case graph.Conv, graph.FullyConnected, graph.Add, graph.Sub, graph.Mul, graph.Concat, graph.GatherChannels, graph.Crop,
		graph.MaxPool, graph.AvgPool, graph.GlobalAvgPool, graph.GlobalMaxPool, graph.PReLU, graph.Pad, graph.Reshape, graph.Resize:
		return ""
	case graph.Activation:
		if _, ok := functionOf(n); ok {
			return ""
		}
		return n.Op + " " + n.Fn
	}
	return n.Op
}

// New makes the part of a network after tensor from, up to tensor to, of a valid
// file: each operator of it must read none but from and what the part computes.
// It refuses operators that Refusal names.
func New(f *model.File, from, to, batch int, h Head) (*Network, error) {
	g := &f.Graph
	n := &Network{Batch: batch, byIndex: make([]*Tensor, len(g.Tensors)), nodes: map[int]linear{}, slopes: map[int]*Param{}}
	n.Input = newTensor(g.Tensors[from].Shape, batch, false)
	n.byIndex[from] = n.Input
	for _, i := range Part(g, from, to) {
		if why := Refusal(g, &g.Nodes[i]); why != "" {
			return nil, fmt.Errorf("float: layer %q: the operator %s cannot be trained", g.Nodes[i].Name, why)
		}
		if err := n.add(f, i); err != nil {
			return nil, err
		}
	}
	if n.Last = n.byIndex[to]; n.Last == nil {
		return nil, fmt.Errorf("float: tensor %d does not follow tensor %d", to, from)
	}
	n.addHead(h, batch)
	return n, nil
}

// Part lists the operators, as indices of nodes in their order, that tensor to
// needs when tensor from is there.
func Part(g *graph.Graph, from, to int) []int {
	needed := make([]bool, len(g.Tensors))
	needed[to] = true
	var part []int
	for i := len(g.Nodes) - 1; i >= 0; i-- {
		n := &g.Nodes[i]
		if !needed[n.Output] || n.Output == from {
			continue
		}
		part = append(part, i)
		for _, in := range n.Inputs {
			needed[in] = true
		}
	}
	slices.Reverse(part)
	return part
}

// add makes the operator of a node.
func (n *Network) add(f *model.File, i int) error {
	g := &f.Graph
	node := &g.Nodes[i]
	inputs := make([]*Tensor, len(node.Inputs))
	for k, t := range node.Inputs {
		if inputs[k] = n.byIndex[t]; inputs[k] == nil {
			return fmt.Errorf("float: layer %q reads %q, which the part does not compute", node.Name, g.Tensors[t].Name)
		}
	}
	y := newTensor(g.Tensors[node.Output].Shape, n.Batch, true)
	n.byIndex[node.Output] = y
	n.tensors = append(n.tensors, y)
	n.ops = append(n.ops, n.operator(f, i, inputs, y))
	if l, ok := n.ops[len(n.ops)-1].(learner); ok {
		n.Params = append(n.Params, l.parameters())
	}
	return nil
}

func (n *Network) operator(f *model.File, i int, inputs []*Tensor, y *Tensor) operator {
	g := &f.Graph
	node, x, c := &g.Nodes[i], inputs[0], clampOf(g.Tensors[g.Nodes[i].Output])
	w := window{node.Kernel, node.Stride, node.Dilation, node.Pads}
	switch node.Op {
	case graph.Conv, graph.FullyConnected:
		var l linear
		switch {
		case node.Op == graph.FullyConnected:
			l = newFullyConnected(x, y, c, n.Batch)
		case node.IsDepthwise(g):
			l = newDepthwise(x, y, w, c)
		default:
			l = newConv(x, y, w, node.Groups, c, n.Batch)
		}
		l.set(Dequantised(g, node, f.Params[node.Weights]))
		n.nodes[i] = l
		return l
	case graph.Add, graph.Sub, graph.Mul:
		return &binary{op: node.Op, a: x, b: inputs[1], y: y, clamp: c}
	case graph.Concat:
		return newConcat(inputs, y)
	case graph.MaxPool:
		return newMaxPool(x, y, w)
	case graph.GlobalMaxPool:
		return newMaxPool(x, y, whole(x))
	case graph.AvgPool:
		return newAvgPool(x, y, w, node.CountPad)
	case graph.GlobalAvgPool:
		return newAvgPool(x, y, whole(x), false)
	case graph.Activation:
		fn, _ := functionOf(node) // Refusal has asked
		if node.Fn != graph.Identity {
			c = clampNothing // its own limits are part of it
		}
		return &activation{x, y, fn, c}
	case graph.PReLU:
		p := newParam(0, x.Px)
		copy(p.Value, f.Params[node.Weights].Gain)
		n.slopes[i] = p
		return &prelu{x, y, p}
	}
	return moved(node, x, y)
}

// Dequantised are the real weights, in the order of the file, and biases of an
// operator.
func Dequantised(g *graph.Graph, n *graph.Node, p graph.Params) (weight, bias []float32) {
	in := float64(g.Tensors[n.Inputs[0]].Scale)
	weight, bias = make([]float32, len(p.Weight)), make([]float32, len(p.Bias))
	each := len(p.Weight) / max(len(p.Scale), 1)
	for i, w := range p.Weight {
		weight[i] = float32(float64(w) * float64(p.Scale[i/each]))
	}
	for o, b := range p.Bias {
		bias[o] = float32(float64(b) * in * float64(p.Scale[o]))
	}
	return weight, bias
}

// Weights returns the weights, in the order of the file, and biases of a node as
// they are now; ok is false for nodes without int8 weights.
func (n *Network) Weights(node int) (weight, bias []float32, ok bool) {
	l, ok := n.nodes[node]
	if !ok {
		return nil, nil, false
	}
	weight, bias = l.get()
	return weight, bias, true
}

// Slopes returns the slopes of a prelu node as they are now, or nil.
func (n *Network) Slopes(node int) []float32 {
	p, ok := n.slopes[node]
	if !ok {
		return nil
	}
	return slices.Clone(p.Value)
}

// Tensor is that of a tensor of the graph, or nil where the part has none.
func (n *Network) Tensor(index int) *Tensor { return n.byIndex[index] }

// Forward computes all layers for pictures whose values are in Input.
func (n *Network) Forward(pictures int) {
	for _, o := range n.ops {
		o.forward(pictures)
	}
}

// Backward sets the gradients of Params, from that of Logits.
func (n *Network) Backward(pictures int) {
	for _, p := range n.Params {
		clear(p.Gradient)
	}
	for _, t := range n.tensors {
		if t != n.Logits {
			clear(t.Gradient[:pictures*t.Each()])
		}
	}
	for i := len(n.ops) - 1; i >= 0; i-- {
		n.ops[i].backward(pictures)
	}
}
