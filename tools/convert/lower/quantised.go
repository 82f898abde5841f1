package lower

import (
	"fmt"

	"likeness/engine/graph"
	"likeness/tools/convert/float"
	"likeness/tools/convert/nd"
)

// The QLinear operators compute on integers whose scales and zero points are
// further inputs. They are lowered as the real operators that they stand for;
// weights keep their integers' steps, results the range that is declared.

// dequantised turns constant input i, with its scale and zero point, into real
// numbers and their steps. Channels, where scales differ, are along axis.
func (l *lowering) dequantised(i, axis int) (*nd.Tensor, []float64, error) {
	q, err := l.constant(i)
	if err != nil {
		return nil, nil, err
	}
	s, err := l.constant(i + 1)
	if err != nil {
		return nil, nil, err
	}
	z, err := l.constant(i + 2)
	if err != nil {
		return nil, nil, err
	}
	if q == nil || s == nil {
		return nil, nil, fmt.Errorf("input %d or its scale is missing", i)
	}
	node := &nd.Node{Op: "DequantizeLinear", Inputs: []string{"q", "s", "z"}, Outputs: []string{"y"}, Attrs: map[string]nd.Attr{"axis": nd.Int(axis)}}
	outs, err := nd.Eval(node, max(l.g.Opset, 13), []*nd.Tensor{q, s, z})
	if err != nil {
		return nil, nil, err
	}
	var steps []float64
	for _, v := range s.F {
		steps = append(steps, float64(v))
	}
	return outs[0], steps, nil
}

// qlinearConv lowers QLinearConv: x, its scale and zero point, w, w's, y's, B.
func (l *lowering) qlinearConv(*nd.Node) error {
	v, err := l.input(0)
	if err == nil {
		v, err = l.realBytes(v, 1)
	}
	if err != nil {
		return err
	}
	w, steps, err := l.dequantised(3, 0)
	if err != nil {
		return err
	}
	xs, err := l.floats(1, 1)
	if err != nil {
		return err
	}
	b, err := l.constant(8)
	if err != nil {
		return err
	}
	var bias []float32
	if b != nil {
		for o, q := range b.I {
			bias = append(bias, float32(float64(q)*float64(xs[0])*steps[o%len(steps)]))
		}
	}
	if err := l.convolution(v, w, bias, steps); err != nil {
		return err
	}
	return l.ranged(6)
}

// qlinearMatMul lowers QLinearMatMul with a constant matrix.
func (l *lowering) qlinearMatMul(*nd.Node) error {
	v, err := l.input(0)
	if err == nil {
		v, err = l.realBytes(v, 1)
	}
	if err != nil {
		return err
	}
	w, steps, err := l.dequantised(3, 1)
	if err != nil {
		return err
	}
	if len(w.Shape) != 2 {
		return l.unsupported("", "the second input must be a constant matrix")
	}
	cols := w.Shape[1]
	err = l.linear(v, w.Shape[0], cols, func(k, o int) float32 { return w.F[k*cols+o] }, make([]float32, cols), perChannel(steps, cols))
	if err != nil {
		return err
	}
	return l.ranged(6)
}

// qlinearBinary lowers QLinearAdd and QLinearMul of computed values.
func (l *lowering) qlinearBinary(n *nd.Node) error {
	a, err := l.input(0)
	if err != nil {
		return err
	}
	b, err := l.input(3)
	if err != nil {
		return err
	}
	if elems(a.phys) < elems(b.phys) {
		a, b = b, a
	}
	a, t, err := l.match(a, b)
	if err != nil {
		return err
	}
	op := graph.Add
	if n.Op == "QLinearMul" {
		op = graph.Mul
	}
	out, err := l.emit(float.Node{Node: graph.Node{Op: op, Inputs: []int{a.t, t}}}, l.net.Tensors[a.t].Shape)
	if err != nil {
		return err
	}
	l.define(0, a.onto(out))
	return l.ranged(6)
}

// qlinearPool lowers QLinearGlobalAveragePool.
func (l *lowering) qlinearPool(n *nd.Node) error {
	if intAttr(n, "channels_last", 0) != 0 {
		return l.unsupported("channels_last", "")
	}
	plain := *n
	plain.Op = "GlobalAveragePool"
	return l.reduce(&plain)
}

