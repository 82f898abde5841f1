package quantise

import (
	"math"
	"math/rand/v2"
	"testing"

	"likeness/engine"
	"likeness/engine/graph"
	"likeness/tools/convert/float"
	"likeness/tools/convert/internal/draft"
)

// TestOperatorsAgainstFloat runs every operator that copies, normalises or
// applies a function on one convolution, float and quantised, where the engine
// stays within a thousandth of the largest value.
func TestOperatorsAgainstFloat(t *testing.T) {
	const h, w, c = 12, 12, 8
	var nodes []float.Node
	var shapes [][3]int
	add := func(n graph.Node, shape [3]int, params ...[]float32) {
		node := float.Node{Node: n}
		node.ActMin, node.ActMax = float.Unclamped()
		if params != nil {
			node.Weights, node.Weight = "p", params[0]
		}
		if len(params) > 1 {
			node.Bias = params[1]
		}
		nodes, shapes = append(nodes, node), append(shapes, shape)
	}
	same := [3]int{h, w, c}
	for _, fn := range graph.Functions {
		add(graph.Node{Op: graph.Activation, Fn: fn, Alpha: 0.2, Beta: 0.5}, same)
	}
	gain, offset := []float32{1, -2, 0.5, 0.25, 1.5, 0.1, 3, -1}, []float32{0, 1, -1, 0.5, 2, 0, 0, 0.25}
	add(graph.Node{Op: graph.LayerNorm, Epsilon: 1e-6}, same, gain, offset)
	add(graph.Node{Op: graph.GroupNorm, Groups: 2, Epsilon: 1e-5}, same, gain, offset)
	add(graph.Node{Op: graph.GroupNorm, Groups: c, Epsilon: 1e-3}, same, gain, offset)
	add(graph.Node{Op: graph.Activation, Fn: graph.Power, Alpha: 3}, same)
	add(graph.Node{Op: graph.Activation, Fn: graph.Power, Alpha: 1.0 / 3}, same)
	add(graph.Node{Op: graph.PReLU}, same, gain)
	add(graph.Node{Op: graph.LRN, Size: 3, Alpha: 1, Beta: 0.75, Shift: 1}, same)
	add(graph.Node{Op: graph.Softmax}, same)
	nodes[len(nodes)-1].ActMin, nodes[len(nodes)-1].ActMax = 0, 1
	add(graph.Node{Op: graph.LogSoftmax}, same)
	add(graph.Node{Op: graph.GlobalMaxPool}, [3]int{1, 1, c})
	add(graph.Node{Op: graph.GatherChannels, Channels: []int{7, 1, 2, 3, 0}}, [3]int{h, w, 5})
	add(graph.Node{Op: graph.Crop, Start: [2]int{1, 2}, Stride: [2]int{2, 3}}, [3]int{5, 3, c})
	for _, order := range []string{graph.OrderDCR, graph.OrderCRD} {
		add(graph.Node{Op: graph.DepthToSpace, Block: 2, Order: order}, [3]int{2 * h, 2 * w, c / 4})
		add(graph.Node{Op: graph.SpaceToDepth, Block: 3, Order: order}, [3]int{h / 3, w / 3, 9 * c})
	}
	for _, where := range []string{graph.HalfPixel, graph.TorchHalfPixel, graph.Asymmetric, graph.AlignCorners} {
		add(graph.Node{Op: graph.Resize, Fn: graph.Linear, Coordinates: where}, [3]int{17, 5, c})
		add(graph.Node{Op: graph.Resize, Fn: graph.Nearest, Coordinates: where, Rounding: graph.HalfDown}, [3]int{17, 5, c})
	}
	for i, node := range nodes {
		name := node.Op + " " + node.Fn + node.Order + node.Coordinates
		n := randomNet(t)
		n.Tensors, n.Nodes = n.Tensors[:2], n.Nodes[:1]
		n.Nodes[0].ActMin, n.Nodes[0].ActMax = float.Unclamped()
		node.Name, node.Inputs, node.Output = "last", []int{1}, 2
		n.Tensors, n.Nodes = append(n.Tensors, float.Tensor{Name: "last", Shape: shapes[i]}), append(n.Nodes, node)
		if err := n.Validate(); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		distance, top := quantisedDistance(t, n)
		if !(distance <= 0.001*top) {
			t.Errorf("%s is off by %g, the largest value is %g", name, distance, top)
		}
	}
}

// quantisedDistance compares the last layer, float and quantised. The engine's
// own first layer goes into the float run of the second, so that 8-bit weights
// do not count.
func quantisedDistance(t *testing.T, n *float.Network) (distance, top float64) {
	t.Helper()
	rng := rand.New(rand.NewPCG(1, 9))
	px := draft.Noise(rng.Uint64(), 12, 12)
	in, err := n.Prepared(px)
	if err != nil {
		t.Fatal(err)
	}
	f, err := WithRanges(n, Calibrate(n, [][]float32{in}, nil), Margin)
	if err != nil {
		t.Fatal(err)
	}
	s, err := draft.ThroughFile(t, f).NewSession("first", "last")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Run(px); err != nil {
		t.Fatal(err)
	}
	first, err := s.Vector("first", engine.PoolFlatten, false)
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.Vector("last", engine.PoolFlatten, false)
	if err != nil {
		t.Fatal(err)
	}
	want := n.EvalAll(&n.Nodes[1], [][][]float32{{nil, first, nil}})[0]
	for i, v := range want {
		top = max(top, math.Abs(float64(v)))
		if d := math.Abs(float64(v - got[i])); !(d <= distance) {
			distance = d
		}
	}
	return distance, top
}
