package lower

import (
	"fmt"
	"slices"

	"likeness/engine/graph"
	"likeness/tools/convert/float"
	"likeness/tools/convert/nd"
)

// convTranspose lowers ConvTranspose: a convolution that makes, for each place,
// the block of places that a stride of the output spans, as channels, and then
// the blocks spread out and the padding cut off.
func (l *lowering) convTranspose(n *nd.Node) error {
	t, err := l.picture(0)
	if err != nil {
		return err
	}
	w, err := l.constant(1)
	if err != nil {
		return err
	}
	if w == nil || len(w.Shape) != 4 || len(w.F) == 0 {
		return l.unsupported("", "its weights must be a constant [I O H W]")
	}
	tc := transposed{w: w, in: l.net.Tensors[t].Shape, groups: intAttr(n, "group", 1)}
	if tc.groups < 1 || w.Shape[0] != tc.in[2] || tc.in[2]%tc.groups != 0 {
		return fmt.Errorf("weights of shape %v and %d groups do not fit %d channels", w.Shape, tc.groups, tc.in[2])
	}
	if err := l.transposedWindow(n, &tc); err != nil {
		return err
	}
	node, err := tc.node(t)
	if err != nil {
		return err
	}
	if b, err := l.constant(2); err != nil {
		return err
	} else if b != nil {
		if len(b.F) != w.Shape[1]*tc.groups {
			return fmt.Errorf("%d biases for %d channels", len(b.F), w.Shape[1]*tc.groups)
		}
		tc.bias(&node, b.F)
	}
	if err := errorsOf(finite("weights", node.Weight), finite("bias", node.Bias)); err != nil {
		return err
	}
	s := tc.stride
	blocks := [3]int{tc.in[0] + tc.taps[0] - 1, tc.in[1] + tc.taps[1] - 1, len(node.Bias)}
	if t, err = l.emit(node, blocks); err != nil {
		return err
	}
	if tc.groups > 1 && s > 1 {
		if t, err = l.gather(t, tc.order()); err != nil {
			return err
		}
	}
	shape := [3]int{blocks[0] * s, blocks[1] * s, blocks[2] / (s * s)}
	if s > 1 {
		if t, err = l.emit(float.Node{Node: graph.Node{Op: graph.DepthToSpace, Inputs: []int{t}, Block: s, Order: graph.OrderDCR}}, shape); err != nil {
			return err
		}
	}
	end := [2]int{tc.out[0] + tc.start[0] - shape[0], tc.out[1] + tc.start[1] - shape[1]}
	if end[0] > 0 || end[1] > 0 {
		return l.unsupported("output_padding", "more than the stride")
	}
	if t, err = l.cut(t, [4]int{-tc.start[0], -tc.start[1], end[0], end[1]}); err != nil {
		return err
	}
	l.define(0, pictureView(t, l.net.Tensors[t].Shape, "NCHW"))
	return nil
}

// transposed is a transposed convolution in work.
type transposed struct {
	w        *nd.Tensor // [I, O/groups, H, W]
	in       [3]int
	groups   int
	stride   int
	dilation [2]int
	taps     [2]int // of the convolution that makes blocks, in steps of the dilation
	start    [2]int // cut off before
	out      [2]int
}

// transposedWindow reads strides, dilations, padding and the output's size.
func (l *lowering) transposedWindow(n *nd.Node, tc *transposed) error {
	stride, dilation := intsAttr(n, "strides", 1, 1), intsAttr(n, "dilations", 1, 1)
	pads, more, given := intsAttr(n, "pads", 0, 0, 0, 0), intsAttr(n, "output_padding", 0, 0), intsAttr(n, "output_shape")
	if len(stride) != 2 || len(dilation) != 2 || len(pads) != 4 || len(more) != 2 || stride[0] != stride[1] || min(stride[0], dilation[0], dilation[1]) < 1 || max(stride[0], dilation[0], dilation[1]) > 16 {
		return l.unsupported("strides", "one stride of 1 to 16 for height and width, and dilations up to 16 are")
	}
	tc.stride, tc.dilation = stride[0], [2]int(dilation)
	if tc.stride > 1 && tc.dilation != [2]int{1, 1} {
		return l.unsupported("dilations", "with a stride only 1 is")
	}
	auto := textAttr(n, "auto_pad", "NOTSET")
	if len(given) > 2 {
		given = given[len(given)-2:]
	}
	for i := range 2 {
		k, s := tc.w.Shape[2+i], tc.stride
		size := 0
		if given != nil {
			size = given[i]
		}
		axis := nd.Transposed{In: tc.in[i], Kernel: k, Stride: s, Dilation: tc.dilation[i], Begin: pads[i], End: pads[i+2], More: more[i]}
		if err := axis.Resolve(auto, size); err != nil {
			return l.unsupported("pads", err.Error())
		}
		tc.start[i], tc.out[i], more[i] = axis.Begin, axis.Out, axis.More
		tc.taps[i] = (k + s - 1) / s
		if s == 1 {
			tc.taps[i] = (k-1)*tc.dilation[i] + 1
		}
		if more[i] > 0 && (tc.in[i]+tc.taps[i]-1)*s < tc.start[i]+tc.out[i] { // a further block, of zeros
			tc.taps[i]++
		}
	}
	return nil
}