// ranged gives the result in work the range declared by the scale at input i.
func (l *lowering) ranged(i int) error {
	out := l.node.Outputs[0]
	v, err := l.declare(l.views[out], i)
	if err != nil {
		return err
	}
	l.define(0, v)
	return nil
}

// quantizeLinear notes the range that the file declares.
func (l *lowering) quantizeLinear(*nd.Node) error {
	v, err := l.input(0)
	if err != nil {
		return err
	}
	if v, err = l.declare(v, 1); err != nil {
		return err
	}
	l.define(0, v)
	return nil
}

func (l *lowering) dequantizeLinear(n *nd.Node) error {
	v, err := l.input(0)
	if err == nil {
		v, err = l.realBytes(v, 1)
	}
	if err != nil {
		return err
	}
	l.define(0, v)
	return nil
}

// realBytes gives bytes of the picture the real values that the scale at input i
// and the zero behind it say. All other integers are held as what they stand for.
func (l *lowering) realBytes(v *view, i int) (*view, error) {
	if v.t != 0 || !l.bytes {
		return v, nil
	}
	r, err := l.declared(i)
	if err != nil {
		return nil, err
	}
	scale := (r.Max - r.Min) / 255
	t, err := l.emitAffine(0, func(int) (a, b float64) { return scale, r.Min })
	if err != nil {
		return nil, err
	}
	return v.onto(t), nil
}

// declare notes the range of v. One that begins at zero stands for a ReLU that
// the file's writer has left out, and one that ends at 6 as well for a ReLU6.
func (l *lowering) declare(v *view, i int) (*view, error) {
	r, err := l.declared(i)
	if err != nil {
		return nil, err
	}
	if r.Min == 0 && v.t > 0 {
		hi := unboundedAbove
		if r.Max > 5.9 && r.Max < 6.1 {
			hi = 6
		}
		node := clampNode(0, hi)
		node.Inputs = []int{v.t}
		before := &l.net.Tensors[v.t]
		name, also := before.Name, before.Also
		t, err := l.emit(node, before.Shape)
		if err != nil {
			return nil, err
		}
		before = &l.net.Tensors[v.t]
		before.Name, before.Also = "", nil // the names belong to the clamped values
		after := &l.net.Tensors[t]
		after.Name, after.Also = name, also
		v = v.onto(t)
	}
	if t := &l.net.Tensors[v.t]; !t.HasRange && v.t > 0 {
		t.Min, t.Max, t.HasRange = r.Min, r.Max, true
	}
	return v, nil
}

// declared is the range of integers with the scale of input i and the zero
// point of input i+1.
func (l *lowering) declared(i int) (float.Range, error) {
	s, err := l.constant(i)
	if err != nil {
		return float.Range{}, err
	}
	z, err := l.constant(i + 1)
	if err != nil {
		return float.Range{}, err
	}
	if s == nil || len(s.F) != 1 {
		return float.Range{}, l.unsupported("", "activations need one scale")
	}
	zero, lo, hi := 0.0, 0.0, 255.0
	if z != nil && len(z.I) == 1 {
		zero = float64(z.I[0])
		switch z.Type {
		case nd.Int8:
			lo, hi = -128, 127
		case nd.Int16:
			lo, hi = -32768, 32767
		case nd.Uint16:
			hi = 65535
		}
	}
	scale := float64(s.F[0])
	return float.Range{Min: (lo - zero) * scale, Max: (hi - zero) * scale}, nil
}

// declareRange notes what the file declares for the values of that name, which
// tensor t holds.
func (l *lowering) declareRange(t int, name string) {
	if r, ok := l.g.Ranges[name]; ok && t > 0 {
		if t := &l.net.Tensors[t]; !t.HasRange {
			t.Min, t.Max, t.HasRange = r[0], r[1], true
		}
	}
}

// copyRanges gives values that an operator only moves the range of what it reads,
// where the file declares ranges.
func (l *lowering) copyRanges() {
	if l.g.Ranges == nil {
		return
	}
	for _, n := range l.net.Nodes {
		from, to := &l.net.Tensors[n.Inputs[0]], &l.net.Tensors[n.Output]
		if len(n.Inputs) == 1 && graph.Copies(n.Op) && from.HasRange && !to.HasRange {
			to.Min, to.Max, to.HasRange = from.Min, from.Max, true
			if n.Op == graph.Pad {
				to.Min, to.Max = min(to.Min, 0), max(to.Max, 0)
			}
		}
	}
}
