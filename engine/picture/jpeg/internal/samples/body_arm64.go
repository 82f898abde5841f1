//go:build goexperiment.simd && arm64 && !nosimd

package samples

import (
	"simd/archsimd"
	"unsafe"
)

// step is the number of samples the row bodies take at a time.
const step = 16

type words = archsimd.Uint16x8

// widen loads 16 samples as 16-bit numbers.
func widen(src []byte, at int) (low, high words) {
	v := archsimd.LoadUint8x16Array((*[16]uint8)(src[at:]))
	return v.ExtendLo8ToUint16(), v.HiToLo().ExtendLo8ToUint16()
}

// join narrows 16 numbers to bytes.
func join(low, high words) archsimd.Uint8x16 {
	a, b := low.TruncToUint8().ReshapeToUint64s(), high.TruncToUint8().ReshapeToUint64s()
	return a.InterleaveLo(b).ReshapeToUint8s()
}

// storeZipped writes 16 even and 16 odd samples by turns.
func storeZipped(dst []byte, even, odd archsimd.Uint8x16) {
	d := (*[2][16]uint8)(unsafe.Pointer((*[32]byte)(dst)))
	even.InterleaveLo(odd).StoreArray(&d[0])
	even.InterleaveHi(odd).StoreArray(&d[1])
}

func thrice(v words) words { return v.Add(v).Add(v) }

func upsampleH2(dst, src []byte) {
	n := len(src)
	if n < step+2 {
		upsampleH2Portable(dst, src)
		return
	}
	dst = dst[:2*n]
	one, two := archsimd.BroadcastUint16x8(1), archsimd.BroadcastUint16x8(2)
	i := 1
	for ; i+step < n; i += step {
		b0, b1 := widen(src, i-1)
		h0, h1 := widen(src, i)
		a0, a1 := widen(src, i+1)
		h0, h1 = thrice(h0), thrice(h1)
		even := join(h0.Add(b0).Add(one).ShiftAllRight(2), h1.Add(b1).Add(one).ShiftAllRight(2))
		odd := join(h0.Add(a0).Add(two).ShiftAllRight(2), h1.Add(a1).Add(two).ShiftAllRight(2))
		storeZipped(dst[2*i:], even, odd)
	}
	upsampleH2Middle(dst, src, i, n-1)
	upsampleH2Ends(dst, src)
}

// sums31 is sum31 of 16 samples.
func sums31(near, far []byte, at int) (low, high words) {
	n0, n1 := widen(near, at)
	f0, f1 := widen(far, at)
	return thrice(n0).Add(f0), thrice(n1).Add(f1)
}

func upsampleH2V2(dst, near, far []byte) {
	n := len(near)
	if n < step+2 {
		upsampleH2V2Portable(dst, near, far)
		return
	}
	dst, far = dst[:2*n], far[:n]
	eight, seven := archsimd.BroadcastUint16x8(8), archsimd.BroadcastUint16x8(7)
	i := 1
	for ; i+step < n; i += step {
		b0, b1 := sums31(near, far, i-1)
		h0, h1 := sums31(near, far, i)
		a0, a1 := sums31(near, far, i+1)
		h0, h1 = thrice(h0), thrice(h1)
		even := join(h0.Add(b0).Add(eight).ShiftAllRight(4), h1.Add(b1).Add(eight).ShiftAllRight(4))
		odd := join(h0.Add(a0).Add(seven).ShiftAllRight(4), h1.Add(a1).Add(seven).ShiftAllRight(4))
		storeZipped(dst[2*i:], even, odd)
	}
	upsampleH2V2Middle(dst, near, far, i, n-1)
	upsampleH2V2Ends(dst, near, far)
}

func upsampleV2(dst, near, far []byte, half int) {
	n := len(near)
	if n < step {
		upsampleV2Portable(dst, near, far, half)
		return
	}
	dst, far = dst[:n], far[:n]
	h := archsimd.BroadcastUint16x8(uint16(half))
	for i := 0; i < n; i += step {
		i = min(i, n-step) // the last step may do samples again
		a, b := sums31(near, far, i)
		join(a.Add(h).ShiftAllRight(2), b.Add(h).ShiftAllRight(2)).StoreArray((*[16]uint8)(dst[i:]))
	}
}

