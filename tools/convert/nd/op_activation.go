package nd

import "math"

// pointwise is an operator that maps each number by itself. f makes the
// function from the attributes; i is the one for integers, nil where ONNX has
// none.
func pointwise(attrs string, f func(c *call) func(x float64) float64, i func(x int64) int64) operator {
	return operator{
		attrs: attrs, in: 1, most: 1, outs: 1,
		infer: func(c *call) error {
			if i == nil {
				if err := c.floats(0); err != nil {
					return err
				}
			}
			f(c) // reads the attributes
			return c.set(c.in[0].Type, c.shape(0))
		},
		eval: func(c *call, y []*Tensor) error {
			x := c.x(0)
			g := f(c)
			parallel(len(x.F), 1<<14, func(from, to int) {
				for j := from; j < to; j++ {
					y[0].F[j] = float32(g(float64(x.F[j])))
				}
			})
			for j, v := range x.I {
				y[0].I[j] = Wrap(x.Type, i(v))
			}
			return nil
		},
	}
}

// plain is a function without attributes.
func plain(f func(x float64) float64) func(*call) func(float64) float64 {
	return func(*call) func(float64) float64 { return f }
}

func since(from int, op operator) operator {
	op.from = from
	return op
}

func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

func softplus(x float64) float64 { return max(x, 0) + math.Log1p(math.Exp(-math.Abs(x))) }

func sign[T int64 | float64](x T) T {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return 0
}

var activationOperators = map[string]operator{
	"Relu":    pointwise("", plain(func(x float64) float64 { return max(x, 0) }), func(x int64) int64 { return max(x, 0) }),
	"Sigmoid": pointwise("", plain(sigmoid), nil),
	"Tanh":    pointwise("", plain(math.Tanh), nil),
	"LeakyRelu": pointwise("alpha", func(c *call) func(float64) float64 {
		alpha := float64(c.attrFloat("alpha", 0.01))
		return func(x float64) float64 {
			if x < 0 {
				return alpha * x
			}
			return x
		}
	}, nil),
	"HardSigmoid": pointwise("alpha beta", func(c *call) func(float64) float64 {
		alpha, beta := float64(c.attrFloat("alpha", 0.2)), float64(c.attrFloat("beta", 0.5))
		return func(x float64) float64 { return min(max(alpha*x+beta, 0), 1) }
	}, nil),
	"HardSwish": since(14, pointwise("", plain(func(x float64) float64 { return x * min(max(x/6+0.5, 0), 1) }), nil)),
	"Elu": pointwise("alpha", func(c *call) func(float64) float64 {
		alpha := float64(c.attrFloat("alpha", 1))
		return func(x float64) float64 {
			if x < 0 {
				return alpha * math.Expm1(x)
			}
			return x
		}
	}, nil),
	"Celu": since(12, pointwise("alpha", func(c *call) func(float64) float64 {
		alpha := float64(c.attrFloat("alpha", 1))
		return func(x float64) float64 { return max(x, 0) + min(0, alpha*math.Expm1(x/alpha)) }
	}, nil)),
	"Selu": pointwise("alpha gamma", func(c *call) func(float64) float64 {
		alpha := float64(c.attrFloat("alpha", 1.67326319217681884765625))
		gamma := float64(c.attrFloat("gamma", 1.05070102214813232421875))
		return func(x float64) float64 {
			if x <= 0 {
				return gamma * alpha * math.Expm1(x)
			}
			return gamma * x
		}
	}, nil),
	"ThresholdedRelu": since(10, pointwise("alpha", func(c *call) func(float64) float64 {
		alpha := float64(c.attrFloat("alpha", 1))
		return func(x float64) float64 {
			if x > alpha {
				return x
			}
			return 0
		}
	}, nil)),
	"Shrink": since(9, pointwise("bias lambd", func(c *call) func(float64) float64 {
		bias, lambda := float64(c.attrFloat("bias", 0)), float64(c.attrFloat("lambd", 0.5))
		return func(x float64) float64 {
			switch {
			case x < -lambda:
				return x + bias
			case x > lambda:
				return x - bias
			}
			return 0
		}
	}, nil)),
	"Softplus": pointwise("", plain(softplus), nil),
	"Softsign": pointwise("", plain(func(x float64) float64 { return x / (1 + math.Abs(x)) }), nil),
	"Mish":     since(18, pointwise("", plain(func(x float64) float64 { return x * math.Tanh(softplus(x)) }), nil)),
	"Gelu": since(20, pointwise("approximate", func(c *call) func(float64) float64 {
		switch c.attrString("approximate", "none") {
		case "none":
		case "tanh":
			return func(x float64) float64 {
				return x / 2 * (1 + math.Tanh(math.Sqrt(2/math.Pi)*(x+0.044715*x*x*x)))
			}
		default:
			c.fail(c.unsupported("approximate"))
		}
		return func(x float64) float64 { return x / 2 * (1 + math.Erf(x/math.Sqrt2)) }
	}, nil)),
	"Erf":        since(9, pointwise("", plain(math.Erf), nil)),
	"Abs":        pointwise("", plain(math.Abs), func(x int64) int64 { return max(x, -x) }),
	"Neg":        pointwise("", plain(func(x float64) float64 { return -x }), func(x int64) int64 { return -x }),
	"Sign":       since(9, pointwise("", plain(sign[float64]), sign[int64])),
	"Sqrt":       pointwise("", plain(math.Sqrt), nil),
	"Exp":        pointwise("", plain(math.Exp), nil),
	"Log":        pointwise("", plain(math.Log), nil),
	"Reciprocal": pointwise("", plain(func(x float64) float64 { return 1 / x }), nil),
	"Floor":      pointwise("", plain(math.Floor), nil),
	"Ceil":       pointwise("", plain(math.Ceil), nil),
	"Round":      since(11, pointwise("", plain(math.RoundToEven), nil)),
	"Sin":        pointwise("", plain(math.Sin), nil),
	"Cos":        pointwise("", plain(math.Cos), nil),
	"Clip": {
		attrs: "min<11 max<11", in: 1, most: 3, outs: 1, infer: inferClip, eval: evalClip,
	},
	"PRelu": {in: 2, most: 2, outs: 1, infer: inferPRelu, eval: evalPRelu},
}

