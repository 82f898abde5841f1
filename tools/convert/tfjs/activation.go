package tfjs

import (
	"math"

	"likeness/tools/convert/nd"
)

// activations maps the names that both Keras and fused operators use to how
// they are made. Those with a parameter are elsewhere.
var activations = map[string]func(b *builder, name string, x value) value{
	"relu":         func(b *builder, name string, x value) value { return b.unary("Relu", name, x, nil) },
	"relu6":        func(b *builder, name string, x value) value { return b.clip(name, x, 0, 6) },
	"elu":          func(b *builder, name string, x value) value { return b.elu(name, x, 1) },
	"selu":         func(b *builder, name string, x value) value { return b.unary("Selu", name, x, nil) },
	"sigmoid":      func(b *builder, name string, x value) value { return b.unary("Sigmoid", name, x, nil) },
	"tanh":         func(b *builder, name string, x value) value { return b.unary("Tanh", name, x, nil) },
	"softplus":     func(b *builder, name string, x value) value { return b.unary("Softplus", name, x, nil) },
	"softsign":     func(b *builder, name string, x value) value { return b.unary("Softsign", name, x, nil) },
	"exponential":  func(b *builder, name string, x value) value { return b.unary("Exp", name, x, nil) },
	"softmax":      func(b *builder, name string, x value) value { return b.softmax("Softmax", name, x, -1) },
	"log_softmax":  func(b *builder, name string, x value) value { return b.softmax("LogSoftmax", name, x, -1) },
	"hard_sigmoid": (*builder).hardSigmoid,
	"swish":        (*builder).swish,
	"silu":         (*builder).swish,
	"gelu":         (*builder).gelu,
	"mish":         (*builder).mish,
}

// clip limits x; a bound may be infinite.
func (b *builder) clip(name string, x value, lo, hi float32) value {
	if x.c != nil {
		b.fail("", "a limited constant is not supported")
	}
	if lo > hi {
		b.fail("", "limits %v to %v", lo, hi)
	}
	in := []value{x, {}}
	if !math.IsInf(float64(lo), -1) {
		in[1] = b.scalar(name+":min", lo)
	}
	if !math.IsInf(float64(hi), 1) {
		in = append(in, b.scalar(name+":max", hi))
	}
	return b.emit("Clip", name, x.shape, nil, in...)
}

func (b *builder) elu(name string, x value, alpha float32) value {
	return b.unary("Elu", name, x, attrs{"alpha": nd.Float(alpha)})
}

func (b *builder) leakyRelu(name string, x value, alpha float32) value {
	return b.unary("LeakyRelu", name, x, attrs{"alpha": nd.Float(alpha)})
}

// prelu has a slope for negative values that broadcasts to x's shape.
func (b *builder) prelu(name string, x, alpha value) value {
	b.weight(alpha, "slope", -1)
	if shape := b.broadcast(x.shape, alpha.shape); nd.Elems(shape) != nd.Elems(x.shape) {
		b.fail("", "slope %v does not fit the input %v", alpha.shape, x.shape)
	}
	return b.emit("PRelu", name, x.shape, nil, x, alpha)
}

func (b *builder) softmax(op, name string, x value, axis int) value {
	axis = b.axis("axis", axis, len(x.shape))
	return b.unary(op, name, x, attrs{"axis": nd.Int(axis)})
}

// hardSigmoid is TensorFlow.js' and Keras 2's: x/5 + 1/2, between 0 and 1.
func (b *builder) hardSigmoid(name string, x value) value {
	return b.unary("HardSigmoid", name, x, attrs{"alpha": nd.Float(0.2), "beta": nd.Float(0.5)})
}

func (b *builder) swish(name string, x value) value {
	return b.binary("Mul", name, x, b.unary("Sigmoid", name+":sigmoid", x, nil))
}

func (b *builder) mish(name string, x value) value {
	return b.binary("Mul", name, x, b.unary("Tanh", name+":tanh", b.unary("Softplus", name+":softplus", x, nil), nil))
}

// gelu is x/2 * (1 + erf(x/√2)).
func (b *builder) gelu(name string, x value) value {
	d := b.binary("Div", name+":div", x, b.scalar(name+":root", math.Sqrt2))
	e := b.binary("Add", name+":add", b.unary("Erf", name+":erf", d, nil), b.scalar(name+":one", 1))
	return b.binary("Mul", name, b.binary("Mul", name+":mul", x, e), b.scalar(name+":half", 0.5))
}
