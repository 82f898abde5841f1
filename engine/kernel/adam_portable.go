//go:build nosimd || !goexperiment.simd || !(wasm || amd64 || arm64)

package kernel

func adam(s AdamState, step, root, keep float32) { adamPortable(s, step, root, keep) }
