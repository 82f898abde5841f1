package samples

// Factors of the conversion from YCbCr (JFIF, BT.601 full range) times 1<<16,
// less the whole multiples that are added apart: 1.402 = 1 + 26345/65536,
// 1.772 = 2 - 14942/65536, 0.71414 = 1 - 18734/65536.
const (
	redCr    = 26345
	blueCb   = -14942
	greenCb  = -22554
	greenCr  = 18734
	colorMid = 1 << 15
)

// YCbCr writes a row of opaque RGBA. All rows have len(y) samples.
func YCbCr(dst, y, cb, cr []byte) {
	if len(cb) != len(y) || len(cr) != len(y) || len(dst) < 4*len(y) {
		panic("samples: YCbCr: lengths")
	}
	ycbcr(dst, y, cb, cr)
}

func ycbcrPortable(dst, y, cb, cr []byte) {
	dst, cb, cr = dst[:4*len(y)], cb[:len(y)], cr[:len(y)]
	for i, v := range y {
		l, b, r := int32(v), int32(cb[i])-128, int32(cr[i])-128
		d := dst[4*i:][:4]
		d[0] = clamp(l + r + (redCr*r+colorMid)>>16)
		d[1] = clamp(l - r + (greenCb*b+greenCr*r+colorMid)>>16)
		d[2] = clamp(l + 2*b + (blueCb*b+colorMid)>>16)
		d[3] = 255
	}
}

// RGB writes a row of opaque RGBA from its planes.
func RGB(dst, r, g, b []byte) {
	dst, g, b = dst[:4*len(r)], g[:len(r)], b[:len(r)]
	for i, v := range r {
		d := dst[4*i:][:4]
		d[0], d[1], d[2], d[3] = v, g[i], b[i], 255
	}
}

// Gray writes a row of opaque RGBA from one plane.
func Gray(dst, y []byte) {
	dst = dst[:4*len(y)]
	for i, v := range y {
		d := dst[4*i:][:4]
		d[0], d[1], d[2], d[3] = v, v, v, 255
	}
}

// Ink darkens the colours of a row of RGBA by a black plane: each becomes
// (colour^flip) * (k^flipK) / 255, rounded. With the flips 0 both count light
// left over, with 255 ink.
func Ink(dst, k []byte, flip, flipK byte) {
	dst = dst[:4*len(k)]
	for i, v := range k {
		d := dst[4*i:][:4]
		v ^= flipK
		d[0], d[1], d[2] = mulDiv255(d[0]^flip, v), mulDiv255(d[1]^flip, v), mulDiv255(d[2]^flip, v)
	}
}

// mulDiv255 is a*b/255 rounded to nearest, exactly.
func mulDiv255(a, b byte) byte {
	t := uint32(a)*uint32(b) + 128
	return byte((t + t>>8) >> 8)
}
