package zoo

import (
	"fmt"

	"likeness/tools/convert/nd"
)

func (w *tfjs) node(node *nd.Node) error {
	x := node.Inputs[0]
	in, out := w.shape[x], node.Outputs[0]
	switch node.Op {
	case "Conv":
		return w.conv(node)
	case "Gemm":
		w.gemm(node)
	case "MaxPool", "AveragePool":
		return w.pool(node)
	case "GlobalAveragePool":
		axes := w.integers(node.Name+"/axes", []int{1, 2}, 2)
		w.add("Mean", out, [3]int{1, 1, in[2]}, map[string]any{"keep_dims": tfBool(false), "Tidx": typed("DT_INT32")}, w.name[x], axes)
	case "Flatten": // a mean has no pixels left
		flat := in[0] * in[1] * in[2]
		to := w.integers(node.Name+"/shape", []int{1, flat}, 2)
		w.add("Reshape", out, in, map[string]any{"Tshape": typed("DT_INT32")}, w.name[x], to)
	case "Relu":
		w.add("Relu", out, in, map[string]any{}, w.name[x])
	case "Clip":
		w.add("Relu6", out, in, map[string]any{}, w.name[x])
	case "Add":
		w.add("AddV2", out, in, map[string]any{}, w.name[x], w.name[node.Inputs[1]])
	case "Pad":
		by := w.made[node.Inputs[1]].Attrs["value"].Tensor.I
		w.pad(out, x, int(by[2]), int(by[3]))
	case "Concat":
		w.concat(node)
	default:
		return fmt.Errorf("operator %s is not among those written as TensorFlow.js", node.Op)
	}
	return nil
}

// pad adds pixels of 0.
func (w *tfjs) pad(tensor, x string, h, wd int) {
	in := w.shape[x]
	by := w.integers(tensor+"/paddings", []int{0, 0, h, h, wd, wd, 0, 0}, 4, 2)
	w.add("Pad", tensor, [3]int{in[0] + 2*h, in[1] + 2*wd, in[2]}, map[string]any{"Tpaddings": typed("DT_INT32")}, w.name[x], by)
}

// activation finds the one that may be fused: the only reader of a tensor.
// It returns the tensor that the fused node makes and the fused operators.
func (w *tfjs) activation(tensor string) (string, []string) {
	if w.readers[tensor] == 1 {
		for i := range w.g.Nodes {
			node := &w.g.Nodes[i]
			if node.Inputs == nil || node.Inputs[0] != tensor {
				continue
			}
			if fn := map[string]string{"Relu": "Relu", "Clip": "Relu6"}[node.Op]; fn != "" {
				w.skip[node.Outputs[0]] = true
				return node.Outputs[0], []string{"BiasAdd", fn}
			}
		}
	}
	return tensor, []string{"BiasAdd"}
}

// padding is what TensorFlow calls the padding of a window; where it has no
// word for it, the input is padded first.
func (w *tfjs) padding(node *nd.Node, k, stride, pads []int64) (input, word string) {
	x := node.Inputs[0]
	switch {
	case pads == nil || pads[0]+pads[1] == 0:
		return w.name[x], "VALID"
	case stride[0] == 1 && pads[0] == (k[0]-1)/2 && pads[1] == (k[1]-1)/2 && k[0]%2 == 1 && k[1]%2 == 1 && node.Op == "Conv":
		return w.name[x], "SAME"
	}
	t := node.Name + "/padded"
	w.pad(t, x, int(pads[0]), int(pads[1]))
	return w.name[t], "VALID"
}

func (w *tfjs) window(node *nd.Node) (k, s, p []int64, out [2]int) {
	k, s, p = node.Attrs["kernel_shape"].Ints, node.Attrs["strides"].Ints, node.Attrs["pads"].Ints
	in := w.shape[node.Inputs[0]]
	for i := range out {
		n := int64(in[i])
		if p != nil {
			n += 2 * p[i]
		}
		out[i] = int((n-k[i])/s[i] + 1)
	}
	return k, s, p, out
}

