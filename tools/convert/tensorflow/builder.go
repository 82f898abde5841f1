// Package tensorflow makes graphs (package nd) of TensorFlow's operators, for the
// readers of TensorFlow.js and TensorFlow Lite. TensorFlow computes in NHWC and nd
// has ONNX's operators, which convolve in NCHW: convolutions and pools get a
// Transpose before and after. Names that are invented hold a colon, which
// TensorFlow's names never do.
package tensorflow

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"likeness/tools/convert/failure"
	"likeness/tools/convert/nd"
)

const (
	// maxNodes bounds the graph; nested models that are used over and over
	// must not multiply without end.
	MaxNodes = nd.MaxNodes
	MaxRank  = 8
	// maxSide bounds a picture, pixels.
	MaxSide = 1 << 14
)

// Value is a tensor of the network under translation, in TensorFlow's layout.
// Its shape is fixed, the batch is 1.
type Value struct {
	Name  string
	Shape []int
	Const *nd.Tensor // its content where it is constant
	Fault error      // why it cannot be computed
}

// Builder makes the graph. Its methods are TensorFlow's operators; they check
// their input, name what is wrong by a bailout, and return what they made.
type Builder struct {
	Opt Options
	Out *nd.Graph
	// values by name, constants that no node has read yet included.
	Values map[string]Value
	// Layers are the names of the layers that make values, by the value's name,
	// where they are not the same.
	Layers map[string]string
	// nchw has the transposed twin of values, which branches share.
	nchw map[string]Value
	// relayout: a node that only changes the layout is being added; it has no
	// name, the layer has it.
	relayout bool
	// node, op: what is being translated, for errors.
	node, op string
}

// Faulty makes name a value that cannot be computed. Whoever needs it is told
// why, others need not care.
func (b *Builder) Faulty(name, op string, in []Value, err error) Value {
	if !b.Opt.Partial {
		Bail(err)
	}
	if len(b.Out.Nodes) >= MaxNodes {
		b.Fail("", "the graph has more than %d nodes", MaxNodes)
	}
	if v, ok := b.Values[name]; ok { // made before the fault was found
		v.Fault = err
		b.Values[name] = v
		for i := range b.Out.Nodes {
			if slices.Contains(b.Out.Nodes[i].Outputs, name) {
				b.Out.Nodes[i].Fault = err
			}
		}
		return v
	}
	n := nd.Node{Op: op, Domain: "tensorflow", Name: name, Outputs: []string{name}, Fault: err}
	for _, v := range in {
		if v.Const == nil && v.Name != "" {
			n.Inputs = append(n.Inputs, v.Name)
		}
	}
	b.Out.Nodes = append(b.Out.Nodes, n)
	b.Values[name] = Value{Name: name, Fault: err}
	return b.Values[name]
}

// Usable passes on why an input cannot be computed.
func (b *Builder) Usable(in []Value) {
	for _, v := range in {
		if v.Fault != nil {
			Bail(v.Fault)
		}
	}
}

// New starts a graph.
func New(opt Options) *Builder {
	return &Builder{Opt: opt, Out: &nd.Graph{Opset: opset, Inner: true, Const: map[string]*nd.Tensor{}}, Values: map[string]Value{}, nchw: map[string]Value{}}
}

// At says what is being translated, for errors.
func (b *Builder) At(node, op string) { b.node, b.op = node, op }

// Graph is what was built, checked.
func (b *Builder) Graph() (*nd.Graph, error) {
	if len(b.Out.Inputs) != 1 {
		var names []string
		for _, in := range b.Out.Inputs {
			names = append(names, in.Name)
		}
		return nil, failure.New(failure.CodeInput, "the model has %d inputs %q; one, the picture, is wanted", len(names), names)
	}
	if len(b.Out.Nodes) == 0 || len(b.Out.Outputs) == 0 {
		return nil, errors.New("the model computes nothing")
	}
	if err := b.Out.Arrange(); err != nil {
		return nil, err
	}
	return b.Out, nil
}

// Fail leaves the translation of the current node.
func (b *Builder) Fail(attr, format string, args ...any) {
	b.FailAs(failure.CodeUse, attr, format, args...)
}

// FailAs is Fail with another code than that of a use which is not converted.
func (b *Builder) FailAs(code, attr, format string, args ...any) {
	Bail(&failure.Error{Code: code, Node: b.node, Operator: b.op, Attribute: attr, Reason: fmt.Sprintf(format, args...)})
}

