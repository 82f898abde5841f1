package lower

import (
	"fmt"
	"slices"

	"likeness/engine/graph"
	"likeness/tools/convert/float"
	"likeness/tools/convert/nd"
)

// gemm lowers Gemm with constant B and C to a fully connected layer.
func (l *lowering) gemm(n *nd.Node) error {
	v, err := l.input(0)
	if err != nil {
		return err
	}
	w, err := l.constant(1)
	if err != nil {
		return err
	}
	if w == nil || len(w.Shape) != 2 || !w.Type.IsFloat() || len(w.F) == 0 || len(v.dims) != 2 {
		return l.unsupported("", fmt.Sprintf("a matrix of constants and an input of two dimensions are wanted, not %v", v.shape()))
	}
	if intAttr(n, "transA", 0) != 0 {
		return l.unsupported("transA", "")
	}
	rows, cols := w.Shape[0], w.Shape[1] // as [K, O]
	at := func(k, o int) float32 { return w.F[k*cols+o] }
	if intAttr(n, "transB", 0) != 0 {
		rows, cols = cols, rows
		at = func(k, o int) float32 { return w.F[o*rows+k] }
	}
	bias := make([]float32, cols)
	c, err := l.constant(2)
	if err != nil {
		return err
	}
	if c != nil {
		if len(c.F) != cols && len(c.F) != 1 {
			return l.unsupported("", fmt.Sprintf("its third input has shape %v, one value a column is wanted", c.Shape))
		}
		for o := range bias {
			bias[o] = c.F[o%len(c.F)] * float32(floatAttr(n, "beta", 1))
		}
	}
	steps := perChannel(l.steps[n.Inputs[1]], cols)
	if alpha := float32(floatAttr(n, "alpha", 1)); alpha != 1 {
		plain := at
		at = func(k, o int) float32 { return plain(k, o) * alpha }
		steps = nil
	}
	return l.linear(v, rows, cols, at, bias, steps)
}

// matMul lowers MatMul with a constant matrix.
func (l *lowering) matMul(n *nd.Node) error {
	v, err := l.input(0)
	if err != nil {
		return err
	}
	w, err := l.constant(1)
	if err != nil {
		return err
	}
	if w == nil || len(w.Shape) != 2 || !w.Type.IsFloat() || len(w.F) == 0 || len(v.dims) == 0 {
		return l.unsupported("", "the second input must be a constant matrix")
	}
	cols := w.Shape[1]
	return l.linear(v, w.Shape[0], cols, func(k, o int) float32 { return w.F[k*cols+o] },
		make([]float32, cols), perChannel(l.steps[n.Inputs[1]], cols))
}

// linear multiplies the last axis of v by a matrix: a fully connected layer
// where v is one vector, a 1 x 1 convolution where it is a map of vectors.
// at(k, o) is the weight of input k, in v's own order, for output o.
func (l *lowering) linear(v *view, rows, cols int, at func(k, o int) float32, bias []float32, steps []float64) error {
	last := len(v.dims) - 1
	k := v.dims[last]
	if elems(k) != rows {
		return fmt.Errorf("a matrix of %d rows does not fit an input of %v", rows, v.shape())
	}
	if int64(rows)*int64(cols) > nd.MaxElems {
		return fmt.Errorf("a matrix of %d x %d is too large", rows, cols)
	}
	rest := slices.Concat(v.dims[:last]...)
	h, w := l.leading(v, rest)
	t, perm := v.t, []int(nil)
	if len(rest) > 0 {
		var err error
		if t, perm, err = l.place(v, h, w, k); err != nil {
			return err
		}
	} else if !sameOrder(v.phys, k) { // a fully connected layer takes any map as it lies
		perm = order(k, v.phys)
	}
	node := float.Node{Node: graph.Node{Op: graph.FullyConnected, Inputs: []int{t}}, Bias: bias, Steps: steps, Weight: make([]float32, rows*cols)}
	for first := 0; first < cols; first += float.TileWidth { // neighbours in either layout stay in the cache
		for i := range rows {
			from := i
			if perm != nil {
				from = perm[i]
			}
			for o := first; o < min(first+float.TileWidth, cols); o++ {
				node.Weight[o*rows+i] = at(from, o)
			}
		}
	}
	if err := errorsOf(finite("weights", node.Weight), finite("bias", bias)); err != nil {
		return err
	}
	shape := [3]int{elems(h), elems(w), cols}
	if len(rest) > 0 {
		one := [2]int{1, 1}
		node.Op, node.Groups, node.Kernel, node.Stride, node.Dilation = graph.Conv, 1, one, one, one
	}
	out, err := l.emit(node, shape)
	if err != nil {
		return err
	}
	l.define(0, v.withChannels(out, rest, last, cols))
	return nil
}

