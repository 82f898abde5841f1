//go:build nosimd || !(wasm || (goexperiment.simd && (amd64 || arm64)))

package rows

func columns(dst []int16, plane, width int, src []byte, offsets []int32, coefs []int16, shift uint) {
	columnsPortable(dst, plane, width, src, offsets, coefs, shift)
}

func along(dst []byte, src []int16, plane int, first []int32, coefs []int16, taps int, shift uint) {
	alongPortable(dst, src, plane, first, coefs, taps, shift)
}

func opaque(rgba []byte) bool { return opaquePortable(rgba) }
