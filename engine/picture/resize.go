package picture

import "likeness/engine/picture/internal/rows"

// midBits are kept below the point between the two passes, so that samples
// there, at most 255<<midBits, fit int16.
const midBits = 6

// The sums of the two passes fit int32: 255<<maxBitsY and 255<<(maxBitsX+midBits),
// with the half added for rounding, are below 1<<31.
const (
	maxBitsX = 17
	maxBitsY = 22
)

// resampler resizes pictures to one network input, with the triangle filter.
//
// It goes down the columns first: each output row needs few input rows, whose
// weighted sum, kept in one row, is then filtered along. Nothing of the
// picture's size is stored. Pillow goes along the rows first and rounds to 8
// bits between, an error e with |e| <= 1/2. Ours is that of the coefficients
// and of midBits, less than 0.4 for any size up to maxDim (and 0.02 for
// photos): the two differ by less than 1 before the last rounding, by 1/255 at
// most after it.
type resampler struct {
	size    size
	place   placement
	x, y    filter
	offsets []int32 // of the rows of one output row
	mid     []int16 // one row between the passes, in three planes
	plane   int
}

// size is that of the rows a picture is made of and, in their unit, what the
// picture covers of them.
type size struct {
	w, h          int
	width, height float64
	// left and top are where the picture begins in the rows: not at 0 when the
	// last column or row is only partly of the picture and comes first.
	left, top float64
	shrink    int // the reduction that was made already
}

// wholeSize is the size of rows that are not reduced.
func wholeSize(w, h int) size {
	return size{w: w, h: h, width: float64(w), height: float64(h), shrink: 1}
}

func (s size) axes(pl placement) (x, y axis) {
	return axis{s.w, s.left, s.width, s.shrink, pl.fullW, pl.left, pl.width}, axis{s.h, s.top, s.height, s.shrink, pl.fullH, pl.top, pl.height}
}

// fit makes the filters for pictures of a size, if they are not made.
func (r *resampler) fit(s size, pl placement) {
	if r.size == s && r.place == pl {
		return
	}
	r.size, r.place = s, pl
	x, y := s.axes(pl)
	r.x.triangleFilter(x, 8, maxBitsX)
	r.y.triangleFilter(y, 2, maxBitsY)
	r.plane = r.x.span + r.x.taps
	r.mid = grow(r.mid, 3*r.plane)
	r.offsets = grow(r.offsets, r.y.taps)
}

// run writes the resized and cropped picture, 3 bytes a pixel, rows of dst
// stride bytes apart.
func (r *resampler) run(dst []byte, stride int, f *feeder) {
	out := len(r.x.first)
	f.begin(r.x.base, r.x.span, r.y.base, r.y.taps)
	for oy := range r.y.first {
		src := f.window(r.offsets, r.y.base+int(r.y.first[oy]))
		rows.Columns(r.mid, r.plane, r.x.span, src, r.offsets, r.y.coefs[oy*r.y.taps:][:r.y.taps], r.y.bits-midBits)
		rows.Along(dst[oy*stride:][:3*out], r.mid, r.plane, r.x.first, r.x.coefs, r.x.taps, r.x.bits+midBits)
	}
}

// grow returns a slice of n elements, the old one if it is large enough.
func grow[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}
