package tflite

import (
	"cmp"
	"fmt"
	"slices"

	"likeness/tools/convert/nd"
	"likeness/tools/convert/tensorflow"
)

// rule says how an operator of the schema (BuiltinOperator) is read: least and
// most are its inputs, from TensorFlow Lite's kernels; an optional input may also
// be -1. It makes one output, unless many is set.
type rule struct {
	least, most int
	run         func(*call)
	many        bool
}

// rules are the operators that are read, by code.
var rules map[int32]rule

func init() {
	rules = map[int32]rule{
		0:   {2, 2, func(c *call) { c.binary("Add") }, false},
		1:   {1, 1, func(c *call) { c.pool("AveragePool") }, false},
		2:   {1, 4096, (*call).concat, false},
		3:   {2, 3, (*call).conv, false},
		4:   {2, 3, (*call).conv, false},
		5:   {1, 1, func(c *call) { c.Blocks("DepthToSpace", c.name, c.computed(0), c.int(0, 0)) }, false},
		6:   {1, 1, (*call).widened, false},
		9:   {2, 3, (*call).fullyConnected, false},
		11:  {1, 1, (*call).unitLength, false},
		17:  {1, 1, func(c *call) { c.pool("MaxPool") }, false},
		18:  {2, 2, func(c *call) { c.binary("Mul") }, false},
		20:  {1, 1, func(c *call) { c.Clip(c.name, c.computed(0), -1, 1) }, false},
		21:  {1, 1, func(c *call) { c.Clip(c.name, c.computed(0), 0, 6) }, false},
		22:  {1, 2, (*call).reshape, false},
		23:  {2, 2, func(c *call) { c.resize("linear", 2) }, false},
		25:  {1, 1, (*call).softmax, false},
		26:  {1, 1, func(c *call) { c.Blocks("SpaceToDepth", c.name, c.computed(0), c.int(0, 0)) }, false},
		34:  {2, 2, (*call).pad, false},
		39:  {2, 2, func(c *call) { c.Transpose(c.name, c.computed(0), c.numbers(1)) }, false},
		40:  {2, 2, func(c *call) { c.reduce("ReduceMean") }, false},
		41:  {2, 2, func(c *call) { c.binary("Sub") }, false},
		42:  {2, 2, func(c *call) { c.binary("Div") }, false},
		43:  {1, 1, (*call).reshape, false},
		45:  {4, 4, (*call).stridedSlice, false},
		49:  {2, 2, (*call).split, true},
		50:  {1, 1, func(c *call) { c.Softmax("LogSoftmax", c.name, c.computed(0), -1) }, false},
		53:  {1, 1, func(c *call) { c.Same(c.name, c.computed(0)) }, false},
		54:  {2, 2, func(c *call) { c.Prelu(c.name, c.computed(0), c.floats(1)) }, false},
		55:  {2, 2, func(c *call) { c.Limit(c.name, c.operand(0), c.operand(1), false) }, false},
		57:  {2, 2, func(c *call) { c.Limit(c.name, c.operand(0), c.operand(1), true) }, false},
		60:  {3, 3, (*call).pad, false},
		65:  {3, 3, (*call).slice, false},
		67:  {3, 4, (*call).transposeConv, false},
		70:  {2, 2, (*call).reshape, false},
		74:  {2, 2, func(c *call) { c.reduce("ReduceSum") }, false},
		76:  {1, 1, func(c *call) { c.power(-0.5) }, false},
		77:  {1, 1, (*call).shapeOf, false},
		78:  {2, 2, func(c *call) { c.Binary("Pow", c.name, c.computed(0), c.floats(1)) }, false},
		82:  {2, 2, func(c *call) { c.reduce("ReduceMax") }, false},
		83:  {1, 4096, (*call).pack, false},
		89:  {2, 2, func(c *call) { c.reduce("ReduceMin") }, false},
		92:  {1, 1, func(c *call) { c.power(2) }, false},
		97:  {2, 2, func(c *call) { c.resize("nearest", 0) }, false},
		98:  {1, 1, func(c *call) { c.LeakyRelu(c.name, c.computed(0), c.float(0)) }, false},
		99:  {2, 2, func(c *call) { c.SquaredDifference(c.name, c.computed(0), c.operand(1)) }, false},
		100: {2, 2, (*call).pad, false},
		102: {3, 3, (*call).split, true},
		106: {1, 4096, (*call).sum, false},
		111: {1, 1, func(c *call) { c.Elu(c.name, c.computed(0), 1) }, false},
		114: {1, 1, (*call).widened, false},
		124: {1, 1, (*call).widened, false},
		150: {1, 1, (*call).gelu, false},
		152: {1, 1, func(c *call) { c.Clip(c.name, c.computed(0), 0, 1) }, false},
	}
	for code, op := range unaries {
		rules[code] = rule{1, 1, func(c *call) { c.Unary(op, c.name, c.computed(0), nil) }, false}
	}
}

