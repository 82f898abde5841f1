package tiff

import (
	"math"

	"likeness/engine/picture/raster"
)

// unpacker turns the samples of a row, as they lie in the file, into ones of 16
// bits.
type unpacker struct {
	l     *layout
	scale [256]uint16 // of samples up to eight bits
}

func newUnpacker(l *layout) *unpacker {
	u := &unpacker{l: l}
	if l.bits <= 8 {
		top := 1<<l.bits - 1
		for i := range u.scale[:top+1] {
			if u.scale[i] = uint16(i * 255 / top * 257); l.palette != nil {
				u.scale[i] = uint16(i)
			}
		}
	}
	return u
}

// maxFloat bounds floating-point samples, which are meant to lie between 0 and
// 1: those a little beyond are cut, a picture in another range is refused.
const maxFloat = 16

// unpack reads n samples of a row and writes them stride apart.
func (u *unpacker) unpack(dst []uint16, stride int, row []byte, n int) error {
	l := u.l
	switch {
	case l.float:
		return u.floats(dst, stride, row, n)
	case l.bits == 8:
		for i, v := range row[:n] {
			dst[i*stride] = u.scale[v]
		}
	case l.bits == 16:
		for i := range n {
			dst[i*stride] = l.order.Uint16(row[2*i:])
		}
	case l.bits == 24:
		for i := range n {
			dst[i*stride] = uint16(u.uint24(row[3*i:]) >> 8)
		}
	case l.bits == 32:
		for i := range n {
			dst[i*stride] = uint16(l.order.Uint32(row[4*i:]) >> 16)
		}
	default:
		u.packed(dst, stride, row, n)
	}
	return nil
}

// packed reads samples that follow each other without regard to bytes.
func (u *unpacker) packed(dst []uint16, stride int, row []byte, n int) {
	bits, up := u.l.bits, 0
	if u.l.palette == nil {
		up = 16 - bits
	}
	var acc uint64
	have, at := 0, 0
	for i := range n {
		for have < bits {
			acc = acc<<8 | uint64(row[at])
			at++
			have += 8
		}
		have -= bits
		v := acc >> have & (1<<bits - 1)
		switch {
		case bits <= 8:
			dst[i*stride] = u.scale[v]
		case up >= 0:
			dst[i*stride] = uint16(v << up)
		default:
			dst[i*stride] = uint16(v >> -up)
		}
	}
}

// uint24 reads three bytes in the order of the file.
func (u *unpacker) uint24(b []byte) uint32 {
	if u.l.order.Uint16([]byte{1, 0}) == 1 {
		return uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16
	}
	return uint32(b[2]) | uint32(b[1])<<8 | uint32(b[0])<<16
}

func (u *unpacker) floats(dst []uint16, stride int, row []byte, n int) error {
	size := u.l.bits / 8
	for i := range n {
		b := row[i*size:]
		var v float64
		switch size {
		case 2:
			v = smallFloat(uint32(u.l.order.Uint16(b)), 5, 10)
		case 3:
			v = smallFloat(u.uint24(b), 7, 16)
		case 4:
			v = float64(math.Float32frombits(u.l.order.Uint32(b)))
		default:
			v = math.Float64frombits(u.l.order.Uint64(b))
		}
		if math.Abs(v) > maxFloat {
			return raster.Unsupported(format, "floating-point samples in another range than 0 to 1")
		}
		if !(v > 0) { // not a number, too
			v = 0
		}
		dst[i*stride] = uint16(math.RoundToEven(float64(min(v, 1)*255))) * 257
	}
	return nil
}

// smallFloat decodes a float of a sign, exponent and mantissa of so many bits.
func smallFloat(v uint32, exponent, mantissa int) float64 {
	m := float64(v & (1<<mantissa - 1))
	e := int(v >> mantissa & (1<<exponent - 1))
	bias := 1<<(exponent-1) - 1
	var f float64
	switch e {
	case 0:
		f = math.Ldexp(m, 1-bias-mantissa)
	case 1<<exponent - 1:
		f = math.Inf(1)
		if m != 0 {
			f = math.NaN()
		}
	default:
		f = math.Ldexp(m+float64(int(1)<<mantissa), e-bias-mantissa)
	}
	if v>>(exponent+mantissa)&1 == 1 {
		return -f
	}
	return f
}
