package export

import (
	"fmt"

	"likeness/engine/graph"
	"likeness/tools/convert/nd"
)

// node writes one operator of the engine.
func (w *writer) node(n *graph.Node) error {
	in := make([]string, len(n.Inputs))
	for i, t := range n.Inputs {
		in[i] = w.value[t]
	}
	out := w.tensor(n.Output)
	switch n.Op {
	case graph.Conv:
		w.finish(w.conv(n, in[0]), n.Output)
	case graph.FullyConnected:
		w.finish(w.fullyConnected(n, in[0]), n.Output)
	case graph.Add, graph.Sub, graph.Mul:
		w.finish(w.emit(map[string]string{graph.Add: "Add", graph.Sub: "Sub", graph.Mul: "Mul"}[n.Op], nil, in...), n.Output)
	case graph.Concat:
		w.finish(w.emit("Concat", map[string]nd.Attr{"axis": nd.Int(1)}, in...), n.Output)
	case graph.AvgPool:
		attrs := window(n)
		if n.CountPad {
			attrs["count_include_pad"] = nd.Int(1)
		}
		w.finish(w.emit("AveragePool", attrs, in[0]), n.Output)
	case graph.GlobalAvgPool:
		w.finish(w.emit("GlobalAveragePool", nil, in[0]), n.Output)
	case graph.Activation:
		w.finish(w.function(n, in[0]), n.Output)
	case graph.Softmax:
		w.finish(w.emit("Softmax", map[string]nd.Attr{"axis": nd.Int(1)}, in[0]), n.Output)
	case graph.LogSoftmax:
		w.finish(w.emit("LogSoftmax", map[string]nd.Attr{"axis": nd.Int(1)}, in[0]), n.Output)
	case graph.LayerNorm, graph.GroupNorm:
		w.finish(w.normalise(n, in[0]), n.Output)
	case graph.LRN:
		w.finish(w.emit("LRN", map[string]nd.Attr{"size": nd.Int(n.Size), "alpha": nd.Float(float32(n.Alpha)), "beta": nd.Float(float32(n.Beta)), "bias": nd.Float(float32(n.Shift))}, in[0]), n.Output)
	case graph.PReLU:
		slopes := w.f.Params[n.Weights].Gain
		w.finish(w.emit("PRelu", nil, in[0], w.floats(slopes, len(slopes), 1, 1)), n.Output)
	default:
		x, err := w.moved(n, in[0], out)
		if err != nil {
			return err
		}
		w.keep(x, n.Output)
	}
	return nil
}

// moved writes the operators that compute nothing.
func (w *writer) moved(n *graph.Node, x string, out graph.Tensor) (string, error) {
	from := w.tensor(n.Inputs[0])
	switch n.Op {
	case graph.MaxPool:
		return w.emit("MaxPool", window(n), x), nil
	case graph.GlobalMaxPool:
		return w.emit("GlobalMaxPool", nil, x), nil
	case graph.GatherChannels:
		return w.emit("Gather", map[string]nd.Attr{"axis": nd.Int(1)}, x, w.ints(n.Channels...)), nil
	case graph.Crop:
		end := func(axis int) int { return n.Start[axis] + (out.Shape[axis]-1)*max(n.Stride[axis], 1) + 1 }
		return w.emit("Slice", nil, x, w.ints(n.Start[0], n.Start[1]), w.ints(end(0), end(1)), w.ints(2, 3), w.ints(max(n.Stride[0], 1), max(n.Stride[1], 1))), nil
	case graph.Pad:
		return w.emit("Pad", map[string]nd.Attr{"mode": nd.String("constant")}, x, w.ints(0, 0, n.Pads[0], n.Pads[1], 0, 0, n.Pads[2], n.Pads[3])), nil
	case graph.DepthToSpace:
		return w.emit("DepthToSpace", map[string]nd.Attr{"blocksize": nd.Int(n.Block), "mode": nd.String(n.Order)}, x), nil
	case graph.SpaceToDepth:
		return w.spaceToDepth(n, x, from, out), nil
	case graph.Reshape:
		return w.reshape(x, from.Shape, out.Shape), nil
	case graph.Resize:
		return w.resize(n, x, out), nil
	}
	return "", fmt.Errorf("%s: the operator %s has no counterpart in ONNX: export up to a layer before it", out.Name, n.Op)
}

func window(n *graph.Node) map[string]nd.Attr {
	attrs := map[string]nd.Attr{"kernel_shape": nd.Ints(n.Kernel[0], n.Kernel[1]), "strides": nd.Ints(max(n.Stride[0], 1), max(n.Stride[1], 1)), "pads": nd.Ints(n.Pads[0], n.Pads[1], n.Pads[2], n.Pads[3])}
	if n.Dilation[0] > 1 || n.Dilation[1] > 1 {
		attrs["dilations"] = nd.Ints(max(n.Dilation[0], 1), max(n.Dilation[1], 1))
	}
	return attrs
}

