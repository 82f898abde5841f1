package tfjs

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"likeness/tools/convert/nd"
)

const (
	// maxNodes bounds the graph; nested models that are used over and over
	// must not multiply without end.
	maxNodes = nd.MaxNodes
	maxRank  = 8
	// maxSide bounds a picture, pixels.
	maxSide = 1 << 14
)

// value is a tensor of the network under translation, in TensorFlow's layout.
// Its shape is fixed, the batch is 1.
type value struct {
	name  string
	shape []int
	c     *nd.Tensor // its content where it is constant
	fault error      // why it cannot be computed
}

// builder makes the graph. Its methods are TensorFlow's operators; they check
// their input, name what is wrong by a bailout, and return what they made.
type builder struct {
	opt Options
	g   *nd.Graph
	// values by name, constants that no node has read yet included.
	values map[string]value
	// nchw has the transposed twin of values, which branches share.
	nchw map[string]value
	// relayout: a node that only changes the layout is being added; it has no
	// name, the layer has it.
	relayout bool
	// node, op: what is being translated, for errors.
	node, op string
}

// faulty makes name a value that cannot be computed. Whoever needs it is told
// why, others need not care.
func (b *builder) faulty(name, op string, in []value, err error) value {
	if !b.opt.Partial {
		panic(bailout{err})
	}
	if len(b.g.Nodes) >= maxNodes {
		b.fail("", "the graph has more than %d nodes", maxNodes)
	}
	if v, ok := b.values[name]; ok { // made before the fault was found
		v.fault = err
		b.values[name] = v
		for i := range b.g.Nodes {
			if slices.Contains(b.g.Nodes[i].Outputs, name) {
				b.g.Nodes[i].Fault = err
			}
		}
		return v
	}
	n := nd.Node{Op: op, Domain: "tensorflow", Name: name, Outputs: []string{name}, Fault: err}
	for _, v := range in {
		if v.c == nil && v.name != "" {
			n.Inputs = append(n.Inputs, v.name)
		}
	}
	b.g.Nodes = append(b.g.Nodes, n)
	b.values[name] = value{name: name, fault: err}
	return b.values[name]
}

// usable passes on why an input cannot be computed.
func (b *builder) usable(in []value) {
	for _, v := range in {
		if v.fault != nil {
			panic(bailout{v.fault})
		}
	}
}

func newBuilder(opt Options) *builder {
	return &builder{opt: opt, g: &nd.Graph{Opset: opset, Const: map[string]*nd.Tensor{}}, values: map[string]value{}, nchw: map[string]value{}}
}

// graph is what was built, checked.
func (b *builder) graph() (*nd.Graph, error) {
	if len(b.g.Inputs) != 1 {
		var names []string
		for _, in := range b.g.Inputs {
			names = append(names, in.Name)
		}
		return nil, &Error{Msg: fmt.Sprintf("the model has %d inputs %q; one, the picture, is wanted", len(names), names)}
	}
	if len(b.g.Nodes) == 0 || len(b.g.Outputs) == 0 {
		return nil, errors.New("the model computes nothing")
	}
	if err := b.g.Arrange(); err != nil {
		return nil, err
	}
	return b.g, nil
}

// fail leaves the translation of the current node.
func (b *builder) fail(attr, format string, args ...any) {
	panic(bailout{&Error{b.node, b.op, attr, fmt.Sprintf(format, args...)}})
}

// picture declares an input. dims may hold 0 or less where the file fixes none.
func (b *builder) picture(name string, dims []int) value {
	if len(dims) != 4 {
		b.fail("shape", "%v is no picture; [batch, height, width, channels] is wanted", dims)
	}
	shape := slices.Clone(dims)
	if shape[0] > 1 {
		b.fail("shape", "a batch of %d is fixed in the file; 1 is wanted", shape[0])
	}
	shape[0] = 1
	for i, want := range [2]int{b.opt.Height, b.opt.Width} {
		have := &shape[1+i]
		switch {
		case *have < 1 && want == 0:
			b.fail("shape", "the file fixes no picture size: give one with --size, for instance 224")
		case *have > 0 && want != 0 && *have != want:
			b.fail("shape", "the file takes pictures of height %d and width %d, not %d x %d", dims[1], dims[2], b.opt.Height, b.opt.Width)
		case *have < 1:
			*have = want
		}
		if *have > maxSide {
			b.fail("shape", "pictures of side %d are too large, %d is possible", *have, maxSide)
		}
	}
	if shape[3] != 3 && shape[3] != 1 {
		b.fail("shape", "%d channels; 3 or 1 are wanted", shape[3])
	}
	b.g.Inputs = append(b.g.Inputs, nd.Value{Name: name, Type: nd.Float32, Shape: shape})
	return b.keep(value{name: name, shape: shape})
}

// keep registers a value under its name.
func (b *builder) keep(v value) value {
	if _, twice := b.values[v.name]; twice {
		b.fail("", "the name %q is used twice", v.name)
	}
	if len(v.shape) > maxRank || nd.Elems(v.shape) < 1 {
		b.fail("", "the result's shape %v is empty or too large", v.shape)
	}
	b.values[v.name] = v
	return v
}

// constant registers t under a name, made unique if an invented one repeats.
func (b *builder) constant(name string, t *nd.Tensor) value {
	for k := 2; ; k++ {
		if v, taken := b.values[name]; !taken {
			break
		} else if v.c == t {
			return v
		}
		name = fmt.Sprintf("%s:%d", name, k)
	}
	return b.keep(value{name: name, shape: t.Shape, c: t})
}

