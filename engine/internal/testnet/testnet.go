// Package testnet makes small seeded networks for tests: every operator, odd
// channel counts, padding, groups, branches.
package testnet

import (
	"math/rand/v2"

	"likeness/engine/graph"
	"likeness/engine/model"
	"likeness/engine/picture"
)

// Net builds a model file operator by operator.
type Net struct {
	File model.File
	rng  *rand.Rand
}

// New starts a network with a picture of h x w pixels.
func New(seed uint64, h, w int) *Net {
	p, _ := picture.Preset("tf")
	p.Width, p.Height, p.Side = w, h, max(h, w)
	n := &Net{rng: rand.New(rand.NewPCG(seed, 1))}
	n.File = model.File{Params: map[string]graph.Params{}, License: "CC0-1.0", Source: "seeded random weights"}
	n.File.Graph = graph.Graph{Name: "testnet", Prepare: p}
	n.tensor("input", [3]int{h, w, 3}, 1.0/2040, -2040, 2040)
	return n
}

func (n *Net) tensor(name string, shape [3]int, scale float32, lo, hi int16) int {
	n.File.Graph.Tensors = append(n.File.Graph.Tensors, graph.Tensor{Name: name, Shape: shape, Scale: scale, Lo: lo, Hi: hi})
	n.File.Graph.DefaultLayer = name
	return len(n.File.Graph.Tensors) - 1
}

func (n *Net) shape(t int) [3]int { return n.File.Graph.Tensors[t].Shape }

func (n *Net) node(node graph.Node) int {
	n.File.Graph.Nodes = append(n.File.Graph.Nodes, node)
	return node.Output
}

func (n *Net) params(name string, outputs, per int) {
	p := graph.Params{Weight: make([]int8, outputs*per), Scale: make([]float32, outputs), Bias: make([]int32, outputs)}
	for i := range p.Weight {
		p.Weight[i] = int8(n.rng.IntN(255) - 127)
	}
	for i := range p.Scale {
		p.Scale[i] = 0.01 / float32(per) * (1 + n.rng.Float32())
		p.Bias[i] = int32(n.rng.IntN(200001) - 100000)
	}
	n.File.Params[name] = p
}

// Window describes a convolution or pooling window.
type Window struct {
	Kernel, Stride, Dilation [2]int
	Pads                     [4]int
}

// Square is a k x k window with equal strides and paddings.
func Square(k, stride, pad int) Window {
	return Window{[2]int{k, k}, [2]int{stride, stride}, [2]int{1, 1}, [4]int{pad, pad, pad, pad}}
}

func (w Window) out(h, wd int) (int, int) {
	f := func(size, i int) int {
		return (size+w.Pads[i]+w.Pads[i+2]-(w.Kernel[i]-1)*w.Dilation[i]-1)/w.Stride[i] + 1
	}
	return f(h, 0), f(wd, 1)
}

// Conv adds a convolution; relu clamps at 0.
func (n *Net) Conv(name string, in, channels, groups int, w Window, relu bool) int {
	s := n.shape(in)
	h, wd := w.out(s[0], s[1])
	lo := int16(-8191)
	if relu {
		lo = 0
	}
	n.params(name, channels, w.Kernel[0]*w.Kernel[1]*s[2]/groups)
	out := n.tensor(name, [3]int{h, wd, channels}, 1.0/8191, lo, 8191)
	return n.node(graph.Node{Op: graph.Conv, Name: name, Inputs: []int{in}, Output: out, Kernel: w.Kernel, Stride: w.Stride,
		Dilation: w.Dilation, Pads: w.Pads, Groups: groups, Weights: name})
}

// FC adds a fully connected layer.
func (n *Net) FC(name string, in, outputs int) int {
	s := n.shape(in)
	n.params(name, outputs, s[0]*s[1]*s[2])
	out := n.tensor(name, [3]int{1, 1, outputs}, 1.0/8191, -8191, 8191)
	return n.node(graph.Node{Op: graph.FullyConnected, Name: name, Inputs: []int{in}, Output: out, Weights: name})
}

// Binary adds an addition or multiplication.
func (n *Net) Binary(op, name string, a, b int) int {
	shape := n.shape(a)
	for i, d := range n.shape(b) {
		shape[i] = max(shape[i], d)
	}
	out := n.tensor(name, shape, 1.0/6000, -8191, 8191)
	return n.node(graph.Node{Op: op, Name: name, Inputs: []int{a, b}, Output: out})
}