// node is the convolution that makes blocks: tap m from the end reads the input m
// places before, and the weight stride*m + place in the block.
func (tc *transposed) node(t int) (float.Node, error) {
	s, per, o := tc.stride, tc.in[2]/tc.groups, tc.w.Shape[1]
	kh, kw := tc.w.Shape[2], tc.w.Shape[3]
	node := float.Node{Node: graph.Node{Op: graph.Conv, Inputs: []int{t}, Groups: tc.groups, Kernel: tc.taps, Stride: [2]int{1, 1}, Dilation: [2]int{1, 1}}}
	node.Pads = [4]int{tc.taps[0] - 1, tc.taps[1] - 1, tc.taps[0] - 1, tc.taps[1] - 1}
	outs := tc.groups * s * s * o
	if size := nd.Elems([]int{outs, tc.taps[0], tc.taps[1], per}); size < 0 || max(tc.taps[0], tc.taps[1]) > 256 {
		return node, fmt.Errorf("weights of shape %v are too large", tc.w.Shape)
	}
	node.Bias = make([]float32, outs)
	node.Weight = make([]float32, outs*tc.taps[0]*tc.taps[1]*per)
	at := 0
	for row := range outs {
		g, place, c := row/(s*s*o), row/o%(s*s), row%o
		for mh := range tc.taps[0] {
			for mw := range tc.taps[1] {
				h, w := place/s+s*(tc.taps[0]-1-mh), place%s+s*(tc.taps[1]-1-mw)
				inside := h%tc.dilation[0] == 0 && w%tc.dilation[1] == 0
				if h, w = h/tc.dilation[0], w/tc.dilation[1]; inside && h < kh && w < kw {
					for i := range per {
						node.Weight[at+i] = tc.w.F[(((g*per+i)*o+c)*kh+h)*kw+w]
					}
				}
				at += per
			}
		}
	}
	return node, nil
}

// bias gives every place of a block the bias of its channel.
func (tc *transposed) bias(node *float.Node, b []float32) {
	s, o := tc.stride, tc.w.Shape[1]
	for row := range node.Bias {
		node.Bias[row] = b[row/(s*s*o)*o+row%o]
	}
}

// order brings channels that lie by group, place in the block and channel into
// the order place, group, channel.
func (tc *transposed) order() []int {
	g, p, c := atom{0, tc.groups}, atom{1, tc.stride * tc.stride}, atom{2, tc.w.Shape[1]}
	if tc.w.Shape[1] == 1 {
		return order([]atom{g, p}, []atom{p, g})
	}
	return order([]atom{g, p, c}, slices.Clone([]atom{p, g, c}))
}

// convolution1 lowers a convolution along one axis as one over a picture of one
// row.
func (l *lowering) convolution1(v *view, w *nd.Tensor, bias []float32, steps []float64) error {
	n := l.node
	row := v.clone()
	row.dims = slices.Insert(row.dims, 2, nil)
	wide := *w
	wide.Shape = slices.Insert(slices.Clone(w.Shape), 2, 1)
	plain := *n
	plain.Attrs = map[string]nd.Attr{}
	for name, a := range n.Attrs {
		one := 1
		switch name {
		case "pads":
			if p := intsAttr(n, name); len(p) == 2 {
				a = nd.Ints(0, p[0], 0, p[1])
			}
		case "strides", "dilations", "kernel_shape":
			if p := intsAttr(n, name); len(p) == 1 {
				a = nd.Ints(one, p[0])
			}
		}
		plain.Attrs[name] = a
	}
	l.node = &plain
	err := l.convolution(row, &wide, bias, steps)
	l.node = n
	if err != nil {
		return err
	}
	out := l.views[n.Outputs[0]].clone()
	out.dims = slices.Delete(out.dims, 2, 3)
	l.views[n.Outputs[0]] = out
	return nil
}
