// Package portable has elementary functions and pseudo-random numbers whose
// bits are the same on every platform: of additions, products and quotients
// that are rounded one by one. Those of package math have assembly on some
// processors, and Go fuses x*y + z on others.
package portable

import "math"

var (
	// expSeries has 1/n! from n = 12 down, logSeries 1/n for odd n.
	expSeries = [...]float64{1.0 / 479001600, 1.0 / 39916800, 1.0 / 3628800, 1.0 / 362880, 1.0 / 40320, 1.0 / 5040, 1.0 / 720, 1.0 / 120, 1.0 / 24, 1.0 / 6, 1.0 / 2, 1, 1}
	logSeries = [...]float64{1.0 / 23, 1.0 / 21, 1.0 / 19, 1.0 / 17, 1.0 / 15, 1.0 / 13, 1.0 / 11, 1.0 / 9, 1.0 / 7, 1.0 / 5, 1.0 / 3, 1}
)

// Exp is e^x for x <= 700, within 1e-14 relative; below -700 it gives 0, of NaN
// it gives NaN. Above 700 it is not used.
func Exp(x float64) float64 {
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

// Log is the natural logarithm of x > 0, within 1e-14.
func Log(x float64) float64 {
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

// Cbrt is the cube root of x > 0, within 4e-16 relative.
func Cbrt(x float64) float64 {
	y := Exp(Log(x) / 3)
	return y - float64(y-x/float64(y*y))/3 // one step of Newton's method
}

// Random is a series of pseudo-random numbers (splitmix64, Steele, Lea and
// Flood 2014), chosen by its first value.
type Random uint64

// Next returns 64 random bits.
func (s *Random) Next() uint64 {
	*s += 0x9e3779b97f4a7c15
	z := uint64(*s)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// Unit returns a number in -1..1.
func (s *Random) Unit() float64 { return float64(int64(s.Next())) / (1 << 63) }

// Share returns a number in 0..1, 1 excluded.
func (s *Random) Share() float64 { return float64(s.Next()>>11) / (1 << 53) }

// Below returns a number in 0..n-1, 0 < n <= 2^31.
func (s *Random) Below(n int) int { return int((s.Next() >> 32) * uint64(n) >> 32) }

// Shuffle puts numbers in a random order (Fisher and Yates).
func (s *Random) Shuffle(order []int) {
	for i := len(order) - 1; i > 0; i-- {
		j := s.Below(i + 1)
		order[i], order[j] = order[j], order[i]
	}
}
