package png

import "encoding/binary"

// expander writes a row of RGBA from the samples of a row; it makes as many
// pixels as dst holds.
type expander func(dst, src []byte)

func newExpander(h *header, p *parts) expander {
	clearSample, hasClear := clearSamples(h, p.transparency)
	switch {
	case h.colour == indexed:
		t := paletteTable(p.palette, p.transparency)
		return tableExpander(t, h.depth)
	case h.colour == grey && h.depth <= 8:
		t := greyTable(h.depth)
		if hasClear {
			t[clearSample[0]][3] = 0 // of no effect beyond the depth
		}
		return tableExpander(t, h.depth)
	case h.colour == grey:
		return func(dst, src []byte) { expandGrey16(dst, src, clearSample[0], hasClear) }
	case h.colour == greyAlpha && h.depth == 8:
		return expandGreyAlpha
	case h.colour == greyAlpha:
		return expandGreyAlpha16
	case h.colour == rgb && h.depth == 8 && hasClear:
		return func(dst, src []byte) { expandKeyedRGB(dst, src, clearSample) }
	case h.colour == rgb && h.depth == 8:
		return expandRGB
	case h.colour == rgb:
		return func(dst, src []byte) { expandRGB16(dst, src, clearSample, hasClear) }
	case h.depth == 8:
		return func(dst, src []byte) { copy(dst, src) }
	}
	return expandRGBA16
}

// clearSamples is the one colour that tRNS makes transparent. Of samples of up
// to 8 bits the lower byte counts. Fewer bits are not cut out of it, though the
// specification says so (section 11.3.1.1): Chromium and image/png do not.
func clearSamples(h *header, transparency []byte) (s [3]uint16, ok bool) {
	if h.colour != grey && h.colour != rgb || transparency == nil {
		return s, false
	}
	for i := range h.colour.channels() {
		s[i] = binary.BigEndian.Uint16(transparency[2*i:])
		if h.depth <= 8 {
			s[i] &= 0xff
		}
	}
	return s, true
}

// rgbaTable has the pixel of every sample of up to 8 bits.
type rgbaTable [256][4]byte

// paletteTable makes indices beyond the palette opaque black, as libpng does.
func paletteTable(palette, transparency []byte) *rgbaTable {
	t := &rgbaTable{}
	for i := range t {
		t[i][3] = 255
		if 3*i < len(palette) {
			copy(t[i][:3], palette[3*i:])
		}
		if i < len(transparency) {
			t[i][3] = transparency[i]
		}
	}
	return t
}

func greyTable(depth int) *rgbaTable {
	t := &rgbaTable{}
	top := 1<<depth - 1
	for i := 0; i <= top; i++ {
		v := byte(i * 255 / top)
		t[i] = [4]byte{v, v, v, 255}
	}
	return t
}

func tableExpander(t *rgbaTable, depth int) expander {
	switch depth {
	case 8:
		return func(dst, src []byte) {
			src = src[:len(dst)/4]
			for i, v := range src {
				*(*[4]byte)(dst[4*i:]) = t[v]
			}
		}
	case 1:
		return func(dst, src []byte) {
			n := len(dst) / 32
			expandBits(dst, src[:n], t)
			expandPacked(dst[32*n:], src[n:], t, 1)
		}
	}
	return func(dst, src []byte) { expandPacked(dst, src, t, depth) }
}

// expandBits makes eight pixels of each byte.
func expandBits(dst, src []byte, t *rgbaTable) {
	for i, v := range src {
		d := (*[32]byte)(dst[32*i:])
		*(*[4]byte)(d[0:]) = t[v>>7]
		*(*[4]byte)(d[4:]) = t[v>>6&1]
		*(*[4]byte)(d[8:]) = t[v>>5&1]
		*(*[4]byte)(d[12:]) = t[v>>4&1]
		*(*[4]byte)(d[16:]) = t[v>>3&1]
		*(*[4]byte)(d[20:]) = t[v>>2&1]
		*(*[4]byte)(d[24:]) = t[v>>1&1]
		*(*[4]byte)(d[28:]) = t[v&1]
	}
}

