package kernel

// Add computes, for i < len(out),
//
//	out[i] = clamp(roundHalfEven(float32(float32(a[i])*ma) + float32(float32(b[i])*mb)), lo, hi)
//
// out may be a or b itself, but must not overlap them otherwise.
func Add(out, a, b []int16, ma, mb float32, lo, hi int16) {
	a, b = a[:len(out)], b[:len(out)]
	n := addVector(out, a, b, ma, mb, lo, hi)
	addPortable(out[n:], a[n:], b[n:], ma, mb, lo, hi)
}

// Mul computes, for i < len(out),
//
//	out[i] = clamp(roundHalfEven(float32(int32(a[i])*int32(b[i])) * m), lo, hi)
//
// out may be a or b itself, but must not overlap them otherwise.
func Mul(out, a, b []int16, m float32, lo, hi int16) {
	a, b = a[:len(out)], b[:len(out)]
	n := mulVector(out, a, b, m, lo, hi)
	mulPortable(out[n:], a[n:], b[n:], m, lo, hi)
}

// Scale computes, for i < len(out),
//
//	out[i] = clamp(roundHalfEven(float32(a[i]) * m), lo, hi)
//
// which rescales, and with lo = 0 is ReLU. out may be a itself, but must not
// overlap it otherwise.
func Scale(out, a []int16, m float32, lo, hi int16) {
	a = a[:len(out)]
	n := scaleVector(out, a, m, lo, hi)
	scalePortable(out[n:], a[n:], m, lo, hi)
}

func addPortable(out, a, b []int16, ma, mb float32, lo, hi int16) {
	for i := range out {
		out[i] = roundClamp(float32(float32(a[i])*ma)+float32(float32(b[i])*mb), lo, hi)
	}
}

func mulPortable(out, a, b []int16, m float32, lo, hi int16) {
	for i := range out {
		out[i] = roundClamp(float32(int32(a[i])*int32(b[i]))*m, lo, hi)
	}
}

func scalePortable(out, a []int16, m float32, lo, hi int16) {
	for i := range out {
		out[i] = roundClamp(float32(a[i])*m, lo, hi)
	}
}
