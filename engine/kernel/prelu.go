package kernel

// PReLU computes, for i < len(out),
//
//	out[i] = clamp(roundHalfEven(float32(a[i]) * m), lo, hi)
//
// where m is positive for a[i] >= 0 and negative[i] for others: one pixel, whose
// channels have slopes of their own (He et al. 2015). All factors are finite. out may
// be a itself, but must not overlap it otherwise.
func PReLU(out, a []int16, positive float32, negative []float32, lo, hi int16) {
	a, negative = a[:len(out)], negative[:len(out)]
	n := preluVector(out, a, positive, negative, lo, hi)
	preluPortable(out[n:], a[n:], positive, negative[n:], lo, hi)
}

func preluPortable(out, a []int16, positive float32, negative []float32, lo, hi int16) {
	for i, q := range a {
		// One of the two is zero, so that their sum is exact.
		out[i] = roundClamp(float32(float32(max(q, 0))*positive)+float32(float32(min(q, 0))*negative[i]), lo, hi)
	}
}
