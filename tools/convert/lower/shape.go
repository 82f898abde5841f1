package lower

import (
	"fmt"
	"slices"

	"likeness/tools/convert/nd"
)

// identity lowers operators that do nothing at inference.
func (l *lowering) identity(*nd.Node) error {
	v, err := l.input(0)
	if err != nil {
		return err
	}
	l.define(0, v)
	return nil
}

// cast lets a computed value stay what it is: real.
func (l *lowering) cast(n *nd.Node) error {
	switch to := intAttr(n, "to", 1); to {
	case 1, 10, 11, 16: // float, float16, double, bfloat16
		return l.identity(n)
	}
	return l.unsupported("to", "only to a floating-point type")
}

// shapeOf makes a constant of a computed value's shape.
func (l *lowering) shapeOf(n *nd.Node) error {
	v, err := l.input(0)
	if err != nil {
		return err
	}
	shape := v.shape()
	t := &nd.Tensor{Type: nd.Int64}
	if n.Op == "Size" {
		t.I = []int64{int64(nd.Elems(shape))}
	} else {
		from, to := intAttr(n, "start", 0), intAttr(n, "end", len(shape))
		if from < 0 {
			from += len(shape)
		}
		if to < 0 {
			to += len(shape)
		}
		from, to = min(max(from, 0), len(shape)), min(max(to, 0), len(shape))
		for _, d := range shape[from:max(from, to)] {
			t.I = append(t.I, int64(d))
		}
		t.Shape = []int{len(t.I)}
	}
	l.consts[n.Outputs[0]] = t
	return nil
}

// become gives the first input another shape.
func (l *lowering) become(v *view, shape []int) error {
	out, err := v.reshape(shape)
	if err != nil {
		return l.unsupported("", err.Error())
	}
	l.define(0, out)
	return nil
}

func (l *lowering) flatten(n *nd.Node) error {
	v, err := l.input(0)
	if err != nil {
		return err
	}
	s := v.shape()
	a := intAttr(n, "axis", 1)
	if a < 0 {
		a += len(s)
	}
	if a < 0 || a > len(s) {
		return l.unsupported("axis", "")
	}
	return l.become(v, []int{nd.Elems(s[:a]), nd.Elems(s[a:])})
}

func (l *lowering) reshape(n *nd.Node) error {
	v, err := l.input(0)
	if err != nil {
		return err
	}
	want, err := l.ints(1, "shape")
	if err != nil {
		return err
	}
	have := v.shape()
	total, known, free := nd.Elems(have), 1, -1
	shape := l.oneOf(want, v)
	for i, d := range shape {
		switch {
		case d == 0 && intAttr(n, "allowzero", 0) == 0 && i < len(have):
			shape[i] = have[i]
		case d == -1 && free < 0:
			free = i
			continue
		case d < 1:
			return fmt.Errorf("cannot reshape %v to %v", have, want)
		}
		if known > nd.MaxElems/shape[i] {
			return fmt.Errorf("cannot reshape %v to %v", have, want)
		}
		known *= shape[i]
	}
	switch {
	case free >= 0 && total%known == 0:
		shape[free] = total / known
	case free >= 0 || known != total:
		// A file made for another batch or input size may still mean: flatten.
		if known%total == 0 && len(shape) > 1 && shape[0] == known/total {
			shape[0] = 1
			break
		}
		return fmt.Errorf("cannot reshape %v to %v: the file may be made for another input size, see --size", have, want)
	}
	return l.become(v, shape)
}

// oneOf is a shape for one picture, where the file is made for several.
func (l *lowering) oneOf(want []int, v *view) []int {
	shape := slices.Clone(want)
	if l.batch < 2 || len(v.dims) == 0 || len(want) == 0 || want[0] < 1 || want[0]%l.batch != 0 {
		return shape
	}
	known := 1
	for _, d := range want {
		if d == -1 {
			if len(v.dims[0]) == 0 {
				shape[0] /= l.batch
			}
			return shape
		}
		known *= max(d, 1)
	}
	if known == l.batch*nd.Elems(v.shape()) {
		shape[0] /= l.batch
	}
	return shape
}

func (l *lowering) squeeze(n *nd.Node) error {
	v, err := l.input(0)
	if err != nil {
		return err
	}
	axes, err := l.ints(1, "axes")
	if err != nil {
		return err
	}
	gone := make([]bool, len(v.dims))
	for i, d := range v.dims {
		gone[i] = axes == nil && len(d) == 0
	}
	for _, a := range axes {
		if a, err = axis(a, len(v.dims)); err != nil {
			return err
		}
		if len(v.dims[a]) > 0 {
			return fmt.Errorf("axis %d of %v is not of length 1", a, v.shape())
		}
		gone[a] = true
	}
	out := v.clone()
	out.dims = nil
	for i, d := range v.dims {
		if !gone[i] {
			out.dims = append(out.dims, d)
		}
	}
	l.define(0, out)
	return nil
}

func (l *lowering) unsqueeze(*nd.Node) error {
	v, err := l.input(0)
	if err != nil {
		return err
	}
	axes, err := l.ints(1, "axes")
	if err != nil {
		return err
	}
	rank := len(v.dims) + len(axes)
	fresh := make([]bool, rank)
	for _, a := range axes {
		if a, err = axis(a, rank); err != nil {
			return err
		}
		if fresh[a] {
			return fmt.Errorf("axis %d is given twice", a)
		}
		fresh[a] = true
	}
	out, at := v.clone(), 0
	out.dims = make([][]atom, rank)
	for i := range out.dims {
		if !fresh[i] {
			out.dims[i] = v.dims[at]
			at++
		}
	}
	l.define(0, out)
	return nil
}

func (l *lowering) transpose(n *nd.Node) error {
	v, err := l.input(0)
	if err != nil {
		return err
	}
	var reverse []int
	for i := range v.dims {
		reverse = append([]int{i}, reverse...)
	}
	perm := intsAttr(n, "perm", reverse...)
	if sorted := slices.Sorted(slices.Values(perm)); len(perm) != len(v.dims) || len(slices.Compact(sorted)) != len(perm) ||
		len(perm) > 0 && (sorted[0] != 0 || sorted[len(sorted)-1] != len(perm)-1) {
		return fmt.Errorf("perm %v does not fit a value of shape %v", perm, v.shape())
	}
	l.define(0, v.transpose(perm))
	return nil
}
