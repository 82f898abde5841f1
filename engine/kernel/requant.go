package kernel

import "math"

// Requant turns the int32 accumulator of output channel n into an int16
// activation:
//
//	q = clamp(roundHalfEven(float32(acc+Bias[n]) * Scale[n]), Lo, Hi)
//
// Bias and Scale have at least as many entries as there are output channels
// rounded up to 8; [NewRequant] pads them. The loader has proved that
// |acc+Bias[n]| < 2^31, and that |float32(acc+Bias[n])*Scale[n]| < 2^31. Scale
// is finite.
type Requant struct {
	Bias   []int32
	Scale  []float32
	Lo, Hi int16
}

// NewRequant returns a Requant with copies of bias and scale, padded with zeros
// to a multiple of 8. It panics if their lengths differ or lo > hi.
func NewRequant(bias []int32, scale []float32, lo, hi int16) *Requant {
	if len(bias) != len(scale) || lo > hi {
		panic("kernel: NewRequant: bias and scale differ in length, or lo > hi")
	}
	n := Pad(len(bias))
	rq := &Requant{Bias: make([]int32, n), Scale: make([]float32, n), Lo: lo, Hi: hi}
	copy(rq.Bias, bias)
	copy(rq.Scale, scale)
	return rq
}

// Quadruple returns the constants that give the same results for accumulators
// four times as large: 4*(acc+Bias) must fit an int32, and Scale be at least
// 2^-124, so that a quarter of it is exact.
func (rq *Requant) Quadruple() *Requant {
	q := &Requant{Bias: make([]int32, len(rq.Bias)), Scale: make([]float32, len(rq.Scale)), Lo: rq.Lo, Hi: rq.Hi}
	for i := range rq.Bias {
		q.Bias[i], q.Scale[i] = 4*rq.Bias[i], rq.Scale[i]/4
	}
	return q
}

// check panics unless the constants cover cols rounded up to 8.
func (rq *Requant) check(routine string, cols int) {
	if len(rq.Bias) < Pad(cols) || len(rq.Scale) < Pad(cols) || rq.Lo > rq.Hi {
		panic("kernel: " + routine + ": requantisation constants do not cover the columns")
	}
}

// apply requantises the accumulator of channel n.
func (rq *Requant) apply(acc int32, n int) int16 {
	return roundClamp(float32(acc+rq.Bias[n])*rq.Scale[n], rq.Lo, rq.Hi)
}

// applyTo requantises the accumulators of the channels from n on. Products lie
// far within 2^51, so the sum with 1.5*2^52 lies where float64 are the integers:
// the addition rounds half to even, and its bits tell the result, which is
// clamped as an integer, without branches.
func (rq *Requant) applyTo(out []int16, acc []int32, n int) {
	const magic, magicBits = 3 << 51, 0x4338 << 48
	bias, scale := rq.Bias[n:][:len(acc)], rq.Scale[n:][:len(acc)]
	out = out[:len(acc)]
	lo, hi := int64(rq.Lo), int64(rq.Hi)
	for i, x := range acc {
		y := float32(x+bias[i]) * scale[i]
		q := int64(math.Float64bits(float64(y)+magic)) - magicBits
		out[i] = int16(min(max(q, lo), hi))
	}
}

// roundClamp returns clamp(roundHalfEven(x), lo, hi). Clamping first is the
// same, lo and hi being integers. Then the sum with 1.5*2^23 lies where float32
// are the integers.
func roundClamp(x float32, lo, hi int16) int16 {
	const magic = 3 << 22
	return int16(math.Float32bits(min(max(x, float32(lo)), float32(hi)) + magic))
}