// Pool adds a pooling that keeps the scale.
func (n *Net) Pool(op, name string, in int, w Window) int {
	t := n.File.Graph.Tensors[in]
	h, wd := 1, 1
	if op != graph.GlobalAvgPool && op != graph.GlobalMaxPool {
		h, wd = w.out(t.Shape[0], t.Shape[1])
	}
	out := n.tensor(name, [3]int{h, wd, t.Shape[2]}, t.Scale, t.Lo, t.Hi)
	return n.node(graph.Node{Op: op, Name: name, Inputs: []int{in}, Output: out, Kernel: w.Kernel, Stride: w.Stride, Dilation: w.Dilation, Pads: w.Pads})
}

// Concat joins tensors of one scale.
func (n *Net) Concat(name string, in ...int) int {
	t := n.File.Graph.Tensors[in[0]]
	t.Shape[2] = 0
	for _, i := range in {
		t.Shape[2] += n.shape(i)[2]
		t.Lo = min(t.Lo, n.File.Graph.Tensors[i].Lo)
	}
	out := n.tensor(name, t.Shape, t.Scale, t.Lo, t.Hi)
	return n.node(graph.Node{Op: graph.Concat, Name: name, Inputs: in, Output: out})
}

// Activation adds an element-wise function.
func (n *Net) Activation(name string, in int, fn string, alpha float64) int {
	out := n.tensor(name, n.shape(in), 1.0/8191, -8191, 8191)
	return n.node(graph.Node{Op: graph.Activation, Name: name, Inputs: []int{in}, Output: out, Fn: fn, Alpha: alpha})
}

// Softmax adds a softmax over channels.
func (n *Net) Softmax(name string, in int) int {
	out := n.tensor(name, n.shape(in), 1.0/32767, 0, 32767)
	return n.node(graph.Node{Op: graph.Softmax, Name: name, Inputs: []int{in}, Output: out})
}

// Copy adds a Pad or Reshape to the given shape.
func (n *Net) Copy(op, name string, in int, shape [3]int, pads [4]int) int {
	t := n.File.Graph.Tensors[in]
	out := n.tensor(name, shape, t.Scale, t.Lo, t.Hi)
	return n.node(graph.Node{Op: op, Name: name, Inputs: []int{in}, Output: out, Pads: pads})
}

// All is a network with every operator.
func All(seed uint64) *Net {
	n := New(seed, 33, 29)
	a := n.Conv("stem", 0, 13, 1, Window{[2]int{3, 3}, [2]int{2, 2}, [2]int{1, 1}, [4]int{0, 0, 1, 1}}, true)
	b := n.Conv("expand", a, 26, 1, Square(1, 1, 0), true)
	c := n.Conv("depthwise", b, 26, 26, Square(3, 1, 1), true)
	d := n.Conv("project", c, 13, 1, Square(1, 1, 0), false)
	e := n.Binary(graph.Add, "residual", d, a)
	f := n.Conv("grouped", e, 9, 1, Square(5, 2, 2), true)
	f2 := n.Conv("groups3", f, 12, 3, Window{[2]int{1, 3}, [2]int{1, 1}, [2]int{1, 2}, [4]int{0, 2, 0, 2}}, true)
	g := n.Pool(graph.MaxPool, "maxpool", f, Square(3, 1, 1))
	h := n.Concat("concat", f2, g, f)
	i := n.Pool(graph.AvgPool, "avgpool", h, Square(3, 2, 1))
	j := n.Pool(graph.GlobalAvgPool, "squeeze", i, Window{})
	k := n.FC("excite", j, 30)
	l := n.Activation("gate", k, graph.Sigmoid, 0)
	m := n.Binary(graph.Mul, "scaled", i, l)
	o := n.Activation("swish", m, graph.HardSwish, 0)
	p := n.Activation("leaky", o, graph.LeakyReLU, 0.1)
	s := n.shape(p)
	q := n.Copy(graph.Pad, "padded", p, [3]int{s[0] + 1, s[1] + 2, s[2]}, [4]int{1, 1, 0, 1})
	q = n.Activation("relu", q, graph.ReLU, 0)
	s = n.shape(q)
	r := n.Copy(graph.Reshape, "flat", q, [3]int{1, 1, s[0] * s[1] * s[2]}, [4]int{})
	t := n.FC("logits", r, 11)
	n.FC("logits2", q, 7)
	n.Softmax("probabilities", t)
	n.more(h)
	n.File.Graph.DefaultLayer = "scaled"
	n.File.Graph.Output = "probabilities"
	return n
}

// Plain adds one convolution and returns the network.
func (n *Net) Plain() *Net {
	n.Conv("plain", 0, 4, 1, Square(1, 1, 0), false)
	return n
}
