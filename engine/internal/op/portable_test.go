package op

import (
	"math"
	"testing"
)

// TestElementaryFunctions holds our functions against package math, at the
// errors their comments state.
func TestElementaryFunctions(t *testing.T) {
	relative := func(got, want float64) float64 { return math.Abs(got-want) / math.Abs(want) }
	absolute := func(got, want float64) float64 { return math.Abs(got - want) }
	either := func(got, want float64) float64 { return min(relative(got, want), absolute(got, want)) }
	for _, c := range []struct {
		name      string
		got, want func(float64) float64
		from, to  float64
		distance  func(got, want float64) float64
		most      float64
	}{
		{"exp", exp, math.Exp, -700, 700, relative, 5e-16},
		{"log", log, math.Log, 1e-9, 40, either, 1e-15},
		{"log of 10^x", func(x float64) float64 { return log(math.Pow(10, x)) }, func(x float64) float64 { return math.Log(math.Pow(10, x)) }, -300, 300, either, 1e-15},
		{"tanh", tanh, math.Tanh, -30, 30, absolute, 3e-16},
		{"erf", erf, math.Erf, -7, 7, absolute, 3e-15},
		{"pow 0.75", func(x float64) float64 { return pow(x, 0.75) }, func(x float64) float64 { return math.Pow(x, 0.75) }, 1e-6, 1e4, relative, 1e-15},
		{"pow 0.6", func(x float64) float64 { return pow(x, 0.6) }, func(x float64) float64 { return math.Pow(x, 0.6) }, 1e-6, 1e4, relative, 1e-14},
		{"pow -2.5", func(x float64) float64 { return pow(x, -2.5) }, func(x float64) float64 { return math.Pow(x, -2.5) }, 1e-4, 1e4, relative, 1e-14},
		{"softplus", softplus, func(x float64) float64 { return math.Log1p(math.Exp(x)) }, -40, 40, absolute, 1e-14},
	} {
		worst, at := 0.0, 0.0
		for i := range 20001 {
			x := c.from + (c.to-c.from)*float64(i)/20000
			if d := c.distance(c.got(x), c.want(x)); !(d <= worst) {
				worst, at = d, x
			}
		}
		if !(worst <= c.most) {
			t.Errorf("%s is off by %g at %g, at most %g is stated", c.name, worst, at, c.most)
		}
	}
	for _, x := range []float64{0, math.Copysign(0, -1), 1e-300, 800, -800, 1e300, -1e300} {
		for name, f := range map[string]func(float64) float64{"exp": exp, "tanh": tanh, "erf": erf, "softplus": softplus, "sigmoid": sigmoid} {
			if v := f(x); math.IsNaN(v) {
				t.Errorf("%s(%g) is no number", name, x)
			}
		}
	}
}
