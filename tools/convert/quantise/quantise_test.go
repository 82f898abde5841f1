package quantise

import (
	"math"
	"math/rand/v2"
	"testing"

	"likeness/engine"
	"likeness/engine/graph"
	"likeness/engine/picture"
	"likeness/tools/convert/float"
)

// randomNet is a 12 x 12 network of full, depthwise and pointwise convolutions
// around a residual sum.
func randomNet(t *testing.T) *float.Network {
	rng := rand.New(rand.NewPCG(3, 4))
	random := func(n int, by float64) []float32 {
		v := make([]float32, n)
		for i := range v {
			v[i] = float32(by * rng.NormFloat64())
		}
		return v
	}
	p, err := picture.Preset("unit")
	if err != nil {
		t.Fatal(err)
	}
	p.Width, p.Height, p.Resize = 12, 12, "stretch"
	n := &float.Network{Name: "random", Prepare: p, DefaultLayer: "last", Tensors: []float.Tensor{{Name: "input", Shape: [3]int{12, 12, 3}}}}
	layer := func(node float.Node, shape [3]int, name string) {
		node.Name, node.Output = name, len(n.Tensors)
		if node.Op == graph.Conv {
			node.Weights, node.Dilation = name, [2]int{1, 1}
			per := n.Tensors[node.Inputs[0]].Shape[2] / node.Groups * node.Kernel[0] * node.Kernel[1]
			node.Weight, node.Bias = random(shape[2]*per, 0.5), random(shape[2], 0.3)
		}
		if node.ActMax == 0 {
			node.ActMin, node.ActMax = float.Unclamped()
		}
		n.Tensors, n.Nodes = append(n.Tensors, float.Tensor{Name: name, Shape: shape}), append(n.Nodes, node)
	}
	conv := func(in, k, stride, groups, pad int) float.Node {
		return float.Node{Node: graph.Node{Op: graph.Conv, Inputs: []int{in}, Kernel: [2]int{k, k}, Stride: [2]int{stride, stride},
			Groups: groups, Pads: [4]int{pad, pad, pad, pad}}}
	}
	first := conv(0, 3, 1, 1, 1)
	first.ActMax = 6
	layer(first, [3]int{12, 12, 8}, "first")
	layer(conv(1, 3, 1, 8, 1), [3]int{12, 12, 8}, "depthwise")
	layer(float.Node{Node: graph.Node{Op: graph.Add, Inputs: []int{1, 2}}}, [3]int{12, 12, 8}, "sum")
	layer(conv(3, 3, 1, 1, 0), [3]int{10, 10, 8}, "wide")
	layer(conv(4, 1, 2, 1, 0), [3]int{5, 5, 5}, "last")
	return n
}

func TestQuantise(t *testing.T) {
	n := randomNet(t)
	rng := rand.New(rand.NewPCG(5, 6))
	var pictures []*picture.Pixels
	var inputs [][]float32
	for range 8 {
		px := &picture.Pixels{W: 12, H: 12, Pix: make([]byte, 4*12*12)}
		for i := range px.Pix {
			px.Pix[i] = byte(rng.IntN(256))
			if i%4 == 3 {
				px.Pix[i] = 255
			}
		}
		in, err := n.Prepared(px)
		if err != nil {
			t.Fatal(err)
		}
		pictures, inputs = append(pictures, px), append(inputs, in)
	}
	f, err := WithRanges(n, Calibrate(n, inputs[:6], nil), Margin)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Graph.Validate(); err != nil {
		t.Fatal(err)
	}
	for i := range f.Graph.Nodes {
		node := &f.Graph.Nodes[i]
		p := f.Params[node.Weights]
		for o, b := range p.Bias {
			per := len(p.Weight) / len(p.Bias)
			lo, hi := graph.AccumulatorRange(p.Weight[o*per:][:per], b, f.Graph.Tensors[node.Inputs[0]])
			if lo < math.MinInt32 || hi > math.MaxInt32 {
				t.Errorf("%s, channel %d: accumulator %d..%d leaves int32", node.Name, o, lo, hi)
			}
		}
	}
	net, err := engine.New(f)
	if err != nil {
		t.Fatal(err)
	}
	var layers []string
	for _, l := range net.Layers() {
		layers = append(layers, l.Name)
	}
	s, err := net.NewSession(layers...)
	if err != nil {
		t.Fatal(err)
	}
	for i, px := range pictures {
		want := n.Run(inputs[i])
		if err := s.Run(px); err != nil {
			t.Fatal(err)
		}
		for l, layer := range layers {
			got, err := s.Vector(layer, engine.PoolFlatten, false)
			if err != nil {
				t.Fatal(err)
			}
			var worst, top float64
			for j, v := range want[l+1] {
				worst, top = max(worst, math.Abs(float64(v-got[j]))), max(top, math.Abs(float64(v)))
			}
			if len(got) != len(want[l+1]) || worst > 0.02*top {
				t.Errorf("picture %d, layer %s: off by %g of %g", i, layer, worst, top)
			}
		}
	}
}
