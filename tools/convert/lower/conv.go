package lower

import (
	"fmt"
	"slices"

	"likeness/engine/graph"
	"likeness/tools/convert/float"
	"likeness/tools/convert/nd"
)

// conv lowers Conv: weights [O, I/groups, KH, KW] become [O][KH][KW][I/groups].
func (l *lowering) conv(n *nd.Node) error {
	v, err := l.input(0)
	if err != nil {
		return err
	}
	w, err := l.constant(1)
	if err != nil {
		return err
	}
	var bias []float32
	if b, err := l.constant(2); err != nil {
		return err
	} else if b != nil {
		bias = b.F
	}
	return l.convolution(v, w, bias, l.steps[n.Inputs[1]])
}

func (l *lowering) convolution(v *view, w *nd.Tensor, bias []float32, steps []float64) error {
	n := l.node
	if w != nil && len(w.Shape) == 3 && len(v.dims) == 3 {
		return l.convolution1(v, w, bias, steps)
	}
	if w == nil || len(w.Shape) != 4 || !w.Type.IsFloat() || len(w.F) == 0 {
		return l.unsupported("", "its weights must be a constant [O I H W]")
	}
	t, perm, err := l.nchw(v)
	if err != nil {
		return err
	}
	in := l.net.Tensors[t].Shape
	o, per, kh, kw := w.Shape[0], w.Shape[1], w.Shape[2], w.Shape[3]
	node := float.Node{Node: graph.Node{Op: graph.Conv, Inputs: []int{t}, Groups: intAttr(n, "group", 1)}, Steps: perChannel(steps, o)}
	if k := intsAttr(n, "kernel_shape", kh, kw); !slices.Equal(k, []int{kh, kw}) {
		return fmt.Errorf("kernel_shape %v contradicts weights of shape %v: export the network again", k, w.Shape)
	}
	if node.Groups < 1 || in[2] != per*node.Groups || o%node.Groups != 0 {
		return fmt.Errorf("weights of shape %v and %d groups do not fit an input of %v", w.Shape, node.Groups, v.shape())
	}
	if perm != nil && node.Groups > 1 {
		if node.Inputs[0], err = l.gather(t, invert(perm)); err != nil {
			return err
		}
		perm = nil
	}
	if err := l.window(&node, in, [2]int{kh, kw}); err != nil {
		return err
	}
	if node.Bias = bias; bias == nil {
		node.Bias = make([]float32, o)
	}
	if len(node.Bias) != o {
		return fmt.Errorf("%d biases for %d channels", len(node.Bias), o)
	}
	if err := errorsOf(finite("weights", w.F), finite("bias", node.Bias)); err != nil {
		return err
	}
	node.Weight = channelsLast(w, perm)
	h, wd, err := positions(&node, in)
	if err != nil {
		return err
	}
	shape := [3]int{h, wd, o}
	out, err := l.emit(node, shape)
	if err != nil {
		return err
	}
	l.define(0, pictureView(out, shape, "NCHW"))
	return nil
}

// channelsLast lays weights [O, I, KH, KW] out as [O][KH][KW][I], with the inputs
// in the order of perm, nil for their own.
func channelsLast(w *nd.Tensor, perm []int) []float32 {
	out := make([]float32, len(w.F))
	per, taps := w.Shape[1], w.Shape[2]*w.Shape[3]
	for i := range w.Shape[0] {
		for c := range per {
			from := c
			if perm != nil {
				from = perm[c]
			}
			for k := range taps {
				out[(i*taps+k)*per+c] = w.F[(i*per+from)*taps+k]
			}
		}
	}
	return out
}

// perChannel gives each of n channels its step.
func perChannel(steps []float64, n int) []float64 {
	switch len(steps) {
	case n:
		return slices.Clone(steps)
	case 1:
		return slices.Repeat(steps, n)
	}
	return nil
}

func invert(perm []int) []int {
	out := make([]int, len(perm))
	for i, p := range perm {
		out[p] = i
	}
	return out
}

