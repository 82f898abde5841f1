package graph

import (
	"math"
	"slices"
	"strings"
)

// Functions of an Activation node, of the real value x.
const (
	Identity    = "identity" // x, clamped to the output's range
	ReLU        = "relu"
	ReLU6       = "relu6"
	LeakyReLU   = "leaky_relu"   // x where positive, else Alpha*x
	ELU         = "elu"          // x where positive, else Alpha*(e^x - 1)
	HardSwish   = "hard_swish"   // x * clamp(x+3, 0, 6) / 6
	HardSigmoid = "hard_sigmoid" // clamp(Alpha*x + Beta, 0, 1)
	Sigmoid     = "sigmoid"      // 1 / (1 + e^-x)
	SiLU        = "silu"         // x * sigmoid(x)
	Tanh        = "tanh"
	GELU        = "gelu"      // x/2 * (1 + erf(x/sqrt(2)))
	GELUTanh    = "gelu_tanh" // x/2 * (1 + tanh(sqrt(2/pi) * (x + 0.044715 x^3)))
	Softplus    = "softplus"  // log(1 + e^x)
	Mish        = "mish"      // x * tanh(softplus(x))
	Exp         = "exp"
	Abs         = "abs"
	Square      = "square"
	Sqrt        = "sqrt"  // of max(x, 0)
	Power       = "power" // x^Alpha: of max(x, 0), or of x itself where Alpha is whole; values nearer to 0 than 1e-9 count as 1e-9 where Alpha is negative
	Log         = "log"   // of max(x + Beta, 1e-9)
)

// Functions lists what Fn may name.
var Functions = []string{Identity, ReLU, ReLU6, LeakyReLU, ELU, HardSwish, HardSigmoid, Sigmoid, SiLU, Tanh, GELU,
	GELUTanh, Softplus, Mish, Exp, Abs, Square, Sqrt, Power, Log}

func (n *Node) validateFunction() error {
	if !slices.Contains(Functions, n.Fn) {
		return n.errorf("unknown function %q; this version has %s", n.Fn, strings.Join(Functions, ", "))
	}
	for _, v := range []float64{n.Alpha, n.Beta} {
		if math.IsNaN(v) || math.Abs(v) > 1e6 {
			return n.errorf("alpha %g, beta %g: at most 1e6 is allowed", n.Alpha, n.Beta)
		}
	}
	if n.Fn == Power && !(n.Alpha != 0 && math.Abs(n.Alpha) <= 16) {
		return n.errorf("the power %g: it must be within -16..16 and not 0", n.Alpha)
	}
	return nil
}
