//go:build nosimd || !goexperiment.simd || !(wasm || amd64 || arm64)

package kernel

func addMul(dst, a, b []float32) { addMulPortable(dst, a, b) }
