package float

import (
	"math"

	"likeness/engine/graph"
	"likeness/engine/internal/portable"
)

// function is an element-wise function and its derivative, both of x.
type function struct{ value, slope func(x float64) float64 }

// functionOf returns the function of an activation node; ok is false where it
// cannot be trained through.
func functionOf(n *graph.Node) (f function, ok bool) {
	step := func(x, below, above float64) float64 {
		if x > 0 {
			return above
		}
		return below
	}
	switch n.Fn {
	case graph.Identity:
		return function{func(x float64) float64 { return x }, func(float64) float64 { return 1 }}, true
	case graph.ReLU:
		return function{func(x float64) float64 { return step(x, 0, x) }, func(x float64) float64 { return step(x, 0, 1) }}, true
	case graph.ReLU6:
		return function{func(x float64) float64 { return min(max(x, 0), 6) }, func(x float64) float64 { return within(x, 0, 6) }}, true
	case graph.LeakyReLU:
		return function{func(x float64) float64 { return step(x, n.Alpha*x, x) }, func(x float64) float64 { return step(x, n.Alpha, 1) }}, true
	case graph.ELU:
		return function{func(x float64) float64 { return step(x, n.Alpha*(exp(min(x, 0))-1), x) }, func(x float64) float64 { return step(x, n.Alpha*exp(min(x, 0)), 1) }}, true
	case graph.HardSwish:
		return function{func(x float64) float64 { return float64(x*min(max(x+3, 0), 6)) / 6 }, hardSwishSlope}, true
	case graph.HardSigmoid:
		inner := func(x float64) float64 { return float64(n.Alpha*x) + n.Beta }
		return function{func(x float64) float64 { return min(max(inner(x), 0), 1) }, func(x float64) float64 { return n.Alpha * within(inner(x), 0, 1) }}, true
	case graph.Sigmoid:
		return function{sigmoid, func(x float64) float64 { s := sigmoid(x); return s * (1 - s) }}, true
	case graph.SiLU:
		return function{func(x float64) float64 { return x * sigmoid(x) }, func(x float64) float64 {
			s := sigmoid(x)
			return s + float64(float64(x*s)*(1-s))
		}}, true
	case graph.Tanh:
		return function{tanh, func(x float64) float64 { t := tanh(x); return 1 - float64(t*t) }}, true
	case graph.GELUTanh:
		return function{geluTanh, geluTanhSlope}, true
	case graph.Abs:
		return function{math.Abs, func(x float64) float64 { return step(x, -1, 1) }}, true
	case graph.Square:
		return function{func(x float64) float64 { return x * x }, func(x float64) float64 { return 2 * x }}, true
	}
	return function{}, false
}

// within is the derivative of what is clamped to lo..hi.
func within(x, lo, hi float64) float64 {
	if x > lo && x < hi {
		return 1
	}
	return 0
}

func hardSwishSlope(x float64) float64 {
	switch {
	case x <= -3:
		return 0
	case x >= 3:
		return 1
	}
	return float64(2*x)/6 + 0.5
}

// exp is e^x of x <= 0.
func exp(x float64) float64 { return portable.Exp(x) }

func sigmoid(x float64) float64 {
	e := exp(-math.Abs(x))
	if x < 0 {
		return e / (1 + e)
	}
	return 1 / (1 + e)
}

func tanh(x float64) float64 {
	e := exp(-2 * math.Abs(x))
	return math.Copysign((1-e)/(1+e), x)
}

// rootTwoPi is sqrt(2/pi).
const rootTwoPi = math.Sqrt2 / math.SqrtPi

func geluTanh(x float64) float64 {
	cube := float64(float64(x*x) * x)
	return x / 2 * (1 + tanh(rootTwoPi*(x+float64(0.044715*cube))))
}

func geluTanhSlope(x float64) float64 {
	square := float64(x * x)
	t := tanh(rootTwoPi * (x + float64(0.044715*float64(square*x))))
	inner := rootTwoPi * (1 + float64(3*0.044715*square))
	return (1+t)/2 + float64(x/2*float64((1-float64(t*t))*inner))
}

// activation applies a function to each value.
type activation struct {
	x, y  *Tensor
	f     function
	clamp clamp
}

func (v *activation) forward(pictures int) {
	v.each(pictures, func(at int) {
		y := float32(v.f.value(float64(v.x.Value[at])))
		if y < v.clamp.lo {
			y = v.clamp.lo
		}
		if y > v.clamp.hi {
			y = v.clamp.hi
		}
		v.y.Value[at] = y
	})
}

func (v *activation) backward(pictures int) {
	if v.x.Gradient == nil {
		return
	}
	n := pictures * v.y.Each()
	v.clamp.mask(v.y.Gradient[:n], v.y.Value[:n])
	v.each(pictures, func(at int) {
		v.x.Gradient[at] += float32(float64(v.y.Gradient[at]) * v.f.slope(float64(v.x.Value[at])))
	})
}

// each calls f for all values, without what pads the channels.
func (v *activation) each(pictures int, f func(at int)) {
	divide(pictures*v.x.places(), 64, func(_, from, to int) {
		for p := from; p < to; p++ {
			for c := range v.x.C {
				f(p*v.x.Px + c)
			}
		}
	})
}

// prelu is x, and below 0 x times the channel's slope, which is learned.
type prelu struct {
	x, y  *Tensor
	param *Param // [Px]: no weights that decay
}

func (v *prelu) parameters() *Param { return v.param }

func (v *prelu) forward(pictures int) {
	px := v.x.Px
	divide(pictures*v.x.places(), 64, func(_, from, to int) {
		for p := from; p < to; p++ {
			y := v.y.Value[p*px:][:px]
			for c, x := range v.x.Value[p*px:][:px] {
				if x < 0 {
					x *= v.param.Value[c]
				}
				y[c] = x
			}
		}
	})
}

func (v *prelu) backward(pictures int) {
	px := v.x.Px
	for p := range pictures * v.x.places() {
		g := v.y.Gradient[p*px:][:px]
		for c, x := range v.x.Value[p*px:][:px] {
			slope := float32(1)
			if x < 0 {
				slope = v.param.Value[c]
				v.param.Gradient[c] += float32(g[c] * x)
			}
			if v.x.Gradient != nil {
				v.x.Gradient[p*px+c] += float32(g[c] * slope)
			}
		}
	}
}
