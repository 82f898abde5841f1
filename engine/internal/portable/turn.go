package portable

import "math"

var (
	// sinSeries and cosSeries have the coefficients of Taylor's series in the
	// square of the angle, from the highest down.
	sinSeries = [...]float64{1.0 / 355687428096000, -1.0 / 1307674368000, 1.0 / 6227020800, -1.0 / 39916800, 1.0 / 362880, -1.0 / 5040, 1.0 / 120, -1.0 / 6, 1}
	cosSeries = [...]float64{1.0 / 20922789888000, -1.0 / 87178291200, 1.0 / 479001600, -1.0 / 3628800, 1.0 / 40320, -1.0 / 720, 1.0 / 24, -1.0 / 2, 1}
)

// Turn is the sine and cosine of k/n of a full turn, within 2e-16 of each:
// 0 < n < 2^60, any k. The angle is reduced by whole numbers, so that
// multiples of a quarter turn are exact.
func Turn(k, n int64) (sin, cos float64) {
	if k %= n; k < 0 {
		k += n
	}
	quarter := (4*k + n/2) / n // the nearest, 0 to 4
	x := float64(float64(4*k-quarter*n)/float64(n)) * (math.Pi / 2)
	square := float64(x * x)
	s, c := 0.0, 0.0
	for i := range sinSeries {
		s = sinSeries[i] + float64(square*s)
		c = cosSeries[i] + float64(square*c)
	}
	s = float64(x * s)
	switch quarter & 3 {
	case 1:
		return c, -s
	case 2:
		return -s, -c
	case 3:
		return -c, s
	}
	return s, c
}