// errorsOf is the first error, or nil.
func errorsOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// window reads kernel, strides, dilations, padding and ceil_mode of a
// convolution or pool over [H, W, C].
func (l *lowering) window(node *float.Node, in [3]int, kernel [2]int) error {
	n := l.node
	stride, dilation := intsAttr(n, "strides", 1, 1), intsAttr(n, "dilations", 1, 1)
	pads := intsAttr(n, "pads", 0, 0, 0, 0)
	for name, v := range map[string]int{"strides": len(stride) - 2, "dilations": len(dilation) - 2, "pads": len(pads) - 4} {
		if v != 0 {
			return l.unsupported(name, "those of two dimensions are wanted: 2 strides, 2 dilations, 4 pads")
		}
	}
	node.Kernel, node.Stride, node.Dilation = kernel, [2]int(stride), [2]int(dilation)
	for i := range 2 {
		if min(kernel[i], stride[i], dilation[i]) < 1 || max(kernel[i], stride[i], dilation[i]) > 256 {
			return l.unsupported("", fmt.Sprintf("kernel %v, strides %v and dilations %v must be within 1..256", kernel, stride, dilation))
		}
	}
	auto := textAttr(n, "auto_pad", "NOTSET")
	for i := range 2 {
		span := (kernel[i]-1)*dilation[i] + 1
		before, after := pads[i], pads[i+2]
		switch auto {
		case "", "NOTSET":
		case "VALID":
			before, after = 0, 0
		case "SAME_UPPER", "SAME_LOWER":
			total := max(((in[i]+stride[i]-1)/stride[i]-1)*stride[i]+span-in[i], 0)
			before, after = total/2, total-total/2
			if auto == "SAME_LOWER" {
				before, after = after, before
			}
		default:
			return l.unsupported("auto_pad", "")
		}
		if before < 0 || after < 0 {
			return l.unsupported("pads", "negative padding")
		}
		if intAttr(n, "ceil_mode", 0) != 0 {
			if rest := (in[i] + before + after - span) % stride[i]; rest > 0 && in[i]+before+after > span {
				// A further window counts if it starts within the picture or its leading padding.
				if more := stride[i] - rest; in[i]+before+after+more-span < in[i]+before {
					after += more
				}
			}
		}
		node.Pads[i], node.Pads[i+2] = before, after
	}
	return nil
}

// positions counts the windows of a node along H and W.
func positions(n *float.Node, in [3]int) (h, w int, err error) {
	var out [2]int
	for i := range out {
		span, padded := (n.Kernel[i]-1)*n.Dilation[i]+1, in[i]+n.Pads[i]+n.Pads[i+2]
		if span > padded {
			return 0, 0, fmt.Errorf("a kernel that spans %d does not fit the padded input's %d: try a larger input with --size", span, padded)
		}
		out[i] = (padded-span)/n.Stride[i] + 1
	}
	return out[0], out[1], nil
}

// pool lowers MaxPool and AveragePool.
func (l *lowering) pool(n *nd.Node) error {
	t, err := l.picture(0)
	if err != nil {
		return err
	}
	in := l.net.Tensors[t].Shape
	node := float.Node{Node: graph.Node{Op: graph.MaxPool, Inputs: []int{t}}}
	kernel := intsAttr(n, "kernel_shape")
	if len(kernel) != 2 {
		return l.unsupported("kernel_shape", "two dimensions are wanted")
	}
	if err := l.window(&node, in, [2]int(kernel)); err != nil {
		return err
	}
	if n.Op == "AveragePool" {
		node.Op, node.CountPad = graph.AvgPool, intAttr(n, "count_include_pad", 0) != 0
		if node.CountPad && intAttr(n, "ceil_mode", 0) != 0 {
			plain := float.Node{}
			copyOf := *n
			copyOf.Attrs = mapsWithout(n.Attrs, "ceil_mode")
			l.node = &copyOf
			err := l.window(&plain, in, [2]int(kernel))
			l.node = n
			if err != nil {
				return err
			}
			switch {
			case plain.Pads == [4]int{}: // nothing but the overhang, which never counts
				node.CountPad = false
			case plain.Pads != node.Pads: // padding counts, the overhang does not
				grown := [3]int{in[0] + plain.Pads[0] + plain.Pads[2], in[1] + plain.Pads[1] + plain.Pads[3], in[2]}
				if t, err = l.emit(float.Node{Node: graph.Node{Op: graph.Pad, Inputs: []int{t}, Pads: plain.Pads}}, grown); err != nil {
					return err
				}
				for k := range node.Pads {
					node.Pads[k] -= plain.Pads[k]
				}
				node.Inputs, node.CountPad, in = []int{t}, false, grown
			}
		}
		if node.Pads == [4]int{} {
			node.CountPad = false
		}
	}
	if node.Kernel == [2]int{1, 1} && node.Stride == [2]int{1, 1} && node.Pads == [4]int{} {
		return l.identity(n)
	}
	h, w, err := positions(&node, in)
	if err != nil {
		return err
	}
	shape := [3]int{h, w, in[2]}
	out, err := l.emit(node, shape)
	if err != nil {
		return err
	}
	l.define(0, pictureView(out, shape, "NCHW"))
	return nil
}

func mapsWithout(attrs map[string]nd.Attr, name string) map[string]nd.Attr {
	out := map[string]nd.Attr{}
	for k, v := range attrs {
		if k != name {
			out[k] = v
		}
	}
	return out
}
