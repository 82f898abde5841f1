//go:build goexperiment.simd && amd64 && !nosimd

package float

import "simd/archsimd"

// addProducts is addProductsPortable.
func addProducts(y, x, w []float32) {
	if !archsimd.X86.AVX2() {
		addProductsPortable(y, x, w)
		return
	}
	whole := len(y) &^ 7
	x, w = x[:len(y)], w[:len(y)]
	for i := 0; i < whole; i += 8 {
		s := archsimd.LoadFloat32x8(y[i:])
		s.Add(archsimd.LoadFloat32x8(x[i:]).Mul(archsimd.LoadFloat32x8(w[i:]))).Store(y[i:])
	}
	archsimd.ClearAVXUpperBits()
	addProductsPortable(y[whole:], x[whole:], w[whole:])
}

// clamp is clampPortable: of two operands, MAXPS and MINPS give the second if
// they are equal or one is no number.
func clamp(y []float32, lo, hi float32) {
	if !archsimd.X86.AVX2() {
		clampPortable(y, lo, hi)
		return
	}
	whole := len(y) &^ 7
	l, h := archsimd.BroadcastFloat32x8(lo), archsimd.BroadcastFloat32x8(hi)
	for i := 0; i < whole; i += 8 {
		h.Min(l.Max(archsimd.LoadFloat32x8(y[i:]))).Store(y[i:])
	}
	archsimd.ClearAVXUpperBits()
	clampPortable(y[whole:], lo, hi)
}

// extend is extendPortable.
func extend(x []float32, lo, hi float32) (least, most float32, finite bool) {
	whole := len(x) &^ 7
	if whole == 0 || !archsimd.X86.AVX2() {
		return extendPortable(x, lo, hi)
	}
	l, h, off := archsimd.BroadcastFloat32x8(lo), archsimd.BroadcastFloat32x8(hi), archsimd.BroadcastFloat32x8(0)
	for i := 0; i < whole; i += 8 {
		v := archsimd.LoadFloat32x8(x[i:])
		l, h, off = v.Min(l), v.Max(h), off.Add(v.Sub(v))
	}
	var ls, hs, offs [8]float32
	l.Store(ls[:])
	h.Store(hs[:])
	off.Store(offs[:])
	archsimd.ClearAVXUpperBits()
	lo, hi, finite = extendPortable(x[whole:], lo, hi)
	for i := range ls {
		lo, hi, finite = min(lo, ls[i]), max(hi, hs[i]), finite && offs[i] == 0
	}
	return lo, hi, finite
}
