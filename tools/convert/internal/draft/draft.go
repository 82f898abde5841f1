// Package draft makes graphs, pictures and files for tests of the converter.
package draft

import (
	"bytes"
	"math"
	"math/rand/v2"
	"testing"

	"likeness/engine"
	"likeness/engine/model"
	"likeness/engine/picture"
	"likeness/tools/convert/float"
	"likeness/tools/convert/nd"
)

// Draft is a graph under construction: a chain of nodes on the last value,
// which begins as a picture [1 3 side side] named x.
type Draft struct {
	G    nd.Graph
	Last string
	Rand *rand.Rand
}

// New starts a graph on a picture [1 3 side side], with weights from a fixed seed.
func New(side int) *Draft {
	d := &Draft{Last: "x", Rand: rand.New(rand.NewPCG(1, 2))}
	d.G = nd.Graph{Name: "draft", Opset: 17, Const: map[string]*nd.Tensor{},
		Inputs: []nd.Value{{Name: "x", Type: nd.Float32, Shape: []int{1, 3, side, side}}}}
	return d
}

// Random adds a constant of values around 0, by the given size.
func (d *Draft) Random(by float64, shape ...int) string {
	t := &nd.Tensor{Type: nd.Float32, Shape: shape, F: make([]float32, nd.Elems(shape))}
	for i := range t.F {
		t.F[i] = float32(by * d.Rand.NormFloat64())
	}
	return d.Constant(t)
}

// Floats adds a constant and gives its name.
func (d *Draft) Floats(shape []int, v ...float32) string {
	return d.Constant(&nd.Tensor{Type: nd.Float32, Shape: shape, F: v})
}

// Scalar adds a constant without axes.
func (d *Draft) Scalar(v float32) string { return d.Floats(nil, v) }

// Ints adds a constant vector of int64.
func (d *Draft) Ints(v ...int64) string {
	return d.Constant(&nd.Tensor{Type: nd.Int64, Shape: []int{len(v)}, I: v})
}

// Constant adds a constant.
func (d *Draft) Constant(t *nd.Tensor) string {
	name := "c" + string(rune('a'+len(d.G.Const)/26)) + string(rune('a'+len(d.G.Const)%26))
	d.G.Const[name] = t
	return name
}

// Attrs are the attributes of a node.
type Attrs = map[string]nd.Attr

// Op adds a node on the last value and more inputs; its result has its name.
func (d *Draft) Op(op, name string, a Attrs, more ...string) string {
	return d.On(op, name, a, append([]string{d.Last}, more...)...)
}

// On appends a node on the named inputs and gives the name of its result.
func (d *Draft) On(op, name string, a Attrs, in ...string) string {
	d.G.Nodes = append(d.G.Nodes, nd.Node{Op: op, Name: name + "_node", Inputs: in, Outputs: []string{name}, Attrs: a})
	d.Last = name
	return name
}

// Conv adds a square convolution with padding that keeps the size.
func (d *Draft) Conv(name string, in, out, k int) string {
	p := k / 2
	return d.Op("Conv", name, Attrs{"pads": nd.Ints(p, p, p, p)}, d.Random(1/math.Sqrt(float64(in*k*k)), out, in, k, k), d.Random(0.1, out))
}

// Graph is the graph with the given outputs, or the last value.
func (d *Draft) Graph(outputs ...string) *nd.Graph {
	if outputs == nil {
		outputs = []string{d.Last}
	}
	for _, o := range outputs {
		d.G.Outputs = append(d.G.Outputs, nd.Value{Name: o, Type: nd.Float32})
	}
	return &d.G
}

// TorchLike is the preparation of networks of PyTorch, at the size of the file.
func TorchLike() picture.Preparation {
	p, _ := picture.Preset("torch")
	p.Width, p.Height, p.Side = 0, 0, 0
	return p
}

// HWC turns [1 C H W] into [H][W][C].
func HWC(t *nd.Tensor) []float32 {
	c, n := t.Shape[1], t.Shape[2]*t.Shape[3]
	out := make([]float32, len(t.F))
	for i := range t.F {
		out[i%n*c+i/n] = t.F[i]
	}
	return out
}

// Operators names the operators of a network, in order.
func Operators(n *float.Network) (ops []string) {
	for _, node := range n.Nodes {
		op := node.Op
		if node.Fn != "" {
			op += " " + node.Fn
		}
		ops = append(ops, op)
	}
	return ops
}

// ToHWC turns [3][H][W] into [H][W][3].
func ToHWC(x []float32) []float32 {
	n := len(x) / 3
	out := make([]float32, len(x))
	for i := range n {
		for c := range 3 {
			out[3*i+c] = x[c*n+i]
		}
	}
	return out
}

// ThroughFile writes, reads and loads a model.
func ThroughFile(t *testing.T, f *model.File) *engine.Network {
	t.Helper()
	var b bytes.Buffer
	if err := model.Write(&b, f); err != nil {
		t.Fatal(err)
	}
	net, err := engine.Load(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	return net
}

// Noise is a picture of random pixels.
func Noise(seed uint64, w, h int) *picture.Pixels {
	rng := rand.New(rand.NewPCG(seed, 3))
	px := &picture.Pixels{W: w, H: h, Pix: make([]byte, 4*w*h)}
	for i := range px.Pix {
		px.Pix[i] = byte(rng.IntN(256))
		if i%4 == 3 {
			px.Pix[i] = 255
		}
	}
	return px
}
