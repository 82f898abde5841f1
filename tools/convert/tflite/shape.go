package tflite

import (
	"fmt"
	"slices"

	"likeness/engine/graph"
	"likeness/tools/convert/float"
	"likeness/tools/convert/lower"
)

func (im *importer) reshape(op *liteOp) error {
	t, in, err := im.input(op, 0)
	if err != nil {
		return err
	}
	shape := im.tensors[op.outputs[0]].shape
	if len(op.inputs) > 1 && im.ints[op.inputs[1]] != nil {
		shape = filled(im.ints[op.inputs[1]], in[0]*in[1]*in[2])
	}
	out, err := reshaped(shape, in)
	if err != nil {
		return err
	}
	if out == in { // nothing to do at run time
		im.same(op.outputs[0], t)
		return nil
	}
	n := float.Node{Node: graph.Node{Op: graph.Reshape, Inputs: []int{t}}}
	n.ActMin, n.ActMax = float.Unclamped()
	im.emit(n, op.outputs[0], out)
	return nil
}

// reshaped takes the shape that the file declares for an output to [H, W, C].
// A file run at another input size may only flatten.
func reshaped(shape []int, in [3]int) ([3]int, error) {
	elems := in[0] * in[1] * in[2]
	out, product, leading := [3]int{1, 1, 1}, 1, 1
	for i, d := range shape {
		if d < 1 || product > graph.MaxTensorElems/d {
			return out, fmt.Errorf("cannot reshape %v to %v", in, shape)
		}
		product *= d
		switch i - len(shape) {
		case -1:
			out[2] = d
		case -2:
			out[1] = d
		default:
			out[0] *= d
		}
		if i < len(shape)-1 {
			leading *= d
		}
	}
	if product == elems {
		return out, nil
	}
	if leading == 1 {
		return [3]int{1, 1, elems}, nil
	}
	return out, fmt.Errorf("cannot reshape %v to %v", in, shape)
}

func (im *importer) pad(op *liteOp) error {
	t, in, err := im.input(op, 0)
	if err != nil {
		return err
	}
	v, shape, err := im.constant(op, 1)
	if err != nil {
		return err
	}
	if len(v) != 8 || len(shape) != 2 || v[0]+v[1] != 0 || slices.Min(v) < 0 || slices.Max(v) > 1<<16 {
		return fmt.Errorf("only around height, width and channels, not %v", v)
	}
	if v[6]+v[7] > 0 {
		out := op.outputs[0]
		if v[2]+v[3]+v[4]+v[5] == 0 {
			return im.padChannels(t, int(v[6]), int(v[7]), func(n float.Node, shape [3]int) { im.emit(n, out, shape) })
		}
		err := im.padChannels(t, int(v[6]), int(v[7]), func(n float.Node, shape [3]int) { t, in = im.inner(n, "deeper", out, shape), shape })
		if err != nil {
			return err
		}
	}
	n := float.Node{Node: graph.Node{Op: graph.Pad, Inputs: []int{t}, Pads: [4]int{int(v[2]), int(v[4]), int(v[3]), int(v[5])}}}
	n.ActMin, n.ActMax = float.Unclamped()
	out := [3]int{in[0] + n.Pads[0] + n.Pads[2], in[1] + n.Pads[1] + n.Pads[3], in[2]}
	if err := float.CheckShape(out); err != nil {
		return err
	}
	im.emit(n, op.outputs[0], out)
	return nil
}

// filled is a shape of so many values whose one open side, -1, is settled.
func filled(shape []int, elems int) []int {
	out, known, open := slices.Clone(shape), 1, -1
	for i, d := range shape {
		if d < 0 {
			open = i
		} else {
			known = max(known*min(max(d, 1), graph.MaxTensorElems), 1) % (graph.MaxTensorElems + 1)
		}
	}
	if open >= 0 && known > 0 {
		out[open] = elems / known
	}
	return out
}

