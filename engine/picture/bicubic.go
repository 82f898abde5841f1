package picture

// bicubicBits is Pillow's PRECISION_BITS: 32 - 8 - 2.
const bicubicBits = 22

// bicubic resizes with the cubic filter. The cubic kernel overshoots, and what
// Pillow cuts off between its passes is not small, so this does the same as
// Pillow: along the rows first, 8 bits between, coefficients of 22 bits. It is
// equal to Pillow to the last bit.
type bicubic struct {
	size   size
	place  placement
	x, y   filter
	xc, yc []int32 // coefficients of x and y
	ring   []byte  // rows between the passes, 3 bytes a pixel
	row    [1]int32
}

func (r *bicubic) fit(s size, pl placement) {
	if r.size == s && r.place == pl {
		return
	}
	r.size, r.place = s, pl
	x, y := s.axes(pl)
	r.x.sample(x, cubic, maxReach)
	r.y.sample(y, cubic, maxReach)
	r.xc = pillowCoefs(r.xc, r.x.weights)
	r.yc = pillowCoefs(r.yc, r.y.weights)
	r.ring = grow(r.ring, 3*pl.width*r.y.taps)
}

// pillowCoefs rounds half away from zero.
func pillowCoefs(coefs []int32, weights []float64) []int32 {
	coefs = grow(coefs, len(weights))
	for i, w := range weights {
		half := 0.5
		if w < 0 {
			half = -0.5
		}
		coefs[i] = int32(float64(w*(1<<bicubicBits)) + half)
	}
	return coefs
}

// run writes the resized and cropped picture, 3 bytes a pixel, rows of dst
// stride bytes apart.
func (r *bicubic) run(dst []byte, stride int, f *feeder) {
	const half = 1 << (bicubicBits - 1)
	row := 3 * len(r.x.first)
	f.begin(r.x.base, r.x.span, r.y.base, 1)
	next, coefs := 0, r.yc
	for oy, first := range r.y.first {
		n := r.y.counts[oy]
		for ; next < int(first)+n; next++ {
			src := f.window(r.row[:], r.y.base+next)
			r.along(r.ring[row*(next%r.y.taps):][:row], src[r.row[0]:])
		}
		d := dst[stride*oy:][:row]
		for i := range d {
			sum := int32(half)
			for j, c := range coefs[:n] {
				sum += c * int32(r.ring[row*((int(first)+j)%r.y.taps)+i])
			}
			d[i] = clamp8(sum >> bicubicBits)
		}
		coefs = coefs[n:]
	}
}

// along filters one row.
func (r *bicubic) along(dst, src []byte) {
	const half = 1 << (bicubicBits - 1)
	coefs := r.xc
	for ox, first := range r.x.first {
		n := r.x.counts[ox]
		red, green, blue := int32(half), int32(half), int32(half)
		s := src[4*first:][:4*n]
		for i, c := range coefs[:n] {
			p := s[4*i : 4*i+4 : 4*i+4]
			red += c * int32(p[0])
			green += c * int32(p[1])
			blue += c * int32(p[2])
		}
		d := dst[3*ox:][:3]
		d[0], d[1], d[2] = clamp8(red>>bicubicBits), clamp8(green>>bicubicBits), clamp8(blue>>bicubicBits)
		coefs = coefs[n:]
	}
}

func clamp8(v int32) byte { return byte(min(max(v, 0), 255)) }
