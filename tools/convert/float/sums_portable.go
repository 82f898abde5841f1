//go:build !goexperiment.simd || !amd64 || nosimd

package float

func addProducts(y, x, w []float32)     { addProductsPortable(y, x, w) }
func clamp(y []float32, lo, hi float32) { clampPortable(y, lo, hi) }
func extend(x []float32, lo, hi float32) (least, most float32, finite bool) {
	return extendPortable(x, lo, hi)
}