// conv writes a convolution; weights are [O][KH][KW][I/groups] in the engine,
// [O][I/groups][KH][KW] in ONNX.
func (w *writer) conv(n *graph.Node, x string) string {
	p := w.f.Params[n.Weights]
	o, kh, kw := len(p.Scale), n.Kernel[0], n.Kernel[1]
	ci := len(p.Weight) / (o * kh * kw)
	moved := make([]int8, len(p.Weight))
	for a := range o {
		for y := range kh * kw {
			for c := range ci {
				moved[(a*ci+c)*kh*kw+y] = p.Weight[(a*kh*kw+y)*ci+c]
			}
		}
	}
	attrs := window(n)
	attrs["group"] = nd.Int(max(n.Groups, 1))
	return w.emit("Conv", attrs, x, w.weights(moved, p.Scale, o, ci, kh, kw), w.bias(n))
}

// fullyConnected writes a product with a matrix over the values in HWC order.
func (w *writer) fullyConnected(n *graph.Node, x string) string {
	p, in := w.f.Params[n.Weights], w.tensor(n.Inputs[0])
	o := len(p.Scale)
	if in.Shape[0]*in.Shape[1] > 1 {
		x = w.emit("Transpose", map[string]nd.Attr{"perm": nd.Ints(0, 2, 3, 1)}, x)
	}
	flat := w.emit("Reshape", nil, x, w.ints(1, in.Elems()))
	y := w.emit("Gemm", map[string]nd.Attr{"transB": nd.Int(1)}, flat, w.weights(p.Weight, p.Scale, o, in.Elems()), w.bias(n))
	return w.emit("Reshape", nil, y, w.ints(1, o, 1, 1))
}

// weights writes int8 weights with a scale for each output: as they are, or as
// real numbers.
func (w *writer) weights(values []int8, scale []float32, shape ...int) string {
	if w.form == QDQ {
		t, zero := &nd.Tensor{Type: nd.Int8, Shape: append([]int{}, shape...)}, &nd.Tensor{Type: nd.Int8, Shape: []int{len(scale)}, I: make([]int64, len(scale))}
		for _, v := range values {
			t.I = append(t.I, int64(v))
		}
		return w.emit("DequantizeLinear", map[string]nd.Attr{"axis": nd.Int(0)}, w.constant(t), w.floats(scale, len(scale)), w.constant(zero))
	}
	each := len(values) / len(scale)
	real := make([]float32, len(values))
	for i, v := range values {
		real[i] = float32(v) * scale[i/each]
	}
	return w.floats(real, shape...)
}

// bias is in units of the input's scale times the weights'.
func (w *writer) bias(n *graph.Node) string {
	p, in := w.f.Params[n.Weights], w.tensor(n.Inputs[0])
	real := make([]float32, len(p.Bias))
	for i, b := range p.Bias {
		real[i] = float32(float64(b) * float64(in.Scale) * float64(p.Scale[i]))
	}
	return w.floats(real, len(real))
}

// reshape keeps the HWC order of values.
func (w *writer) reshape(x string, from, to [3]int) string {
	if from[0]*from[1] > 1 {
		x = w.emit("Transpose", map[string]nd.Attr{"perm": nd.Ints(0, 2, 3, 1)}, x)
	}
	if to[0]*to[1] == 1 {
		return w.emit("Reshape", nil, x, w.ints(1, to[2], 1, 1))
	}
	x = w.emit("Reshape", nil, x, w.ints(1, to[0], to[1], to[2]))
	return w.emit("Transpose", map[string]nd.Attr{"perm": nd.Ints(0, 3, 1, 2)}, x)
}

// spaceToDepth is written as its parts, since ONNX has one order of channels.
func (w *writer) spaceToDepth(n *graph.Node, x string, from, out graph.Tensor) string {
	b, c := n.Block, from.Shape[2]
	x = w.emit("Reshape", nil, x, w.ints(1, c, out.Shape[0], b, out.Shape[1], b))
	perm := nd.Ints(0, 3, 5, 1, 2, 4)
	if n.Order == graph.OrderCRD {
		perm = nd.Ints(0, 1, 3, 5, 2, 4)
	}
	x = w.emit("Transpose", map[string]nd.Attr{"perm": perm}, x)
	return w.emit("Reshape", nil, x, w.ints(1, out.Shape[2], out.Shape[0], out.Shape[1]))
}

func (w *writer) resize(n *graph.Node, x string, out graph.Tensor) string {
	coordinates := map[string]string{graph.HalfPixel: "half_pixel", graph.TorchHalfPixel: "pytorch_half_pixel", graph.Asymmetric: "asymmetric", graph.AlignCorners: "align_corners"}
	attrs := map[string]nd.Attr{"mode": nd.String(n.Fn), "coordinate_transformation_mode": nd.String(coordinates[n.Coordinates])}
	if n.Fn == graph.Nearest {
		rounding := map[string]string{graph.RoundFloor: "floor", graph.RoundCeil: "ceil", graph.HalfDown: "round_prefer_floor", graph.HalfUp: "round_prefer_ceil"}
		attrs["nearest_mode"] = nd.String(rounding[n.Rounding])
	}
	if n.Zoom[0] != 0 || n.Zoom[1] != 0 {
		in := w.tensor(n.Inputs[0])
		zoom := func(axis int) float32 {
			if n.Zoom[axis] != 0 {
				return float32(n.Zoom[axis])
			}
			return float32(out.Shape[axis]) / float32(in.Shape[axis])
		}
		return w.emit("Resize", attrs, x, "", w.floats([]float32{1, 1, zoom(0), zoom(1)}, 4))
	}
	return w.emit("Resize", attrs, x, "", "", w.ints(1, out.Shape[2], out.Shape[0], out.Shape[1]))
}
