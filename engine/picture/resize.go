package picture

import (
	"math"

	"likeness/engine/picture/internal/rows"
)

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
	w, h    int
	x, y    filter
	offsets []int32 // of the rows of one output row
	mid     []int16 // one row between the passes, in three planes
	plane   int
	white   whitener
}

// geometry returns the size to which a w x h picture is resized as a whole and
// where the network's input lies in it, as torchvision's Resize and CenterCrop.
func (p Preparation) geometry(w, h int) (fullW, fullH, left, top int) {
	if p.Resize == "stretch" {
		return p.Width, p.Height, 0, 0
	}
	if w <= h {
		fullW, fullH = p.Side, int(int64(p.Side)*int64(h)/int64(w))
	} else {
		fullW, fullH = int(int64(p.Side)*int64(w)/int64(h)), p.Side
	}
	left = int(math.RoundToEven(float64(fullW-p.Width) / 2))
	top = int(math.RoundToEven(float64(fullH-p.Height) / 2))
	return fullW, fullH, left, top
}

// fit makes the filters for w x h pictures, if they are not made.
func (r *resampler) fit(p Preparation, w, h int) {
	if r.w == w && r.h == h {
		return
	}
	r.w, r.h = w, h
	fullW, fullH, left, top := p.geometry(w, h)
	r.x.triangleFilter(w, fullW, left, p.Width, 8, maxBitsX)
	r.y.triangleFilter(h, fullH, top, p.Height, 2, maxBitsY)
	r.plane = r.x.span + r.x.taps
	r.mid = grow(r.mid, 3*r.plane)
	r.offsets = grow(r.offsets, r.y.taps)
}

// run writes the resized and cropped picture, 3 bytes a pixel.
func (r *resampler) run(dst, pix []byte) {
	out := len(r.x.first)
	r.white.start(pix, r.w, r.h, r.x.base, r.x.span, r.y.base, r.y.taps)
	for oy := range r.y.first {
		src := r.white.window(r.offsets, r.y.base+int(r.y.first[oy]))
		rows.Columns(r.mid, r.plane, r.x.span, src, r.offsets, r.y.coefs[oy*r.y.taps:][:r.y.taps], r.y.bits-midBits)
		rows.Along(dst[3*oy*out:][:3*out], r.mid, r.plane, r.x.first, r.x.coefs, r.x.taps, r.x.bits+midBits)
	}
}

// grow returns a slice of n elements, the old one if it is large enough.
func grow[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}
