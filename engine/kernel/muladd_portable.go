//go:build nosimd || !goexperiment.simd || !(wasm || amd64 || arm64)

package kernel

func mulAdd(dst []float32, a Matrix, b []float32, rows, depth, cols int) {
	mulAddPortable(dst, a, b, rows, depth, cols)
}