// shapeOf is the shape of a computed value: known numbers, of which files compute
// the shape of a reshape.
func (im *importer) shapeOf(op *liteOp) error {
	_, in, err := im.input(op, 0)
	if err != nil {
		return err
	}
	rank := len(im.tensors[op.inputs[0]].shape)
	switch {
	case rank == 4:
		im.ints[op.outputs[0]] = []int{1, in[0], in[1], in[2]}
	case in[0]*in[1] == 1 && rank > 0:
		im.ints[op.outputs[0]] = append(slices.Repeat([]int{1}, rank-1), in[2])
	default:
		return fmt.Errorf("of a value with %d dimensions", rank)
	}
	return nil
}

// numbers are the known integers of an input.
func (im *importer) numbers(op *liteOp, i int) ([]int, error) {
	if i < len(op.inputs) {
		if v, ok := im.ints[op.inputs[i]]; ok {
			return v, nil
		}
	}
	v, _, err := im.constant(op, i)
	if err != nil {
		return nil, fmt.Errorf("only of known numbers, such as a shape: %w", err)
	}
	out := make([]int, len(v))
	for k, x := range v {
		out[k] = int(x)
	}
	return out, nil
}

// sliceOf takes a part of a shape.
func (im *importer) sliceOf(op *liteOp) error {
	var args [4][]int // numbers, begin, end, stride
	for i := range args {
		var err error
		if args[i], err = im.numbers(op, i); err != nil {
			return err
		}
	}
	v := args[0]
	if len(args[1]) != 1 || len(args[2]) != 1 || len(args[3]) != 1 || args[3][0] == 0 {
		return fmt.Errorf("a part along one axis is supported, not from %v to %v by %v", args[1], args[2], args[3])
	}
	masked := func(field int) bool { return op.hasOptions && op.options.int32(field, 0)&1 != 0 }
	begin, end, step := args[1][0], args[2][0], args[3][0]
	if masked(0) {
		begin = 0
	}
	if masked(1) {
		end = len(v)
	}
	if masked(4) { // one number
		end, step = begin+1, 1
		if begin == -1 {
			end = len(v)
		}
	}
	at, err := lower.Sliced(begin, end, step, len(v))
	if err != nil {
		return err
	}
	out := []int{}
	for _, i := range at {
		out = append(out, v[i])
	}
	im.ints[op.outputs[0]] = out
	return nil
}

// pack makes a shape of its parts.
func (im *importer) pack(op *liteOp) error {
	out := []int{}
	for i := range op.inputs {
		v, err := im.numbers(op, i)
		if err != nil {
			return err
		}
		out = append(out, v...)
	}
	im.ints[op.outputs[0]] = out
	return nil
}

// padChannels adds channels of zeros before and after those of t.
func (im *importer) padChannels(t, before, after int, emit func(n float.Node, shape [3]int)) error {
	in := im.net.Tensors[t].Shape
	out := in
	out[2] += before + after
	if err := lower.ErrorsOf(float.CheckShape(out), im.widen(2*(before+after))); err != nil {
		return err
	}
	cat := float.Node{Node: graph.Node{Op: graph.Concat}}
	cat.ActMin, cat.ActMax = float.Unclamped()
	zeros := func(count int) {
		if count == 0 {
			return
		}
		shape := [3]int{in[0], in[1], count}
		name := im.net.Tensors[t].Name
		for _, n := range []float.Node{{Node: graph.Node{Op: graph.GatherChannels, Inputs: []int{t}, Channels: make([]int, count)}}, float.AffineNode(0, count)} {
			if n.Op == graph.Conv {
				n.Inputs[0] = len(im.net.Tensors) - 1
			}
			n.ActMin, n.ActMax = float.Unclamped()
			n.Output = im.add(name+"/zeros", shape, float.Tensor{Invented: true, HasRange: im.net.Tensors[t].HasRange})
			n.Rename(im.net.Tensors[n.Output].Name)
			im.net.Nodes = append(im.net.Nodes, n)
		}
		cat.Inputs = append(cat.Inputs, len(im.net.Tensors)-1)
	}
	zeros(before)
	cat.Inputs = append(cat.Inputs, t)
	zeros(after)
	emit(cat, out)
	return nil
}
