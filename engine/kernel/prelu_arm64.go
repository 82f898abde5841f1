//go:build goexperiment.simd && arm64 && !nosimd

package kernel

import "simd/archsimd"

func preluVector(out, a []int16, positive float32, negative []float32, lo, hi int16) int {
	var zero archsimd.Float32x4
	vp, clamp := archsimd.BroadcastFloat32x4(positive), newLimits(lo, hi)
	sloped := func(x archsimd.Int32x4, n archsimd.Float32x4) archsimd.Float32x4 {
		y := x.ConvertToFloat32()
		return y.Max(zero).Mul(vp).Add(y.Min(zero).Mul(n))
	}
	i := 0
	for ; i+8 <= len(out); i += 8 {
		low, high := widen(archsimd.LoadInt16x8(a[i:]))
		clamp.round(sloped(low, archsimd.LoadFloat32x4(negative[i:])), sloped(high, archsimd.LoadFloat32x4(negative[i+4:]))).Store(out[i:])
	}
	return i
}