// withChannels is the view of a tensor whose pixels are v's, in the order of
// lead, and whose channels are a fresh axis of v's.
func (v *view) withChannels(t int, lead []atom, axis, channels int) *view {
	out := &view{t: t, phys: slices.Clone(lead), dims: slices.Clone(v.dims)}
	next := 0
	for _, a := range v.phys {
		next = max(next, a.id+1)
	}
	out.dims[axis] = nil
	if channels > 1 {
		a := atom{next, channels}
		out.phys = append(out.phys, a)
		out.dims[axis] = []atom{a}
	}
	return out
}

// leading cuts the atoms of pixels into height and width, as v's tensor has
// them where they begin it.
func (l *lowering) leading(v *view, rest []atom) (h, w []atom) {
	n, i := 1, 0
	for i < len(rest) && n < l.net.Tensors[v.t].Shape[0] {
		n *= rest[i].size
		i++
	}
	return rest[:i], rest[i:]
}

// batchNorm lowers BatchNormalization with its stored statistics.
func (l *lowering) batchNorm(n *nd.Node) error {
	v, err := l.input(0)
	if err != nil {
		return err
	}
	if intAttr(n, "training_mode", 0) != 0 {
		return l.unsupported("training_mode", "export the network for inference")
	}
	if len(v.dims) < 2 {
		return l.unsupported("", fmt.Sprintf("its input has shape %v", v.shape()))
	}
	c := elems(v.dims[1])
	var p [4][]float32
	for i := range p {
		if p[i], err = l.floats(i+1, c); err != nil {
			return err
		}
		if err := finite("statistics", p[i]); err != nil {
			return err
		}
	}
	scale, shift := make([]float64, c), make([]float64, c)
	eps := floatAttr(n, "epsilon", 1e-5)
	for i := range c {
		variance := float64(p[3][i]) + eps
		if !(variance > 0) {
			return fmt.Errorf("the variance of channel %d is %g", i, p[3][i])
		}
		scale[i] = float64(p[0][i]) / sqrt(variance)
		shift[i] = float64(p[1][i]) - float64(p[2][i])*scale[i]
	}
	spread, err := l.spread(v, 1, c)
	if err != nil {
		return err
	}
	return l.affine(v, func(i int) (a, b float64) { return scale[spread[i]], shift[spread[i]] })
}

// spread gives, for each channel of v's tensor, the position along axis a of
// v, which must lie within pixels.
func (l *lowering) spread(v *view, a, size int) ([]int, error) {
	at, ok := l.positionsIn(v, func(i int) bool { return i == a })
	if !ok {
		return nil, l.unsupported("", fmt.Sprintf("axis %d of %v does not lie within the pixels", a, v.shape()))
	}
	return at, nil
}

// positionsIn gives, for each channel of v's tensor, the index into a constant
// that has the axes of v for which has is true and length 1 elsewhere. It is
// false if such an axis reaches beyond the channels.
func (l *lowering) positionsIn(v *view, has func(axis int) bool) ([]int, bool) {
	c := v.channels(l.net.Tensors[v.t].Shape)
	var used []atom
	for i, d := range v.dims {
		if has(i) {
			used = append(used, d...)
		}
	}
	for _, a := range used {
		if !slices.Contains(c, a) {
			return nil, false
		}
	}
	stride := map[int]int{}
	step := 1
	for _, a := range slices.Backward(used) {
		stride[a.id] = step
		step *= a.size
	}
	out := []int{0}
	for _, a := range c {
		next := make([]int, 0, len(out)*a.size)
		for _, base := range out {
			for k := range a.size {
				next = append(next, base+k*stride[a.id])
			}
		}
		out = next
	}
	return out, true
}

// affine emits y = a*x + b with a and b by channel of the tensor, the result of
// the node in work.
func (l *lowering) affine(v *view, f func(channel int) (a, b float64)) error {
	t, err := l.emitAffine(v.t, f)
	if err != nil {
		return err
	}
	l.define(0, v.onto(t))
	return nil
}

func (l *lowering) emitAffine(t int, f func(channel int) (a, b float64)) (int, error) {
	shape := l.net.Tensors[t].Shape
	n := float.AffineNode(t, shape[2])
	for i := range n.Weight {
		a, b := f(i)
		n.Weight[i], n.Bias[i] = float32(a), float32(b)
	}
	if err := errorsOf(finite("factors", n.Weight), finite("shifts", n.Bias)); err != nil {
		return 0, err
	}
	return l.emit(n, shape)
}
