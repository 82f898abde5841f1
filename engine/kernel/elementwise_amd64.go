//go:build goexperiment.simd && amd64 && !nosimd

package kernel

import "simd/archsimd"

// scaled returns the 8 numbers at x times m.
func scaled(x []int16, m archsimd.Float32x8) archsimd.Float32x8 {
	return archsimd.LoadInt16x8(x).ExtendToInt32().ConvertToFloat32().Mul(m)
}

func addVector(out, a, b []int16, ma, mb float32, lo, hi int16) int {
	if body == portable {
		return 0
	}
	va, vb := archsimd.BroadcastFloat32x8(ma), archsimd.BroadcastFloat32x8(mb)
	vlo, vhi := archsimd.BroadcastFloat32x8(float32(lo)), archsimd.BroadcastFloat32x8(float32(hi))
	i := 0
	for ; i+8 <= len(out); i += 8 {
		x := scaled(a[i:], va).Add(scaled(b[i:], vb))
		narrow(roundVector(x, vlo, vhi)).Store(out[i:])
	}
	archsimd.ClearAVXUpperBits()
	return i
}

func mulVector(out, a, b []int16, m float32, lo, hi int16) int {
	if body == portable {
		return 0
	}
	vm := archsimd.BroadcastFloat32x8(m)
	vlo, vhi := archsimd.BroadcastFloat32x8(float32(lo)), archsimd.BroadcastFloat32x8(float32(hi))
	i := 0
	for ; i+8 <= len(out); i += 8 {
		x := archsimd.LoadInt16x8(a[i:]).ExtendToInt32().Mul(archsimd.LoadInt16x8(b[i:]).ExtendToInt32())
		narrow(roundVector(x.ConvertToFloat32().Mul(vm), vlo, vhi)).Store(out[i:])
	}
	archsimd.ClearAVXUpperBits()
	return i
}

func scaleVector(out, a []int16, m float32, lo, hi int16) int {
	if body == portable {
		return 0
	}
	vm := archsimd.BroadcastFloat32x8(m)
	vlo, vhi := archsimd.BroadcastFloat32x8(float32(lo)), archsimd.BroadcastFloat32x8(float32(hi))
	i := 0
	for ; i+8 <= len(out); i += 8 {
		narrow(roundVector(scaled(a[i:], vm), vlo, vhi)).Store(out[i:])
	}
	archsimd.ClearAVXUpperBits()
	return i
}