func inferClip(c *call) error {
	c.attrFloat("min", 0)
	c.attrFloat("max", 0)
	if c.opset < 11 && len(c.in) > 1 {
		return c.lacking("bounds as inputs before operator set 11 are")
	}
	for i := 1; i <= 2; i++ {
		if !c.has(i) {
			continue
		}
		if err := c.single(i); err != nil {
			return err
		}
		if err := c.same(0, i); err != nil {
			return err
		}
	}
	return c.set(c.in[0].Type, c.shape(0))
}

// evalClip: y = min(max(x, lo), hi); where the bounds cross, hi wins.
func evalClip(c *call, y []*Tensor) error {
	x := c.x(0)
	if x.Type.IsFloat() {
		inf := float32(math.Inf(1))
		lo, hi := c.attrFloat("min", -inf), c.attrFloat("max", inf)
		if t := c.x(1); t != nil {
			lo = t.F[0]
		}
		if t := c.x(2); t != nil {
			hi = t.F[0]
		}
		parallel(len(x.F), 1<<15, func(from, to int) {
			for j := from; j < to; j++ {
				y[0].F[j] = min(max(x.F[j], lo), hi)
			}
		})
		return nil
	}
	copy(y[0].I, x.I)
	for i := 1; i <= 2; i++ {
		t := c.x(i)
		if t == nil {
			continue
		}
		for j, v := range y[0].I {
			if beyond := less(x.Type, v, t.I[0]) == (i == 1); beyond {
				y[0].I[j] = t.I[0]
			}
		}
	}
	return nil
}

func inferPRelu(c *call) error {
	if err := c.floats(0, 1); err != nil {
		return err
	}
	if err := c.same(0, 1); err != nil {
		return err
	}
	if err := within(c, 1, c.shape(0)); err != nil {
		return err
	}
	return c.set(c.in[0].Type, c.shape(0))
}

func evalPRelu(c *call, y []*Tensor) error {
	x, s, out := c.x(0).F, c.x(1).F, y[0].F
	pairs(y[0].Shape, c.shape(0), c.shape(1), func(at, n, ox, sx, os, ss int) {
		for j := range n {
			v := x[ox+j*sx]
			if v < 0 {
				v *= s[os+j*ss]
			}
			out[at+j] = v
		}
	})
	return nil
}
