package picture

import "math"

// Filters are fixed point: the coefficients of one output sample sum to
// exactly 1<<coefBits, so that a flat picture stays flat.
const (
	coefBits = 14
	// midBits are kept below the point between the two passes.
	midBits = 6
)

// filter holds the taps of every output sample along one axis.
type filter struct {
	first []int     // first input sample, relative to base
	coefs [][]int16 // at least one tap each
	base  int       // first input sample any output reads
	span  int       // number of input samples read
}

func triangle(x float64) float64 { return max(1-math.Abs(x), 0) }

// cubic is Keys' kernel with a = -0.5.
func cubic(x float64) float64 {
	const a = -0.5
	x = math.Abs(x)
	if x < 1 {
		return float64(float64(float64(float64((a+2)*x)-(a+3))*x)*x) + 1
	}
	if x < 2 {
		return float64(float64(float64(float64(float64(x-5)*x)+8)*x)-4) * a
	}
	return 0
}

// newFilter makes the filter from in to size samples, of which from..from+out
// are wanted. The support grows with the reduction, as in Pillow's
// ImagingResample (antialias).
func newFilter(in, size, from, out int, interpolation string) *filter {
	kernel, support := triangle, 1.0
	if interpolation == "bicubic" {
		kernel, support = cubic, 2.0
	}
	scale := float64(in) / float64(size)
	stretch := max(scale, 1)
	reach := support * stretch
	f := &filter{base: in}
	end := 0
	for o := range out {
		center := float64((float64(from+o) + 0.5) * scale)
		lo := max(int(math.Floor(float64(center-reach)+0.5)), 0)
		hi := min(int(math.Floor(float64(center+reach)+0.5)), in)
		weights := make([]float64, hi-lo)
		for i := range weights {
			weights[i] = kernel((float64(lo+i) - center + 0.5) / stretch)
		}
		f.first = append(f.first, lo)
		f.coefs = append(f.coefs, fixed(weights))
		f.base, end = min(f.base, lo), max(end, hi)
	}
	for i := range f.first {
		f.first[i] -= f.base
	}
	f.span = end - f.base
	return f
}

// fixed rounds weights to coefficients that sum to 1<<coefBits; what rounding
// leaves goes to the largest ones.
func fixed(weights []float64) []int16 {
	sum := 0.0
	for _, w := range weights {
		sum += w
	}
	coefs := make([]int16, len(weights))
	left, top := 1<<coefBits, 0
	for i, w := range weights {
		coefs[i] = int16(math.RoundToEven(float64(w / sum * (1 << coefBits))))
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
		coefs[i] += d
		left -= int(d)
	}
	return coefs
}

// resampler resizes one picture size to one network input; it is made anew
// when the size of the pictures changes.
type resampler struct {
	w, h  int
	x, y  *filter
	mid   []int16  // between the passes
	sharp bool     // bicubic: the passes are those of Pillow
	rg    []uint64 // per source column: red in the low, blue in the high half
	g     []uint64 // per source column: green
}

func newResampler(p Preparation, w, h int) *resampler {
	fw, fh, left, top := p.Width, p.Height, 0, 0
	if p.Resize == "shorter" {
		if w <= h {
			fw, fh = p.Side, int(int64(p.Side)*int64(h)/int64(w))
		} else {
			fw, fh = int(int64(p.Side)*int64(w)/int64(h)), p.Side
		}
		left = int(math.RoundToEven(float64(fw-p.Width) / 2))
		top = int(math.RoundToEven(float64(fh-p.Height) / 2))
	}
	r := &resampler{w: w, h: h, sharp: p.Interpolation == "bicubic"}
	r.x = newFilter(w, fw, left, p.Width, p.Interpolation)
	r.y = newFilter(h, fh, top, p.Height, p.Interpolation)
	r.mid = make([]int16, 3*max(p.Height*r.x.span, p.Width*r.y.span))
	r.rg, r.g = make([]uint64, r.x.span), make([]uint64, r.x.span)
	return r
}

