package bmp

import "likeness/engine/picture/raster"

// runs is run-length data with the places of its rows, so that they can be
// read in any order. Rows follow each other in the data, so each has one
// stretch of it.
type runs struct {
	data []byte
	bits int     // of a pixel: 4, 8 or 24
	at   []int   // where a stored row's data begins; -1: it has none
	x    []int32 // column in which it begins
}

// rowPlace is the memory that a row takes in at and x, in bytes.
const rowPlace = 12

// What an escape says (after a byte 0), if it is not the length of a stretch
// of plain pixels.
const (
	endOfLine   = 0
	endOfBitmap = 1
	delta       = 2
)

// findRuns looks through the data once. It is cut off if it ends before the
// last row is full and without saying so.
func findRuns(h *header, data []byte) (*runs, error) {
	r := &runs{data: data, bits: h.bits, at: make([]int, h.h), x: make([]int32, h.h)}
	for i := range r.at {
		r.at[i] = -1
	}
	r.at[0] = 0
	x, y := 0, 0
	for p := 0; ; {
		op := r.next(p)
		if op.next > len(data) {
			if y == h.h-1 && x >= h.w {
				return r, nil
			}
			return nil, raster.CutOff(format)
		}
		p = op.next
		switch op.kind {
		case endOfBitmap:
			return r, nil
		case endOfLine:
			x, y = 0, y+1
		case delta:
			x, y = min(x+op.dx, h.w), y+op.dy
		default:
			x = min(x+op.n, h.w)
			continue
		}
		if y >= h.h {
			return r, nil
		}
		if op.kind == endOfLine || op.dy > 0 {
			r.at[y], r.x[y] = p, int32(x)
		}
	}
}

// operation is one step of the data: a run of n equal pixels, n plain pixels,
// or an escape.
type operation struct {
	kind   int // endOfLine, endOfBitmap, delta, run or pixels
	n      int
	dx, dy int
	body   int // where its pixels are
	next   int // where the next one begins; beyond the data if this one is cut
}

const (
	run    = 3
	pixels = 4
)

// next reads the operation at p. All escapes but the three are counts of 3 and
// more.
func (r *runs) next(p int) operation {
	if p+2 > len(r.data) {
		return operation{next: len(r.data) + 1}
	}
	n, v := int(r.data[p]), int(r.data[p+1])
	unit := max(1, r.bits/8)
	switch {
	case n > 0:
		return operation{kind: run, n: n, body: p + 1, next: p + 1 + unit}
	case v == delta:
		op := operation{kind: delta, next: p + 4}
		if op.next <= len(r.data) {
			op.dx, op.dy = int(r.data[p+2]), int(r.data[p+3])
		}
		return op
	case v < delta:
		return operation{kind: v, next: p + 2}
	}
	size := (v*r.bits + 7) / 8
	end := p + 2 + size
	if end < len(r.data) {
		end += size & 1 // padding, which may be missing at the end of the file
	}
	return operation{kind: pixels, n: v, body: p + 2, next: end}
}

// row writes a stored row. What no operation covers is black.
func (r *runs) row(dst []byte, y int, palette *[256][4]byte) {
	for i := 0; i < len(dst); i += 4 {
		*(*[4]byte)(dst[i:]) = [4]byte{0, 0, 0, 255}
	}
	p := r.at[y]
	if p < 0 {
		return
	}
	w := len(dst) / 4
	for x := int(r.x[y]); ; {
		op := r.next(p)
		if op.next > len(r.data) {
			return
		}
		p = op.next
		switch op.kind {
		case run, pixels:
			n := min(op.n, w-x)
			r.paint(dst[4*x:4*(x+n)], op, palette)
			x += n
		case delta:
			if op.dy > 0 {
				return
			}
			x = min(x+op.dx, w)
		default:
			return
		}
	}
}

// paint writes pixels of a run or a plain stretch.
func (r *runs) paint(dst []byte, op operation, palette *[256][4]byte) {
	src := r.data[op.body:]
	step := 1
	if op.kind == run {
		step = 0
	}
	for i := range len(dst) / 4 {
		d := (*[4]byte)(dst[4*i:])
		switch r.bits {
		case 8:
			*d = palette[src[i*step]]
		case 4:
			*d = palette[src[i/2*step]>>(4*(1-i&1))&15]
		default:
			c := src[3*i*step:]
			*d = [4]byte{c[2], c[1], c[0], 255}
		}
	}
}