// Picture declares an input. dims may hold 0 or less where the file fixes none.
func (b *Builder) Picture(name string, dims []int) Value {
	if len(dims) != 4 {
		b.Fail("shape", "%v is no picture; [batch, height, width, channels] is wanted", dims)
	}
	shape := slices.Clone(dims)
	if shape[0] > 1 {
		b.Fail("shape", "a batch of %d is fixed in the file; 1 is wanted", shape[0])
	}
	shape[0] = 1
	for i, want := range [2]int{b.Opt.Height, b.Opt.Width} {
		have := &shape[1+i]
		switch {
		case *have < 1 && want == 0:
			b.Fail("shape", "the file fixes no picture size: give one with --size, for instance 224")
		case *have > 0 && want != 0 && *have != want:
			b.Fail("shape", "the file takes pictures of height %d and width %d, not %d x %d", dims[1], dims[2], b.Opt.Height, b.Opt.Width)
		case *have < 1:
			*have = want
		}
		if *have > MaxSide {
			b.Fail("shape", "pictures of side %d are too large, %d is possible", *have, MaxSide)
		}
	}
	if shape[3] != 3 && shape[3] != 1 {
		b.Fail("shape", "%d channels; 3 or 1 are wanted", shape[3])
	}
	b.Out.Inputs = append(b.Out.Inputs, nd.Value{Name: name, Type: nd.Float32, Shape: shape})
	return b.Keep(Value{Name: name, Shape: shape})
}

// Keep registers a value under its name.
func (b *Builder) Keep(v Value) Value {
	if _, twice := b.Values[v.Name]; twice {
		b.Fail("", "the name %q is used twice", v.Name)
	}
	if len(v.Shape) > MaxRank || nd.Elems(v.Shape) < 1 {
		b.Fail("", "the result's shape %v is empty or too large", v.Shape)
	}
	b.Values[v.Name] = v
	return v
}

// Constant registers t under a name, made unique if an invented one repeats.
func (b *Builder) Constant(name string, t *nd.Tensor) Value {
	for k := 2; ; k++ {
		if v, taken := b.Values[name]; !taken {
			break
		} else if v.Const == t {
			return v
		}
		name = fmt.Sprintf("%s:%d", name, k)
	}
	return b.Keep(Value{Name: name, Shape: t.Shape, Const: t})
}

// Scalar is a constant without axes.
func (b *Builder) Scalar(name string, v float32) Value {
	return b.Constant(name, &nd.Tensor{Type: nd.Float32, Shape: []int{}, F: []float32{v}})
}

// Ints is a constant list, of int64.
func (b *Builder) Ints(name string, v ...int) Value {
	t := &nd.Tensor{Type: nd.Int64, Shape: []int{len(v)}, I: make([]int64, len(v))}
	for i, x := range v {
		t.I[i] = int64(x)
	}
	return b.Constant(name, t)
}

// Attrs are the attributes of a node.
type Attrs = map[string]nd.Attr

// Emit adds a node of ONNX's that makes the value name.
func (b *Builder) Emit(op, name string, shape []int, a Attrs, in ...Value) Value {
	out := b.Keep(Value{Name: name, Shape: shape})
	b.Add(nd.Node{Op: op, Outputs: []string{name}, Attrs: a}, in)
	return out
}

// Add appends a node; constants that it reads come into the graph. An input
// without a name is an optional one left out.
func (b *Builder) Add(n nd.Node, in []Value) {
	if len(b.Out.Nodes) >= MaxNodes {
		b.Fail("", "the graph has more than %d nodes", MaxNodes)
	}
	if n.Op != "Transpose" || !b.relayout {
		n.Name = n.Outputs[0]
		for _, inner := range []string{":conv", ":pool", ":bn", ":resize", ":lrn", ":dcr"} {
			n.Name = strings.TrimSuffix(n.Name, inner) // the layer, before its layout is TensorFlow's
		}
		if layer, ok := b.Layers[n.Name]; ok {
			n.Name = layer
		}
	}
	for _, v := range in {
		n.Inputs = append(n.Inputs, v.Name)
		if v.Const == nil {
			continue
		}
		if v.Const.Type != nd.Int64 && !v.Const.Type.IsFloat() { // ONNX's shapes are int64
			c := *v.Const
			c.Type = nd.Int64
			v.Const = &c
		}
		b.Out.Const[v.Name] = v.Const
	}
	b.Out.Nodes = append(b.Out.Nodes, n)
}

