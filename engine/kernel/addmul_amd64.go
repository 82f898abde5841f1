//go:build goexperiment.simd && amd64 && !nosimd

package kernel

import "simd/archsimd"

func addMul(dst, a, b []float32) {
	if body == portable {
		addMulPortable(dst, a, b)
		return
	}
	addMulVector(dst, a, b)
}

func addMulVector(dst, a, b []float32) {
	i := 0
	for ; i+8 <= len(dst); i += 8 {
		d := (*[8]float32)(dst[i:])
		product := archsimd.LoadFloat32x8Array((*[8]float32)(a[i:])).Mul(archsimd.LoadFloat32x8Array((*[8]float32)(b[i:])))
		archsimd.LoadFloat32x8Array(d).Add(product).StoreArray(d)
	}
	archsimd.ClearAVXUpperBits()
	addMulPortable(dst[i:], a[i:], b[i:])
}
