package tflite

import (
	"fmt"
	"slices"
	"sort"

	"likeness/engine/graph"
	"likeness/tools/convert/float"
)

// Operator codes of the schema (BuiltinOperator).
var liteOperators = map[int32]struct {
	name string
	conv func(*importer, *liteOp) error
}{}

func init() {
	for code, op := range map[int32]struct {
		name string
		conv func(*importer, *liteOp) error
	}{
		0: {"ADD", (*importer).binary}, 18: {"MUL", (*importer).binary},
		1: {"AVERAGE_POOL_2D", (*importer).pool}, 17: {"MAX_POOL_2D", (*importer).pool},
		2: {"CONCATENATION", (*importer).concat},
		3: {"CONV_2D", (*importer).conv2D}, 4: {"DEPTHWISE_CONV_2D", (*importer).conv2D},
		6: {"DEQUANTIZE", (*importer).dequantize}, 114: {"QUANTIZE", (*importer).dequantize},
		9:  {"FULLY_CONNECTED", (*importer).fullyConnected},
		14: {"LOGISTIC", (*importer).unary}, 19: {"RELU", (*importer).unary}, 21: {"RELU6", (*importer).unary},
		98: {"LEAKY_RELU", (*importer).unary}, 117: {"HARD_SWISH", (*importer).unary}, 25: {"SOFTMAX", (*importer).unary},
		22: {"RESHAPE", (*importer).reshape}, 43: {"SQUEEZE", (*importer).reshape},
		34: {"PAD", (*importer).pad}, 40: {"MEAN", (*importer).mean},
		41: {"SUB", (*importer).binary}, 42: {"DIV", (*importer).binary},
		54: {"PRELU", (*importer).prelu}, 11: {"L2_NORMALIZATION", (*importer).unitLength},
		77: {"SHAPE", (*importer).shapeOf}, 45: {"STRIDED_SLICE", (*importer).sliceOf}, 83: {"PACK", (*importer).pack},
		23: {"RESIZE_BILINEAR", (*importer).resize}, 97: {"RESIZE_NEAREST_NEIGHBOR", (*importer).resize},
		5: {"DEPTH_TO_SPACE", (*importer).space}, 26: {"SPACE_TO_DEPTH", (*importer).space},
		67: {"TRANSPOSE_CONV", (*importer).transposeConv},
		28: {"TANH", (*importer).unary}, 47: {"EXP", (*importer).unary}, 75: {"SQRT", (*importer).unary}, 76: {"RSQRT", (*importer).unary},
		92: {"SQUARE", (*importer).unary}, 101: {"ABS", (*importer).unary}, 111: {"ELU", (*importer).unary}, 73: {"LOG", (*importer).unary},
		50: {"LOG_SOFTMAX", (*importer).unary},
	} {
		liteOperators[code] = op
	}
}

func supportedLite() (names []string) {
	for _, op := range liteOperators {
		names = append(names, op.name)
	}
	sort.Strings(names)
	return names
}

func (im *importer) operator(op *liteOp) error {
	o, ok := liteOperators[op.code]
	if !ok {
		return &float.UnsupportedError{Operator: operatorName(op.code, op.custom), Tensor: im.tensors[op.outputs[0]].name, Supported: supportedLite(), Hint: im.cutHint(op)}
	}
	if err := o.conv(im, op); err != nil {
		return fmt.Errorf("%s: %w", o.name, err)
	}
	return nil
}

// input returns a computed tensor.
func (im *importer) input(op *liteOp, i int) (int, [3]int, error) {
	if i < len(op.inputs) {
		if t, ok := im.made[op.inputs[i]]; ok {
			return t, im.net.Tensors[t].Shape, nil
		}
	}
	return 0, [3]int{}, fmt.Errorf("input %d is not a tensor computed before", i)
}

