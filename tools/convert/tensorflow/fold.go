package tensorflow

import (
	"math"
	"slices"

	"likeness/tools/convert/nd"
)

// MaxFold bounds what is computed while reading: shapes, and the constants of
// a batch normalisation written out.
const MaxFold = 1 << 24

// foldBinary computes an operator on constants, float32 or integer.
func (b *Builder) foldBinary(op, name string, shape []int, x, y *nd.Tensor) Value {
	if n := nd.Elems(shape); n < 0 || n > MaxFold {
		b.Fail("", "a constant of shape %v is too large", shape)
	}
	if x.Type.IsFloat() != y.Type.IsFloat() {
		b.Fail("", "inputs of types %v and %v", x.Type, y.Type)
	}
	t := &nd.Tensor{Type: x.Type, Shape: shape}
	n := nd.Elems(shape)
	ix, iy := spread(x.Shape, shape), spread(y.Shape, shape)
	if x.Type.IsFloat() {
		t.F = make([]float32, n)
		for i := range t.F {
			t.F[i] = float32(b.arithmetic(op, float64(x.F[ix(i)]), float64(y.F[iy(i)])))
		}
		return b.Constant(name, t)
	}
	t.I = make([]int64, n)
	for i := range t.I {
		p, q := x.I[ix(i)], y.I[iy(i)]
		if op == "Div" && q == 0 {
			b.Fail("", "it divides by 0")
		}
		if op == "Div" {
			t.I[i] = p / q
			continue
		}
		t.I[i] = nd.Wrap(nd.Int32, int64(b.arithmetic(op, float64(p), float64(q))))
	}
	return b.Constant(name, t)
}

func (b *Builder) arithmetic(op string, p, q float64) float64 {
	switch op {
	case "Add":
		return p + q
	case "Sub":
		return p - q
	case "Mul":
		return p * q
	case "Div":
		return p / q
	case "Max":
		return max(p, q)
	case "Min":
		return min(p, q)
	case "Pow":
		return math.Pow(p, q)
	}
	b.Fail("", "%s of constants is not supported", op)
	return 0
}

// spread maps an index of the broadcast shape to to one of from.
func spread(from, to []int) func(int) int {
	if slices.Equal(from, to) {
		return func(i int) int { return i }
	}
	steps := make([]int, len(to))
	step := 1
	for k := len(from) - 1; k >= 0; k-- {
		if from[k] > 1 {
			steps[len(to)-len(from)+k] = step
		}
		step *= from[k]
	}
	return func(i int) int {
		at := 0
		for k := len(to) - 1; k >= 0; k-- {
			at += i % to[k] * steps[k]
			i /= to[k]
		}
		return at
	}
}

func (b *Builder) foldUnary(op, name string, x *nd.Tensor) Value {
	f := map[string]func(float64) float64{
		"Sqrt": math.Sqrt, "Neg": func(v float64) float64 { return -v }, "Reciprocal": func(v float64) float64 { return 1 / v },
		"Abs": math.Abs, "Exp": math.Exp, "Relu": func(v float64) float64 { return max(v, 0) }, "Floor": math.Floor, "Ceil": math.Ceil,
	}[op]
	if f == nil {
		b.Fail("", "%s of a constant is not supported", op)
	}
	t := &nd.Tensor{Type: x.Type, Shape: x.Shape, F: make([]float32, len(x.F)), I: make([]int64, len(x.I))}
	for i, v := range x.F {
		t.F[i] = float32(f(float64(v)))
	}
	for i, v := range x.I {
		t.I[i] = int64(f(float64(v)))
	}
	return b.Constant(name, t)
}

// Integers reads a constant of whole numbers, such as a shape.
func (b *Builder) Integers(v Value, what string) []int {
	if v.Const == nil || v.Const.Type.IsFloat() || len(v.Shape) > 1 {
		b.Fail("", "its %s %q is not a constant list of integers", what, v.Name)
	}
	out := make([]int, len(v.Const.I))
	for i, x := range v.Const.I {
		if x < math.MinInt32 || x > math.MaxInt32 {
			b.Fail("", "its %s %q holds %d", what, v.Name, x)
		}
		out[i] = int(x)
	}
	return out
}

// Number reads a constant of one value.
func (b *Builder) Number(v Value, what string) float32 {
	if v.Const == nil || nd.Elems(v.Shape) != 1 {
		b.Fail("", "its %s %q is not a constant number", what, v.Name)
	}
	if v.Const.Type.IsFloat() {
		return v.Const.F[0]
	}
	return float32(v.Const.I[0])
}

// Take selects whole elements of a list constant.
func (b *Builder) Take(name string, x *nd.Tensor, shape []int, at []int) Value {
	t := &nd.Tensor{Type: x.Type, Shape: shape}
	for _, i := range at {
		if x.Type.IsFloat() {
			t.F = append(t.F, x.F[i])
		} else {
			t.I = append(t.I, x.I[i])
		}
	}
	return b.Constant(name, t)
}
