package gif

import (
	"bytes"
	"math"

	"likeness/engine/picture/raster"
)

// drawing decodes a frame row by row, as they are stored.
type drawing struct {
	frame   *frame
	lzw     *lzw
	colours [256][4]byte
	indices []byte // of a row
}

func newDrawing(f *frame) (*drawing, error) {
	switch {
	case f.palette == nil:
		return nil, raster.Damaged(format, "it has no palette")
	case f.codeSize < minCodeSize || f.codeSize > maxCodeSize:
		return nil, raster.Damaged(format, "the pixel data has no sensible code size")
	}
	d := &drawing{frame: f, lzw: newLZW(f.data, f.codeSize), indices: make([]byte, f.w)}
	for i := range d.colours {
		d.colours[i][3] = 255
		if 3*i < len(f.palette) {
			copy(d.colours[i][:3], f.palette[3*i:])
		}
	}
	if f.transparent >= 0 {
		d.colours[f.transparent] = [4]byte{}
	}
	return d, nil
}

// decode reads the indices of the next stored row.
func (d *drawing) decode() error {
	switch d.lzw.read(d.indices) {
	case nil:
		return nil
	case errCode:
		return raster.Damaged(format, "the pixel data has an impossible code")
	}
	return d.frame.short()
}

// next writes the next stored row; transparent pixels too.
func (d *drawing) next(dst []byte) error {
	if err := d.decode(); err != nil {
		return err
	}
	for i, v := range d.indices {
		*(*[4]byte)(dst[4*i:]) = d.colours[v]
	}
	return nil
}

// over draws the next stored row over dst, which may be shorter than the row.
// Transparent pixels leave what is there.
func (d *drawing) over(dst []byte) error {
	if err := d.decode(); err != nil {
		return err
	}
	for i, v := range d.indices[:min(len(d.indices), len(dst)/4)] {
		if int(v) != d.frame.transparent {
			*(*[4]byte)(dst[4*i:]) = d.colours[v]
		}
	}
	return nil
}

// interlace is first row and step of the passes of an interlaced frame (GIF89a,
// appendix E).
var interlace = [4][2]int{{0, 8}, {4, 8}, {2, 4}, {1, 2}}

// draw draws a frame on the canvas.
func (r *reader) draw(f *frame) error {
	d, err := newDrawing(f)
	if err != nil {
		return err
	}
	passes := interlace[:]
	if !f.interlaced {
		passes = [][2]int{{0, 1}}
	}
	for _, p := range passes {
		for y := p[0]; y < f.h; y += p[1] {
			if err := d.over(r.part(f, y)); err != nil {
				return err
			}
		}
	}
	return nil
}

// part is where row y of a frame lies on the canvas, clipped.
func (r *reader) part(f *frame, y int) []byte {
	from, to := min(f.x, r.w), min(f.x+f.w, r.w)
	if y += f.y; y >= r.h {
		return nil
	}
	return r.canvas[4*(r.w*y+from) : 4*(r.w*y+to)]
}

// compose draws frames until the canvas is not of one colour.
func (r *reader) compose() error {
	n := r.canvasBytes()
	if n > math.MaxInt {
		return raster.Errorf(raster.CodeTooLarge, nil, "the picture has %d x %d pixels, more than fit into memory", r.w, r.h)
	}
	r.canvas = make([]byte, n)
	var saved []byte
	var first [4]byte // the colour of the first frame
	work := int64(0)
	for i := range r.frames {
		f := &r.frames[i]
		if i > 0 && f.palette == nil {
			break // it has no colours to show
		}
		last := i == len(r.frames)-1
		if f.disposal == restorePrevious && !last {
			saved = append(saved[:0], r.canvas...)
		}
		if err := r.draw(f); err != nil {
			return err
		}
		if last && i == 0 || !uniform(r.canvas) {
			return nil
		}
		if i == 0 {
			first = [4]byte(r.canvas)
		}
		work += int64(f.w)*int64(f.h) + int64(r.w)*int64(r.h)
		if last || work > maxWork {
			break
		}
		switch f.disposal {
		case restoreBackground:
			for y := range f.h {
				clear(r.part(f, y))
			}
		case restorePrevious:
			copy(r.canvas, saved)
		}
	}
	fill(r.canvas, first)
	return nil
}

// uniform says whether all pixels are the same.
func uniform(pix []byte) bool { return bytes.Equal(pix[4:], pix[:len(pix)-4]) }

func fill(pix []byte, c [4]byte) {
	for i := 0; i < len(pix); i += 4 {
		*(*[4]byte)(pix[i:]) = c
	}
}
