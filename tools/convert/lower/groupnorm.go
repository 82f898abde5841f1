package lower

import (
	"fmt"
	"slices"

	"likeness/engine/graph"
	"likeness/tools/convert/float"
	"likeness/tools/convert/nd"
)

// instanceNorm lowers InstanceNormalization, and with it the group normalisation
// that is written as one of reshaped channels.
func (l *lowering) instanceNorm(n *nd.Node) error {
	v, err := l.input(0)
	if err != nil {
		return err
	}
	if len(v.dims) < 2 {
		return l.unsupported("", fmt.Sprintf("its input has shape %v", v.shape()))
	}
	groups := elems(v.dims[1])
	scale, err := l.floats(1, groups)
	if err != nil {
		return err
	}
	shift, err := l.floats(2, groups)
	if err != nil {
		return err
	}
	return l.groupNorm(v, groups, floatAttr(n, "epsilon", 1e-5), func(c int) (a, b float32) { return scale[c], shift[c] })
}

// meanVariance lowers MeanVarianceNormalization over all places.
func (l *lowering) meanVariance(n *nd.Node) error {
	v, err := l.input(0)
	if err != nil {
		return err
	}
	if axes := intsAttr(n, "axes", 0, 2, 3); len(v.dims) != 4 || !slices.Equal(axes, []int{0, 2, 3}) && !slices.Equal(axes, []int{2, 3}) {
		return l.unsupported("axes", "0, 2 and 3 are")
	}
	return l.groupNorm(v, elems(v.dims[1]), 1e-9, func(int) (a, b float32) { return 1, 0 })
}

// groupNormalization lowers GroupNormalization, whose scale and shift are of
// groups until operator set 21, and of channels from then on.
func (l *lowering) groupNormalization(n *nd.Node) error {
	v, err := l.input(0)
	if err != nil {
		return err
	}
	if len(v.dims) < 2 {
		return l.unsupported("", fmt.Sprintf("its input has shape %v", v.shape()))
	}
	channels, groups := elems(v.dims[1]), intAttr(n, "num_groups", 1)
	if groups < 1 || channels%groups != 0 {
		return l.unsupported("num_groups", fmt.Sprintf("they do not divide %d channels", channels))
	}
	count := channels
	if l.g.Opset < 21 {
		count = groups
	}
	scale, err := l.floats(1, count)
	if err != nil {
		return err
	}
	shift, err := l.floats(2, count)
	if err != nil {
		return err
	}
	each := channels / count
	return l.groupNorm(v, groups, floatAttr(n, "epsilon", 1e-5), func(c int) (a, b float32) { return scale[c/each], shift[c/each] })
}

// groupNorm normalises groups of positions along axis 1 over them and all other
// axes. scale gives gain and offset of a position.
func (l *lowering) groupNorm(v *view, groups int, epsilon float64, scale func(position int) (a, b float32)) error {
	size := elems(v.dims[1])
	where, err := l.spread(v, 1, size) // position of each channel in memory
	if err != nil {
		return err
	}
	per := len(where) / groups
	if !slices.IsSortedFunc(where, func(a, b int) int { return a/(size/groups) - b/(size/groups) }) {
		return l.unsupported("", fmt.Sprintf("channels of its %d groups that do not lie together", groups))
	}
	t := v.t
	node := float.Node{Node: graph.Node{Op: graph.GroupNorm, Inputs: []int{t}, Groups: groups, Epsilon: min(max(epsilon, 1e-12), 1)},
		Weight: make([]float32, groups*per), Bias: make([]float32, groups*per)}
	for c, p := range where {
		node.Weight[c], node.Bias[c] = scale(p)
	}
	if err := errorsOf(finite("scale", node.Weight), finite("shift", node.Bias)); err != nil {
		return err
	}
	out, err := l.emit(node, l.net.Tensors[t].Shape)
	if err != nil {
		return err
	}
	l.define(0, v.onto(out))
	return nil
}