// Rank checks the number of dimensions of an input.
func (b *Builder) Rank(v Value, want int) {
	if len(v.Shape) != want {
		b.Fail("", "input %q has shape %v, %d dimensions are wanted", v.Name, v.Shape, want)
	}
}

// Weight checks a parameter: a float constant of the given rank, -1 for any.
func (b *Builder) Weight(v Value, what string, rank int) *nd.Tensor {
	if v.Const == nil {
		b.Fail("", "its %s %q is computed; only constant ones are supported", what, v.Name)
	}
	if !v.Const.Type.IsFloat() {
		b.Fail("", "its %s %q is of type %v; float32 is wanted", what, v.Name, v.Const.Type)
	}
	if rank >= 0 && len(v.Shape) != rank {
		b.Fail("", "its %s %q has shape %v, %d dimensions are wanted", what, v.Name, v.Shape, rank)
	}
	return v.Const
}

// ToNCHW transposes a picture for ONNX's convolutions.
func (b *Builder) ToNCHW(x Value) Value {
	b.Rank(x, 4)
	if t, ok := b.nchw[x.Name]; ok {
		return t
	}
	b.relayout = true
	defer func() { b.relayout = false }()
	t := b.Emit("Transpose", x.Name+":nchw", []int{x.Shape[0], x.Shape[3], x.Shape[1], x.Shape[2]}, Attrs{"perm": nd.Ints(0, 3, 1, 2)}, x)
	b.nchw[x.Name] = t
	return t
}

// ToNHWC gives x TensorFlow's layout again, under the name.
func (b *Builder) ToNHWC(name string, x Value) Value {
	b.relayout = true
	defer func() { b.relayout = false }()
	return b.Emit("Transpose", name, []int{x.Shape[0], x.Shape[2], x.Shape[3], x.Shape[1]}, Attrs{"perm": nd.Ints(0, 2, 3, 1)}, x)
}

// Axis turns an axis that may count from the end into one from the front.
func (b *Builder) Axis(attr string, a, rank int) int {
	if a < -rank || a >= rank {
		b.Fail(attr, "axis %d of a tensor with %d dimensions", a, rank)
	}
	if a < 0 {
		a += rank
	}
	return a
}

// Reshape gives x a shape of as many elements.
func (b *Builder) Reshape(name string, x Value, shape []int) Value {
	if nd.Elems(shape) != nd.Elems(x.Shape) {
		b.Fail("shape", "%v does not hold the values of %v", shape, x.Shape)
	}
	if x.Const != nil {
		c := *x.Const
		c.Shape = slices.Clone(shape)
		return b.Constant(name, &c)
	}
	return b.Emit("Reshape", name, slices.Clone(shape), nil, x, b.Ints(name+":shape", shape...))
}

// broadcast is the shape of an element-wise result.
func (b *Builder) broadcast(x, y []int) []int {
	if len(x) < len(y) {
		x, y = y, x
	}
	out := slices.Clone(x)
	for i, d := range y {
		o := &out[len(x)-len(y)+i]
		if *o != d && *o != 1 && d != 1 {
			b.Fail("", "shapes %v and %v do not match", x, y)
		}
		*o = max(*o, d)
	}
	return out
}

// Binary is an element-wise operator of two inputs, computed at once when both
// are constant.
func (b *Builder) Binary(op, name string, x, y Value) Value {
	shape := b.broadcast(x.Shape, y.Shape)
	if x.Const != nil && y.Const != nil {
		return b.foldBinary(op, name, shape, x.Const, y.Const)
	}
	return b.Emit(op, name, shape, nil, x, y)
}

// Unary is an element-wise operator of one input.
func (b *Builder) Unary(op, name string, x Value, a Attrs) Value {
	if x.Const != nil {
		return b.foldUnary(op, name, x.Const)
	}
	return b.Emit(op, name, x.Shape, a, x)
}

// Same passes x on under another name.
func (b *Builder) Same(name string, x Value) Value {
	if x.Const != nil {
		return b.Constant(name, x.Const)
	}
	return b.Emit("Identity", name, x.Shape, nil, x)
}
