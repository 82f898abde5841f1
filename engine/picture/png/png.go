// Package png reads PNG pictures (PNG specification, third edition; APNG
// included) row by row: every colour type, depth and transparency chunk, with
// or without Adam7 interlacing.
//
// What is tolerated is what browsers tolerate, as long as the picture itself
// is whole: nonsense and wrong checksums in ancillary chunks, anything after
// the picture, a wrong Adler checksum, a missing IEND. Where the file ends before
// the checksum of its last IDAT, the Adler checksum takes its place. A wrong checksum of
// IHDR, PLTE (where it is needed) or IDAT is damage, an unknown critical chunk
// is refused by its name, and a file that ends before its picture is cut off.
//
// Samples of 16 bits are reduced to their high byte, with an alpha channel by
// way of their product with it. Background, gamma and colour profile chunks are
// left alone. Profiles are applied by the caller; gAMA and cHRM are not applied
// at all, as networks' own frameworks do not, so that the vectors of PNG
// pictures stay what they have been.
//
// Of an animated PNG the first shown frame is read: the default image (IDAT)
// where it belongs to the animation, that is, where a fcTL chunk precedes it;
// else the first frame of the animation at its place on a transparent canvas.
// An animation that is not well formed does not count as one.
package png

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"strings"

	"likeness/engine/picture/internal/inflate"
	"likeness/engine/picture/raster"
)

const format = "PNG"

const signature = "\x89PNG\r\n\x1a\n"

// maxRatio is the most bytes that one byte of a Deflate stream can stand for:
// a match of 258 bytes takes at least two bits.
const maxRatio = 1032

// fixedMemory is what reading takes beside the rows: the decompressor and the
// tables.
const fixedMemory = inflate.Memory + 8<<10

type header struct {
	w, h       int
	depth      int // bits per sample: 1, 2, 4, 8 or 16
	colour     colourType
	interlaced bool
}

type colourType byte

const (
	grey      colourType = 0
	rgb       colourType = 2
	indexed   colourType = 3
	greyAlpha colourType = 4
	rgbAlpha  colourType = 6
)

func (c colourType) channels() int {
	switch c {
	case rgb:
		return 3
	case greyAlpha:
		return 2
	case rgbAlpha:
		return 4
	}
	return 1
}

// pixelBits is the number of bits that a pixel takes in the file.
func (h *header) pixelBits() int { return h.depth * h.colour.channels() }

// rowBytes is the number of bytes that w pixels take, without the filter byte.
func (h *header) rowBytes(w int) int { return (w*h.pixelBits() + 7) / 8 }

// frame is a rectangle of the canvas, in pixels.
type frame struct{ x, y, w, h int }

// reader is the Source.
type reader struct {
	header
	frame  frame // what the pixel data covers; the rest is transparent
	expand expander
	body   *body
	rows   *unfilter // nil before the first row
	y      int       // next row
	canvas []byte    // the frame's RGBA if it is interlaced, from the first row on
	err    error     // final
}

// Open reads the header and finds the pixel data.
func Open(data []byte, _ raster.Options) (raster.Source, error) {
	if !strings.HasPrefix(string(data[:min(len(data), len(signature))]), signature) {
		if strings.HasPrefix(signature, string(data)) {
			return nil, raster.CutOff(format)
		}
		return nil, raster.Damaged(format, "it has no PNG signature")
	}
	c := chunks{data: data, pos: len(signature)}
	r := &reader{}
	if err := r.readHeader(&c); err != nil {
		return nil, err
	}
	p := parts{}
	if err := p.find(&c, &r.header); err != nil {
		return nil, err
	}
	r.frame = p.frame
	r.expand = newExpander(&r.header, &p)
	r.body = newBody(&c, p.first)
	if r.rawBytes() > maxRatio*int64(len(data)-p.first.start) {
		return nil, r.body.short()
	}
	return r, nil
}

