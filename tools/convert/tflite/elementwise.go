package tflite

import (
	"fmt"

	"likeness/engine/graph"
	"likeness/tools/convert/float"
)

func (im *importer) binary(op *liteOp) error {
	for i := range min(len(op.inputs), 2) {
		if im.isConstant(op.inputs[i]) {
			return im.affine(op, i)
		}
	}
	a, sa, err := im.input(op, 0)
	if err != nil {
		return err
	}
	b, sb, err := im.input(op, 1)
	if err != nil {
		return err
	}
	if op.code == 42 {
		b = im.inner(float.Node{Node: graph.Node{Op: graph.Activation, Fn: graph.Power, Alpha: -1, Inputs: []int{b}}}, "inverse", op.outputs[0], sb)
	}
	if sa != sb && sa == [3]int{1, 1, sb[2]} {
		if sa = sb; op.code != 41 {
			a, b = b, a
		}
	}
	n := float.Node{Node: graph.Node{Op: graph.Add, Inputs: []int{a, b}}}
	switch op.code {
	case 18, 42:
		n.Op = graph.Mul
	case 41:
		n.Op = graph.Sub
	}
	if n.ActMin, n.ActMax, err = activation(op.options1(0)); err != nil {
		return err
	}
	for i := range sa { // either is repeated along axes of length 1
		sa[i] = max(sa[i], sb[i])
	}
	im.emit(n, op.outputs[0], sa)
	return nil
}

// affine is an addition or multiplication of a constant per channel: a
// depthwise 1 x 1 convolution.
func (im *importer) affine(op *liteOp, constant int) error {
	t, in, err := im.input(op, 1-constant)
	if err != nil {
		return err
	}
	k, shape, err := im.constant(op, constant)
	if err != nil {
		return err
	}
	c := in[2]
	if len(k) != 1 && (len(k) != c || shape[len(shape)-1] != c) {
		return fmt.Errorf("a constant of shape %v over an input of %v is not supported, one value or one a channel is", shape, in)
	}
	if err := im.widen(2 * c); err != nil {
		return err
	}
	n := float.Node{Node: graph.Node{Op: graph.Conv, Inputs: []int{t}, Groups: c,
		Kernel: [2]int{1, 1}, Stride: [2]int{1, 1}, Dilation: [2]int{1, 1}}, Weight: make([]float32, c), Bias: make([]float32, c)}
	for i := range c {
		v := k[i%len(k)]
		n.Weight[i] = v
		switch {
		case op.code == 0:
			n.Weight[i], n.Bias[i] = 1, v
		case op.code == 41 && constant == 0:
			n.Weight[i], n.Bias[i] = -1, v
		case op.code == 41:
			n.Weight[i], n.Bias[i] = 1, -v
		case op.code == 42 && constant == 1 && v != 0:
			n.Weight[i] = 1 / v
		case op.code == 42:
			return fmt.Errorf("a constant over a computed value, or a division by 0, is not supported")
		}
	}
	if n.ActMin, n.ActMax, err = activation(op.options1(0)); err != nil {
		return err
	}
	im.emit(n, op.outputs[0], in)
	return nil
}

func (im *importer) unary(op *liteOp) error {
	t, in, err := im.input(op, 0)
	if err != nil {
		return err
	}
	n := float.Node{Node: graph.Node{Op: graph.Activation, Inputs: []int{t}}}
	n.ActMin, n.ActMax = float.Unclamped()
	switch op.code {
	case 14:
		n.Fn, n.ActMin, n.ActMax = graph.Sigmoid, 0, 1
	case 19:
		n.Fn, n.ActMin = graph.ReLU, 0
	case 21:
		n.Fn, n.ActMin, n.ActMax = graph.ReLU6, 0, 6
	case 98:
		n.Fn = graph.LeakyReLU
		if op.hasOptions {
			n.Alpha = float64(op.options.float32(0))
		}
	case 117:
		n.Fn = graph.HardSwish
	case 28:
		n.Fn = graph.Tanh
	case 47:
		n.Fn = graph.Exp
	case 75:
		n.Fn = graph.Sqrt
	case 76:
		n.Fn, n.Alpha = graph.Power, -0.5
	case 92:
		n.Fn = graph.Square
	case 101:
		n.Fn = graph.Abs
	case 111:
		n.Fn, n.Alpha = graph.ELU, 1
	case 73:
		n.Fn = graph.Log
	case 50:
		n.Op = graph.LogSoftmax
	case 25:
		n.Op, n.ActMin, n.ActMax = graph.Softmax, 0, 1
		if in[0]*in[1] != 1 {
			return fmt.Errorf("only over one pixel, not %v", in)
		}
		if op.hasOptions && op.options.float32(0) != 1 {
			return fmt.Errorf("beta %g is not supported, only 1 is", op.options.float32(0))
		}
	}
	im.emit(n, op.outputs[0], in)
	return nil
}
