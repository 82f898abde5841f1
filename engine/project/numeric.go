package project

import "math"

// exp, log and pow agree with those of math to about 1e-14, relatively. They
// are of additions and products rounded one by one, so that their bits are the
// same everywhere; math has assembly on some platforms.

// exp is for |x| <= 700: below it gives 0, above it is not used.
func exp(x float64) float64 {
	if x < -700 {
		return 0
	}
	const (
		ln2High = 6.93147180369123816490e-01 // its low 32 bits are zeros
		ln2Low  = 1.90821492927058770002e-10
	)
	k := math.Floor(float64(x*math.Log2E) + 0.5)
	r := (x - float64(k*ln2High)) - float64(k*ln2Low)
	// The series of exp on |r| <= ln(2)/2, from its end.
	sum := 1.0
	for d := 14.0; d >= 1; d-- {
		sum = 1 + float64(r*sum)/d
	}
	return math.Ldexp(sum, int(k))
}

// log is for x > 0.
func log(x float64) float64 {
	m, e := math.Frexp(x)
	if m < math.Sqrt2/2 {
		m, e = 2*m, e-1
	}
	// log m = 2 artanh s, |s| < 0.172.
	s := (m - 1) / (m + 1)
	square := float64(s * s)
	sum := 0.0
	for d := 23.0; d >= 1; d -= 2 {
		sum = float64(sum*square) + 1/d
	}
	return float64(float64(e)*math.Ln2) + float64(2*s*sum)
}

// pow is for x >= 0, and y > 0 if x is 0.
func pow(x, y float64) float64 {
	if x == 0 {
		return 0
	}
	return exp(float64(y * log(x)))
}

// random is a series of pseudo-random numbers (splitmix64).
type random uint64

func (s *random) next() uint64 {
	*s += 0x9e3779b97f4a7c15
	z := uint64(*s)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// unit returns a number in -1..1.
func (s *random) unit() float64 { return float64(int64(s.next())) / (1 << 63) }
