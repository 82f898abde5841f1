package tflite

import (
	"fmt"

	"likeness/engine/graph"
	"likeness/tools/convert/float"
	"likeness/tools/convert/lower"
	"likeness/tools/convert/nd"
)

// inner emits a node that is a part of the layer that makes the file's tensor out.
func (im *importer) inner(n float.Node, part string, out int, shape [3]int) int {
	if n.ActMin == 0 && n.ActMax == 0 {
		n.ActMin, n.ActMax = float.Unclamped()
	}
	n.Output = im.add(im.layerName(out)+"/"+part, shape, float.Tensor{Invented: true})
	n.Rename(im.net.Tensors[n.Output].Name)
	im.net.Nodes = append(im.net.Nodes, n)
	return n.Output
}

func (im *importer) prelu(op *liteOp) error {
	t, in, err := im.input(op, 0)
	if err != nil {
		return err
	}
	k, shape, err := im.constant(op, 1)
	if err != nil {
		return err
	}
	if len(k) != 1 && (len(k) != in[2] || shape[len(shape)-1] != in[2]) {
		return fmt.Errorf("slopes of shape %v over an input of %v are not supported, one value or one a channel is", shape, in)
	}
	if err := im.widen(in[2]); err != nil {
		return err
	}
	n := float.Node{Node: graph.Node{Op: graph.PReLU, Inputs: []int{t}}, Weight: make([]float32, in[2])}
	n.ActMin, n.ActMax = float.Unclamped()
	for i := range n.Weight {
		n.Weight[i] = k[i%len(k)]
	}
	im.emit(n, op.outputs[0], in)
	return nil
}

// unitLength divides each place by its length, by local response normalisation
// over so many channels that every channel sees all.
func (im *importer) unitLength(op *liteOp) error {
	t, in, err := im.input(op, 0)
	if err != nil {
		return err
	}
	size := 2*in[2] + 1
	if size > graph.MaxDim {
		return fmt.Errorf("a length over %d values; up to %d are", in[2], graph.MaxDim/2-1)
	}
	n := float.Node{Node: graph.Node{Op: graph.LRN, Inputs: []int{t}, Size: size, Alpha: float64(size), Beta: 0.5, Shift: lower.LeastSquares}}
	n.ActMin, n.ActMax = float.Unclamped()
	return im.emitThen(n, op.options1(0), op.outputs[0], in)
}

func (im *importer) resize(op *liteOp) error {
	t, in, err := im.input(op, 0)
	if err != nil {
		return err
	}
	size, err := im.numbers(op, 1)
	if err != nil {
		return err
	}
	if len(size) != 2 {
		return fmt.Errorf("%d sizes, 2 are wanted", len(size))
	}
	n := float.Node{Node: graph.Node{Op: graph.Resize, Inputs: []int{t}, Fn: graph.Linear, Coordinates: graph.Asymmetric}}
	corners := 2
	if op.code == 97 {
		n.Fn, n.Rounding, corners = graph.Nearest, graph.RoundFloor, 0
	}
	switch {
	case op.options1(corners) != 0:
		n.Coordinates = graph.AlignCorners
	case op.options1(corners+1) != 0:
		n.Coordinates = graph.HalfPixel
	}
	if n.Fn == graph.Nearest && n.Coordinates != graph.Asymmetric {
		n.Rounding = graph.HalfUp
	}
	n.ActMin, n.ActMax = float.Unclamped()
	out := [3]int{size[0], size[1], in[2]}
	if file := im.tensors[op.inputs[0]].shape; len(file) == 4 && file[1] > 0 && file[2] > 0 && im.ints[op.inputs[1]] == nil { // at another input size
		out[0], out[1] = size[0]*in[0]/file[1], size[1]*in[1]/file[2]
	}
	if err := float.CheckShape(out); err != nil {
		return err
	}
	im.emit(n, op.outputs[0], out)
	return nil
}