func (w *tfjs) conv(node *nd.Node) error {
	k, s, p, size := w.window(node)
	x, word := w.padding(node, k, s, p)
	weight, in := w.g.Const[node.Inputs[1]], w.shape[node.Inputs[0]][2]
	out, per, taps := weight.Shape[0], weight.Shape[1], weight.Shape[2]*weight.Shape[3]
	op, shape := "_FusedConv2D", []int{weight.Shape[2], weight.Shape[3], per, out}
	if node.Attrs["group"].Int != 1 {
		if per != 1 || out != in {
			return fmt.Errorf("%d groups of %d channels: TensorFlow.js has full and depthwise convolutions", node.Attrs["group"].Int, per)
		}
		op, shape = "FusedDepthwiseConv2dNative", []int{weight.Shape[2], weight.Shape[3], out, 1}
	}
	hwio := make([]float32, len(weight.F)) // from OIHW; depthwise [C, 1, ...] comes out as [..., C, 1]
	for i, v := range weight.F {
		o, c, t := i/(per*taps), i/taps%per, i%taps
		hwio[(t*per+c)*out+o] = v
	}
	if len(node.Inputs) < 3 {
		return fmt.Errorf("the convolution has no bias: fold batch normalisation first")
	}
	tensor, fused := w.activation(node.Outputs[0])
	wn := w.constant(node.Name+"/weights", hwio, shape...)
	bn := w.constant(node.Name+"/bias", w.g.Const[node.Inputs[2]].F, out)
	w.add(op, tensor, [3]int{size[0], size[1], out}, map[string]any{"fused_ops": tfTexts(fused...), "num_args": tfInt(1),
		"strides": tfInts(1, int(s[0]), int(s[1]), 1), "dilations": tfInts(1, 1, 1, 1), "padding": tfText(word),
		"data_format": tfText("NHWC"), "explicit_paddings": map[string]any{"list": map[string]any{}},
		"epsilon": map[string]any{"f": 0}}, x, wn, bn)
	return nil
}

// pool pads with 0, which is right for averages that count it and for the
// maximum of what a rectifier made.
func (w *tfjs) pool(node *nd.Node) error {
	k, s, p, size := w.window(node)
	in := w.shape[node.Inputs[0]]
	if k[0] == 1 {
		w.name[node.Outputs[0]], w.shape[node.Outputs[0]] = w.name[node.Inputs[0]], in
		return nil
	}
	if node.Attrs["ceil_mode"].Int == 1 {
		return fmt.Errorf("windows that reach over the edge are not written as TensorFlow.js")
	}
	if p != nil && p[0] > 0 && w.made[node.Inputs[0]].Op != "Relu" {
		return fmt.Errorf("padding a maximum with 0 needs a rectifier before it")
	}
	x, word := w.padding(node, k, s, p)
	op := map[string]string{"MaxPool": "MaxPool", "AveragePool": "AvgPool"}[node.Op]
	w.add(op, node.Outputs[0], [3]int{size[0], size[1], in[2]}, map[string]any{"ksize": tfInts(1, int(k[0]), int(k[1]), 1),
		"strides": tfInts(1, int(s[0]), int(s[1]), 1), "padding": tfText(word), "data_format": tfText("NHWC")}, x)
	return nil
}

// gemm reads [1, H*W*C] where ONNX has [1, C*H*W].
func (w *tfjs) gemm(node *nd.Node) {
	weight, in := w.g.Const[node.Inputs[1]], w.shape[node.Inputs[0]]
	out, k, pixels := weight.Shape[0], weight.Shape[1], in[0]*in[1]
	io := make([]float32, len(weight.F))
	for i, v := range weight.F {
		o, c, p := i/k, i%k/pixels, i%k%pixels
		io[(p*in[2]+c)*out+o] = v
	}
	tensor, fused := w.activation(node.Outputs[0])
	wn := w.constant(node.Name+"/weights", io, k, out)
	bn := w.constant(node.Name+"/bias", w.g.Const[node.Inputs[2]].F, out)
	w.add("_FusedMatMul", tensor, [3]int{1, 1, out}, map[string]any{"fused_ops": tfTexts(fused...), "num_args": tfInt(1),
		"transpose_a": tfBool(false), "transpose_b": tfBool(false), "epsilon": map[string]any{"f": 0}}, w.name[node.Inputs[0]], wn, bn)
}

func (w *tfjs) concat(node *nd.Node) {
	shape, inputs := w.shape[node.Inputs[0]], []string{}
	shape[2] = 0
	for _, in := range node.Inputs {
		inputs = append(inputs, w.name[in])
		shape[2] += w.shape[in][2]
	}
	inputs = append(inputs, w.integers(node.Name+"/axis", []int{3}))
	w.add("ConcatV2", node.Outputs[0], shape, map[string]any{"N": tfInt(len(node.Inputs)), "Tidx": typed("DT_INT32")}, inputs...)
}
