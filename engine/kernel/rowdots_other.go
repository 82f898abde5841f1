//go:build nosimd || !(wasm || (goexperiment.simd && (amd64 || arm64)))

package kernel

func rowDots(out []int32, rows []int8, query []int16) { rowDotsPortable(out, rows, query) }