// constant returns constant input i as float32, through a DEQUANTIZE.
func (im *importer) constant(op *liteOp, i int) ([]float32, []int, error) {
	if i >= len(op.inputs) || op.inputs[i] < 0 {
		return nil, nil, fmt.Errorf("input %d is missing", i)
	}
	t := &im.tensors[op.inputs[i]]
	if t.origin >= 0 {
		t = &im.tensors[t.origin]
	}
	if t.data == nil {
		return nil, nil, fmt.Errorf("input %d (%q) is not a constant", i, t.name)
	}
	if err := im.widen(t.elems()); err != nil {
		return nil, nil, err
	}
	v, err := t.floats()
	return v, t.shape, err
}

// widen accounts for n more constants.
func (im *importer) widen(n int) error {
	if im.constants -= max(n, 0); im.constants < 0 {
		return fmt.Errorf("the constants are used so often that they would need many times the file's size")
	}
	return nil
}

func (im *importer) isConstant(t int) bool {
	return t >= 0 && (im.tensors[t].data != nil || im.tensors[t].origin >= 0)
}

// steps are the distances between the quantised weights of a per-tensor file.
func (im *importer) steps(op *liteOp, channels int) []float64 {
	if t := &im.tensors[op.inputs[1]]; len(t.scale) == 1 && t.data != nil {
		return slices.Repeat(t.scale, channels)
	}
	return nil
}

// dequantize only ever stands before constants, or where a computed tensor
// changes its integer type, which means nothing to real values.
func (im *importer) dequantize(op *liteOp) error {
	if t, ok := im.made[op.inputs[0]]; ok {
		im.same(op.outputs[0], t)
		return nil
	}
	if !im.isConstant(op.inputs[0]) {
		return fmt.Errorf("the input is neither computed nor constant")
	}
	origin := op.inputs[0]
	if o := im.tensors[origin].origin; o >= 0 {
		origin = o
	}
	im.tensors[op.outputs[0]].origin = origin
	return nil
}

// window computes output size and padding (TensorFlow's SAME or VALID).
func window(size, kernel, stride, dilation int, same bool) (out, before, after int, err error) {
	span := (kernel-1)*dilation + 1
	if min(kernel, stride, dilation) < 1 || max(kernel, stride, dilation) > 256 || (!same && span > size) {
		return 0, 0, 0, fmt.Errorf("kernel %d, stride %d, dilation %d over %d", kernel, stride, dilation, size)
	}
	if !same {
		return (size-span)/stride + 1, 0, 0, nil
	}
	out = (size + stride - 1) / stride
	total := max((out-1)*stride+span-size, 0)
	return out, total / 2, total - total/2, nil
}

func setWindow(n *float.Node, in [3]int, same bool) (h, w int, err error) {
	if h, n.Pads[0], n.Pads[2], err = window(in[0], n.Kernel[0], n.Stride[0], n.Dilation[0], same); err != nil {
		return 0, 0, err
	}
	w, n.Pads[1], n.Pads[3], err = window(in[1], n.Kernel[1], n.Stride[1], n.Dilation[1], same)
	return h, w, err
}

