package lower

import (
	"likeness/tools/convert/nd"
)

// dynamicQuantise lowers DynamicQuantizeLinear as if nothing were rounded: its
// integers stand for the real values, with a scale of 1 and a zero of 0.
func (l *lowering) dynamicQuantise(n *nd.Node) error {
	v, err := l.input(0)
	if err != nil {
		return err
	}
	l.views[n.Outputs[0]] = v // not a layer: the file's integers are others
	for i, t := range []*nd.Tensor{nil, {Type: nd.Float32, F: []float32{1}}, {Type: nd.Uint8, I: []int64{0}}} {
		if t != nil && i < len(n.Outputs) && n.Outputs[i] != "" {
			l.consts[n.Outputs[i]] = t
		}
	}
	return nil
}

// integers are the weights of an operator on integers, less their zero, which is
// constant input zero and has values along axis.
func (l *lowering) integers(zero, axis int) (*nd.Tensor, error) {
	q, err := l.constant(1)
	if err != nil {
		return nil, err
	}
	if q == nil || q.I == nil {
		return nil, l.unsupported("", "its weights must be constant integers")
	}
	if x, err := l.constant(2); err != nil {
		return nil, err
	} else if x != nil && len(x.I) > 0 && x.I[0] != 0 {
		return nil, l.unsupported("", "only behind DynamicQuantizeLinear")
	}
	z, err := l.constant(zero)
	if err != nil {
		return nil, err
	}
	out := &nd.Tensor{Type: nd.Float32, Shape: q.Shape, F: make([]float32, len(q.I))}
	inner := 1
	for _, d := range q.Shape[min(axis+1, len(q.Shape)):] {
		inner *= d
	}
	for i, x := range q.I {
		if z != nil && len(z.I) > 0 {
			x -= z.I[i/inner%len(z.I)]
		}
		out.F[i] = float32(x)
	}
	return out, nil
}

// convInteger lowers ConvInteger in units of the weights' steps, by which the file
// multiplies afterwards.
func (l *lowering) convInteger(n *nd.Node) error {
	v, err := l.input(0)
	if err != nil {
		return err
	}
	w, err := l.integers(3, 0)
	if err != nil {
		return err
	}
	return l.convolution(v, w, nil, []float64{1})
}

// matMulInteger is the same for a matrix.
func (l *lowering) matMulInteger(n *nd.Node) error {
	v, err := l.input(0)
	if err != nil {
		return err
	}
	w, err := l.integers(3, 1)
	if err != nil {
		return err
	}
	if len(w.Shape) != 2 || len(v.dims) == 0 {
		return l.unsupported("", "the second input must be a constant matrix")
	}
	cols := w.Shape[1]
	return l.linear(v, w.Shape[0], cols, func(k, o int) float32 { return w.F[k*cols+o] }, make([]float32, cols), perChannel([]float64{1}, cols))
}