func (im *importer) space(op *liteOp) error {
	t, in, err := im.input(op, 0)
	if err != nil {
		return err
	}
	b := 0
	if op.hasOptions {
		b = int(op.options.int32(0, 0))
	}
	if b < 1 || b > 256 {
		return fmt.Errorf("blocks of %d are not supported", b)
	}
	n := float.Node{Node: graph.Node{Op: graph.DepthToSpace, Inputs: []int{t}, Block: b, Order: graph.OrderDCR}}
	out := [3]int{in[0] * b, in[1] * b, in[2] / (b * b)}
	if op.code == 26 {
		n.Op = graph.SpaceToDepth
		out = [3]int{in[0] / b, in[1] / b, in[2] * b * b}
	}
	n.ActMin, n.ActMax = float.Unclamped()
	if err := float.CheckShape(out); err != nil {
		return err
	}
	im.emit(n, op.outputs[0], out)
	return nil
}

// transposeConv takes the size of the output, weights [O, H, W, I], the input and
// perhaps a bias.
func (im *importer) transposeConv(op *liteOp) error {
	t, in, err := im.input(op, 2)
	if err != nil {
		return err
	}
	w, s, err := im.constant(op, 1)
	if err != nil {
		return err
	}
	if len(s) != 4 || s[3] != in[2] || !op.hasOptions {
		return fmt.Errorf("weights of shape %v do not fit %d input channels", s, in[2])
	}
	o := op.options
	stride := int(o.int32(1, 1))
	if stride != int(o.int32(2, 1)) || stride < 1 || stride > 16 {
		return fmt.Errorf("strides %d and %d are not supported, one of 1 to 16 is", o.int32(2, 1), stride)
	}
	if err := im.widen(2 * len(w)); err != nil {
		return err
	}
	tc := liteTransposed(w, s, in, stride, o.int8(0) == 0)
	node, err := tc.Node(t)
	if err != nil {
		return err
	}
	if len(op.inputs) > 3 && op.inputs[3] >= 0 {
		b, _, err := im.constant(op, 3)
		if err != nil {
			return err
		}
		if len(b) != s[0] {
			return fmt.Errorf("%d biases for %d channels", len(b), s[0])
		}
		tc.Bias(&node, b)
	}
	shape := [3]int{in[0] + tc.Taps[0] - 1, in[1] + tc.Taps[1] - 1, len(node.Bias)}
	for _, s := range [][3]int{shape, {shape[0] * stride, shape[1] * stride, s[0]}} {
		if err := float.CheckShape(s); err != nil {
			return err
		}
	}
	t = im.inner(node, "blocks", op.outputs[0], shape)
	if stride > 1 {
		shape = [3]int{shape[0] * stride, shape[1] * stride, s[0]}
		t = im.inner(float.Node{Node: graph.Node{Op: graph.DepthToSpace, Inputs: []int{t}, Block: stride, Order: graph.OrderDCR}}, "spread", op.outputs[0], shape)
	}
	n := float.Node{Node: graph.Node{Op: graph.Crop, Inputs: []int{t}, Start: tc.Start, Stride: [2]int{1, 1}}}
	n.ActMin, n.ActMax = float.Unclamped()
	return im.emitThen(n, op.options1(3), op.outputs[0], [3]int{tc.Out[0], tc.Out[1], s[0]})
}

// liteTransposed is a transposed convolution with weights [O, H, W, I].
func liteTransposed(w []float32, s []int, in [3]int, stride int, same bool) *lower.Transposed {
	tc := &lower.Transposed{In: in, Groups: 1, Stride: stride, Dilation: [2]int{1, 1}, W: &nd.Tensor{Shape: []int{s[3], s[0], s[1], s[2]}, F: make([]float32, len(w))}}
	taps := s[1] * s[2]
	for i, v := range w {
		out, tap, c := i/s[3]/taps, i/s[3]%taps, i%s[3]
		tc.W.F[(c*s[0]+out)*taps+tap] = v
	}
	for i := range 2 {
		k := s[1+i]
		full := (in[i]-1)*stride + k
		tc.Taps[i], tc.Out[i] = (k+stride-1)/stride, full
		if same {
			tc.Out[i] = in[i] * stride
			tc.Start[i] = max(full-tc.Out[i], 0) / 2
		}
		if tc.Start[i]+tc.Out[i] > (in[i]+tc.Taps[i]-1)*stride {
			tc.Taps[i]++
		}
	}
	return tc
}