func (im *importer) conv2D(op *liteOp) error {
	t, in, err := im.input(op, 0)
	if err != nil {
		return err
	}
	w, shape, err := im.constant(op, 1)
	if err != nil {
		return err
	}
	if len(shape) != 4 || !op.hasOptions {
		return fmt.Errorf("weights have shape %v, four dimensions are wanted", shape)
	}
	o := op.options
	n := float.Node{Node: graph.Node{Op: graph.Conv, Inputs: []int{t}, Kernel: [2]int{shape[1], shape[2]},
		Stride: [2]int{int(o.int32(2, 1)), int(o.int32(1, 1))}}, Weight: w}
	act, dil, channels := 3, 4, shape[0]
	switch {
	case op.code == 4:
		act, dil, channels, n.Groups = 4, 5, shape[3], in[2]
		n.Weight = depthwiseOrder(w, shape)
	case in[2]%shape[3] == 0:
		n.Groups = in[2] / shape[3]
	default:
		return fmt.Errorf("weights of shape %v do not fit %d input channels", shape, in[2])
	}
	n.Dilation = [2]int{int(o.int32(dil+1, 1)), int(o.int32(dil, 1))}
	if n.ActMin, n.ActMax, err = activation(o.int8(act)); err != nil {
		return err
	}
	if err := im.agrees(op, channels); err != nil {
		return err
	}
	if channels%n.Groups != 0 || len(w) != channels*shape[1]*shape[2]*in[2]/n.Groups {
		return fmt.Errorf("weights of shape %v do not fit %d input channels", shape, in[2])
	}
	h, wd, err := setWindow(&n, in, o.int8(0) == 0)
	if err != nil {
		return err
	}
	if n.Bias, err = im.bias(op, channels); err != nil {
		return err
	}
	n.Steps = im.steps(op, channels)
	out := [3]int{h, wd, channels}
	if err := float.CheckShape(out); err != nil {
		return err
	}
	im.emit(n, op.outputs[0], out)
	return nil
}

// agrees refuses weights that make other channels than the file declares for
// the output.
func (im *importer) agrees(op *liteOp, channels int) error {
	if s := im.tensors[op.outputs[0]].shape; len(s) > 0 && s[len(s)-1] != channels {
		return fmt.Errorf("weights for %d channels contradict the output's shape %v: export the network again", channels, s)
	}
	return nil
}

// depthwiseOrder turns [1][KH][KW][C] into [C][KH][KW][1].
func depthwiseOrder(w []float32, shape []int) []float32 {
	taps, c := shape[1]*shape[2], shape[3]
	out := make([]float32, len(w))
	for t := range taps {
		for k := range c {
			out[k*taps+t] = w[t*c+k]
		}
	}
	return out
}

func (im *importer) bias(op *liteOp, channels int) ([]float32, error) {
	if len(op.inputs) < 3 || op.inputs[2] < 0 {
		return make([]float32, channels), im.widen(channels)
	}
	b, _, err := im.constant(op, 2)
	if err == nil && len(b) != channels {
		err = fmt.Errorf("%d biases for %d channels", len(b), channels)
	}
	return b, err
}

func (im *importer) fullyConnected(op *liteOp) error {
	t, in, err := im.input(op, 0)
	if err != nil {
		return err
	}
	w, shape, err := im.constant(op, 1)
	if err != nil {
		return err
	}
	if len(shape) != 2 || shape[1] != in[0]*in[1]*in[2] {
		return fmt.Errorf("weights of shape %v do not fit an input of %v", shape, in)
	}
	if err := im.agrees(op, shape[0]); err != nil {
		return err
	}
	if f := op.options1(1); f != 0 {
		return fmt.Errorf("weights format %d is not supported, only 0 is", f)
	}
	n := float.Node{Node: graph.Node{Op: graph.FullyConnected, Inputs: []int{t}}, Weight: w}
	if n.ActMin, n.ActMax, err = activation(op.options1(0)); err != nil {
		return err
	}
	if n.Bias, err = im.bias(op, shape[0]); err != nil {
		return err
	}
	n.Steps = im.steps(op, shape[0])
	im.emit(n, op.outputs[0], [3]int{1, 1, shape[0]})
	return nil
}

// options1 reads a byte of the options, 0 when there are none.
func (op *liteOp) options1(i int) int8 {
	if !op.hasOptions {
		return 0
	}
	return op.options.int8(i)
}

