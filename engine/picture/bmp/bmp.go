// Package bmp reads Windows and OS/2 bitmaps row by row: headers of 12 bytes
// (OS/2 1.x), 16 to 64 (OS/2 2.x), 40, 52, 56, 108 and 124 (Windows), palettes
// of 1, 2, 4 and 8 bits, 16 and 32 bits with any bit fields, 24 bits, RLE4,
// RLE8 and RLE24, bottom-up and top-down. The formats are described in
// Microsoft's "Bitmap Storage" and in IBM's "OS/2 2.1 Bitmap File Format".
//
// Where programs differ, this package does what Chromium does:
//   - Alpha counts with an alpha mask: with bit fields in headers of 56 bytes
//     and more, with compression 6, and with 32 plain bits in headers of 108 and
//     124 bytes, then always in the fourth byte. Without a mask that byte is
//     padding. All-zero alpha is transparent.
//   - Pixels that run-length data skips, by a delta or by an early end, are
//     black, as are indices beyond the palette.
//   - Runs beyond the right edge are clipped, not continued in the next row.
//   - File size, image size and number of planes are not looked at.
//
// A palette may run into the pixel data, as in Chromium, and may end with the
// file. Huffman coding and embedded JPEG, PNG and CMYK are refused by name. A file
// that ends before its pixels do is cut off; the padding of its last row may be
// missing.
package bmp

import (
	"encoding/binary"
	"io"

	"likeness/engine/picture/raster"
)

const format = "BMP"

const fileHeader = 14

// reader is the Source.
type reader struct {
	header
	pixels  []byte // from the first stored row to the end of the file
	stride  int    // bytes from row to row, if not compressed
	palette *[256][4]byte
	fields  *fields
	runs    *runs // nil before the first row
	y       int   // next row
	err     error // final
}

// Open reads the header and the palette.
func Open(data []byte, _ raster.Options) (raster.Source, error) {
	r := &reader{}
	if err := r.parse(data); err != nil {
		return nil, err
	}
	if err := r.checkCompression(); err != nil {
		return nil, err
	}
	if r.offset >= len(data) {
		return nil, raster.CutOff(format)
	}
	r.pixels = data[r.offset:]
	if r.bits <= 8 {
		r.palette = r.readPalette(data)
	}
	if r.bits == 16 || r.bits == 32 {
		f, err := newFields(r.masks, r.bits)
		if err != nil {
			return nil, err
		}
		r.fields = f
	}
	if r.isRunLength() {
		return r, r.checkRuns()
	}
	used := (int64(r.w)*int64(r.bits) + 7) / 8
	r.stride = int((used + 3) &^ 3)
	if int64(r.stride)*int64(r.h-1)+used > int64(len(r.pixels)) {
		return nil, raster.CutOff(format)
	}
	return r, nil
}

// checkRuns refuses run-length data that is absurdly short for its size: rows
// that are not there are black, and should not keep anyone busy for minutes.
func (r *reader) checkRuns() error {
	const fewPixels, perByte = 1 << 28, 1 << 12
	if n := int64(r.w) * int64(r.h); n > fewPixels && n > perByte*int64(len(r.pixels)) {
		return raster.Damaged(format, "it has too little pixel data")
	}
	return nil
}

// readPalette reads blue, green, red and, but for OS/2 1.x, a byte of padding.
// What a short palette lacks is black.
func (r *reader) readPalette(data []byte) *[256][4]byte {
	entry := r.entryBytes()
	n := min(r.paletteEntries(), (len(data)-r.end)/entry)
	t := &[256][4]byte{}
	for i := range t {
		t[i][3] = 255
		if i < n {
			c := data[r.end+entry*i:]
			t[i] = [4]byte{c[2], c[1], c[0], 255}
		}
	}
	return t
}

func (r *reader) Size() (w, h int) { return r.w, r.h }
func (r *reader) Shrink() int      { return 1 }

// Memory is the tables, and for run-length data the places of its rows.
func (r *reader) Memory() int64 {
	const tables = 4 << 10
	if r.isRunLength() {
		return tables + rowPlace*int64(r.h)
	}
	return tables
}

func (r *reader) ReadRow(dst []byte) error {
	if r.err != nil {
		return r.err
	}
	if r.y == r.h {
		return io.EOF
	}
	dst = dst[:4*r.w]
	stored := r.h - 1 - r.y
	if r.topDown {
		stored = r.y
	}
	if r.isRunLength() {
		if r.runs == nil {
			if r.runs, r.err = findRuns(&r.header, r.pixels); r.err != nil {
				return r.err
			}
		}
		r.runs.row(dst, stored, r.palette)
	} else {
		r.plainRow(dst, r.pixels[stored*r.stride:])
	}
	r.y++
	return nil
}

// plainRow writes a row that is not compressed.
func (r *reader) plainRow(dst, src []byte) {
	switch r.bits {
	case 8:
		src = src[:len(dst)/4]
		for i, v := range src {
			*(*[4]byte)(dst[4*i:]) = r.palette[v]
		}
	case 1, 2, 4:
		mask, perByte := byte(1<<r.bits-1), 8/r.bits
		for i := range len(dst) / 4 {
			v := src[i/perByte] >> (8 - r.bits - i%perByte*r.bits)
			*(*[4]byte)(dst[4*i:]) = r.palette[v&mask]
		}
	case 16:
		for ; len(dst) >= 4; dst, src = dst[4:], src[2:] {
			r.fields.pixel(dst, uint32(binary.LittleEndian.Uint16(src)))
		}
	case 24:
		for ; len(dst) >= 4 && len(src) >= 3; dst, src = dst[4:], src[3:] {
			dst[0], dst[1], dst[2], dst[3] = src[2], src[1], src[0], 255
		}
	case 32:
		r.fields.row32(dst, src)
	}
}
