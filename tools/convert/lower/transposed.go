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
	tc := Transposed{W: w, In: l.net.Tensors[t].Shape, Groups: intAttr(n, "group", 1)}
	if tc.Groups < 1 || w.Shape[0] != tc.In[2] || tc.In[2]%tc.Groups != 0 {
		return fmt.Errorf("weights of shape %v and %d groups do not fit %d channels", w.Shape, tc.Groups, tc.In[2])
	}
	if err := l.transposedWindow(n, &tc); err != nil {
		return err
	}
	node, err := tc.Node(t)
	if err != nil {
		return err
	}
	if b, err := l.constant(2); err != nil {
		return err
	} else if b != nil {
		if len(b.F) != w.Shape[1]*tc.Groups {
			return fmt.Errorf("%d biases for %d channels", len(b.F), w.Shape[1]*tc.Groups)
		}
		tc.Bias(&node, b.F)
	}
	if err := ErrorsOf(finite("weights", node.Weight), finite("bias", node.Bias)); err != nil {
		return err
	}
	s := tc.Stride
	blocks := [3]int{tc.In[0] + tc.Taps[0] - 1, tc.In[1] + tc.Taps[1] - 1, len(node.Bias)}
	if t, err = l.emit(node, blocks); err != nil {
		return err
	}
	if tc.Groups > 1 && s > 1 {
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
	end := [2]int{tc.Out[0] + tc.Start[0] - shape[0], tc.Out[1] + tc.Start[1] - shape[1]}
	if end[0] > 0 || end[1] > 0 {
		return l.unsupported("output_padding", "more than the stride")
	}
	if t, err = l.cut(t, [4]int{-tc.Start[0], -tc.Start[1], end[0], end[1]}); err != nil {
		return err
	}
	l.define(0, pictureView(t, l.net.Tensors[t].Shape, "NCHW"))
	return nil
}

// Transposed is a transposed convolution in work.
type Transposed struct {
	W        *nd.Tensor // [I, O/groups, H, W]
	In       [3]int
	Groups   int
	Stride   int
	Dilation [2]int
	Taps     [2]int // of the convolution that makes blocks, in steps of the dilation
	Start    [2]int // cut off before
	Out      [2]int
}

// transposedWindow reads strides, dilations, padding and the output's size.
func (l *lowering) transposedWindow(n *nd.Node, tc *Transposed) error {
	stride, dilation := intsAttr(n, "strides", 1, 1), intsAttr(n, "dilations", 1, 1)
	pads, more, given := intsAttr(n, "pads", 0, 0, 0, 0), intsAttr(n, "output_padding", 0, 0), intsAttr(n, "output_shape")
	if len(stride) != 2 || len(dilation) != 2 || len(pads) != 4 || len(more) != 2 || stride[0] != stride[1] || min(stride[0], dilation[0], dilation[1]) < 1 || max(stride[0], dilation[0], dilation[1]) > 16 {
		return l.unsupported("strides", "one stride of 1 to 16 for height and width, and dilations up to 16 are")
	}
	tc.Stride, tc.Dilation = stride[0], [2]int(dilation)
	if tc.Stride > 1 && tc.Dilation != [2]int{1, 1} {
		return l.unsupported("dilations", "with a stride only 1 is")
	}
	auto := textAttr(n, "auto_pad", "NOTSET")
	if len(given) > 2 {
		given = given[len(given)-2:]
	}
	for i := range 2 {
		k, s := tc.W.Shape[2+i], tc.Stride
		span := (k-1)*tc.Dilation[i] + 1
		full := (tc.In[i]-1)*s + span + more[i]
		before, after := pads[i], pads[i+2]
		switch {
		case auto == "VALID":
			before, after = 0, 0
		case auto == "SAME_UPPER" || auto == "SAME_LOWER" || given != nil:
			size := tc.In[i] * s
			if given != nil {
				size = given[i]
			}
			total := max(full-size, 0)
			before, after = total/2, total-total/2
			if auto == "SAME_LOWER" {
				before, after = after, before
			}
		}
		tc.Start[i], tc.Out[i] = before, full-before-after
		if before < 0 || after < 0 || tc.Out[i] < 1 {
			return l.unsupported("pads", fmt.Sprintf("padding of %d and %d leaves %d", before, after, tc.Out[i]))
		}
		tc.Taps[i] = (k + s - 1) / s
		if s == 1 {
			tc.Taps[i] = span
		}
		if more[i] > 0 && (tc.In[i]+tc.Taps[i]-1)*s < tc.Start[i]+tc.Out[i] { // a further block, of zeros
			tc.Taps[i]++
		}
	}
	return nil
}

// Node is the convolution that makes blocks: tap m from the end reads the input m
// places before, and the weight stride*m + place in the block.
func (tc *Transposed) Node(t int) (float.Node, error) {
	s, per, o := tc.Stride, tc.In[2]/tc.Groups, tc.W.Shape[1]
	kh, kw := tc.W.Shape[2], tc.W.Shape[3]
	node := float.Node{Node: graph.Node{Op: graph.Conv, Inputs: []int{t}, Groups: tc.Groups, Kernel: tc.Taps, Stride: [2]int{1, 1}, Dilation: [2]int{1, 1}}}
	node.Pads = [4]int{tc.Taps[0] - 1, tc.Taps[1] - 1, tc.Taps[0] - 1, tc.Taps[1] - 1}
	outs := tc.Groups * s * s * o
	if size := nd.Elems([]int{outs, tc.Taps[0], tc.Taps[1], per}); size < 0 || max(tc.Taps[0], tc.Taps[1]) > 256 {
		return node, fmt.Errorf("weights of shape %v are too large", tc.W.Shape)
	}
	node.Bias = make([]float32, outs)
	node.Weight = make([]float32, outs*tc.Taps[0]*tc.Taps[1]*per)
	at := 0
	for row := range outs {
		g, place, c := row/(s*s*o), row/o%(s*s), row%o
		for mh := range tc.Taps[0] {
			for mw := range tc.Taps[1] {
				h, w := place/s+s*(tc.Taps[0]-1-mh), place%s+s*(tc.Taps[1]-1-mw)
				inside := h%tc.Dilation[0] == 0 && w%tc.Dilation[1] == 0
				if h, w = h/tc.Dilation[0], w/tc.Dilation[1]; inside && h < kh && w < kw {
					for i := range per {
						node.Weight[at+i] = tc.W.F[(((g*per+i)*o+c)*kh+h)*kw+w]
					}
				}
				at += per
			}
		}
	}
	return node, nil
}

// Bias gives every place of a block the bias of its channel.
func (tc *Transposed) Bias(node *float.Node, b []float32) {
	s, o := tc.Stride, tc.W.Shape[1]
	for row := range node.Bias {
		node.Bias[row] = b[row/(s*s*o)*o+row%o]
	}
}

// order brings channels that lie by group, place in the block and channel into
// the order place, group, channel.
func (tc *Transposed) order() []int {
	g, p, c := atom{0, tc.Groups}, atom{1, tc.Stride * tc.Stride}, atom{2, tc.W.Shape[1]}
	if tc.W.Shape[1] == 1 {
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
