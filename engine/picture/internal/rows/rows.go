// Package rows holds the inner loops of picture preparation: the passes of a
// separable resize over rows of RGBA bytes. Each routine has a portable body,
// which is its definition, and may have a faster one for the platform; all
// return the same bits.
//
// Lengths are checked and a mismatch panics: it is a programmer's error. The
// values in the tables of offsets are trusted.
package rows

import "encoding/binary"

// block is the number of pixels the vector bodies take at a time.
const block = 8

// Columns is the vertical pass for one output row of width pixels. Row j of the
// source begins at src[offsets[j]] and holds RGBA; channel c of the result is
// the plane dst[c*plane:]:
//
//	dst[c*plane+x] = (1<<(shift-1) + sum over j of coefs[j]*src[offsets[j]+4*x+c]) >> shift
//
// for c = 0, 1, 2. Coefficients are not negative, their number is even, their
// sum times 255 is less than 1<<31 - 1<<(shift-1), and the result fits int16.
func Columns(dst []int16, plane, width int, src []byte, offsets []int32, coefs []int16, shift uint) {
	switch {
	case width < 1 || plane < width || len(dst) < 2*plane+width:
		panic("rows: Columns: destination too short")
	case len(coefs) == 0 || len(coefs)&1 != 0 || len(offsets) != len(coefs):
		panic("rows: Columns: an even number of coefficients, one offset each")
	case shift < 1 || shift > 30:
		panic("rows: Columns: shift")
	}
	columns(dst, plane, width, src, offsets, coefs, shift)
}

// columnsPortable keeps red and blue in one 64-bit word: neither half can
// reach 1<<31, so nothing is carried.
func columnsPortable(dst []int16, plane, width int, src []byte, offsets []int32, coefs []int16, shift uint) {
	const strip = 64
	var rb, g [strip]uint64
	half := uint64(1) << (shift - 1)
	for x := 0; x < width; x += strip {
		n := min(strip, width-x)
		rb, g := rb[:n], g[:n]
		for i := range rb {
			rb[i], g[i] = half|half<<32, half
		}
		for j, c := range coefs {
			s := src[int(offsets[j])+4*x:][:4*n]
			k := uint64(c)
			for i := range rb {
				p := binary.LittleEndian.Uint32(s[4*i:])
				rb[i] += k * (uint64(p&0xff) | uint64(p&0xff0000)<<16)
				g[i] += k * uint64(p>>8&0xff)
			}
		}
		red, green, blue := dst[x:][:n], dst[plane+x:][:n], dst[2*plane+x:][:n]
		for i := range n {
			red[i] = int16(rb[i] & 0xffffffff >> shift)
			green[i] = int16(g[i] >> shift)
			blue[i] = int16(rb[i] >> 32 >> shift)
		}
	}
}

// Along is the horizontal pass for one output row of len(first) pixels, 3 bytes
// each, with the same number of taps for every pixel, a multiple of 8:
//
//	dst[3*o+c] = (1<<(shift-1) + sum over i of coefs[o*taps+i]*src[c*plane+first[o]+i]) >> shift
//
// Sums with the half added are not negative and less than 1<<31 and results
// less than 256.
func Along(dst []byte, src []int16, plane int, first []int32, coefs []int16, taps int, shift uint) {
	switch {
	case len(dst) < 3*len(first):
		panic("rows: Along: destination too short")
	case plane < taps || len(src) < 3*plane:
		panic("rows: Along: source too short")
	case taps < block || taps%block != 0 || len(coefs) != taps*len(first):
		panic("rows: Along: a multiple of 8 coefficients for each output")
	case shift < 1 || shift > 30:
		panic("rows: Along: shift")
	}
	if len(first) > 0 {
		along(dst, src, plane, first, coefs, taps, shift)
	}
}

func alongPortable(dst []byte, src []int16, plane int, first []int32, coefs []int16, taps int, shift uint) {
	for o, at := range first {
		half := int32(1) << (shift - 1)
		red, green, blue := half, half, half
		k := coefs[o*taps:][:taps]
		r, g, b := src[at:][:taps], src[plane+int(at):][:taps], src[2*plane+int(at):][:taps]
		for i, c := range k {
			red += int32(c) * int32(r[i])
			green += int32(c) * int32(g[i])
			blue += int32(c) * int32(b[i])
		}
		d := dst[3*o:][:3]
		d[0], d[1], d[2] = byte(red>>shift), byte(green>>shift), byte(blue>>shift)
	}
}

// Opaque reports whether every fourth byte of RGBA pixels is 255.
func Opaque(rgba []byte) bool {
	if len(rgba)&3 != 0 {
		panic("rows: Opaque: not whole pixels")
	}
	return opaque(rgba)
}

func opaquePortable(rgba []byte) bool {
	for len(rgba) >= 32 {
		if rgba[3]&rgba[7]&rgba[11]&rgba[15]&rgba[19]&rgba[23]&rgba[27]&rgba[31] != 255 {
			return false
		}
		rgba = rgba[32:]
	}
	for i := 3; i < len(rgba); i += 4 {
		if rgba[i] != 255 {
			return false
		}
	}
	return true
}