func ycbcr(dst, y, cb, cr []byte) {
	n := len(y)
	if n < step {
		ycbcrPortable(dst, y, cb, cr)
		return
	}
	dst, cb, cr = dst[:4*n], cb[:n], cr[:n]
	for x := 0; x < n; x += step {
		x = min(x, n-step) // the last step may do pixels again
		ycbcr16(dst[4*x:], y[x:], cb[x:], cr[x:])
	}
}

// ycbcr16 writes 16 pixels: channels to the bytes they have in a pixel, red and
// green side by side, then these beside blue and alpha.
func ycbcr16(dst, y, cb, cr []byte) {
	y0, y1 := widen(y, 0)
	b0, b1 := widen(cb, 0)
	r0, r1 := widen(cr, 0)
	red0, green0, blue0 := colours(y0, b0, r0)
	red1, green1, blue1 := colours(y1, b1, r1)
	red, green, blue := join2(red0, red1), join2(green0, green1), join2(blue0, blue1)
	alpha := archsimd.BroadcastUint8x16(255)
	rg0, rg1 := red.InterleaveLo(green).ReshapeToUint16s(), red.InterleaveHi(green).ReshapeToUint16s()
	ba0, ba1 := blue.InterleaveLo(alpha).ReshapeToUint16s(), blue.InterleaveHi(alpha).ReshapeToUint16s()
	d := (*[4][16]uint8)(unsafe.Pointer((*[64]byte)(dst)))
	rg0.InterleaveLo(ba0).ReshapeToUint8s().StoreArray(&d[0])
	rg0.InterleaveHi(ba0).ReshapeToUint8s().StoreArray(&d[1])
	rg1.InterleaveLo(ba1).ReshapeToUint8s().StoreArray(&d[2])
	rg1.InterleaveHi(ba1).ReshapeToUint8s().StoreArray(&d[3])
}

// join2 joins two halves of 8 bytes.
func join2(low, high archsimd.Uint8x16) archsimd.Uint8x16 {
	return low.ReshapeToUint64s().InterleaveLo(high.ReshapeToUint64s()).ReshapeToUint8s()
}

// colours converts 8 pixels; results are in the lower halves.
func colours(y, cb, cr words) (red, green, blue archsimd.Uint8x16) {
	mid := archsimd.BroadcastInt16x8(128)
	l, b, r := y.BitsToInt16(), cb.BitsToInt16().Sub(mid), cr.BitsToInt16().Sub(mid)
	redOf, blueOf := archsimd.BroadcastInt16x8(redCr), archsimd.BroadcastInt16x8(blueCb)
	greenOfB, greenOfR := archsimd.BroadcastInt16x8(greenCb), archsimd.BroadcastInt16x8(greenCr)
	rh, bh := r.HiToLo(), b.HiToLo()
	red = l.Add(r).Add(fraction(r.MulWidenLo(redOf), rh.MulWidenLo(redOf))).SaturateToUint8()
	blue = l.Add(b).Add(b).Add(fraction(b.MulWidenLo(blueOf), bh.MulWidenLo(blueOf))).SaturateToUint8()
	green = l.Sub(r).Add(fraction(b.MulWidenLo(greenOfB).Add(r.MulWidenLo(greenOfR)),
		bh.MulWidenLo(greenOfB).Add(rh.MulWidenLo(greenOfR)))).SaturateToUint8()
	return red, green, blue
}

// fraction is (v + 1<<15) >> 16.
func fraction(low, high archsimd.Int32x4) archsimd.Int16x8 {
	half := archsimd.BroadcastInt32x4(colorMid)
	return pack(low.Add(half).ShiftAllRight(16), high.Add(half).ShiftAllRight(16))
}

// pack narrows 8 numbers to int16 with saturation.
func pack(low, high archsimd.Int32x4) archsimd.Int16x8 {
	a, b := low.SaturateToInt16().ToBits().ReshapeToUint64s(), high.SaturateToInt16().ToBits().ReshapeToUint64s()
	return a.InterleaveLo(b).ReshapeToUint16s().BitsToInt16()
}
