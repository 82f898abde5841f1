//go:build goexperiment.simd && amd64 && !nosimd

package kernel

// productAMD64 is one routine of winograd_amd64.s: rows x columns products at a
// time, tiles times, for each of the 16 positions. Rows of in are rowStep bytes
// apart, and gap more after the last of a position; k is the bytes of a row.
type productAMD64 func(products *int32, in *int16, rowStep, gap, tiles int, w *int16, k int)

// The products by height less one.
var avx2Products = [...]productAMD64{
	avx2Winograd1x16, avx2Winograd2x16, avx2Winograd3x16, avx2Winograd4x16, avx2Winograd5x16, avx2Winograd6x16,
}

var avx512Products32 = [...]productAMD64{
	avx512Winograd1x32, avx512Winograd2x32, avx512Winograd3x32, avx512Winograd4x32, avx512Winograd5x32, avx512Winograd6x32,
	avx512Winograd7x32, avx512Winograd8x32, avx512Winograd9x32, avx512Winograd10x32, avx512Winograd11x32, avx512Winograd12x32,
}

var avx512Products16 = [...]productAMD64{
	avx512Winograd1x16, avx512Winograd2x16, avx512Winograd3x16, avx512Winograd4x16, avx512Winograd5x16, avx512Winograd6x16,
	avx512Winograd7x16, avx512Winograd8x16, avx512Winograd9x16, avx512Winograd10x16, avx512Winograd11x16, avx512Winograd12x16,
}

//go:noescape
func avx2Winograd1x16(products *int32, in *int16, rowStep, gap, tiles int, w *int16, k int)

//go:noescape
func avx2Winograd2x16(products *int32, in *int16, rowStep, gap, tiles int, w *int16, k int)

//go:noescape
func avx2Winograd3x16(products *int32, in *int16, rowStep, gap, tiles int, w *int16, k int)

//go:noescape
func avx2Winograd4x16(products *int32, in *int16, rowStep, gap, tiles int, w *int16, k int)

//go:noescape
func avx2Winograd5x16(products *int32, in *int16, rowStep, gap, tiles int, w *int16, k int)

//go:noescape
func avx2Winograd6x16(products *int32, in *int16, rowStep, gap, tiles int, w *int16, k int)

//go:noescape
func avx512Winograd1x32(products *int32, in *int16, rowStep, gap, tiles int, w *int16, k int)

//go:noescape
func avx512Winograd2x32(products *int32, in *int16, rowStep, gap, tiles int, w *int16, k int)

//go:noescape
func avx512Winograd3x32(products *int32, in *int16, rowStep, gap, tiles int, w *int16, k int)

//go:noescape
func avx512Winograd4x32(products *int32, in *int16, rowStep, gap, tiles int, w *int16, k int)

//go:noescape
func avx512Winograd5x32(products *int32, in *int16, rowStep, gap, tiles int, w *int16, k int)

//go:noescape
func avx512Winograd6x32(products *int32, in *int16, rowStep, gap, tiles int, w *int16, k int)

//go:noescape
func avx512Winograd7x32(products *int32, in *int16, rowStep, gap, tiles int, w *int16, k int)

//go:noescape
func avx512Winograd8x32(products *int32, in *int16, rowStep, gap, tiles int, w *int16, k int)

//go:noescape
func avx512Winograd9x32(products *int32, in *int16, rowStep, gap, tiles int, w *int16, k int)

//go:noescape
func avx512Winograd10x32(products *int32, in *int16, rowStep, gap, tiles int, w *int16, k int)

//go:noescape
func avx512Winograd11x32(products *int32, in *int16, rowStep, gap, tiles int, w *int16, k int)

//go:noescape
func avx512Winograd12x32(products *int32, in *int16, rowStep, gap, tiles int, w *int16, k int)

//go:noescape
func avx512Winograd1x16(products *int32, in *int16, rowStep, gap, tiles int, w *int16, k int)

//go:noescape
func avx512Winograd2x16(products *int32, in *int16, rowStep, gap, tiles int, w *int16, k int)

//go:noescape
func avx512Winograd3x16(products *int32, in *int16, rowStep, gap, tiles int, w *int16, k int)

//go:noescape
func avx512Winograd4x16(products *int32, in *int16, rowStep, gap, tiles int, w *int16, k int)

//go:noescape
func avx512Winograd5x16(products *int32, in *int16, rowStep, gap, tiles int, w *int16, k int)

//go:noescape
func avx512Winograd6x16(products *int32, in *int16, rowStep, gap, tiles int, w *int16, k int)

//go:noescape
func avx512Winograd7x16(products *int32, in *int16, rowStep, gap, tiles int, w *int16, k int)

//go:noescape
func avx512Winograd8x16(products *int32, in *int16, rowStep, gap, tiles int, w *int16, k int)

//go:noescape
func avx512Winograd9x16(products *int32, in *int16, rowStep, gap, tiles int, w *int16, k int)

//go:noescape
func avx512Winograd10x16(products *int32, in *int16, rowStep, gap, tiles int, w *int16, k int)

//go:noescape
func avx512Winograd11x16(products *int32, in *int16, rowStep, gap, tiles int, w *int16, k int)

//go:noescape
func avx512Winograd12x16(products *int32, in *int16, rowStep, gap, tiles int, w *int16, k int)
