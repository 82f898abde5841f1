package project

import "math"

// exp, log and pow agree with those of math to about 1e-14, relatively. They
// are of additions and products rounded one by one, so that their bits are the
// same everywhere; math has assembly on some platforms.

var (
	// expSeries has 1/n! from n = 12 down, logSeries 1/n for odd n.
	expSeries = [...]float64{1.0 / 479001600, 1.0 / 39916800, 1.0 / 3628800, 1.0 / 362880, 1.0 / 40320, 1.0 / 5040, 1.0 / 720, 1.0 / 120, 1.0 / 24, 1.0 / 6, 1.0 / 2, 1, 1}
	logSeries = [...]float64{1.0 / 23, 1.0 / 21, 1.0 / 19, 1.0 / 17, 1.0 / 15, 1.0 / 13, 1.0 / 11, 1.0 / 9, 1.0 / 7, 1.0 / 5, 1.0 / 3, 1}
)

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
	sum := 1.0 / 6227020800
	for _, c := range expSeries {
		sum = c + float64(r*sum)
	}
	return sum * math.Float64frombits(uint64(int64(k)+1023)<<52)
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
	for _, c := range logSeries {
		sum = c + float64(square*sum)
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