// readHeader reads the IHDR chunk.
func (r *reader) readHeader(c *chunks) error {
	k, err := c.next()
	if err != nil {
		return err
	}
	if k.name == "" {
		return raster.CutOff(format)
	}
	if k.name != "IHDR" {
		if critical(k.name) && k.name != "IDAT" && k.name != "PLTE" && k.name != "IEND" {
			return unknownChunk(k.name)
		}
		return raster.Damaged(format, "it has no header")
	}
	if k.cut {
		return raster.CutOff(format)
	}
	if !k.valid || len(k.body) != 13 {
		return raster.Damaged(format, "the header has a wrong checksum or length")
	}
	b := k.body
	w, h := binary.BigEndian.Uint32(b), binary.BigEndian.Uint32(b[4:])
	r.w, r.h = int(min(w, math.MaxInt32)), int(min(h, math.MaxInt32))
	if err := raster.CheckSize(r.w, r.h); err != nil {
		return err
	}
	r.depth, r.colour = int(b[8]), colourType(b[9])
	switch {
	case !validDepth(r.colour, r.depth):
		return raster.Damaged(format, fmt.Sprintf("no colour type %d with %d bits exists", b[9], b[8]))
	case b[10] != 0:
		return raster.Unsupported(format, fmt.Sprintf("compression method %d", b[10]))
	case b[11] != 0:
		return raster.Unsupported(format, fmt.Sprintf("filter method %d", b[11]))
	case b[12] > 1:
		return raster.Unsupported(format, fmt.Sprintf("interlace method %d", b[12]))
	}
	r.interlaced = b[12] == 1
	return nil
}

func validDepth(c colourType, depth int) bool {
	switch c {
	case grey:
		return depth == 1 || depth == 2 || depth == 4 || depth == 8 || depth == 16
	case indexed:
		return depth == 1 || depth == 2 || depth == 4 || depth == 8
	case rgb, greyAlpha, rgbAlpha:
		return depth == 8 || depth == 16
	}
	return false
}

// rawBytes is the size of the decompressed pixel data, filter bytes included.
func (r *reader) rawBytes() int64 {
	if !r.interlaced {
		return int64(r.frame.h) * int64(1+r.rowBytes(r.frame.w))
	}
	var n int64
	for _, p := range adam7 {
		if w, h := p.size(r.frame.w, r.frame.h); w > 0 {
			n += int64(h) * int64(1+r.rowBytes(w))
		}
	}
	return n
}

func (r *reader) Size() (w, h int) { return r.w, r.h }
func (r *reader) Shrink() int      { return 1 }

// Memory is two rows, and for interlaced pictures the whole picture as RGBA.
func (r *reader) Memory() int64 {
	n := int64(fixedMemory) + 2*int64(1+r.rowBytes(r.frame.w))
	if r.interlaced {
		n += r.canvasBytes() + 4*int64(r.frame.w)
	}
	return n
}

func (r *reader) canvasBytes() int64 { return 4 * int64(r.frame.w) * int64(r.frame.h) }

func (r *reader) ReadRow(dst []byte) error {
	if r.err != nil {
		return r.err
	}
	if r.y == r.h {
		return io.EOF
	}
	dst = dst[:4*r.w]
	f := r.frame
	if f.w < r.w || f.h < r.h {
		clear(dst)
	}
	if y := r.y - f.y; y >= 0 && y < f.h {
		if r.err = r.frameRow(dst[4*f.x:][:4*f.w], y); r.err != nil {
			return r.err
		}
	}
	r.y++
	return nil
}

// frameRow writes row y of the frame.
func (r *reader) frameRow(dst []byte, y int) error {
	if r.rows == nil {
		if err := r.start(); err != nil {
			return err
		}
	}
	if r.interlaced {
		copy(dst, r.canvas[4*r.frame.w*y:])
		return nil
	}
	src, err := r.rows.next()
	if err != nil {
		return err
	}
	r.expand(dst, src)
	if y == r.frame.h-1 {
		return r.rows.end()
	}
	return nil
}

// start opens the pixel data; an interlaced picture is read whole.
func (r *reader) start() error {
	z, err := r.body.open()
	if err != nil {
		return err
	}
	r.rows = newUnfilter(z, r.body, r.rowBytes(r.frame.w), r.pixelBits())
	if !r.interlaced {
		return nil
	}
	n := r.canvasBytes()
	if n > math.MaxInt {
		return raster.Errorf(raster.CodeTooLarge, nil, "the picture has %d x %d pixels, more than fit into memory", r.w, r.h)
	}
	r.canvas = make([]byte, n)
	return r.readPasses()
}

// unknownChunk refuses a chunk that no reader may skip.
func unknownChunk(name string) error {
	return raster.Unsupported(format, fmt.Sprintf("the unknown critical chunk %q", name))
}

func checksum(name, body []byte) uint32 {
	return crc32.Update(crc32.ChecksumIEEE(name), crc32.IEEETable, body)
}
