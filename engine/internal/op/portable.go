package op

import "math"

// Elementary functions of our own. Those of package math have assembly bodies
// on some processors, and Go fuses x*y + z on arm64; here each product is
// rounded by its conversion before it is added, so that all platforms find the
// same bits. Errors are tested against package math.

// exp is e^x by range reduction and a Taylor polynomial, within 2 ulp. Results
// outside the range of float64 are its largest value and 0.
func exp(x float64) float64 {
	const (
		ln2Hi = 6.93147180369123816490e-01
		ln2Lo = 1.90821492927058770002e-10
	)
	switch {
	case x > 709:
		return math.MaxFloat64
	case x < -745:
		return 0
	}
	k := math.RoundToEven(float64(x * math.Log2E))
	r := float64(x-float64(k*ln2Hi)) - float64(k*ln2Lo)
	y := 1.0
	for i := 14; i >= 1; i-- {
		y = 1 + float64(float64(r*y)/float64(i))
	}
	return math.Ldexp(y, int(k))
}

// log is the natural logarithm of a positive x, within 1e-15 relative or
// absolute: the exponent apart, 2 atanh((m-1)/(m+1)) of a mantissa m between
// sqrt(1/2) and sqrt(2).
func log(x float64) float64 {
	m, e := math.Frexp(x)
	if m < math.Sqrt2/2 {
		m, e = 2*m, e-1
	}
	s := (m - 1) / (m + 1)
	square, sum := float64(s*s), 0.0
	for i := 23; i >= 1; i -= 2 {
		sum = float64(sum*square) + 1/float64(i)
	}
	return float64(float64(2*s)*sum) + float64(float64(e)*math.Ln2)
}

// pow is x^y of a positive x, within 1e-14 relative where |y log x| < 30. The
// exponents of local response normalisation, quarters, are exact roots and
// products.
func pow(x, y float64) float64 {
	switch y {
	case 0.5:
		return math.Sqrt(x)
	case 0.75:
		root := math.Sqrt(x)
		return root * math.Sqrt(root)
	case 1:
		return x
	}
	return exp(y * log(x))
}

// tanh is (1 - t) / (1 + t) with t = e^(-2|x|), within 3e-16 absolute.
func tanh(x float64) float64 {
	t := exp(-2 * math.Abs(x))
	return math.Copysign((1-t)/(1+t), x)
}

// erf is the error function by the series
//
//	2/sqrt(pi) e^(-x^2) sum over n of 2^n x^(2n+1) / (1*3*5...(2n+1))
//
// whose terms are all positive: within 3e-15 absolute. From 6 on it is 1.
func erf(x float64) float64 {
	square := float64(x * x)
	if square >= 36 {
		return math.Copysign(1, x)
	}
	term, sum := x, x
	for n := 1; math.Abs(term) > 1e-17*math.Abs(sum); n++ {
		term = float64(term*float64(2*square)) / float64(2*n+1)
		sum += term
	}
	return float64(2 / math.SqrtPi * float64(exp(-square)*sum))
}
