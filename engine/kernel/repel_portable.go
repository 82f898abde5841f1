//go:build nosimd || !goexperiment.simd || !(wasm || amd64 || arm64)

package kernel

func repel2(p *Points2, sources []float32) { repel2Portable(p, sources) }

func repel3(p *Points3, sources []float32) { repel3Portable(p, sources) }
