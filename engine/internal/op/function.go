package op

import (
	"math"

	"likeness/engine/graph"
)

// function returns the real function of an Activation node that runs through a
// table. Finite arguments give no NaN.
func function(name string, alpha, beta float64) func(x float64) float64 {
	switch name {
	case graph.LeakyReLU:
		return func(x float64) float64 {
			if x < 0 {
				return x * alpha
			}
			return x
		}
	case graph.ELU:
		return func(x float64) float64 {
			if x < 0 {
				return alpha * (exp(x) - 1)
			}
			return x
		}
	case graph.HardSwish:
		return func(x float64) float64 { return float64(x*min(max(x+3, 0), 6)) / 6 }
	case graph.HardSigmoid:
		return func(x float64) float64 { return min(max(float64(alpha*x)+beta, 0), 1) }
	case graph.Sigmoid:
		return sigmoid
	case graph.SiLU:
		return func(x float64) float64 { return x * sigmoid(x) }
	case graph.Tanh:
		return tanh
	case graph.GELU:
		return func(x float64) float64 { return x / 2 * (1 + erf(x/math.Sqrt2)) }
	case graph.GELUTanh:
		return func(x float64) float64 {
			cube := float64(float64(x*x) * x)
			return x / 2 * (1 + tanh(math.Sqrt2/math.SqrtPi*(x+float64(0.044715*cube))))
		}
	case graph.Softplus:
		return softplus
	case graph.Mish:
		return func(x float64) float64 { return x * tanh(softplus(x)) }
	case graph.Exp:
		return exp
	case graph.Abs:
		return math.Abs
	case graph.Square:
		return func(x float64) float64 { return x * x }
	case graph.Sqrt:
		return func(x float64) float64 { return math.Sqrt(max(x, 0)) }
	}
	switch name {
	case graph.Power:
		return func(x float64) float64 { return power(x, alpha) }
	case graph.Log:
		return func(x float64) float64 { return log(max(x+beta, leastOf)) }
	}
	panic("op: function " + name + " has passed validation")
}

// leastOf is what stands for 0 where a function has no value there.
const leastOf = 1e-9

// power is x^y of a whole y, else max(x, 0)^y.
func power(x, y float64) float64 {
	whole := y == math.Trunc(y)
	size := math.Abs(x)
	if !whole {
		size = max(x, 0)
	}
	if y < 0 {
		size = max(size, leastOf)
	}
	switch {
	case size == 0:
		return 0
	case whole && x < 0 && math.Mod(y, 2) != 0:
		return -pow(size, y)
	}
	return pow(size, y)
}

func sigmoid(x float64) float64 { return 1 / (1 + exp(-x)) }

// softplus is log(1 + e^x).
func softplus(x float64) float64 { return max(x, 0) + log(1+exp(-math.Abs(x))) }
