// Package lower turns graphs of tensors of any rank (package nd) into networks of
// pictures [H, W, C] (package float): constants are folded, axes followed, several
// operators recognised as one, layers named.
package lower

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"sort"
	"strings"

	"likeness/engine/graph"
	"likeness/tools/convert/failure"
	"likeness/tools/convert/float"
	"likeness/tools/convert/nd"
)

// lowering turns a graph of tensors of any rank into a network of pictures
// [H, W, C], node by node. A value of the graph is a constant or a view of a
// tensor of the network.
type lowering struct {
	g   *nd.Graph
	opt Options
	net float.Network

	consts map[string]*nd.Tensor
	steps  map[string][]float64 // distances between dequantised constants, one or one a channel
	views  map[string]*view

	kept []keptLayer // layers that are to stay, as --keep names them
	flat map[int]int // by tensor, the same values as one vector

	node    *nd.Node // in work
	unnamed bool     // what is defined is a part of its result, without the name
	bytes   bool     // the picture is of bytes, 0 to 255
	batch   int      // pictures at a time that the file is made for, 0 or less where it leaves that open
	folded  int      // numbers made of constants
}

// lowerings are the operators that read computed values, by name.
var lowerings map[string]func(*lowering, *nd.Node) error

func init() {
	lowerings = map[string]func(*lowering, *nd.Node) error{
		"Conv": (*lowering).conv, "Gemm": (*lowering).gemm, "MatMul": (*lowering).matMul,
		"BatchNormalization": (*lowering).batchNorm,
		"Add":                (*lowering).binary, "Sub": (*lowering).binary, "Mul": (*lowering).binary, "Div": (*lowering).binary,
		"Relu": (*lowering).function, "LeakyRelu": (*lowering).function, "Sigmoid": (*lowering).function, "Tanh": (*lowering).function,
		"HardSwish": (*lowering).function, "Elu": (*lowering).function, "Softplus": (*lowering).function, "Mish": (*lowering).function,
		"Gelu": (*lowering).function, "Exp": (*lowering).function, "Abs": (*lowering).function, "Sqrt": (*lowering).function,
		"Pow": (*lowering).pow, "HardSigmoid": (*lowering).function, "Clip": (*lowering).clip, "Neg": (*lowering).neg,
		"Softmax": (*lowering).softmax, "LogSoftmax": (*lowering).softmax,
		"LayerNormalization": (*lowering).layerNormalization, "PRelu": (*lowering).prelu, "LRN": (*lowering).lrn,
		"Log": (*lowering).function, "Reciprocal": (*lowering).function, "Selu": (*lowering).selu,
		"Sum": (*lowering).variadic, "Mean": (*lowering).variadic, "Max": (*lowering).variadic, "Min": (*lowering).variadic,
		"ReduceSum": (*lowering).reduce, "ReduceMin": (*lowering).reduce, "ReduceL1": (*lowering).reduce, "ReduceL2": (*lowering).reduce,
		"ReduceSumSquare": (*lowering).reduce, "LpNormalization": (*lowering).lpNormalization,
		"InstanceNormalization": (*lowering).instanceNorm, "GroupNormalization": (*lowering).groupNormalization,
		"MeanVarianceNormalization": (*lowering).meanVariance, "GlobalLpPool": (*lowering).reduce,
		"ConvTranspose": (*lowering).convTranspose, "Expand": (*lowering).expand, "Tile": (*lowering).expand,
		"DynamicQuantizeLinear": (*lowering).dynamicQuantise, "ConvInteger": (*lowering).convInteger, "MatMulInteger": (*lowering).matMulInteger,
		"Resize": (*lowering).resize, "Upsample": (*lowering).resize,
		"DepthToSpace": (*lowering).space, "SpaceToDepth": (*lowering).space,
		"MaxPool": (*lowering).pool, "AveragePool": (*lowering).pool,
		"GlobalAveragePool": (*lowering).reduce, "ReduceMean": (*lowering).reduce,
		"GlobalMaxPool": (*lowering).reduce, "ReduceMax": (*lowering).reduce,
		"Slice": (*lowering).slice, "Split": (*lowering).split, "Gather": (*lowering).gatherAxis,
		"Concat": (*lowering).concat, "Pad": (*lowering).pad,
		"Flatten": (*lowering).flatten, "Reshape": (*lowering).reshape, "Squeeze": (*lowering).squeeze,
		"Unsqueeze": (*lowering).unsqueeze, "Transpose": (*lowering).transpose,
		"Identity": (*lowering).identity, "Dropout": (*lowering).identity, "Cast": (*lowering).cast,
		"Shape": (*lowering).shapeOf, "Size": (*lowering).shapeOf,
		"QuantizeLinear": (*lowering).quantizeLinear, "DequantizeLinear": (*lowering).dequantizeLinear,
		"QLinearConv": (*lowering).qlinearConv, "QLinearMatMul": (*lowering).qlinearMatMul, "QLinearAdd": (*lowering).qlinearBinary,
		"QLinearMul": (*lowering).qlinearBinary, "QLinearGlobalAveragePool": (*lowering).qlinearPool,
	}
}

