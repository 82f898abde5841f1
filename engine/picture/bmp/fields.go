package bmp

import (
	"encoding/binary"
	"math/bits"

	"likeness/engine/picture/raster"
)

// fields takes the samples of a pixel out of its bits. A sample of n bits is
// scaled to 255 and rounded; of more than 8 bits the upper 8 count.
type fields struct {
	shift  [4]uint
	mask   [4]uint32 // after the shift
	table  [4][256]byte
	alpha  bool // there is an alpha mask
	common bool // blue, green, red and anything, a byte each
}

func newFields(masks [4]uint32, pixelBits int) (*fields, error) {
	f := &fields{alpha: masks[3] != 0}
	f.common = masks == [4]uint32{0xff0000, 0xff00, 0xff}
	for i, m := range masks {
		if pixelBits == 16 && m > 0xffff {
			return nil, raster.Unsupported(format, "bit fields beyond its 16 bits")
		}
		n := bits.OnesCount32(m)
		if n == 0 {
			continue
		}
		shift := bits.TrailingZeros32(m)
		if bits.Len32(m)-shift != n {
			return nil, raster.Unsupported(format, "bit fields with gaps")
		}
		if n > 8 {
			shift += n - 8
			n = 8
		}
		top := 1<<n - 1
		f.shift[i], f.mask[i] = uint(shift), uint32(top)
		for v := range top + 1 {
			f.table[i][v] = byte((2*255*v + top) / (2 * top))
		}
	}
	return f, nil
}

// pixel writes the four bytes of a pixel.
func (f *fields) pixel(dst []byte, v uint32) {
	_ = dst[3]
	for i := range 4 {
		dst[i] = f.table[i][v>>f.shift[i]&f.mask[i]]
	}
	if !f.alpha {
		dst[3] = 255
	}
}

func (f *fields) row32(dst, src []byte) {
	if f.common {
		for ; len(dst) >= 4 && len(src) >= 4; dst, src = dst[4:], src[4:] {
			dst[0], dst[1], dst[2], dst[3] = src[2], src[1], src[0], 255
		}
		return
	}
	for ; len(dst) >= 4 && len(src) >= 4; dst, src = dst[4:], src[4:] {
		f.pixel(dst, binary.LittleEndian.Uint32(src))
	}
}
