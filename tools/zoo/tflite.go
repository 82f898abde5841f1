package zoo

import (
	"fmt"
	"math"

	"likeness/tools/convert/litefile"
	"likeness/tools/convert/nd"
)

// Preparation of the zoo's networks, as TensorFlow Lite's metadata says it: that of
// torchvision, in units of the pixels.
var (
	liteMean = []float32{123.675, 116.28, 103.53}
	liteStd  = []float32{58.395, 57.12, 57.375}
)

// TFLite is the network as a float32 TensorFlow Lite file with metadata: how
// pictures are prepared, and a label for each class. It is for networks that are a
// chain of convolutions with biases, ReLU6, global pooling and a last layer.
func (n *Net) TFLite(labels []string) ([]byte, error) {
	w := &lite{g: n.Graph, Chain: litefile.New(int32(n.Size), int32(n.Width)), shape: [3]int{n.Size, n.Width, 3}}
	w.tensor = "input"
	for i := range n.Graph.Nodes {
		node := &n.Graph.Nodes[i]
		if node.Op == "Constant" {
			continue
		}
		if err := w.node(node); err != nil {
			return nil, fmt.Errorf("node %s: %w", node.Name, err)
		}
	}
	const file = "labels.txt"
	w.Metadata = litefile.Classifier(liteMean, liteStd, file)
	return litefile.WithLabels(w.File(), file, labels)
}

// lite writes one network, whose nodes each read what the one before has made.
type lite struct {
	*litefile.Chain
	g      *nd.Graph
	tensor string // the last, by its ONNX name
	shape  [3]int // H, W, C
}

// Codes of TensorFlow Lite's operators.
const (
	liteConv, liteDepthwise, liteConnected = 3, 4, 9
	liteReshape, liteMeanOf, liteReLU6     = 22, 40, 21
)

func (w *lite) node(n *nd.Node) error {
	if len(n.Inputs) == 0 || n.Inputs[0] != w.tensor || len(n.Outputs) != 1 {
		return fmt.Errorf("%s reads %v after %s: only chains can be written", n.Op, n.Inputs, w.tensor)
	}
	w.tensor = n.Outputs[0]
	switch n.Op {
	case "Conv":
		return w.conv(n)
	case "Clip":
		w.Op(liteReLU6, n.Outputs[0], w.dims(), nil)
	case "GlobalAveragePool":
		w.shape[0], w.shape[1] = 1, 1
		w.Op(liteMeanOf, n.Outputs[0], w.dims(), []int32{litefile.Axes(w.Chain)}, int8(1))
	case "Flatten":
		c := int32(w.shape[2])
		to := w.Tensor(litefile.Tensor{Name: n.Outputs[0] + "/shape", Shape: []int32{2}, Type: litefile.Int32, Data: litefile.Int32s(1, c)})
		w.Op(liteReshape, n.Outputs[0], []int32{1, c}, []int32{to})
	case "Gemm":
		weight, bias := w.g.Const[n.Inputs[1]], w.g.Const[n.Inputs[2]]
		o, i := int32(weight.Shape[0]), int32(weight.Shape[1])
		k, b := w.Constant(n.Inputs[1], []int32{o, i}, weight.F...), w.Constant(n.Inputs[2], []int32{o}, bias.F...)
		w.Op(liteConnected, n.Outputs[0], []int32{1, o}, []int32{k, b}, litefile.ActNone)
	default:
		return fmt.Errorf("%s is not written", n.Op)
	}
	return nil
}

func (w *lite) dims() []int32 {
	return []int32{1, int32(w.shape[0]), int32(w.shape[1]), int32(w.shape[2])}
}

// conv writes a convolution, or one of each channel, that is padded as TensorFlow's
// SAME is.
func (w *lite) conv(n *nd.Node) error {
	weight, bias := w.g.Const[n.Inputs[1]], w.g.Const[n.Inputs[2]]
	o, i, kh, kw := weight.Shape[0], weight.Shape[1], weight.Shape[2], weight.Shape[3]
	strides, pads := n.Attrs["strides"].Ints, n.Attrs["pads"].Ints
	if len(strides) != 2 || len(pads) != 4 {
		return fmt.Errorf("strides %v and pads %v", strides, pads)
	}
	stride := int(strides[0])
	for axis, k := range []int{kh, kw} {
		size := w.shape[axis]
		out := (size + stride - 1) / stride
		all := max((out-1)*stride+k-size, 0)
		if int(pads[axis]) != all/2 || int(pads[axis+2]) != all-all/2 {
			return fmt.Errorf("pads %v are not SAME", pads)
		}
		w.shape[axis] = out
	}
	depthwise := i == 1 && o == w.shape[2]
	shape, code := []int32{int32(o), int32(kh), int32(kw), int32(i)}, int32(liteConv)
	at := func(c, tap, j int) int { return (c*kh*kw+tap)*i + j }
	fields := []any{litefile.PadSame, int32(stride), int32(stride), litefile.ActNone, int32(1), int32(1)}
	if depthwise {
		shape, code = []int32{1, int32(kh), int32(kw), int32(o)}, liteDepthwise
		at = func(c, tap, _ int) int { return tap*o + c }
		fields = []any{litefile.PadSame, int32(stride), int32(stride), int32(1), litefile.ActNone, int32(1), int32(1)}
	} else if i != w.shape[2] {
		return fmt.Errorf("groups are not written")
	}
	values := make([]float32, len(weight.F))
	for k := range values {
		values[k] = float32(math.NaN())
	}
	for c := range o {
		for j := range i {
			for tap := range kh * kw {
				values[at(c, tap, j)] = weight.F[(c*i+j)*kh*kw+tap]
			}
		}
	}
	w.shape[2] = o
	k, b := w.Constant(n.Inputs[1], shape, values...), w.Constant(n.Inputs[2], []int32{int32(o)}, bias.F...)
	w.Op(code, n.Outputs[0], w.dims(), []int32{k, b}, fields...)
	return nil
}