// recognised are the operators that recognise puts in place of several.
var recognised = map[string]func(*lowering, *nd.Node) error{
	"Activation": (*lowering).activation, "Normalise": (*lowering).normalise, "UnitLength": (*lowering).unitLength,
}

// Operators lists the ONNX operators that Graph lowers. Any other is fine
// where its inputs are constants, and so are spellings of an activation
// function in several operators.
func Operators() []string {
	var names []string
	for name := range lowerings {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

// Graph makes a network of a graph: constants are folded, batch
// normalisation and activations joined to the layers before them, and NCHW
// becomes NHWC without a transpose at run time.
func Graph(g *nd.Graph, opt Options) (*float.Network, error) {
	l := &lowering{g: g, opt: opt, consts: map[string]*nd.Tensor{}, steps: map[string][]float64{}, views: map[string]*view{}, flat: map[int]int{}}
	wanted, err := l.wanted()
	if err != nil {
		return nil, err
	}
	all := slices.Clone(wanted)
	for _, k := range l.kept {
		all = append(all, k.value)
	}
	nodes := needed(g.Nodes, all)
	if err := l.usable(nodes); err != nil { // what is not needed may hold anything
		return nil, err
	}
	if err := l.bind(nodes); err != nil {
		return nil, err
	}
	nodes = needed(recognise(g, nodes), all)
	for i := range nodes {
		if err := l.lower(&nodes[i]); err != nil {
			return nil, err
		}
	}
	return l.finish(wanted)
}

// lower does one node: folds it, if its inputs are constants, or emits what
// computes it.
func (l *lowering) lower(n *nd.Node) error {
	l.node = n
	if n.Op == "If" && n.Domain == "" {
		return l.branch(n)
	}
	var ins []*nd.Tensor
	constant := true
	for _, name := range n.Inputs {
		t := l.consts[name]
		if name != "" && t == nil {
			constant = false
		}
		ins = append(ins, t)
	}
	if constant {
		return l.fold(n, ins)
	}
	f, ok := lowerings[n.Op]
	switch n.Domain {
	case "":
	case ownDomain:
		f, ok = recognised[n.Op], true
	case "com.microsoft":
		ok = ok && (n.Op == "Gelu" || strings.HasPrefix(n.Op, "QLinear"))
	default:
		ok = false
	}
	if !ok {
		return l.unsupported("", "")
	}
	if err := f(l, n); err != nil {
		if u := (*failure.Error)(nil); errors.As(err, &u) && u.Operator != "" {
			return err
		}
		return fmt.Errorf("%s: %w", n.Title(), err)
	}
	return nil
}

// fold evaluates a node of constants.
func (l *lowering) fold(n *nd.Node, ins []*nd.Tensor) error {
	outs, err := l.evaluate(n, ins)
	if err != nil {
		return fmt.Errorf("%s: %w", n.Title(), err)
	}
	for i, name := range n.Outputs {
		if name != "" && i < len(outs) && outs[i] != nil {
			l.consts[name] = outs[i]
		}
	}
	switch n.Op {
	case "DequantizeLinear":
		for _, s := range ins[1].F {
			l.steps[n.Outputs[0]] = append(l.steps[n.Outputs[0]], float64(s))
		}
	case "Identity", "Reshape", "Cast": // per-tensor steps survive
		if s := l.steps[n.Inputs[0]]; len(s) == 1 {
			l.steps[n.Outputs[0]] = s
		}
	}
	return nil
}

// unsupported is the error of the node in work, the whole operator if there is
// neither an attribute nor a reason.
func (l *lowering) unsupported(attribute, reason string) error {
	n := l.node
	e := &failure.Error{Code: failure.CodeUse, Node: n.Name, Operator: n.Op, Tensor: n.Outputs[0], Reason: reason, Hint: "; likeness convert --operators lists what is supported" + l.cutHint(n)}
	if n.Domain != "" {
		e.Operator = n.Domain + "." + n.Op
	}
	switch {
	case attribute != "":
		e.Code, e.Attribute, e.Value = failure.CodeAttribute, attribute, n.Attrs[attribute].Text()
	case reason == "":
		e.Code, e.Reason = failure.CodeOperator, "the operator is not supported"
	default:
		e.Reason = "not supported: " + reason
	}
	return e
}

// input is computed input i.
func (l *lowering) input(i int) (*view, error) {
	if i < len(l.node.Inputs) {
		if v, ok := l.views[l.node.Inputs[i]]; ok {
			return v, nil
		}
		if l.consts[l.node.Inputs[i]] != nil {
			return nil, l.unsupported("", fmt.Sprintf("input %d is a constant, a computed value is wanted", i))
		}
	}
	return nil, fmt.Errorf("input %d is missing", i)
}

// constant is constant input i, or nil if it is absent.
func (l *lowering) constant(i int) (*nd.Tensor, error) {
	if i >= len(l.node.Inputs) || l.node.Inputs[i] == "" {
		return nil, nil
	}
	t := l.consts[l.node.Inputs[i]]
	if t == nil {
		return nil, l.unsupported("", fmt.Sprintf("input %d (%q) must be a constant", i, l.node.Inputs[i]))
	}
	return t, nil
}

// floats is constant input i with n values.
func (l *lowering) floats(i, n int) ([]float32, error) {
	t, err := l.constant(i)
	switch {
	case err != nil:
		return nil, err
	case t == nil:
		return nil, fmt.Errorf("input %d is missing", i)
	case !t.Type.IsFloat() || len(t.F) != n:
		return nil, fmt.Errorf("input %d has %d values of shape %v, %d are wanted", i, len(t.F)+len(t.I), t.Shape, n)
	}
	return t.F, nil
}

// ints is constant input i, or attribute name, or nil.
func (l *lowering) ints(i int, name string) ([]int, error) {
	if a, ok := l.node.Attrs[name]; ok && a.Ints != nil {
		return intsAttr(l.node, name), nil
	}
	t, err := l.constant(i)
	if t == nil || err != nil {
		return nil, err
	}
	out := make([]int, len(t.I))
	for k, v := range t.I {
		out[k] = int(v)
	}
	return out, nil
}

// emit appends a node that makes a tensor of the given shape.
func (l *lowering) emit(n float.Node, shape [3]int) (int, error) {
	if err := shapeRule(shape); err != nil {
		return 0, err
	}
	if len(l.net.Nodes) >= graph.MaxNodes {
		return 0, fmt.Errorf("the network has more than %d layers", graph.MaxNodes)
	}
	if n.ActMin == 0 && n.ActMax == 0 {
		n.ActMin, n.ActMax = float.Unclamped()
	}
	n.Inputs = slices.Clone(n.Inputs)
	n.Output = len(l.net.Tensors)
	l.net.Tensors = append(l.net.Tensors, float.Tensor{Shape: shape, ID: n.Output})
	l.net.Nodes = append(l.net.Nodes, n)
	return n.Output, nil
}

// define makes v the value of output i of the node in work, and names its
// tensor.
func (l *lowering) define(i int, v *view) {
	out := l.node.Outputs[i]
	l.views[out] = v
	l.declareRange(v.t, out)
	if l.unnamed {
		return
	}
	switch l.node.Op {
	case "QuantizeLinear", "DequantizeLinear", "Cast": // not layers
		if !slices.ContainsFunc(l.g.Outputs, func(o nd.Value) bool { return o.Name == out }) {
			return
		}
	}
	var names []string
	if i == 0 && l.node.Name != "" {
		names = append(names, l.node.Name)
	}
	if !l.g.Inner || len(names) == 0 && l.net.Tensors[v.t].Name == "" {
		names = append(names, out)
	}
	l.called(v, names)
}

// unary emits n, which keeps the layout of v, as the node's result.
func (l *lowering) unary(n float.Node, v *view) error {
	n.Inputs = []int{v.t}
	t, err := l.emit(n, l.net.Tensors[v.t].Shape)
	if err != nil {
		return err
	}
	l.define(0, v.onto(t))
	return nil
}

// place lays v out in memory as [h, w, c], each a list of v's atoms, and
// returns the tensor. The channels may stay in another order: perm then gives
// for each channel in memory its place in c; it is nil if they are equal.
func (l *lowering) place(v *view, h, w, c []atom) (t int, perm []int, err error) {
	lead := slices.Concat(h, w)
	if len(v.phys) < len(lead) || !sameOrder(v.phys[:len(lead)], lead) || !sameSet(v.phys[len(lead):], c) {
		return l.move(v, h, w, c)
	}
	shape := [3]int{elems(h), elems(w), elems(c)}
	t = v.t
	if l.net.Tensors[t].Shape != shape {
		if t, err = l.emit(float.Node{Node: graph.Node{Op: graph.Reshape, Inputs: []int{t}}}, shape); err != nil {
			return 0, nil, err
		}
	}
	if tail := v.phys[len(lead):]; !sameOrder(tail, c) {
		perm = order(c, tail)
	}
	return t, perm, nil
}

// nchw places a value with axes N, C, H, W.
func (l *lowering) nchw(v *view) (t int, perm []int, err error) {
	if len(v.dims) != 4 {
		return 0, nil, l.unsupported("", fmt.Sprintf("its input has shape %v, a picture [N C H W] is wanted", v.shape()))
	}
	if len(v.dims[0]) > 0 {
		return 0, nil, l.unsupported("", fmt.Sprintf("its input has shape %v; only one picture at a time can be run", v.shape()))
	}
	return l.place(v, v.dims[2], v.dims[3], v.dims[1])
}

// picture places input i, with axes N, C, H, W, and puts its channels in order.
func (l *lowering) picture(i int) (t int, err error) {
	v, err := l.input(i)
	if err != nil {
		return 0, err
	}
	t, perm, err := l.nchw(v)
	if err != nil || perm == nil {
		return t, err
	}
	return l.gather(t, invert(perm))
}

// finite refuses parameters that are not numbers.
func finite(what string, values []float32) error {
	for i, v := range values {
		if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
			return fmt.Errorf("value %d of its %s is %g: the file is damaged, or training diverged", i, what, v)
		}
	}
	return nil
}