func (im *importer) concat(op *liteOp) error {
	n := float.Node{Node: graph.Node{Op: graph.Concat}}
	n.ActMin, n.ActMax = float.Unclamped()
	rank := max(len(im.tensors[op.outputs[0]].shape), 1)
	if !op.hasOptions {
		return fmt.Errorf("the options are missing")
	}
	a := int(op.options.int32(0, 0))
	if a < 0 {
		a += rank
	}
	along := a - rank + 3 // of [H, W, C]
	if along < 0 || along > 2 {
		return fmt.Errorf("only along height, width and channels, not axis %d of %d", a, rank)
	}
	var out [3]int
	for i := range op.inputs {
		t, s, err := im.input(op, i)
		if err != nil {
			return err
		}
		for k := range s {
			switch {
			case k == along:
				out[k] += s[k]
			case i > 0 && s[k] != out[k]:
				return fmt.Errorf("input %d has shape %v beside %v", i, s, out)
			default:
				out[k] = s[k]
			}
		}
		n.Inputs = append(n.Inputs, t)
	}
	if err := float.CheckShape(out); err != nil {
		return err
	}
	if along < 2 && len(n.Inputs) > 1 {
		return im.beside(op, n.Inputs, along, out)
	}
	return im.emitThen(n, op.options1(1), op.outputs[0], out)
}

// beside joins parts along height (0) or width (1): each is padded with zeros to
// the whole, and they are added.
func (im *importer) beside(op *liteOp, parts []int, side int, whole [3]int) (err error) {
	sum, at := -1, 0
	for i, t := range parts {
		size := im.net.Tensors[t].Shape[side]
		node := float.Node{Node: graph.Node{Op: graph.Pad, Inputs: []int{t}}}
		node.Pads[side], node.Pads[side+2] = at, whole[side]-at-size
		at += size
		part := im.inner(node, "part", op.outputs[0], whole)
		if sum < 0 {
			sum = part
			continue
		}
		add := float.Node{Node: graph.Node{Op: graph.Add, Inputs: []int{sum, part}}}
		if i < len(parts)-1 {
			sum = im.inner(add, "sum", op.outputs[0], whole)
			continue
		}
		if add.ActMin, add.ActMax, err = activation(op.options1(1)); err != nil {
			return err
		}
		im.emit(add, op.outputs[0], whole)
	}
	return nil
}

func (im *importer) pool(op *liteOp) error {
	t, in, err := im.input(op, 0)
	if err != nil {
		return err
	}
	if !op.hasOptions {
		return fmt.Errorf("the options are missing")
	}
	o := op.options
	n := float.Node{Node: graph.Node{Op: graph.AvgPool, Inputs: []int{t}, Kernel: [2]int{int(o.int32(4, 1)), int(o.int32(3, 1))},
		Stride: [2]int{int(o.int32(2, 1)), int(o.int32(1, 1))}, Dilation: [2]int{1, 1}}}
	if op.code == 17 {
		n.Op = graph.MaxPool
	}
	n.ActMin, n.ActMax = float.Unclamped()
	h, w, err := setWindow(&n, in, o.int8(0) == 0)
	if err != nil {
		return err
	}
	return im.emitThen(n, o.int8(5), op.outputs[0], [3]int{h, w, in[2]})
}

func (im *importer) mean(op *liteOp) error {
	t, in, err := im.input(op, 0)
	if err != nil {
		return err
	}
	n := float.Node{Node: graph.Node{Op: graph.GlobalAvgPool, Inputs: []int{t}}}
	n.ActMin, n.ActMax = float.Unclamped()
	axes, _, err := im.constant(op, 1)
	if err != nil {
		return err
	}
	over := [4]bool{}
	for _, a := range axes {
		if a < 0 {
			a += 4
		}
		if a >= 0 && a < 4 {
			over[int(a)] = true
		}
	}
	if len(axes) != 2 || len(im.tensors[op.inputs[0]].shape) != 4 || over != [4]bool{1: true, 2: true} {
		return fmt.Errorf("axes %v are not supported, only height and width of a feature map are", axes)
	}
	im.emit(n, op.outputs[0], [3]int{1, 1, in[2]})
	return nil
}
