package float

import (
	"likeness/engine/graph"
	"likeness/tools/convert/parallel"
)

// Run evaluates the network in float32: the reference that quantised vectors
// are held against. Products are rounded before they are added, and added in a
// fixed order, so that every processor finds the same values. input is
// [H][W][3], prepared values.
// It returns every tensor.
func (n *Network) Run(input []float32) [][]float32 {
	vals := make([][]float32, len(n.Tensors))
	n.Visit(input, func(t int, v []float32) { vals[t] = v })
	return vals
}

// Visit shows every tensor once and keeps each only as long as it is read.
func (n *Network) Visit(input []float32, see func(tensor int, v []float32)) {
	readers := make([]int, len(n.Tensors))
	for _, node := range n.Nodes {
		for _, t := range node.Inputs {
			readers[t]++
		}
	}
	vals := make([][]float32, len(n.Tensors))
	vals[0] = input
	see(0, input)
	for i := range n.Nodes {
		node := &n.Nodes[i]
		out := n.eval(node, vals)
		node.Clamp(out)
		vals[node.Output] = out
		see(node.Output, out)
		for _, t := range node.Inputs {
			if readers[t]--; readers[t] == 0 {
				vals[t] = nil
			}
		}
		if readers[node.Output] == 0 {
			vals[node.Output] = nil
		}
	}
}

// Clamp puts a node's values between its bounds.
func (n *Node) Clamp(y []float32) {
	if lo, hi := Unclamped(); n.ActMin > lo || n.ActMax < hi {
		clamp(y, float32(n.ActMin), float32(n.ActMax))
	}
}

// EvalAll is eval for several pictures, side by side.
func (n *Network) EvalAll(node *Node, vals [][][]float32) [][]float32 {
	out := make([][]float32, len(vals))
	if node.Op == graph.FullyConnected {
		x := make([][]float32, len(vals))
		for p := range vals {
			x[p], out[p] = vals[p][node.Inputs[0]], make([]float32, len(node.Bias))
		}
		connect(node, out, x)
		return out
	}
	if node.Op == graph.Conv {
		node.PackWeights(n.Tensors[node.Output].Shape[2])
	}
	parallel.Each(len(vals), func(p int) { out[p] = n.eval(node, vals[p]) })
	return out
}

func (n *Network) eval(node *Node, vals [][]float32) []float32 {
	x, in, out := vals[node.Inputs[0]], n.Tensors[node.Inputs[0]].Shape, n.Tensors[node.Output].Shape
	y := make([]float32, out[0]*out[1]*out[2])
	switch node.Op {
	case graph.Conv:
		convolve(node, y, x, in, out)
	case graph.FullyConnected:
		connect(node, [][]float32{y}, [][]float32{x})
	case graph.Add, graph.Sub, graph.Mul:
		binaryFloat(node.Op, y, x, vals[node.Inputs[1]], in, n.Tensors[node.Inputs[1]].Shape, out)
	case graph.Concat:
		at := 0
		for _, j := range node.Inputs {
			c := n.Tensors[j].Shape[2]
			for p := range out[0] * out[1] {
				copy(y[p*out[2]+at:][:c], vals[j][p*c:])
			}
			at += c
		}
	case graph.MaxPool, graph.AvgPool, graph.GlobalAvgPool, graph.GlobalMaxPool:
		poolFloat(node, y, x, in, out)
	case graph.Activation:
		activateFloat(node, y, x)
	case graph.Softmax, graph.LogSoftmax, graph.LayerNorm, graph.LRN, graph.PReLU:
		for at := 0; at < len(y); at += in[2] {
			pixelFloat(node, y[at:][:in[2]], x[at:][:in[2]])
		}
	case graph.GroupNorm:
		groupNormFloat(node, y, x, in)
	case graph.DepthToSpace, graph.SpaceToDepth:
		spaceFloat(node, y, x, in, out)
	case graph.Resize:
		resizeFloat(node, y, x, in, out)
	case graph.Pad:
		for r := range in[0] {
			copy(y[((r+node.Pads[0])*out[1]+node.Pads[1])*out[2]:][:in[1]*in[2]], x[r*in[1]*in[2]:])
		}
	case graph.Reshape:
		copy(y, x)
	case graph.GatherChannels:
		gatherFloat(node, y, x, in, out)
	case graph.Crop:
		cropFloat(node, y, x, in, out)
	}
	return y
}
