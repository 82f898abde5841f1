package nd

import (
	"fmt"
	"slices"

	"likeness/tools/convert/failure"
)

// Info is what is known of a value before anything runs.
type Info struct {
	Type  Type
	Shape []int
	Value *Tensor // of a constant, else nil
}

// call is one node while it is resolved or run. An operator's infer reads
// attributes and inputs and fills in out; its eval trusts what infer found.
type call struct {
	*Node
	opset int
	in    []*Info // nil where an optional input is absent
	out   []Info
	err   error // first bad attribute; infer need not look at it
}

// has reports whether optional input i is present.
func (c *call) has(i int) bool { return i < len(c.in) && c.in[i] != nil }

// x is the value of input i while running, nil if absent.
func (c *call) x(i int) *Tensor {
	if !c.has(i) {
		return nil
	}
	return c.in[i].Value
}

func (c *call) shape(i int) []int { return c.in[i].Shape }

// set is the result of most infers: output 0.
func (c *call) set(t Type, shape []int) error {
	c.out[0] = Info{Type: t, Shape: shape}
	return nil
}

// attr finds an attribute of a kind. One of another kind is an error.
func (c *call) attr(name string, kind Kind) (Attr, bool) {
	a, ok := c.Attrs[name]
	if ok && a.Of() != kind {
		// A zero without a kind passes for an integer.
		if a.Kind != KindUnset || a.Of() != KindInt || a.Int != 0 {
			c.fail(fmt.Errorf("attribute %q is %s instead of %s", name, a.Of(), kind))
			return Attr{}, false
		}
	}
	return a, ok
}

func (c *call) fail(err error) {
	if c.err == nil {
		c.err = err
	}
}

func (c *call) attrInt(name string, def int) int {
	if a, ok := c.attr(name, KindInt); ok {
		return int(a.Int)
	}
	return def
}

func (c *call) attrFloat(name string, def float32) float32 {
	if a, ok := c.attr(name, KindFloat); ok {
		return a.Float
	}
	return def
}

func (c *call) attrString(name, def string) string {
	if a, ok := c.attr(name, KindString); ok {
		return a.String
	}
	return def
}

// attrInts is nil when the attribute is absent, never otherwise.
func (c *call) attrInts(name string) []int {
	if a, ok := c.attr(name, KindInts); ok {
		return toInts(a.Ints)
	}
	return nil
}

func (c *call) attrFloats(name string) []float32 {
	if a, ok := c.attr(name, KindFloats); ok {
		return a.Floats
	}
	return nil
}

func toInts(v []int64) []int {
	out := make([]int, len(v))
	for i, x := range v {
		out[i] = int(x)
	}
	return out
}

// constant is the value of input i, which decides a shape and must therefore
// be known before anything runs. It is nil if the input is absent.
func (c *call) constant(i int) (*Tensor, error) {
	if !c.has(i) {
		return nil, nil
	}
	if c.in[i].Value == nil {
		return nil, fmt.Errorf("its shape depends on the values of %q, which are computed from the input", c.Inputs[i])
	}
	return c.in[i].Value, nil
}

// constInts is constant for a list of integers. It is nil only if absent.
func (c *call) constInts(i int) ([]int, error) {
	t, err := c.constant(i)
	if t == nil || err != nil {
		return nil, err
	}
	if t.Type.IsFloat() || len(t.Shape) > 1 {
		return nil, fmt.Errorf("input %q is no list of integers", c.Inputs[i])
	}
	return toInts(t.I), nil
}

// floats refuses other element types than floating point for some inputs.
func (c *call) floats(inputs ...int) error {
	for _, i := range inputs {
		if c.has(i) && !c.in[i].Type.IsFloat() {
			return fmt.Errorf("input %q is %s instead of floating point", c.Inputs[i], c.in[i].Type)
		}
	}
	return nil
}

// ints refuses other element types than integers.
func (c *call) ints(inputs ...int) error {
	for _, i := range inputs {
		if c.has(i) && c.in[i].Type.IsFloat() {
			return fmt.Errorf("input %q is %s instead of integers", c.Inputs[i], c.in[i].Type)
		}
	}
	return nil
}

// same refuses inputs of different element types.
func (c *call) same(inputs ...int) error {
	for _, i := range inputs {
		if c.has(i) && c.in[i].Type != c.in[inputs[0]].Type {
			return fmt.Errorf("inputs %q and %q are of types %s and %s", c.Inputs[inputs[0]], c.Inputs[i], c.in[inputs[0]].Type, c.in[i].Type)
		}
	}
	return nil
}

// rank refuses input i unless it has at least lo and at most hi dimensions.
func (c *call) rank(i, lo, hi int) error {
	if n := len(c.shape(i)); n < lo || n > hi {
		want := fmt.Sprint(lo)
		if hi > lo {
			want = fmt.Sprintf("%d to %d", lo, hi)
		}
		return fmt.Errorf("input %q of shape %v should have %s dimensions", c.Inputs[i], c.shape(i), want)
	}
	return nil
}

// vector refuses input i, if present, unless it has shape [n].
func (c *call) vector(i, n int) error {
	if c.has(i) && !slices.Equal(c.shape(i), []int{n}) {
		return fmt.Errorf("input %q has shape %v instead of [%d]", c.Inputs[i], c.shape(i), n)
	}
	return nil
}

// single refuses input i, if present, unless it holds one number.
func (c *call) single(i int) error {
	if c.has(i) && Elems(c.shape(i)) != 1 {
		return fmt.Errorf("input %q of shape %v should be one number", c.Inputs[i], c.shape(i))
	}
	return nil
}

// unsupported is the error for an attribute that is understood and not done.
func (c *call) unsupported(attr string) error {
	return c.Node.unsupported(failure.Error{Code: failure.CodeAttribute, Attribute: attr, Value: c.Attrs[attr].Text()})
}

// lacking is the error for anything else that is not done.
func (c *call) lacking(format string, args ...any) error {
	return c.Node.unsupported(failure.Error{Code: failure.CodeUse, Reason: fmt.Sprintf(format, args...) + " not supported"})
}

// axis resolves an axis that may count from the end.
func axis(a, rank int) (int, error) {
	if a < -rank || a >= rank {
		return 0, fmt.Errorf("axis %d is outside a tensor of %d dimensions", a, rank)
	}
	if a < 0 {
		a += rank
	}
	return a, nil
}

// axes resolves several and refuses one that comes twice.
func axes(list []int, rank int) ([]int, error) {
	out := make([]int, len(list))
	for i, a := range list {
		var err error
		if out[i], err = axis(a, rank); err != nil {
			return nil, err
		}
		if slices.Contains(out[:i], out[i]) {
			return nil, fmt.Errorf("axis %d comes twice", a)
		}
	}
	return out, nil
}
