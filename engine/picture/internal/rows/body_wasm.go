//go:build wasm && !nosimd

package rows

// columnBlocks does blocks of 8 columns. Steps are in bytes, pairs is the
// number of coefficients over 2, neither count is 0.
//
//go:noescape
func columnBlocks(dst *int16, planeStep, blocks int, src *byte, offsets *int32, coefs *int16, pairs, half, shift int)

// alongPixels does count pixels of octets x 8 taps.
//
//go:noescape
func alongPixels(dst *byte, src *int16, planeStep, count int, first *int32, coefs *int16, octets, half, shift int)

// andBlocks returns the bitwise and of blocks x 16 RGBA pixels, as one pixel.
//
//go:noescape
func andBlocks(rgba *byte, blocks int) int

func columns(dst []int16, plane, width int, src []byte, offsets []int32, coefs []int16, shift uint) {
	if width < block {
		columnsPortable(dst, plane, width, src, offsets, coefs, shift)
		return
	}
	for _, o := range offsets {
		_ = src[o:][:4*width]
	}
	columnBlocks(&dst[0], 2*plane, width/block, &src[0], &offsets[0], &coefs[0], len(coefs)/2, 1<<(shift-1), int(shift))
	if x := width - block; width%block != 0 { // does columns again
		columnBlocks(&dst[x], 2*plane, 1, &src[4*x], &offsets[0], &coefs[0], len(coefs)/2, 1<<(shift-1), int(shift))
	}
}

func along(dst []byte, src []int16, plane int, first []int32, coefs []int16, taps int, shift uint) {
	for _, at := range first {
		_ = src[2*plane+int(at):][:taps]
	}
	alongPixels(&dst[0], &src[0], 2*plane, len(first), &first[0], &coefs[0], taps/block, 1<<(shift-1), int(shift))
}

func opaque(rgba []byte) bool {
	// Chunks, so that the first transparent pixel ends it soon.
	const step, chunk = 64, 16 << 10
	for len(rgba) >= step {
		n := min(len(rgba)/step, chunk/step)
		if andBlocks(&rgba[0], n)>>24 != 255 {
			return false
		}
		rgba = rgba[n*step:]
	}
	return opaquePortable(rgba)
}
