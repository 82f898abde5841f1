//go:build goexperiment.simd && amd64 && !nosimd

package kernel

import "simd/archsimd"

func preluVector(out, a []int16, positive float32, negative []float32, lo, hi int16) int {
	if body == portable {
		return 0
	}
	var zero archsimd.Float32x8
	vp := archsimd.BroadcastFloat32x8(positive)
	vlo, vhi := archsimd.BroadcastFloat32x8(float32(lo)), archsimd.BroadcastFloat32x8(float32(hi))
	i := 0
	for ; i+8 <= len(out); i += 8 {
		x := archsimd.LoadInt16x8(a[i:]).ExtendToInt32().ConvertToFloat32()
		y := x.Max(zero).Mul(vp).Add(x.Min(zero).Mul(archsimd.LoadFloat32x8(negative[i:])))
		narrow(roundVector(y, vlo, vhi)).Store(out[i:])
	}
	archsimd.ClearAVXUpperBits()
	return i
}
