//go:build goexperiment.simd && arm64 && !nosimd

package rows

import (
	"simd/archsimd"
	"unsafe"
)

func columns(dst []int16, plane, width int, src []byte, offsets []int32, coefs []int16, shift uint) {
	if width < block {
		columnsPortable(dst, plane, width, src, offsets, coefs, shift)
		return
	}
	for _, o := range offsets {
		_ = src[o:][:4*width]
	}
	for x := 0; x < width; x += block {
		x = min(x, width-block) // the last block may do columns again
		columns8(dst[x:], plane, src[4*x:], offsets, coefs, shift)
	}
}

// columns8 sums 8 pixels as they lie, two to a vector of int16, and parts the
// channels at the end.
func columns8(dst []int16, plane int, src []byte, offsets []int32, coefs []int16, shift uint) {
	half := archsimd.BroadcastInt32x4(1 << (shift - 1))
	s0, s1, s2, s3, s4, s5, s6, s7 := half, half, half, half, half, half, half, half
	p := unsafe.Pointer(&src[0])
	for j, c := range coefs[:len(offsets)] {
		k := archsimd.BroadcastInt16x8(c)
		from := unsafe.Add(p, int(offsets[j]))
		a, b := words(from)
		s0, s1 = s0.Add(a.MulWidenLo(k)), s1.Add(a.HiToLo().MulWidenLo(k.HiToLo()))
		s2, s3 = s2.Add(b.MulWidenLo(k)), s3.Add(b.HiToLo().MulWidenLo(k.HiToLo()))
		a, b = words(unsafe.Add(from, 16))
		s4, s5 = s4.Add(a.MulWidenLo(k)), s5.Add(a.HiToLo().MulWidenLo(k.HiToLo()))
		s6, s7 = s6.Add(b.MulWidenLo(k)), s7.Add(b.HiToLo().MulWidenLo(k.HiToLo()))
	}
	right := archsimd.BroadcastInt32x4(-int32(shift))
	v0, v1 := narrow(s0.Shift(right), s1.Shift(right)), narrow(s2.Shift(right), s3.Shift(right))
	v2, v3 := narrow(s4.Shift(right), s5.Shift(right)), narrow(s6.Shift(right), s7.Shift(right))
	rb0, rb1 := v0.ConcatEven(v1), v2.ConcatEven(v3) // red, blue, red, blue
	ga0, ga1 := v0.ConcatOdd(v1), v2.ConcatOdd(v3)
	rb0.ConcatEven(rb1).Store(dst)
	ga0.ConcatEven(ga1).Store(dst[plane:])
	rb0.ConcatOdd(rb1).Store(dst[2*plane:])
}

// words loads 16 bytes as int16.
func words(from unsafe.Pointer) (low, high archsimd.Int16x8) {
	v := archsimd.LoadUint8x16Array((*[16]uint8)(from))
	return v.ExtendLo8ToUint16().BitsToInt16(), v.HiToLo().ExtendLo8ToUint16().BitsToInt16()
}

// narrow packs 8 int32 that fit int16.
func narrow(low, high archsimd.Int32x4) archsimd.Int16x8 {
	a, b := low.SaturateToInt16().ToBits().ReshapeToUint64s(), high.SaturateToInt16().ToBits().ReshapeToUint64s()
	return a.InterleaveLo(b).ReshapeToUint16s().BitsToInt16()
}

func along(dst []byte, src []int16, plane int, first []int32, coefs []int16, taps int, shift uint) {
	half, right := archsimd.BroadcastInt32x4(1<<(shift-1)), archsimd.BroadcastInt32x4(-int32(shift))
	for o, at := range first {
		k := coefs[o*taps:][:taps]
		r, g, b := src[at:][:taps], src[plane+int(at):][:taps], src[2*plane+int(at):][:taps]
		var red, green, blue archsimd.Int32x4
		for i := 0; i+8 <= len(k) && i+8 <= len(r) && i+8 <= len(g) && i+8 <= len(b); i += 8 {
			c := archsimd.LoadInt16x8(k[i:])
			x, y, z := archsimd.LoadInt16x8(r[i:]), archsimd.LoadInt16x8(g[i:]), archsimd.LoadInt16x8(b[i:])
			red, green, blue = red.Add(x.MulWidenLo(c)), green.Add(y.MulWidenLo(c)), blue.Add(z.MulWidenLo(c))
			red = red.Add(x.HiToLo().MulWidenLo(c.HiToLo()))
			green = green.Add(y.HiToLo().MulWidenLo(c.HiToLo()))
			blue = blue.Add(z.HiToLo().MulWidenLo(c.HiToLo()))
		}
		sum := red.ConcatAddPairs(green).ConcatAddPairs(blue.ConcatAddPairs(blue)).Add(half).Shift(right)
		d := dst[3*o:][:3]
		d[0], d[1], d[2] = byte(sum.GetElem(0)), byte(sum.GetElem(1)), byte(sum.GetElem(2))
	}
}

func opaque(rgba []byte) bool {
	const step = 128
	colours := archsimd.BroadcastUint32x4(1<<24 - 1).ReshapeToUint8s()
	for len(rgba) >= step {
		p := (*[8][16]uint8)(unsafe.Pointer((*[step]byte)(rgba)))
		all := colours.Or(archsimd.LoadUint8x16Array(&p[0]))
		for i := 1; i < len(p); i++ {
			all = all.And(archsimd.LoadUint8x16Array(&p[i]).Or(colours))
		}
		if all.ReduceMin() != 255 {
			return false
		}
		rgba = rgba[step:]
	}
	return opaquePortable(rgba)
}
