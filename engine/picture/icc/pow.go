package icc

import "math"

// pow is x to the power of g, for g >= 0; 0 for x <= 0 unless g is 0. Its error
// is some 1e-15 times g. math.Pow, Exp and Log have bodies of their own on some
// platforms, and products that are added may be fused with the sum: here every
// product is rounded, so that all platforms agree.
func pow(x, g float64) float64 {
	switch {
	case g == 0:
		return 1
	case x <= 0:
		return 0
	case x == 1 || g == 1:
		return x
	}
	return exp2(g * log2(x))
}

// log2 reduces x to [sqrt(1/2), sqrt(2)) and sums the series of the inverse
// hyperbolic tangent, ln(m) = 2*(t + t^3/3 + t^5/5 + ...), t = (m-1)/(m+1).
func log2(x float64) float64 {
	m, e := math.Frexp(x)
	if m < math.Sqrt2/2 {
		m, e = 2*m, e-1
	}
	t := (m - 1) / (m + 1)
	square := float64(t * t)
	sum := 0.0
	for k := 23; k >= 1; k -= 2 {
		sum = float64(sum*square) + 1/float64(k)
	}
	return float64(e) + float64(float64(sum*t)*(2/math.Ln2))
}

// exp2 takes the nearest whole power of two and sums the series of exp.
func exp2(y float64) float64 {
	switch {
	case y < -1000:
		return 0
	case y > 1000:
		y = 1000
	}
	n := math.Floor(y + 0.5)
	z := float64((y - n) * math.Ln2)
	sum := 1.0
	for k := 16; k >= 1; k-- {
		sum = 1 + float64(sum*z)/float64(k)
	}
	return math.Ldexp(sum, int(n))
}
