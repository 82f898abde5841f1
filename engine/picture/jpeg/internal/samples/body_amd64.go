//go:build goexperiment.simd && amd64 && !nosimd

package samples

import (
	"simd/archsimd"
	"unsafe"
)

var avx2 = archsimd.X86.AVX2()

// step is the number of samples the row bodies take at a time.
const step = 16

// words loads 16 samples as 16-bit numbers.
func words(src []byte, at int) archsimd.Uint16x16 {
	return archsimd.LoadUint8x16Array((*[16]uint8)(src[at:])).ExtendToUint16()
}

// storePairs writes even | odd<<8, which puts two rows of samples side by side.
func storePairs(dst []byte, even, odd archsimd.Uint16x16) {
	even.Or(odd.ShiftAllLeft(8)).StoreArray((*[16]uint16)(unsafe.Pointer((*[32]byte)(dst))))
}

func thrice(v archsimd.Uint16x16) archsimd.Uint16x16 { return v.Add(v).Add(v) }

func upsampleH2(dst, src []byte) {
	n := len(src)
	if !avx2 || n < step+2 {
		upsampleH2Portable(dst, src)
		return
	}
	dst = dst[:2*n]
	one, two := archsimd.BroadcastUint16x16(1), archsimd.BroadcastUint16x16(2)
	i := 1
	for ; i+step < n; i += step {
		near := thrice(words(src, i))
		storePairs(dst[2*i:], near.Add(words(src, i-1)).Add(one).ShiftAllRight(2), near.Add(words(src, i+1)).Add(two).ShiftAllRight(2))
	}
	archsimd.ClearAVXUpperBits()
	upsampleH2Middle(dst, src, i, n-1)
	upsampleH2Ends(dst, src)
}

func upsampleH2V2(dst, near, far []byte) {
	n := len(near)
	if !avx2 || n < step+2 {
		upsampleH2V2Portable(dst, near, far)
		return
	}
	dst, far = dst[:2*n], far[:n]
	eight, seven := archsimd.BroadcastUint16x16(8), archsimd.BroadcastUint16x16(7)
	i := 1
	for ; i+step < n; i += step {
		before := thrice(words(near, i-1)).Add(words(far, i-1))
		here := thrice(thrice(words(near, i)).Add(words(far, i)))
		after := thrice(words(near, i+1)).Add(words(far, i+1))
		storePairs(dst[2*i:], here.Add(before).Add(eight).ShiftAllRight(4), here.Add(after).Add(seven).ShiftAllRight(4))
	}
	archsimd.ClearAVXUpperBits()
	upsampleH2V2Middle(dst, near, far, i, n-1)
	upsampleH2V2Ends(dst, near, far)
}

func upsampleV2(dst, near, far []byte, half int) {
	n := len(near)
	if !avx2 || n < 2*step {
		upsampleV2Portable(dst, near, far, half)
		return
	}
	dst, far = dst[:n], far[:n]
	low, h := archsimd.BroadcastUint16x16(255), archsimd.BroadcastUint16x16(uint16(half))
	for i := 0; i < n; i += 2 * step {
		i = min(i, n-2*step) // the last step may do samples again
		a, b := pairs(near[i:]), pairs(far[i:])
		even := thrice(a.And(low)).Add(b.And(low)).Add(h).ShiftAllRight(2)
		odd := thrice(a.ShiftAllRight(8)).Add(b.ShiftAllRight(8)).Add(h).ShiftAllRight(2)
		storePairs(dst[i:], even, odd)
	}
	archsimd.ClearAVXUpperBits()
}

// pairs loads 32 samples two by two.
func pairs(src []byte) archsimd.Uint16x16 {
	return archsimd.LoadUint16x16Array((*[16]uint16)(unsafe.Pointer((*[32]byte)(src))))
}

func ycbcr(dst, y, cb, cr []byte) {
	n := len(y)
	if !avx2 || n < step {
		ycbcrPortable(dst, y, cb, cr)
		return
	}
	dst, cb, cr = dst[:4*n], cb[:n], cr[:n]
	for x := 0; x < n; x += step {
		x = min(x, n-step) // the last step may do pixels again
		ycbcr16(dst[4*x:], y[x:], cb[x:], cr[x:])
	}
	archsimd.ClearAVXUpperBits()
}

// fraction is (factor*v + 1<<15) >> 16 where twice is 2*v: the high half of
// their product, which is the same with one bit more, rounded.
func fraction(twice archsimd.Int16x16, factor int16) archsimd.Int16x16 {
	return twice.MulHigh(archsimd.BroadcastInt16x16(factor)).Add(archsimd.BroadcastInt16x16(1)).ShiftAllRight(1)
}

func ycbcr16(dst, y, cb, cr []byte) {
	mid := archsimd.BroadcastInt16x16(128)
	l, b, r := words(y, 0).BitsToInt16(), words(cb, 0).BitsToInt16().Sub(mid), words(cr, 0).BitsToInt16().Sub(mid)
	b2, r2 := b.Add(b), r.Add(r)
	red := l.Add(r).Add(fraction(r2, redCr))
	blue := l.Add(b2).Add(fraction(b2, blueCb))

	k := archsimd.BroadcastInt32x8(greenCb&0xffff | greenCr<<16).AsInt16x16()
	half := archsimd.BroadcastInt32x8(colorMid)
	g0 := b.InterleaveLoGrouped(r).DotProductPairs(k).Add(half).ShiftAllRight(16)
	g1 := b.InterleaveHiGrouped(r).DotProductPairs(k).Add(half).ShiftAllRight(16)
	green := l.Sub(r).Add(g0.SaturateToInt16ConcatGrouped(g1))

	rg := bytesOf(red).Or(bytesOf(green).ShiftAllLeft(8))
	ba := bytesOf(blue).Or(archsimd.BroadcastInt16x16(-256))
	p, q := rg.InterleaveLoGrouped(ba), rg.InterleaveHiGrouped(ba) // pixels 0 to 3 and 8 to 11; 4 to 7 and 12 to 15
	d := (*[4][8]int16)(unsafe.Pointer((*[64]byte)(dst)))
	p.GetLo().StoreArray(&d[0])
	q.GetLo().StoreArray(&d[1])
	p.GetHi().StoreArray(&d[2])
	q.GetHi().StoreArray(&d[3])
}

// bytesOf clamps to 0 to 255.
func bytesOf(v archsimd.Int16x16) archsimd.Int16x16 {
	return v.Max(archsimd.BroadcastInt16x16(0)).Min(archsimd.BroadcastInt16x16(255))
}
