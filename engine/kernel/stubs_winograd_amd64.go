//go:build goexperiment.simd && amd64 && !nosimd

package kernel

// productAMD64 is one routine of winograd_amd64.s: rows x columns products at a
// time, tiles times, for each of the 16 positions. Rows of in are rowStep bytes
// apart, and gap more after the last of a position; k is the bytes of a row.
type productAMD64 func(products *int32, in *int16, rowStep, gap, tiles int, w *int16, k int)

// The products by height less one.
var avx2WinogradTiles = [...]productAMD64{
	avx2WinogradTile1x16, avx2WinogradTile2x16, avx2WinogradTile3x16, avx2WinogradTile4x16, avx2WinogradTile5x16, avx2WinogradTile6x16,
}

var avx512WinogradTiles32 = [...]productAMD64{
	avx512WinogradTile1x32, avx512WinogradTile2x32, avx512WinogradTile3x32, avx512WinogradTile4x32, avx512WinogradTile5x32, avx512WinogradTile6x32,
	avx512WinogradTile7x32, avx512WinogradTile8x32, avx512WinogradTile9x32, avx512WinogradTile10x32, avx512WinogradTile11x32, avx512WinogradTile12x32,
}

var avx512WinogradTiles16 = [...]productAMD64{
	avx512WinogradTile1x16, avx512WinogradTile2x16, avx512WinogradTile3x16, avx512WinogradTile4x16, avx512WinogradTile5x16, avx512WinogradTile6x16,
	avx512WinogradTile7x16, avx512WinogradTile8x16, avx512WinogradTile9x16, avx512WinogradTile10x16, avx512WinogradTile11x16, avx512WinogradTile12x16,
}

//go:noescape
func avx2WinogradTile1x16(products *int32, in *int16, rowStep, gap, tiles int, w *int16, k int)

//go:noescape
func avx2WinogradTile2x16(products *int32, in *int16, rowStep, gap, tiles int, w *int16, k int)

//go:noescape
func avx2WinogradTile3x16(products *int32, in *int16, rowStep, gap, tiles int, w *int16, k int)

//go:noescape
func avx2WinogradTile4x16(products *int32, in *int16, rowStep, gap, tiles int, w *int16, k int)

//go:noescape
func avx2WinogradTile5x16(products *int32, in *int16, rowStep, gap, tiles int, w *int16, k int)

//go:noescape
func avx2WinogradTile6x16(products *int32, in *int16, rowStep, gap, tiles int, w *int16, k int)

//go:noescape
func avx512WinogradTile1x32(products *int32, in *int16, rowStep, gap, tiles int, w *int16, k int)

//go:noescape
func avx512WinogradTile2x32(products *int32, in *int16, rowStep, gap, tiles int, w *int16, k int)

//go:noescape
func avx512WinogradTile3x32(products *int32, in *int16, rowStep, gap, tiles int, w *int16, k int)

//go:noescape
func avx512WinogradTile4x32(products *int32, in *int16, rowStep, gap, tiles int, w *int16, k int)

//go:noescape
func avx512WinogradTile5x32(products *int32, in *int16, rowStep, gap, tiles int, w *int16, k int)

//go:noescape
func avx512WinogradTile6x32(products *int32, in *int16, rowStep, gap, tiles int, w *int16, k int)

//go:noescape
func avx512WinogradTile7x32(products *int32, in *int16, rowStep, gap, tiles int, w *int16, k int)

//go:noescape
func avx512WinogradTile8x32(products *int32, in *int16, rowStep, gap, tiles int, w *int16, k int)

//go:noescape
func avx512WinogradTile9x32(products *int32, in *int16, rowStep, gap, tiles int, w *int16, k int)

//go:noescape
func avx512WinogradTile10x32(products *int32, in *int16, rowStep, gap, tiles int, w *int16, k int)

//go:noescape
func avx512WinogradTile11x32(products *int32, in *int16, rowStep, gap, tiles int, w *int16, k int)

//go:noescape
func avx512WinogradTile12x32(products *int32, in *int16, rowStep, gap, tiles int, w *int16, k int)

//go:noescape
func avx512WinogradTile1x16(products *int32, in *int16, rowStep, gap, tiles int, w *int16, k int)

//go:noescape
func avx512WinogradTile2x16(products *int32, in *int16, rowStep, gap, tiles int, w *int16, k int)

//go:noescape
func avx512WinogradTile3x16(products *int32, in *int16, rowStep, gap, tiles int, w *int16, k int)

//go:noescape
func avx512WinogradTile4x16(products *int32, in *int16, rowStep, gap, tiles int, w *int16, k int)

//go:noescape
func avx512WinogradTile5x16(products *int32, in *int16, rowStep, gap, tiles int, w *int16, k int)

//go:noescape
func avx512WinogradTile6x16(products *int32, in *int16, rowStep, gap, tiles int, w *int16, k int)

//go:noescape
func avx512WinogradTile7x16(products *int32, in *int16, rowStep, gap, tiles int, w *int16, k int)

//go:noescape
func avx512WinogradTile8x16(products *int32, in *int16, rowStep, gap, tiles int, w *int16, k int)

//go:noescape
func avx512WinogradTile9x16(products *int32, in *int16, rowStep, gap, tiles int, w *int16, k int)

//go:noescape
func avx512WinogradTile10x16(products *int32, in *int16, rowStep, gap, tiles int, w *int16, k int)

//go:noescape
func avx512WinogradTile11x16(products *int32, in *int16, rowStep, gap, tiles int, w *int16, k int)

//go:noescape
func avx512WinogradTile12x16(products *int32, in *int16, rowStep, gap, tiles int, w *int16, k int)