// run writes the resized and cropped picture, 3 bytes a pixel.
func (r *resampler) run(dst, pix []byte) {
	if r.sharp {
		r.runSharp(dst, pix)
		return
	}
	stride := 3 * r.x.span
	for oy, coefs := range r.y.coefs {
		r.column(r.mid[oy*stride:][:stride], pix, r.y.base+r.y.first[oy], coefs)
	}
	out := len(r.x.coefs)
	for oy := range r.y.coefs {
		row := r.mid[oy*stride:][:stride]
		for ox, coefs := range r.x.coefs {
			const shift = coefBits + midBits
			red, green, blue := int32(1)<<(shift-1), int32(1)<<(shift-1), int32(1)<<(shift-1)
			src := row[3*r.x.first[ox]:][:3*len(coefs)]
			for i, c := range coefs {
				red += int32(c) * int32(src[3*i])
				green += int32(c) * int32(src[3*i+1])
				blue += int32(c) * int32(src[3*i+2])
			}
			d := dst[3*(oy*out+ox):][:3]
			d[0], d[1], d[2] = clamp8(red>>shift), clamp8(green>>shift), clamp8(blue>>shift)
		}
	}
}

// runSharp goes along rows first and cuts overshoots to 0..255 between the
// passes, as Pillow does; for the triangle filter, which has none, the order
// makes no difference and columns first is faster.
func (r *resampler) runSharp(dst, pix []byte) {
	const half = 1 << (coefBits - 1)
	out := len(r.x.coefs)
	for y := range r.y.span {
		src := pix[4*((r.y.base+y)*r.w+r.x.base):]
		for ox, coefs := range r.x.coefs {
			red, green, blue := int32(half), int32(half), int32(half)
			for i, c := range coefs {
				s := src[4*(r.x.first[ox]+i):][:3]
				red += int32(c) * int32(s[0])
				green += int32(c) * int32(s[1])
				blue += int32(c) * int32(s[2])
			}
			m := r.mid[3*(y*out+ox):][:3]
			m[0], m[1], m[2] = int16(clamp8(red>>coefBits)), int16(clamp8(green>>coefBits)), int16(clamp8(blue>>coefBits))
		}
	}
	for oy, coefs := range r.y.coefs {
		for i := range 3 * out {
			sum := int32(half)
			for j, c := range coefs {
				sum += int32(c) * int32(r.mid[3*(r.y.first[oy]+j)*out+i])
			}
			dst[3*oy*out+i] = clamp8(sum >> coefBits)
		}
	}
}

// bias keeps the low half of an accumulator positive, whatever the signs of
// the coefficients, so that nothing is borrowed from the high half.
const bias = 1 << 28

// column is the vertical pass for one output row: the weighted sum of source
// rows, two channels in one 64-bit word.
func (r *resampler) column(dst []int16, pix []byte, first int, coefs []int16) {
	const half = bias + 1<<(coefBits-midBits-1)
	rb, g := r.rg, r.g
	for i := range rb {
		rb[i], g[i] = half|half<<32, half
	}
	for j, c := range coefs {
		src := pix[4*((first+j)*r.w+r.x.base):][:4*len(rb)]
		k := uint64(int64(c))
		for i := range rb {
			s := src[4*i : 4*i+4 : 4*i+4]
			rb[i] += k * (uint64(s[0]) | uint64(s[2])<<32)
			g[i] += k * uint64(s[1])
		}
	}
	const shift = coefBits - midBits
	for i := range rb {
		dst[3*i] = int16((int64(rb[i]&0xffffffff) - bias) >> shift)
		dst[3*i+1] = int16((int64(g[i]) - bias) >> shift)
		dst[3*i+2] = int16((int64(rb[i]>>32) - bias) >> shift)
	}
}

func clamp8(v int32) byte { return byte(min(max(v, 0), 255)) }