// expandPacked makes pixels of less than a byte, the first in the upper bits.
func expandPacked(dst, src []byte, t *rgbaTable, depth int) {
	mask, perByte := byte(1<<depth-1), 8/depth
	for i := 0; len(dst) > 0; i++ {
		v, shift := src[i], 8-depth
		for range min(perByte, len(dst)/4) {
			*(*[4]byte)(dst) = t[v>>shift&mask]
			shift -= depth
			dst = dst[4:]
		}
	}
}

func expandGrey16(dst, src []byte, key uint16, keyed bool) {
	for ; len(dst) >= 4 && len(src) >= 2; dst, src = dst[4:], src[2:] {
		v := src[0]
		dst[0], dst[1], dst[2], dst[3] = v, v, v, 255
		if keyed && binary.BigEndian.Uint16(src) == key {
			dst[3] = 0
		}
	}
}

func expandGreyAlpha(dst, src []byte) {
	for ; len(dst) >= 4 && len(src) >= 2; dst, src = dst[4:], src[2:] {
		dst[0], dst[1], dst[2], dst[3] = src[0], src[0], src[0], src[1]
	}
}

func expandGreyAlpha16(dst, src []byte) {
	for ; len(dst) >= 4 && len(src) >= 4; dst, src = dst[4:], src[4:] {
		a := uint32(binary.BigEndian.Uint16(src[2:]))
		v := throughAlpha(src, a)
		dst[0], dst[1], dst[2], dst[3] = v, v, v, byte(a>>8)
	}
}

// throughAlpha reduces the sample of 16 bits at the beginning of src to 8, by
// way of its product with alpha: what a canvas that keeps such products gives
// back, and what the vectors of existing indexes were made of. It is at most
// one below the sample's high byte, and 0 where nothing is to be seen.
func throughAlpha(src []byte, a uint32) byte {
	if a == 0 {
		return 0
	}
	v := uint32(binary.BigEndian.Uint16(src))
	return byte(v * a / 0xffff * 0xffff / a >> 8)
}

func expandRGB(dst, src []byte) {
	for ; len(dst) >= 4 && len(src) >= 3; dst, src = dst[4:], src[3:] {
		dst[0], dst[1], dst[2], dst[3] = src[0], src[1], src[2], 255
	}
}

func expandKeyedRGB(dst, src []byte, key [3]uint16) {
	r, g, b := byte(key[0]), byte(key[1]), byte(key[2])
	for ; len(dst) >= 4 && len(src) >= 3; dst, src = dst[4:], src[3:] {
		dst[0], dst[1], dst[2], dst[3] = src[0], src[1], src[2], 255
		if src[0] == r && src[1] == g && src[2] == b {
			dst[3] = 0
		}
	}
}

func expandRGB16(dst, src []byte, key [3]uint16, keyed bool) {
	for ; len(dst) >= 4 && len(src) >= 6; dst, src = dst[4:], src[6:] {
		dst[0], dst[1], dst[2], dst[3] = src[0], src[2], src[4], 255
		if keyed && binary.BigEndian.Uint16(src) == key[0] &&
			binary.BigEndian.Uint16(src[2:]) == key[1] && binary.BigEndian.Uint16(src[4:]) == key[2] {
			dst[3] = 0
		}
	}
}

func expandRGBA16(dst, src []byte) {
	for ; len(dst) >= 4 && len(src) >= 8; dst, src = dst[4:], src[8:] {
		a := uint32(binary.BigEndian.Uint16(src[6:]))
		dst[0], dst[1], dst[2], dst[3] = throughAlpha(src, a), throughAlpha(src[2:], a), throughAlpha(src[4:], a), byte(a>>8)
	}
}
