//go:build goexperiment.simd && amd64 && !nosimd

package rows

import (
	"simd/archsimd"
	"unsafe"
)

var avx2 = archsimd.X86.AVX2()

func columns(dst []int16, plane, width int, src []byte, offsets []int32, coefs []int16, shift uint) {
	if !avx2 || width < block {
		columnsPortable(dst, plane, width, src, offsets, coefs, shift)
		return
	}
	for _, o := range offsets {
		_ = src[o:][:4*width]
	}
	x := 0
	for ; x+2*block <= width; x += 2 * block {
		columns16(dst[x:], plane, src[4*x:], offsets, coefs, shift)
	}
	for ; x < width; x += block {
		x = min(x, width-block) // the last block may do columns again
		columns8(dst[x:], plane, src[4*x:], offsets, coefs, shift)
	}
	archsimd.ClearAVXUpperBits()
}

// load32 loads the 8 pixels at an offset.
func load32(base unsafe.Pointer, offset int32) archsimd.Int32x8 {
	return archsimd.LoadInt32x8Array((*[8]int32)(unsafe.Add(base, int(offset))))
}

// pairs puts the channels of two rows side by side as int16, ready for
// VPMADDWD: a pixel's red of row a, its red of row b, and so on.
func pairs(a, b archsimd.Int32x8) (red, green, blue archsimd.Int16x16) {
	low, even := archsimd.BroadcastInt32x8(0xffff), archsimd.BroadcastInt32x8(0xff00ff)
	rg := a.And(low).Or(b.ShiftAllLeft(16))
	ba := a.ToBits().ShiftAllRight(16).AsInt32x8().Or(b.AndNot(low))
	return rg.And(even).AsInt16x16(), rg.AsUint16x16().ShiftAllRight(8).AsInt16x16(), ba.And(even).AsInt16x16()
}

// narrow shifts sums and packs them to int16.
func narrow(sum archsimd.Int32x8, shift uint) archsimd.Int16x8 {
	sum = sum.ShiftAllRight(uint64(shift))
	return sum.GetLo().SaturateToInt16Concat(sum.GetHi())
}

func columns16(dst []int16, plane int, src []byte, offsets []int32, coefs []int16, shift uint) {
	half := archsimd.BroadcastInt32x8(1 << (shift - 1))
	r0, g0, b0, r1, g1, b1 := half, half, half, half, half, half
	p, q := unsafe.Pointer(&src[0]), unsafe.Pointer(&src[32])
	for j := 0; j+1 < len(coefs) && j+1 < len(offsets); j += 2 {
		k := archsimd.BroadcastInt32x8(int32(uint16(coefs[j])) | int32(coefs[j+1])<<16).AsInt16x16()
		red, green, blue := pairs(load32(p, offsets[j]), load32(p, offsets[j+1]))
		r0, g0, b0 = r0.Add(red.DotProductPairs(k)), g0.Add(green.DotProductPairs(k)), b0.Add(blue.DotProductPairs(k))
		red, green, blue = pairs(load32(q, offsets[j]), load32(q, offsets[j+1]))
		r1, g1, b1 = r1.Add(red.DotProductPairs(k)), g1.Add(green.DotProductPairs(k)), b1.Add(blue.DotProductPairs(k))
	}
	narrow(r0, shift).Store(dst)
	narrow(r1, shift).Store(dst[8:])
	narrow(g0, shift).Store(dst[plane:])
	narrow(g1, shift).Store(dst[plane+8:])
	narrow(b0, shift).Store(dst[2*plane:])
	narrow(b1, shift).Store(dst[2*plane+8:])
}

func columns8(dst []int16, plane int, src []byte, offsets []int32, coefs []int16, shift uint) {
	half := archsimd.BroadcastInt32x8(1 << (shift - 1))
	r, g, b := half, half, half
	p := unsafe.Pointer(&src[0])
	for j := 0; j+1 < len(coefs) && j+1 < len(offsets); j += 2 {
		k := archsimd.BroadcastInt32x8(int32(uint16(coefs[j])) | int32(coefs[j+1])<<16).AsInt16x16()
		red, green, blue := pairs(load32(p, offsets[j]), load32(p, offsets[j+1]))
		r, g, b = r.Add(red.DotProductPairs(k)), g.Add(green.DotProductPairs(k)), b.Add(blue.DotProductPairs(k))
	}
	narrow(r, shift).Store(dst)
	narrow(g, shift).Store(dst[plane:])
	narrow(b, shift).Store(dst[2*plane:])
}

func along(dst []byte, src []int16, plane int, first []int32, coefs []int16, taps int, shift uint) {
	if !avx2 {
		alongPortable(dst, src, plane, first, coefs, taps, shift)
		return
	}
	half := archsimd.BroadcastInt32x4(1 << (shift - 1))
	for o, at := range first {
		k := coefs[o*taps:][:taps]
		r, g, b := src[at:][:taps], src[plane+int(at):][:taps], src[2*plane+int(at):][:taps]
		var red, green, blue archsimd.Int32x4
		for i := 0; i+8 <= len(k) && i+8 <= len(r) && i+8 <= len(g) && i+8 <= len(b); i += 8 {
			c := archsimd.LoadInt16x8(k[i:])
			red = red.Add(archsimd.LoadInt16x8(r[i:]).DotProductPairs(c))
			green = green.Add(archsimd.LoadInt16x8(g[i:]).DotProductPairs(c))
			blue = blue.Add(archsimd.LoadInt16x8(b[i:]).DotProductPairs(c))
		}
		sum := red.ConcatAddPairs(green).ConcatAddPairs(blue.ConcatAddPairs(blue)).Add(half).ShiftAllRight(uint64(shift))
		d := dst[3*o:][:3]
		d[0], d[1], d[2] = byte(sum.GetElem(0)), byte(sum.GetElem(1)), byte(sum.GetElem(2))
	}
}

func opaque(rgba []byte) bool {
	if !avx2 {
		return opaquePortable(rgba)
	}
	const step = 128
	for len(rgba) >= step {
		p := unsafe.Pointer(&rgba[0])
		all := load32(p, 0).And(load32(p, 32)).And(load32(p, 64).And(load32(p, 96)))
		if !archsimd.BroadcastInt32x8(-1 << 24).AndNot(all).IsZero() {
			archsimd.ClearAVXUpperBits()
			return false
		}
		rgba = rgba[step:]
	}
	archsimd.ClearAVXUpperBits()
	return opaquePortable(rgba)
}
