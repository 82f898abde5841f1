package tensorflow

import (
	"math"

	"likeness/tools/convert/nd"
)

// Activations maps the names that both Keras and fused operators use to how
// they are made. Those with a parameter are elsewhere.
var Activations = map[string]func(b *Builder, name string, x Value) Value{
	"relu":         func(b *Builder, name string, x Value) Value { return b.Unary("Relu", name, x, nil) },
	"relu6":        func(b *Builder, name string, x Value) Value { return b.Clip(name, x, 0, 6) },
	"elu":          func(b *Builder, name string, x Value) Value { return b.Elu(name, x, 1) },
	"selu":         func(b *Builder, name string, x Value) Value { return b.Unary("Selu", name, x, nil) },
	"sigmoid":      func(b *Builder, name string, x Value) Value { return b.Unary("Sigmoid", name, x, nil) },
	"tanh":         func(b *Builder, name string, x Value) Value { return b.Unary("Tanh", name, x, nil) },
	"softplus":     func(b *Builder, name string, x Value) Value { return b.Unary("Softplus", name, x, nil) },
	"softsign":     func(b *Builder, name string, x Value) Value { return b.Unary("Softsign", name, x, nil) },
	"exponential":  func(b *Builder, name string, x Value) Value { return b.Unary("Exp", name, x, nil) },
	"softmax":      func(b *Builder, name string, x Value) Value { return b.Softmax("Softmax", name, x, -1) },
	"log_softmax":  func(b *Builder, name string, x Value) Value { return b.Softmax("LogSoftmax", name, x, -1) },
	"hard_sigmoid": (*Builder).hardSigmoid,
	"swish":        (*Builder).swish,
	"silu":         (*Builder).swish,
	"gelu":         (*Builder).gelu,
	"mish":         (*Builder).mish,
}

// Clip limits x; a bound may be infinite.
func (b *Builder) Clip(name string, x Value, lo, hi float32) Value {
	if x.Const != nil {
		b.Fail("", "a limited constant is not supported")
	}
	if lo > hi {
		b.Fail("", "limits %v to %v", lo, hi)
	}
	in := []Value{x, {}}
	if !math.IsInf(float64(lo), -1) {
		in[1] = b.Scalar(name+":min", lo)
	}
	if !math.IsInf(float64(hi), 1) {
		in = append(in, b.Scalar(name+":max", hi))
	}
	return b.Emit("Clip", name, x.Shape, nil, in...)
}

// Elu is alpha * (e^x - 1) below zero.
func (b *Builder) Elu(name string, x Value, alpha float32) Value {
	return b.Unary("Elu", name, x, Attrs{"alpha": nd.Float(alpha)})
}

// LeakyRelu is alpha * x below zero.
func (b *Builder) LeakyRelu(name string, x Value, alpha float32) Value {
	return b.Unary("LeakyRelu", name, x, Attrs{"alpha": nd.Float(alpha)})
}

// Prelu has a slope for negative values that broadcasts to x's shape.
func (b *Builder) Prelu(name string, x, alpha Value) Value {
	b.Weight(alpha, "slope", -1)
	if shape := b.broadcast(x.Shape, alpha.Shape); nd.Elems(shape) != nd.Elems(x.Shape) {
		b.Fail("", "slope %v does not fit the input %v", alpha.Shape, x.Shape)
	}
	return b.Emit("PRelu", name, x.Shape, nil, x, alpha)
}

// Softmax is Softmax or LogSoftmax over an axis.
func (b *Builder) Softmax(op, name string, x Value, axis int) Value {
	axis = b.Axis("axis", axis, len(x.Shape))
	return b.Unary(op, name, x, Attrs{"axis": nd.Int(axis)})
}

// hardSigmoid is TensorFlow.js' and Keras 2's: x/5 + 1/2, between 0 and 1.
func (b *Builder) hardSigmoid(name string, x Value) Value {
	return b.Unary("HardSigmoid", name, x, Attrs{"alpha": nd.Float(0.2), "beta": nd.Float(0.5)})
}

func (b *Builder) swish(name string, x Value) Value {
	return b.Binary("Mul", name, x, b.Unary("Sigmoid", name+":sigmoid", x, nil))
}

func (b *Builder) mish(name string, x Value) Value {
	return b.Binary("Mul", name, x, b.Unary("Tanh", name+":tanh", b.Unary("Softplus", name+":softplus", x, nil), nil))
}

// gelu is x/2 * (1 + erf(x/√2)).
func (b *Builder) gelu(name string, x Value) Value {
	d := b.Binary("Div", name+":div", x, b.Scalar(name+":root", math.Sqrt2))
	e := b.Binary("Add", name+":add", b.Unary("Erf", name+":erf", d, nil), b.Scalar(name+":one", 1))
	return b.Binary("Mul", name, b.Binary("Mul", name+":mul", x, e), b.Scalar(name+":half", 0.5))
}
