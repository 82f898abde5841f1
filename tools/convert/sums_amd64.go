//go:build goexperiment.simd && amd64 && !nosimd

package convert

import "simd/archsimd"

// sumTile is sumTilePortable.
func sumTile(y *[tilePixels][tileWidth]float32, x *[tilePixels][]float32, w []float32) {
	if !archsimd.X86.AVX2() {
		sumTilePortable(y, x, w)
		return
	}
	n := len(x[0])
	x0, x1, x2, x3 := x[0][:n], x[1][:n], x[2][:n], x[3][:n]
	a0, b0 := archsimd.LoadFloat32x8(y[0][:]), archsimd.LoadFloat32x8(y[0][8:])
	a1, b1 := archsimd.LoadFloat32x8(y[1][:]), archsimd.LoadFloat32x8(y[1][8:])
	a2, b2 := archsimd.LoadFloat32x8(y[2][:]), archsimd.LoadFloat32x8(y[2][8:])
	a3, b3 := archsimd.LoadFloat32x8(y[3][:]), archsimd.LoadFloat32x8(y[3][8:])
	w = w[:n*tileWidth]
	for k := range n {
		wa, wb := archsimd.LoadFloat32x8(w[k*tileWidth:]), archsimd.LoadFloat32x8(w[k*tileWidth+8:])
		v := archsimd.BroadcastFloat32x8(x0[k])
		a0, b0 = a0.Add(v.Mul(wa)), b0.Add(v.Mul(wb))
		v = archsimd.BroadcastFloat32x8(x1[k])
		a1, b1 = a1.Add(v.Mul(wa)), b1.Add(v.Mul(wb))
		v = archsimd.BroadcastFloat32x8(x2[k])
		a2, b2 = a2.Add(v.Mul(wa)), b2.Add(v.Mul(wb))
		v = archsimd.BroadcastFloat32x8(x3[k])
		a3, b3 = a3.Add(v.Mul(wa)), b3.Add(v.Mul(wb))
	}
	a0.Store(y[0][:])
	b0.Store(y[0][8:])
	a1.Store(y[1][:])
	b1.Store(y[1][8:])
	a2.Store(y[2][:])
	b2.Store(y[2][8:])
	a3.Store(y[3][:])
	b3.Store(y[3][8:])
	archsimd.ClearAVXUpperBits()
}