// unaries are the operators that ONNX has under another name.
var unaries = map[int32]string{
	14: "Sigmoid", 19: "Relu", 28: "Tanh", 47: "Exp", 59: "Neg", 73: "Log", 75: "Sqrt", 101: "Abs", 117: "HardSwish",
}

// Operators lists the operators that are read.
func Operators() (names []string) {
	for code := range rules {
		names = append(names, operatorName(code, ""))
	}
	slices.Sort(names)
	return names
}

// checkArity refuses an operator with fewer or more inputs or outputs than it
// takes.
func (op *operator) checkArity(i int) error {
	what := fmt.Sprintf("operator %d (%s)", i, operatorName(op.code, op.custom))
	least, most := 1, 4096
	if r, ok := rules[op.code]; ok {
		least, most = r.least, r.most
		if len(op.outputs) != 1 && !r.many {
			return fmt.Errorf("%s has %d outputs, it makes 1: export the network again", what, len(op.outputs))
		}
	}
	if len(op.inputs) < least || len(op.inputs) > most {
		return fmt.Errorf("%s has %d inputs, it takes %d to %d: export the network again", what, len(op.inputs), least, most)
	}
	for k, t := range op.inputs[:least] {
		if t < 0 {
			return fmt.Errorf("%s lacks input %d: export the network again", what, k)
		}
	}
	return nil
}

// call is an operator in work.
type call struct {
	*reader
	*operator
	name string // of its first output
}

// run translates the operator.
func (c *call) run() {
	rule, ok := rules[c.code]
	if !ok {
		c.unsupported()
	}
	rule.run(c)
	for _, t := range c.outputs {
		v, ok := c.Values[c.names[t]]
		if !ok {
			continue // a copy of a constant
		}
		if c.made[t] = v; v.Const == nil {
			c.declare(t)
		}
	}
}

// int is an integer of the options.
func (c *call) int(field, def int) int {
	if !c.hasOptions {
		return def
	}
	return int(c.options.Int32(field, int32(def)))
}

// byte is a number of one byte of the options, 0 when there are none.
func (c *call) byte(field int) int8 {
	if !c.hasOptions {
		return 0
	}
	return c.options.Int8(field)
}

// float is a number of the options, 0 when there are none.
func (c *call) float(field int) float32 {
	if !c.hasOptions {
		return 0
	}
	return c.options.Float32(field)
}

// declaredShape is the shape that the file has for the result.
func (c *call) declaredShape() []int { return c.tensors[c.outputs[0]].shape }

// computed is input i, which must be computed from the picture.
func (c *call) computed(i int) tensorflow.Value {
	if i < len(c.inputs) {
		if v, ok := c.made[c.inputs[i]]; ok {
			c.Usable([]tensorflow.Value{v})
			if v.Const == nil {
				return v
			}
		}
	}
	c.Fail("", "input %d is not a tensor computed before", i)
	return tensorflow.Value{}
}

