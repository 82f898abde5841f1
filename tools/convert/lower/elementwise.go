package lower

import (
	"fmt"
	"math"
	"slices"

	"likeness/engine/graph"
	"likeness/tools/convert/float"
	"likeness/tools/convert/nd"
)

func sqrt(x float64) float64 { return math.Sqrt(x) }

// functions are the ONNX operators that are functions of the engine.
var functions = map[string]string{"Relu": graph.ReLU, "LeakyRelu": graph.LeakyReLU, "Elu": graph.ELU, "Sigmoid": graph.Sigmoid,
	"HardSigmoid": graph.HardSigmoid, "HardSwish": graph.HardSwish, "Tanh": graph.Tanh, "Softplus": graph.Softplus, "Mish": graph.Mish,
	"Gelu": graph.GELU, "Exp": graph.Exp, "Abs": graph.Abs, "Sqrt": graph.Sqrt, "Log": graph.Log, "Reciprocal": graph.Power}

func (l *lowering) function(n *nd.Node) error {
	node := graph.Node{Op: graph.Activation, Fn: functions[n.Op]}
	switch n.Op {
	case "LeakyRelu":
		node.Alpha = floatAttr(n, "alpha", 0.01)
	case "Elu":
		node.Alpha = floatAttr(n, "alpha", 1)
	case "HardSigmoid":
		node.Alpha, node.Beta = floatAttr(n, "alpha", 0.2), floatAttr(n, "beta", 0.5)
	case "Reciprocal":
		node.Alpha = -1
	case "Gelu":
		if textAttr(n, "approximate", "none") == "tanh" {
			node.Fn = graph.GELUTanh
		}
	}
	return l.apply(node)
}

// activation lowers a function that recognise has found.
func (l *lowering) activation(n *nd.Node) error {
	return l.apply(graph.Node{Op: graph.Activation, Fn: textAttr(n, "fn", ""), Alpha: 1.0 / 6, Beta: 0.5})
}

func (l *lowering) apply(node graph.Node) error {
	v, err := l.input(0)
	if err != nil {
		return err
	}
	if node.Fn != graph.HardSigmoid && node.Fn != graph.Log {
		node.Beta = 0
	}
	switch node.Fn {
	case graph.HardSigmoid, graph.LeakyReLU, graph.ELU, graph.Power:
	default:
		node.Alpha = 0
	}
	full := float.Node{Node: node}
	full.ActMin, full.ActMax = float.Unclamped()
	switch node.Fn {
	case graph.ReLU:
		full.ActMin = 0
	case graph.Sigmoid, graph.HardSigmoid:
		full.ActMin, full.ActMax = 0, 1
	}
	return l.unary(full, v)
}

// pow lowers powers with a constant exponent.
func (l *lowering) pow(n *nd.Node) error {
	k, err := l.constant(1)
	if err != nil {
		return err
	}
	if k == nil || len(k.F)+len(k.I) == 0 {
		return fmt.Errorf("the exponent is missing")
	}
	values := slices.Clone(k.F)
	for _, x := range k.I {
		values = append(values, float32(x))
	}
	p := values[0]
	if slices.ContainsFunc(values, func(x float32) bool { return x != p }) || !(p != 0 && math.Abs(float64(p)) <= 16) {
		return l.unsupported("", fmt.Sprintf("the exponents %v; one of -16 to 16 and not 0 is", values[:min(len(values), 4)]))
	}
	switch p {
	case 1:
		return l.identity(n)
	case 2:
		return l.apply(graph.Node{Op: graph.Activation, Fn: graph.Square})
	case 0.5:
		return l.apply(graph.Node{Op: graph.Activation, Fn: graph.Sqrt})
	}
	return l.apply(graph.Node{Op: graph.Activation, Fn: graph.Power, Alpha: float64(p)})
}

// selu is gamma * ELU.
func (l *lowering) selu(n *nd.Node) error {
	v, err := l.input(0)
	if err != nil {
		return err
	}
	v, err = l.mapped(v, float.Node{Node: graph.Node{Op: graph.Activation, Fn: graph.ELU, Alpha: floatAttr(n, "alpha", 1.6732632423543772)}})
	if err != nil {
		return err
	}
	gamma := floatAttr(n, "gamma", 1.0507009873554805)
	return l.affine(v, func(int) (a, b float64) { return gamma, 0 })
}

func (l *lowering) neg(*nd.Node) error {
	v, err := l.input(0)
	if err != nil {
		return err
	}
	return l.affine(v, func(int) (a, b float64) { return -1, 0 })
}

// clampNode limits values; fuse joins it to the layer before.
func clampNode(lo, hi float64) float.Node {
	n := float.Node{Node: graph.Node{Op: graph.Activation, Fn: float.ClampFn}, ActMin: lo, ActMax: hi}
	switch {
	case lo == 0 && hi == 6:
		n.Fn = graph.ReLU6
	case lo == 0 && math.IsInf(hi, 1):
		n.Fn = graph.ReLU
	}
	return n
}

// clip lowers Clip with constant limits.
func (l *lowering) clip(n *nd.Node) error {
	v, err := l.input(0)
	if err != nil {
		return err
	}
	limits := [2]float64{floatAttr(n, "min", math.Inf(-1)), floatAttr(n, "max", math.Inf(1))}
	for i := range limits {
		c, err := l.constant(i + 1)
		if err != nil {
			return err
		}
		if c != nil && len(c.F) == 1 {
			limits[i] = float64(c.F[0])
		}
		if math.Abs(limits[i]) >= math.MaxFloat32 {
			limits[i] = math.Inf(2*i - 1)
		}
	}
	channels := l.net.Tensors[v.t].Shape[2]
	out, err := l.limited(v, slices.Repeat(limits[:1], channels), slices.Repeat(limits[1:], channels))
	if err != nil {
		return err
	}
	l.define(0, out)
	return nil
}
