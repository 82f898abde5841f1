package picture

import "math"

// filter holds the taps of every output sample along one axis: output o is the
// sum over i of coefs[o*taps+i] * input[first[o]+i]. All outputs have the same
// number of taps, zero where a filter is shorter; such taps may lie beyond the
// last input sample.
type filter struct {
	taps  int
	bits  uint // the coefficients of one output sum to exactly 1<<bits
	first []int32
	coefs []int16
	base  int // first input sample that any output reads
	span  int // number of input samples from there on

	weights []float64
	counts  []int
}

// maxReach is the largest support: the cubic kernel reaches two samples.
const maxReach = 2

func triangle(x float64) float64 { return max(1-math.Abs(x), 0) }

// cubic is Keys' kernel with a = -0.5.
func cubic(x float64) float64 {
	const a = -0.5
	x = math.Abs(x)
	if x < 1 {
		return float64(float64(float64(float64((a+2)*x)-(a+3))*x)*x) + 1
	}
	if x < maxReach {
		return float64(float64(float64(float64(float64(x-5)*x)+8)*x)-4) * a
	}
	return 0
}

// axis is one direction of a resize: of in samples, those from begin on, over a
// length in the unit of samples, become size, of which only from..from+out are
// wanted.
type axis struct {
	in              int
	begin, length   float64
	shrink          int // each sample is the mean of so many along this axis
	size, from, out int
}

// sample computes the weights of the filter, as Pillow's ImagingResample does:
// the support grows with the reduction (antialias). Weights of one output sum
// to 1; output o has f.counts[o] of them, one after the other in f.weights.
func (f *filter) sample(a axis, kernel func(float64) float64, reach float64) {
	in, from, out := a.in, a.from, a.out
	scale := a.length / float64(a.size)
	stretch := max(scale, 1)
	if a.shrink > 1 {
		// What blurs adds up as variances: a triangle of half-width s has s*s/6,
		// the mean of n samples 1/n of a new sample apart (1-1/(n*n))/12. The
		// triangle is narrowed by what the reader's means have blurred already.
		blur := (1 - 1/float64(a.shrink*a.shrink)) / 2
		stretch = math.Sqrt(max(float64(scale*scale)-blur, 1))
	}
	reach = float64(reach * stretch)
	shrink := 1 / stretch
	f.first, f.weights, f.counts = f.first[:0], f.weights[:0], f.counts[:0]
	f.base, f.taps = in, 0
	end := 0
	for o := range out {
		center := float64((float64(from+o)+0.5)*scale) + a.begin
		lo := max(int(float64(center-reach)+0.5), 0)
		hi := min(int(float64(center+reach)+0.5), in)
		sum := 0.0
		for i := lo; i < hi; i++ {
			w := kernel(float64((float64(i) - center + 0.5) * shrink))
			f.weights = append(f.weights, w)
			sum += w
		}
		for i := len(f.weights) - (hi - lo); i < len(f.weights); i++ {
			f.weights[i] = float64(f.weights[i] * (1 / sum))
		}
		f.first = append(f.first, int32(lo))
		f.counts = append(f.counts, hi-lo)
		f.base, end, f.taps = min(f.base, lo), max(end, hi), max(f.taps, hi-lo)
	}
	f.span = end - f.base
	for o := range f.first {
		f.first[o] -= int32(f.base)
	}
}

// Coefficients are int16, so a wide filter, whose weights are small, affords
// more bits; the more, the smaller the error of rounding them.
const minBits = 14

// triangleFilter makes the fixed-point triangle filter, with a number of taps
// divisible by multiple and at most maxBits.
func (f *filter) triangleFilter(a axis, multiple int, maxBits uint) {
	f.sample(a, triangle, 1)
	top := 0.0
	for _, w := range f.weights {
		top = max(top, w)
	}
	f.bits = minBits
	for f.bits < maxBits && float64(top*float64(int(2)<<f.bits)) < math.MaxInt16-1 {
		f.bits++
	}
	f.taps = (f.taps + multiple - 1) / multiple * multiple
	f.coefs = append(f.coefs[:0], make([]int16, f.taps*a.out)...)
	weights := f.weights
	for o, n := range f.counts {
		fixed(f.coefs[o*f.taps:][:n], weights[:n], f.bits)
		weights = weights[n:]
	}
}

// fixed rounds weights to coefficients that sum to 1<<bits; what rounding
// leaves goes to the largest ones.
func fixed(coefs []int16, weights []float64, bits uint) {
	left, top := 1<<bits, 0
	for i, w := range weights {
		coefs[i] = int16(math.RoundToEven(float64(w * float64(int(1)<<bits))))
		left -= int(coefs[i])
		if coefs[i] > coefs[top] {
			top = i
		}
	}
	for step := 0; left != 0; step++ { // walk outwards from the peak
		i := top + (step+1)/2*(1-2*(step&1))
		if i < 0 || i >= len(coefs) {
			continue
		}
		d := int16(1)
		if left < 0 {
			d = -1
		}
		if coefs[i]+d < 0 {
			continue
		}
		coefs[i] += d
		left -= int(d)
	}
}
