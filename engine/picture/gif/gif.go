// Package gif reads GIF87a and GIF89a pictures (CompuServe, "Graphics
// Interchange Format", 1987 and 1990) row by row.
//
// A GIF that moves is shown by one of its frames: the first after which the
// canvas is not of one colour. Frames are composed in order, each disposed of
// as it says. Where all frames that are looked at, maxFrames at most, leave one
// colour, the first is given. The frame that is given, and those before it, must
// be whole.
//
// As in browsers, unknown extensions are skipped, what follows the last frame
// does not matter, and neither does surplus pixel data. The canvas is the
// logical screen, enlarged to hold the first frame (which alone settles it where
// the screen is 0 x 0); later frames are clipped. A frame of no width or height
// covers the canvas. The background colour is not shown: what no frame covers is
// transparent. Indices beyond the palette are black. A frame without any palette
// is refused: browsers show it black or white.
package gif

import (
	"io"
	"math"

	"likeness/engine/picture/raster"
)

const format = "GIF"

// Bounds of the search for a frame of more than one colour.
const (
	maxFrames = 100
	maxWork   = 1 << 30 // pixels of frames and canvas looked at
)

// fixedMemory is the LZW tables and the list of frames.
const fixedMemory = 48 << 10

// reader is the Source.
type reader struct {
	w, h   int
	frames []frame
	y      int      // next row
	single *drawing // of a lone frame in the order of its rows
	canvas []byte   // RGBA, otherwise
	err    error    // final
}

// Open reads the blocks of the file, but no pixels.
func Open(data []byte, _ raster.Options) (raster.Source, error) {
	s, err := scan(data)
	if err != nil {
		return nil, err
	}
	r := &reader{w: s.w, h: s.h, frames: s.frames}
	if err := raster.CheckSize(r.w, r.h); err != nil {
		return nil, err
	}
	if err := r.checkRatio(len(data)); err != nil {
		return nil, err
	}
	return r, nil
}

// checkRatio refuses sizes that the file cannot fill. A code of 12 bits stands
// for at most 4096 pixels, shorter codes for fewer.
func (r *reader) checkRatio(size int) error {
	const fewPixels, perByte = 1 << 28, 4096
	first := &r.frames[0]
	if n := int64(first.w) * int64(first.h); n > perByte*int64(size) {
		return first.short()
	}
	if n := int64(r.w) * int64(r.h); n > fewPixels && n > perByte*int64(size) {
		return raster.Damaged(format, "the canvas is far larger than its frame")
	}
	return nil
}

func (r *reader) Size() (w, h int) { return r.w, r.h }
func (r *reader) Shrink() int      { return 1 }

// streams says whether rows can be given as they are decoded: there is no other
// frame to choose, and this one has its rows in order.
func (r *reader) streams() bool { return len(r.frames) == 1 && !r.frames[0].interlaced }

// Memory is a row of a lone frame, else the canvas, and a copy of it where a
// frame asks for what was there before.
func (r *reader) Memory() int64 {
	if r.streams() {
		return fixedMemory + int64(r.frames[0].w)
	}
	n := r.canvasBytes()
	for i := range r.frames[:len(r.frames)-1] {
		if r.frames[i].disposal == restorePrevious {
			n *= 2
			break
		}
	}
	return fixedMemory + n + math.MaxUint16
}

func (r *reader) canvasBytes() int64 { return 4 * int64(r.w) * int64(r.h) }

func (r *reader) ReadRow(dst []byte) error {
	if r.err != nil {
		return r.err
	}
	if r.y == r.h {
		return io.EOF
	}
	dst = dst[:4*r.w]
	if r.err = r.row(dst); r.err != nil {
		return r.err
	}
	r.y++
	return nil
}

func (r *reader) row(dst []byte) error {
	if !r.streams() {
		if r.canvas == nil {
			if err := r.compose(); err != nil {
				return err
			}
		}
		copy(dst, r.canvas[4*r.w*r.y:])
		return nil
	}
	clear(dst)
	f := &r.frames[0]
	if r.single == nil {
		d, err := newDrawing(f)
		if err != nil {
			return err
		}
		r.single = d
	}
	if r.y < f.y || r.y >= f.y+f.h {
		return nil
	}
	return r.single.next(dst[4*f.x : 4*(f.x+f.w)])
}
