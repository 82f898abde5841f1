//go:build goexperiment.simd && (wasm || arm64) && !nosimd

package kernel

import "simd/archsimd"

func addMul(dst, a, b []float32) {
	i := 0
	for ; i+4 <= len(dst); i += 4 {
		d := (*[4]float32)(dst[i:])
		product := archsimd.LoadFloat32x4Array((*[4]float32)(a[i:])).Mul(archsimd.LoadFloat32x4Array((*[4]float32)(b[i:])))
		archsimd.LoadFloat32x4Array(d).Add(product).StoreArray(d)
	}
	addMulPortable(dst[i:], a[i:], b[i:])
}
