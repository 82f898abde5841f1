package lower

import (
	"fmt"
	"slices"

	"likeness/engine/graph"
	"likeness/tools/convert/float"
	"likeness/tools/convert/nd"
)

// overChannels places v with the atoms of some axes as its channels and all
// others as pixels. perm is as place gives it.
func (l *lowering) overChannels(v *view, channels []atom) (t int, perm []int, err error) {
	var rest []atom
	for _, a := range v.phys {
		if !slices.Contains(channels, a) {
			rest = append(rest, a)
		}
	}
	h, w := l.leading(v, rest)
	return l.place(v, h, w, channels)
}

// normalise lowers (x - mean) / sqrt(variance + epsilon) over one axis.
func (l *lowering) normalise(n *nd.Node) error {
	return l.layerNorm(intAttr(n, "axis", -1), floatAttr(n, "epsilon", 1e-5), nil, nil)
}

// layerNormalization lowers LayerNormalization over the axes from axis on.
func (l *lowering) layerNormalization(n *nd.Node) error {
	if len(n.Outputs) > 1 && slices.ContainsFunc(n.Outputs[1:], func(s string) bool { return s != "" }) {
		return l.unsupported("", "only its first output")
	}
	gain, err := l.constant(1)
	if err != nil {
		return err
	}
	offset, err := l.constant(2)
	if err != nil {
		return err
	}
	return l.layerNorm(intAttr(n, "axis", -1), floatAttr(n, "epsilon", 1e-5), gain, offset)
}

func (l *lowering) layerNorm(first int, epsilon float64, gain, offset *nd.Tensor) error {
	v, err := l.input(0)
	if err != nil {
		return err
	}
	if first, err = axis(first, len(v.dims)); err != nil {
		return err
	}
	t, perm, err := l.overChannels(v, slices.Concat(v.dims[first:]...))
	if err != nil {
		return err
	}
	if perm == nil { // the channels lie in their order now
		over := slices.Concat(v.dims[first:]...)
		v = v.clone()
		v.phys = slices.Concat(slices.DeleteFunc(v.phys, func(a atom) bool { return slices.Contains(over, a) }), over)
	}
	shape := l.net.Tensors[t].Shape
	c := shape[2]
	node := float.Node{Node: graph.Node{Op: graph.LayerNorm, Inputs: []int{t}, Epsilon: max(epsilon, 1e-12)}, Weight: make([]float32, c), Bias: make([]float32, c)}
	for i := range c {
		from := i
		if perm != nil {
			from = perm[i]
		}
		node.Weight[i] = 1
		if gain != nil {
			if len(gain.F) != c {
				return fmt.Errorf("a scale of shape %v for %d channels", gain.Shape, c)
			}
			node.Weight[i] = gain.F[from]
		}
		if offset != nil {
			if len(offset.F) != c {
				return fmt.Errorf("a shift of shape %v for %d channels", offset.Shape, c)
			}
			node.Bias[i] = offset.F[from]
		}
	}
	if err := errorsOf(finite("scale", node.Weight), finite("shift", node.Bias)); err != nil {
		return err
	}
	out, err := l.emit(node, shape)
	if err != nil {
		return err
	}
	l.define(0, v.onto(out))
	return nil
}

// prelu lowers PRelu with one slope, or one a channel.
func (l *lowering) prelu(*nd.Node) error {
	v, err := l.input(0)
	if err != nil {
		return err
	}
	k, err := l.constant(1)
	if err != nil {
		return err
	}
	if k == nil || len(k.F) == 0 {
		return fmt.Errorf("the slopes are missing")
	}
	where, err := l.broadcastTo(v, k)
	if err != nil {
		return err
	}
	if err := finite("slopes", k.F); err != nil {
		return err
	}
	slopes := make([]float32, len(where))
	for i, p := range where {
		slopes[i] = k.F[p]
	}
	return l.unary(float.Node{Node: graph.Node{Op: graph.PReLU}, Weight: slopes}, v)
}

// lrn lowers LRN.
func (l *lowering) lrn(n *nd.Node) error {
	t, err := l.picture(0)
	if err != nil {
		return err
	}
	node := graph.Node{Op: graph.LRN, Size: intAttr(n, "size", 1), Alpha: floatAttr(n, "alpha", 1e-4),
		Beta: floatAttr(n, "beta", 0.75), Shift: floatAttr(n, "bias", 1)}
	return l.unary(float.Node{Node: node}, pictureView(t, l.net.Tensors[t].Shape, "NCHW"))
}

// softmax lowers Softmax and LogSoftmax over the channels.
func (l *lowering) softmax(n *nd.Node) error {
	v, err := l.input(0)
	if err != nil {
		return err
	}
	rank, otherwise := len(v.dims), -1
	if l.g.Opset < 13 {
		otherwise = min(1, rank-1)
	}
	first, err := axis(intAttr(n, "axis", otherwise), rank)
	if err != nil {
		return err
	}
	over := v.dims[first]
	if l.g.Opset < 13 { // the input is a matrix, cut at the axis
		over = slices.Concat(v.dims[first:]...)
	}
	v, t, err := l.overAtoms(v, over)
	if err != nil {
		return err
	}
	node := float.Node{Node: graph.Node{Op: graph.Softmax, Inputs: []int{t}}, ActMax: 1}
	if n.Op == "LogSoftmax" {
		node.Op = graph.LogSoftmax
		node.ActMin, node.ActMax = float.Unclamped()
	}
	out, err := l.emit(node, l.net.Tensors[t].Shape)
	if err != nil {
		return err
	}
	l.define(0, v.onto(out))
	return nil
}
