package export

import (
	"math"

	"likeness/engine/graph"
	"likeness/tools/convert/nd"
)

// function writes an element-wise function; graph/function.go defines them.
func (w *writer) function(n *graph.Node, x string) string {
	mul := func(a, b string) string { return w.emit("Mul", nil, a, b) }
	add := func(a, b string) string { return w.emit("Add", nil, a, b) }
	clip := func(x string, lo, hi float64) string { return w.emit("Clip", nil, x, w.float(lo), w.float(hi)) }
	switch n.Fn {
	case graph.Identity:
		return w.emit("Identity", nil, x)
	case graph.ReLU:
		return w.emit("Relu", nil, x)
	case graph.ReLU6:
		return clip(x, 0, 6)
	case graph.LeakyReLU:
		return w.emit("LeakyRelu", map[string]nd.Attr{"alpha": nd.Float(float32(n.Alpha))}, x)
	case graph.ELU:
		return w.emit("Elu", map[string]nd.Attr{"alpha": nd.Float(float32(n.Alpha))}, x)
	case graph.HardSwish:
		return mul(mul(x, clip(add(x, w.float(3)), 0, 6)), w.float(1.0/6))
	case graph.HardSigmoid:
		return w.emit("HardSigmoid", map[string]nd.Attr{"alpha": nd.Float(float32(n.Alpha)), "beta": nd.Float(float32(n.Beta))}, x)
	case graph.Sigmoid, graph.Tanh, graph.Softplus, graph.Exp, graph.Abs:
		return w.emit(map[string]string{graph.Sigmoid: "Sigmoid", graph.Tanh: "Tanh", graph.Softplus: "Softplus", graph.Exp: "Exp", graph.Abs: "Abs"}[n.Fn], nil, x)
	case graph.SiLU:
		return mul(x, w.emit("Sigmoid", nil, x))
	case graph.GELU:
		half := mul(x, w.float(0.5))
		return mul(half, add(w.emit("Erf", nil, mul(x, w.float(1/math.Sqrt2))), w.float(1)))
	case graph.GELUTanh:
		cube := mul(mul(mul(x, x), x), w.float(0.044715))
		inner := mul(add(x, cube), w.float(math.Sqrt(2/math.Pi)))
		return mul(mul(x, w.float(0.5)), add(w.emit("Tanh", nil, inner), w.float(1)))
	case graph.Mish:
		return mul(x, w.emit("Tanh", nil, w.emit("Softplus", nil, x)))
	case graph.Square:
		return mul(x, x)
	case graph.Sqrt:
		return w.emit("Sqrt", nil, w.emit("Relu", nil, x))
	case graph.Power:
		return w.power(n, x)
	case graph.Log:
		return w.emit("Log", nil, w.emit("Max", nil, add(x, w.float(n.Beta)), w.float(1e-9)))
	}
	panic("export: function " + n.Fn + " is not known, which validation refuses")
}

// power is of the value itself where the exponent is whole, of what is above 0
// otherwise; where it is negative, values near 0 are held off.
func (w *writer) power(n *graph.Node, x string) string {
	whole := n.Alpha == math.Trunc(n.Alpha)
	switch {
	case n.Alpha < 0:
		x = w.emit("Max", nil, x, w.float(1e-9))
	case !whole:
		x = w.emit("Relu", nil, x)
	}
	return w.emit("Pow", nil, x, w.float(n.Alpha))
}

// normalise writes layer and group normalisation by means and squares: over the
// channels of each place, or over all places of a group of channels.
func (w *writer) normalise(n *graph.Node, x string) string {
	p, t := w.f.Params[n.Weights], w.tensor(n.Output)
	c := len(p.Gain)
	axes := w.axes(1)
	if n.Op == graph.GroupNorm {
		x = w.emit("Reshape", nil, x, w.ints(1, n.Groups, c/n.Groups*t.Shape[0]*t.Shape[1]))
		axes = w.axes(2)
	}
	mean := w.emit("ReduceMean", axes.attrs, append([]string{x}, axes.inputs...)...)
	off := w.emit("Sub", nil, x, mean)
	variance := w.emit("ReduceMean", axes.attrs, append([]string{w.emit("Mul", nil, off, off)}, axes.inputs...)...)
	y := w.emit("Div", nil, off, w.emit("Sqrt", nil, w.emit("Add", nil, variance, w.float(n.Epsilon))))
	if n.Op == graph.GroupNorm {
		y = w.emit("Reshape", nil, y, w.ints(1, c, t.Shape[0], t.Shape[1]))
	}
	return w.emit("Add", nil, w.emit("Mul", nil, y, w.floats(p.Gain, c, 1, 1)), w.floats(p.Offset, c, 1, 1))
}

// reduction is how an operator set takes the axis of a mean: as an attribute, or
// as an input from 18 on.
type reduction struct {
	attrs  map[string]nd.Attr
	inputs []string
}

func (w *writer) axes(axis int) reduction {
	if w.g.Opset < 18 {
		return reduction{attrs: map[string]nd.Attr{"axes": nd.Ints(axis), "keepdims": nd.Int(1)}}
	}
	return reduction{map[string]nd.Attr{"keepdims": nd.Int(1)}, []string{w.ints(axis)}}
}
