package float

import (
	"math"

	"likeness/engine/graph"
)

// activateFloat runs an Activation node. What networks are full of has a loop
// of its own.
func activateFloat(node *Node, y, x []float32) {
	switch node.Fn {
	case graph.ReLU:
		for i, v := range x {
			y[i] = max(v, 0)
		}
	case graph.HardSwish:
		for i, v := range x {
			f := float64(v)
			y[i] = float32(f * min(max(f+3, 0), 6) / 6)
		}
	case graph.SiLU:
		for i, v := range x {
			y[i] = float32(float64(v) / (1 + math.Exp(-float64(v))))
		}
	default:
		for i, v := range x {
			y[i] = float32(Activate(node.Fn, node.Alpha, node.Beta, float64(v)))
		}
	}
}

// Activate is the function of an Activation node.
func Activate(fn string, alpha, beta, x float64) float64 {
	switch fn {
	case graph.ReLU:
		return max(x, 0)
	case graph.ReLU6:
		return min(max(x, 0), 6)
	case graph.LeakyReLU:
		if x < 0 {
			return alpha * x
		}
	case graph.ELU:
		if x < 0 {
			return alpha * math.Expm1(x)
		}
	case graph.HardSwish:
		return x * min(max(x+3, 0), 6) / 6
	case graph.HardSigmoid:
		return min(max(alpha*x+beta, 0), 1)
	case graph.Sigmoid:
		return 1 / (1 + math.Exp(-x))
	case graph.SiLU:
		return x / (1 + math.Exp(-x))
	case graph.Tanh:
		return math.Tanh(x)
	case graph.GELU:
		return x / 2 * (1 + math.Erf(x/math.Sqrt2))
	case graph.GELUTanh:
		return x / 2 * (1 + math.Tanh(math.Sqrt(2/math.Pi)*(x+0.044715*x*x*x)))
	case graph.Softplus:
		return softplus(x)
	case graph.Mish:
		return x * math.Tanh(softplus(x))
	case graph.Exp:
		return math.Exp(x)
	case graph.Abs:
		return math.Abs(x)
	case graph.Square:
		return x * x
	case graph.Sqrt:
		return math.Sqrt(max(x, 0))
	case graph.Power:
		return power(x, alpha)
	case graph.Log:
		return math.Log(max(x+beta, 1e-9))
	}
	return x // identity, and the positive side of the rest
}

// power is x^y of a whole y, else max(x, 0)^y.
func power(x, y float64) float64 {
	if y != math.Trunc(y) {
		x = max(x, 0)
	}
	if y < 0 {
		x = math.Copysign(max(math.Abs(x), 1e-9), x)
	}
	return math.Pow(x, y)
}

func softplus(x float64) float64 { return max(x, 0) + math.Log1p(math.Exp(-math.Abs(x))) }

// Bounds is the interval that a node's values never leave: its clamp, and what
// its function gives. Ends may be infinite.
func (n *Node) Bounds() (lo, hi float64) {
	lo, hi = Unclamped()
	if n.Op == graph.Activation {
		switch n.Fn {
		case graph.ReLU6:
			lo, hi = 0, 6
		case graph.Sigmoid, graph.HardSigmoid:
			lo, hi = 0, 1
		case graph.Tanh:
			lo, hi = -1, 1
		case graph.ReLU, graph.Softplus, graph.Exp, graph.Abs, graph.Square, graph.Sqrt:
			lo = 0
		case graph.Power:
			if math.Mod(n.Alpha, 2) != 1 && math.Mod(n.Alpha, 2) != -1 {
				lo = 0
			}
		}
	}
	return max(lo, n.ActMin), min(hi, n.ActMax)
}
