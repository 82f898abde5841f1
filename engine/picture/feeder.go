package picture

import (
	"io"

	"likeness/engine/picture/internal/rows"
	"likeness/engine/picture/raster"
)

// Grounds that transparent pictures are laid on.
const (
	white = 255
	grey  = 128
)

// feeder hands out rows of a picture, laid over a ground where they are
// transparent. The rows of pixels in memory are used where they lie, up to the
// first that is not opaque; those of a reader, and all after that first one,
// are kept in a ring as long as they are wanted. Rows are looked at when they
// are first wanted, so that they are still in the cache when they are used.
type feeder struct {
	pix    []byte        // pixels in memory, or
	src    raster.Source // a reader
	w, h   int
	ground byte

	left, span int // columns wanted
	ring       []byte
	depth      int // rows in the ring
	next       int // first row not looked at
	copied     bool
	seeThrough bool  // a pixel was not opaque
	err        error // of the reader; rows after it repeat what is in the ring
}

// pixels prepares for a picture in memory.
func (f *feeder) pixels(pix []byte, w, h int, ground byte) {
	*f = feeder{pix: pix, w: w, h: h, ground: ground, ring: f.ring}
}

// source prepares for a reader's rows.
func (f *feeder) source(src raster.Source, ground byte) {
	w, h := src.Size()
	*f = feeder{src: src, w: w, h: h, ground: ground, ring: f.ring, copied: true}
}

// maxRest is the most bytes of rows that are kept for the next picture.
const maxRest = 16 << 20

// rest lets go of the picture, and of what only a giant needs: Memory counts
// for one picture, not for what those before it have left.
func (f *feeder) rest() {
	f.pix, f.src = nil, nil
	if cap(f.ring) > maxRest {
		f.ring = nil
	}
}

// begin says that windows of at most depth rows of span columns from left on,
// from row top on, will be wanted, in increasing order.
func (f *feeder) begin(left, span, top, depth int) {
	f.left, f.span, f.depth = left, span, depth
	if f.src != nil {
		// Whole rows, so that the reader writes where they will be used.
		f.left, f.span = 0, f.w
	}
	f.next = top
	if f.copied {
		f.ring = grow(f.ring, 4*f.span*depth)
	}
	for y := 0; y < top && f.src != nil; y++ {
		f.read(f.slot(0))
	}
	f.left = left
}

// window writes the offsets of rows first, first+1, ... in the bytes it
// returns. Rows beyond the picture are given as its last one.
func (f *feeder) window(offsets []int32, first int) []byte {
	last := f.h - 1
	end := min(first+len(offsets), f.h)
	for ; f.next < end; f.next++ {
		f.take(first)
	}
	for j := range offsets {
		y := min(first+j, last)
		switch {
		case f.src != nil:
			offsets[j] = int32(4 * (f.w*(y%f.depth) + f.left))
		case f.copied:
			offsets[j] = int32(4 * f.span * (y % f.depth))
		default:
			offsets[j] = int32(4 * (y*f.w + f.left))
		}
	}
	if f.copied {
		return f.ring
	}
	return f.pix
}

// take looks at row f.next; the window begins at row first.
func (f *feeder) take(first int) {
	slot := f.slot
	if f.src != nil {
		f.read(slot(f.next))
		if !rows.Opaque(slot(f.next)) {
			f.seeThrough = true
			over(slot(f.next), slot(f.next), f.ground)
		}
		return
	}
	if !f.copied {
		if rows.Opaque(f.row(f.next)) {
			return
		}
		f.copied, f.seeThrough = true, true
		f.ring = grow(f.ring, 4*f.span*f.depth)
		for y := first; y < f.next; y++ {
			copy(slot(y), f.row(y))
		}
	}
	over(slot(f.next), f.row(f.next), f.ground)
}

// copyTo writes all rows, 3 bytes a pixel.
func (f *feeder) copyTo(dst []byte) {
	var offset [1]int32
	f.begin(0, f.w, 0, 1)
	for y := range f.h {
		row := f.window(offset[:], y)[offset[0]:]
		for x := range f.w {
			copy(dst[3*(y*f.w+x):][:3], row[4*x:])
		}
	}
}

// read takes the reader's next row, if there is a reader.
func (f *feeder) read(dst []byte) {
	if f.src != nil && f.err == nil {
		f.err = f.src.ReadRow(dst)
	}
}

// finish reads what has not been wanted: a picture whose end is missing is
// refused although its middle would do.
func (f *feeder) finish() error {
	if f.src == nil {
		return nil
	}
	for ; f.next < f.h && f.err == nil; f.next++ {
		f.read(f.ring[:4*f.w])
	}
	if f.err == io.EOF {
		panic("picture: a reader has fewer rows than it said")
	}
	return f.err
}

func (f *feeder) row(y int) []byte  { return f.pix[4*(y*f.w+f.left):][:4*f.span] }
func (f *feeder) slot(y int) []byte { return f.ring[4*f.span*(y%f.depth):][:4*f.span] }

// over composites pixels over a grey ground, rounding to the nearest.
func over(dst, src []byte, ground byte) {
	for i := 0; i+4 <= len(src) && i+4 <= len(dst); i += 4 {
		s, d := src[i:i+4:i+4], dst[i:i+4:i+4]
		a := uint32(s[3])
		under := uint32(ground)*(255-a) + 127
		d[0] = byte((uint32(s[0])*a + under) / 255)
		d[1] = byte((uint32(s[1])*a + under) / 255)
		d[2] = byte((uint32(s[2])*a + under) / 255)
		d[3] = 255
	}
}
