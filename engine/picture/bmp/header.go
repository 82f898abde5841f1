package bmp

import (
	"encoding/binary"
	"fmt"

	"likeness/engine/picture/raster"
)

// Sizes of headers.
const (
	coreHeader = 12 // OS/2 1.x
	infoHeader = 40
	v2Header   = 52
	v3Header   = 56
	os2Header  = 64 // OS/2 2.x, the largest
	v4Header   = 108
	v5Header   = 124
)

// Methods of compression.
const (
	plain          = 0
	rle8           = 1
	rle4           = 2
	bitFields      = 3  // in OS/2 2.x Huffman coding
	embeddedJPEG   = 4  // in OS/2 2.x RLE24
	embeddedPNG    = 5  // not in OS/2
	alphaBitFields = 6  // bit fields with an alpha mask
	rle24          = -1 // our number for OS/2's 4
)

type header struct {
	w, h        int
	topDown     bool
	bits        int // per pixel
	compression int
	colours     uint32 // in the palette; 0 means all that the bits can tell
	size        int    // of the header after the file header
	end         int    // of header and masks in the file
	offset      int    // of the pixel data in the file
	masks       [4]uint32
}

// parse reads the file header and the one after it.
func (h *header) parse(data []byte) error {
	if len(data) < 2 || data[0] != 'B' || data[1] != 'M' {
		return raster.Damaged(format, "it has no BMP signature")
	}
	if len(data) < fileHeader+4 {
		return raster.CutOff(format)
	}
	size := binary.LittleEndian.Uint32(data[fileHeader:])
	switch {
	case size == coreHeader, size >= 16 && size <= os2Header, size == v4Header, size == v5Header:
	case size < coreHeader || size > 1<<16:
		return raster.Damaged(format, "its header has no sensible length")
	default:
		return raster.Unsupported(format, fmt.Sprintf("a header of %d bytes", size))
	}
	h.size = int(size)
	h.end = fileHeader + h.size
	if len(data) < h.end {
		return raster.CutOff(format)
	}
	info := data[fileHeader:h.end]
	if err := h.parseSize(info); err != nil {
		return err
	}
	if err := h.parseMasks(info, data); err != nil {
		return err
	}
	return h.parseOffset(binary.LittleEndian.Uint32(data[10:]))
}

// parseSize reads what stands before the masks. Fields that a short OS/2
// header lacks are 0.
func (h *header) parseSize(info []byte) error {
	if h.size == coreHeader {
		h.w, h.h = int(binary.LittleEndian.Uint16(info[4:])), int(binary.LittleEndian.Uint16(info[6:]))
		h.bits = int(binary.LittleEndian.Uint16(info[10:]))
		return raster.CheckSize(h.w, h.h)
	}
	var b [infoHeader]byte
	copy(b[:], info)
	h.w, h.h = int(int32(binary.LittleEndian.Uint32(b[4:]))), int(int32(binary.LittleEndian.Uint32(b[8:])))
	if h.h < 0 {
		// The least 32-bit value has no opposite in 32 bits; it is too large anyway.
		h.h, h.topDown = -max(h.h, -1<<31+1), true
	}
	h.bits = int(binary.LittleEndian.Uint16(b[14:]))
	h.compression = int(min(binary.LittleEndian.Uint32(b[16:]), 1<<31-1))
	h.colours = binary.LittleEndian.Uint32(b[32:])
	return raster.CheckSize(h.w, h.h)
}

// isOS2 says whether the header is one of OS/2 2.x for certain: a length of 40
// is Windows', too.
func (h *header) isOS2() bool {
	return h.size <= os2Header && h.size != infoHeader && h.size != v2Header && h.size != v3Header
}

// parseMasks finds the bit fields, in the header or after one of 40 bytes, and
// sets the usual ones where none are stored.
func (h *header) parseMasks(info, data []byte) error {
	stored := (h.compression == bitFields || h.compression == alphaBitFields) && (h.bits == 16 || h.bits == 32) && !h.isOS2()
	switch {
	case stored && h.size == infoHeader:
		n := 3
		if h.compression == alphaBitFields {
			n = 4
		}
		if len(data) < h.end+4*n {
			return raster.CutOff(format)
		}
		h.setMasks(data[h.end:], n)
		h.end += 4 * n
		return nil
	case stored && h.size == v2Header:
		h.setMasks(info[infoHeader:], 3)
		return nil
	case stored:
		h.setMasks(info[infoHeader:], 4)
		return nil
	case h.bits == 16:
		h.masks = [4]uint32{0x7c00, 0x3e0, 0x1f}
	default:
		h.masks = [4]uint32{0xff0000, 0xff00, 0xff}
	}
	if h.size >= v4Header && h.bits == 32 && binary.LittleEndian.Uint32(info[infoHeader+12:]) != 0 {
		h.masks[3] = 0xff000000
	}
	return nil
}

func (h *header) setMasks(b []byte, n int) {
	for i := range n {
		h.masks[i] = binary.LittleEndian.Uint32(b[4*i:])
	}
}

// parseOffset takes the place of the pixel data. Some programs leave it at 0,
// others forget the palette; it then is right after the palette.
func (h *header) parseOffset(offset uint32) error {
	palette := h.paletteEntries() * h.entryBytes()
	switch {
	case offset == 0 || palette > 0 && offset == uint32(h.end):
		h.offset = h.end + palette
	case offset > 1<<31-1:
		return raster.CutOff(format)
	case int(offset) < h.end:
		return raster.Damaged(format, "the pixel data begins inside the header")
	default:
		h.offset = int(offset)
	}
	return nil
}

// paletteEntries is the declared number of colours; 0 without a palette.
func (h *header) paletteEntries() int {
	if h.bits > 8 {
		return 0
	}
	if n := 1 << h.bits; h.colours == 0 || h.colours > uint32(n) {
		return n
	}
	return int(h.colours)
}

// entryBytes is the size of a colour in the palette.
func (h *header) entryBytes() int {
	if h.size == coreHeader {
		return 3
	}
	return 4
}

// checkCompression refuses what is not read, and settles RLE24, which shares
// its number with JPEG.
func (h *header) checkCompression() error {
	switch c := h.compression; {
	case c == embeddedJPEG && h.bits == 24 && h.isOS2():
		h.compression = rle24
	case c == embeddedJPEG:
		return raster.Unsupported(format, "JPEG compression inside")
	case c == embeddedPNG:
		return raster.Unsupported(format, "PNG compression inside")
	case c == bitFields && (h.isOS2() || h.bits == 1):
		return raster.Unsupported(format, "Huffman coding")
	case c >= 11 && c <= 13:
		return raster.Unsupported(format, "CMYK")
	case c > alphaBitFields || c == alphaBitFields && h.isOS2():
		return raster.Unsupported(format, fmt.Sprintf("compression method %d", c))
	}
	bits := func(want ...int) error {
		for _, b := range want {
			if b == h.bits {
				return nil
			}
		}
		return raster.Damaged(format, fmt.Sprintf("its compression and %d bits per pixel do not go together", h.bits))
	}
	switch h.compression {
	case plain:
		return bits(1, 2, 4, 8, 16, 24, 32)
	case rle8:
		return bits(8)
	case rle4:
		return bits(4)
	case bitFields, alphaBitFields:
		return bits(16, 32)
	}
	return nil
}

func (h *header) isRunLength() bool {
	return h.compression == rle8 || h.compression == rle4 || h.compression == rle24
}