func (b *builder) scalar(name string, v float32) value {
	return b.constant(name, &nd.Tensor{Type: nd.Float32, Shape: []int{}, F: []float32{v}})
}

func (b *builder) ints(name string, v ...int) value {
	t := &nd.Tensor{Type: nd.Int64, Shape: []int{len(v)}, I: make([]int64, len(v))}
	for i, x := range v {
		t.I[i] = int64(x)
	}
	return b.constant(name, t)
}

type attrs = map[string]nd.Attr

// emit adds a node of ONNX's that makes the value name.
func (b *builder) emit(op, name string, shape []int, a attrs, in ...value) value {
	out := b.keep(value{name: name, shape: shape})
	b.add(nd.Node{Op: op, Outputs: []string{name}, Attrs: a}, in)
	return out
}

// add appends a node; constants that it reads come into the graph. An input
// without a name is an optional one left out.
func (b *builder) add(n nd.Node, in []value) {
	if len(b.g.Nodes) >= maxNodes {
		b.fail("", "the graph has more than %d nodes", maxNodes)
	}
	if n.Op != "Transpose" || !b.relayout {
		n.Name = n.Outputs[0]
		for _, inner := range []string{":conv", ":pool", ":bn", ":resize", ":lrn", ":dcr"} {
			n.Name = strings.TrimSuffix(n.Name, inner) // the layer, before its layout is TensorFlow's
		}
	}
	for _, v := range in {
		n.Inputs = append(n.Inputs, v.name)
		if v.c == nil {
			continue
		}
		if v.c.Type != nd.Int64 && !v.c.Type.IsFloat() { // ONNX's shapes are int64
			c := *v.c
			c.Type = nd.Int64
			v.c = &c
		}
		b.g.Const[v.name] = v.c
	}
	b.g.Nodes = append(b.g.Nodes, n)
}

// rank checks the number of dimensions of an input.
func (b *builder) rank(v value, want int) {
	if len(v.shape) != want {
		b.fail("", "input %q has shape %v, %d dimensions are wanted", v.name, v.shape, want)
	}
}

// weight checks a parameter: a float constant of the given rank, -1 for any.
func (b *builder) weight(v value, what string, rank int) *nd.Tensor {
	if v.c == nil {
		b.fail("", "its %s %q is computed; only constant ones are supported", what, v.name)
	}
	if !v.c.Type.IsFloat() {
		b.fail("", "its %s %q is of type %v; float32 is wanted", what, v.name, v.c.Type)
	}
	if rank >= 0 && len(v.shape) != rank {
		b.fail("", "its %s %q has shape %v, %d dimensions are wanted", what, v.name, v.shape, rank)
	}
	return v.c
}

// toNCHW transposes a picture for ONNX's convolutions.
func (b *builder) toNCHW(x value) value {
	b.rank(x, 4)
	if t, ok := b.nchw[x.name]; ok {
		return t
	}
	b.relayout = true
	defer func() { b.relayout = false }()
	t := b.emit("Transpose", x.name+":nchw", []int{x.shape[0], x.shape[3], x.shape[1], x.shape[2]}, attrs{"perm": nd.Ints(0, 3, 1, 2)}, x)
	b.nchw[x.name] = t
	return t
}

// toNHWC gives x TensorFlow's layout again, under the name.
func (b *builder) toNHWC(name string, x value) value {
	b.relayout = true
	defer func() { b.relayout = false }()
	return b.emit("Transpose", name, []int{x.shape[0], x.shape[2], x.shape[3], x.shape[1]}, attrs{"perm": nd.Ints(0, 2, 3, 1)}, x)
}

// axis turns an axis that may count from the end into one from the front.
func (b *builder) axis(attr string, a, rank int) int {
	if a < -rank || a >= rank {
		b.fail(attr, "axis %d of a tensor with %d dimensions", a, rank)
	}
	if a < 0 {
		a += rank
	}
	return a
}

// reshape gives x a shape of as many elements.
func (b *builder) reshape(name string, x value, shape []int) value {
	if nd.Elems(shape) != nd.Elems(x.shape) {
		b.fail("shape", "%v does not hold the values of %v", shape, x.shape)
	}
	if x.c != nil {
		c := *x.c
		c.Shape = slices.Clone(shape)
		return b.constant(name, &c)
	}
	return b.emit("Reshape", name, slices.Clone(shape), nil, x, b.ints(name+":shape", shape...))
}

// broadcast is the shape of an element-wise result.
func (b *builder) broadcast(x, y []int) []int {
	if len(x) < len(y) {
		x, y = y, x
	}
	out := slices.Clone(x)
	for i, d := range y {
		o := &out[len(x)-len(y)+i]
		if *o != d && *o != 1 && d != 1 {
			b.fail("", "shapes %v and %v do not match", x, y)
		}
		*o = max(*o, d)
	}
	return out
}

// binary is an element-wise operator of two inputs, computed at once when both
// are constant.
func (b *builder) binary(op, name string, x, y value) value {
	shape := b.broadcast(x.shape, y.shape)
	if x.c != nil && y.c != nil {
		return b.foldBinary(op, name, shape, x.c, y.c)
	}
	return b.emit(op, name, shape, nil, x, y)
}

// unary is an element-wise operator of one input.
func (b *builder) unary(op, name string, x value, a attrs) value {
	if x.c != nil {
		return b.foldUnary(op, name, x.c)
	}
	return b.emit(op, name, x.shape, a, x)
}

// same passes x on under another name.
func (b *builder) same(name string, x value) value {
	if x.c != nil {
		return b.constant(name, x.c)
	}
	return b.emit("Identity", name, x.shape, nil, x)
}