// operand is input i, computed or a constant of floats.
func (c *call) operand(i int) tensorflow.Value {
	if _, ok := c.made[c.inputs[i]]; ok {
		return c.computed(i)
	}
	return c.floats(i)
}

// constant is the tensor of constant input i, through a DEQUANTIZE or DENSIFY.
func (c *call) constant(i int) *tensor {
	if i >= len(c.inputs) || c.inputs[i] < 0 {
		c.Fail("", "input %d is missing", i)
	}
	t := &c.tensors[c.inputs[i]]
	if t.origin >= 0 {
		t = &c.tensors[t.origin]
	}
	if t.data == nil {
		c.Fail("", "input %d (%q) is not a constant", i, t.name)
	}
	if c.constants -= max(t.elems(), 0); c.constants < 0 {
		c.Fail("", "the constants are used so often that they would need many times the file's size")
	}
	return t
}

// floats is constant input i, as float32.
func (c *call) floats(i int) tensorflow.Value {
	t := c.constant(i)
	name := t.name + ":floats"
	if v, ok := c.Values[name]; ok && slices.Equal(v.Shape, t.shape) && v.Const != nil {
		return v
	}
	v, err := t.floats()
	if err != nil {
		c.Fail("", "%v", err)
	}
	return c.Constant(name, v)
}

// numbers are the known integers of an input.
func (c *call) numbers(i int) []int {
	return c.Integers(c.integers(i), "input")
}

// integers is an input of known integers, such as a shape.
func (c *call) integers(i int) tensorflow.Value {
	if i < len(c.inputs) {
		if v, ok := c.made[c.inputs[i]]; ok && v.Const != nil {
			return v
		}
	}
	t, err := c.constant(i).integers()
	if err != nil {
		c.Fail("", "%v", err)
	}
	return c.Constant(fmt.Sprintf("%s:in%d", c.name, i), t)
}

// linear names what precedes the fused activation of that code.
func (c *call) linear(code int8) string {
	if code == 0 {
		return c.name
	}
	name := c.name + ":linear"
	c.Layers[name] = cmp.Or(c.Layers[c.name], c.name) + ":linear"
	return name
}

// activate applies the fused activation of that code to x, which linear named.
func (c *call) activate(code int8, x tensorflow.Value) {
	switch code {
	case 0:
	case 1:
		c.Unary("Relu", c.name, x, nil)
	case 2:
		c.Clip(c.name, x, -1, 1)
	case 3:
		c.Clip(c.name, x, 0, 6)
	case 4:
		c.Unary("Tanh", c.name, x, nil)
	default:
		c.Fail("", "fused activation number %d is not supported; NONE, RELU, RELU_N1_TO_1, RELU6 and TANH are", code)
	}
}

// within notes that the value of that name holds what its sources hold, where the
// file declares that of all.
func (c *call) within(name string, sources ...tensorflow.Value) {
	var r [2]float64
	for _, v := range sources {
		s, ok := c.Out.Ranges[v.Name]
		if !ok {
			return
		}
		r[0], r[1] = min(r[0], s[0]), max(r[1], s[1])
	}
	c.Out.Ranges[name] = r
}

// power raises to a constant power.
func (c *call) power(p float32) {
	c.Binary("Pow", c.name, c.computed(0), c.Constant(c.name+":exponent", &nd.Tensor{Type: nd.Float32, Shape: []int{}, F: []float32{p}}))
}

// widened copies: a constant whose numbers become wider or gain zeros, or a computed
// tensor that changes its integer type, which means nothing to real values.
func (c *call) widened() {
	from := c.inputs[0]
	if _, ok := c.made[from]; ok {
		c.Same(c.name, c.computed(0))
		return
	}
	if o := c.tensors[from].origin; o >= 0 {
		from = o
	}
	if c.tensors[from].data == nil {
		c.Fail("", "the input is neither computed nor constant")
	}
	c.tensors[c.outputs[0]].origin = from
}
