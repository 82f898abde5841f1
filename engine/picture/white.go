package picture

import "likeness/engine/picture/internal/rows"

// whitener hands out rows of a picture, composited over white. Rows are looked
// at when they are first wanted, so that they are still in the cache when they
// are used; up to the first row that is not opaque they are those of the
// picture itself, from there on copies in a ring.
type whitener struct {
	pix        []byte
	w, h       int
	left, span int // columns wanted
	ring       []byte
	depth      int // rows in the ring
	next       int // first row not looked at
	copied     bool
}

// start begins a picture of w x h pixels; windows of at most depth rows of
// span columns, from row top on, will be wanted, in increasing order.
func (v *whitener) start(pix []byte, w, h, left, span, top, depth int) {
	ring := v.ring
	*v = whitener{pix: pix, w: w, h: h, left: left, span: span, ring: ring, depth: depth, next: top}
}

// window writes the offsets of rows first, first+1, ... in the bytes it
// returns. Rows beyond the picture are given as its last one.
func (v *whitener) window(offsets []int32, first int) []byte {
	last := v.h - 1
	end := min(first+len(offsets), v.h)
	for ; v.next < end; v.next++ {
		if !v.copied {
			if rows.Opaque(v.row(v.next)) {
				continue
			}
			v.copied = true
			v.ring = grow(v.ring, 4*v.span*v.depth)
			for y := first; y < v.next; y++ {
				copy(v.slot(y), v.row(y))
			}
		}
		overWhite(v.slot(v.next), v.row(v.next))
	}
	for j := range offsets {
		y := min(first+j, last)
		if v.copied {
			offsets[j] = int32(4 * v.span * (y % v.depth))
		} else {
			offsets[j] = int32(4 * (y*v.w + v.left))
		}
	}
	if v.copied {
		return v.ring
	}
	return v.pix
}

func (v *whitener) row(y int) []byte  { return v.pix[4*(y*v.w+v.left):][:4*v.span] }
func (v *whitener) slot(y int) []byte { return v.ring[4*v.span*(y%v.depth):][:4*v.span] }

// overWhite composites pixels over white, rounding to the nearest.
func overWhite(dst, src []byte) {
	for i := 0; i+4 <= len(src) && i+4 <= len(dst); i += 4 {
		s, d := src[i:i+4:i+4], dst[i:i+4:i+4]
		a := uint32(s[3])
		white := 255*(255-a) + 127
		d[0] = byte((uint32(s[0])*a + white) / 255)
		d[1] = byte((uint32(s[1])*a + white) / 255)
		d[2] = byte((uint32(s[2])*a + white) / 255)
		d[3] = 255
	}
}
