package signal

import "math"

// gafPicture draws a series as a Gramian angular field (Wang and Oates 2015),
// -1 black and 1 white.
func gafPicture(x []float64, method string) *Gray {
	field := gramian(x, method)
	g := newGray(len(x), len(x))
	for i, v := range field {
		g.Pix[i] = level(float64(v*0.5) + 0.5)
	}
	return g
}

// gramian is pyts.image.GramianAngularField with sample_range (-1, 1): the
// cosines of the sums of the angles, or the sines of their differences, of the
// series scaled to -1..1. A series of one value counts as -1.
func gramian(x []float64, method string) []float64 {
	low, high := x[0], x[0]
	for _, v := range x {
		low, high = min(low, v), max(high, v)
	}
	span := high - low
	if span == 0 {
		span = 1
	}
	cos, sin := make([]float64, len(x)), make([]float64, len(x))
	for i, v := range x {
		cos[i] = float64((v-low)/span*2) - 1
		sin[i] = math.Sqrt(min(max(1-float64(cos[i]*cos[i]), 0), 1))
	}
	field := make([]float64, len(x)*len(x))
	for i := range x {
		for j := range x {
			if method == "difference" {
				field[i*len(x)+j] = float64(sin[i]*cos[j]) - float64(cos[i]*sin[j])
			} else {
				field[i*len(x)+j] = float64(cos[i]*cos[j]) - float64(sin[i]*sin[j])
			}
		}
	}
	return field
}
