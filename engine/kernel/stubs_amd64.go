//go:build goexperiment.simd && amd64 && !nosimd

package kernel

// tileAMD64 is one assembly routine of gemm_amd64.s: tiles of rows x columns, one
// below the other. Counts are not zero, outStep is in bytes, k is the bytes of a
// tap, and mask has a bit for each column of the last vector that is stored.
type tileAMD64 func(out *int16, outStep int, in *int16, offsets *int32, tiles int, w *int16, taps, k int, bias *int32, scale *float32, mask int, lo, hi float32)

// The tiles by height less one.
var avx2GemmTiles = [...]tileAMD64{
	avx2GemmTile1x16, avx2GemmTile2x16, avx2GemmTile3x16, avx2GemmTile4x16, avx2GemmTile5x16, avx2GemmTile6x16,
}

var avx512GemmTiles32 = [...]tileAMD64{
	avx512GemmTile1x32, avx512GemmTile2x32, avx512GemmTile3x32, avx512GemmTile4x32, avx512GemmTile5x32, avx512GemmTile6x32,
	avx512GemmTile7x32, avx512GemmTile8x32, avx512GemmTile9x32, avx512GemmTile10x32, avx512GemmTile11x32, avx512GemmTile12x32,
}

var avx512GemmTiles16 = [...]tileAMD64{
	avx512GemmTile1x16, avx512GemmTile2x16, avx512GemmTile3x16, avx512GemmTile4x16, avx512GemmTile5x16, avx512GemmTile6x16,
	avx512GemmTile7x16, avx512GemmTile8x16, avx512GemmTile9x16, avx512GemmTile10x16, avx512GemmTile11x16, avx512GemmTile12x16,
}

//go:noescape
func avx2GemmTile1x16(out *int16, outStep int, in *int16, offsets *int32, tiles int, w *int16, taps, k int, bias *int32, scale *float32, mask int, lo, hi float32)

//go:noescape
func avx2GemmTile2x16(out *int16, outStep int, in *int16, offsets *int32, tiles int, w *int16, taps, k int, bias *int32, scale *float32, mask int, lo, hi float32)

//go:noescape
func avx2GemmTile3x16(out *int16, outStep int, in *int16, offsets *int32, tiles int, w *int16, taps, k int, bias *int32, scale *float32, mask int, lo, hi float32)

//go:noescape
func avx2GemmTile4x16(out *int16, outStep int, in *int16, offsets *int32, tiles int, w *int16, taps, k int, bias *int32, scale *float32, mask int, lo, hi float32)

//go:noescape
func avx2GemmTile5x16(out *int16, outStep int, in *int16, offsets *int32, tiles int, w *int16, taps, k int, bias *int32, scale *float32, mask int, lo, hi float32)

//go:noescape
func avx2GemmTile6x16(out *int16, outStep int, in *int16, offsets *int32, tiles int, w *int16, taps, k int, bias *int32, scale *float32, mask int, lo, hi float32)

//go:noescape
func avx512GemmTile1x32(out *int16, outStep int, in *int16, offsets *int32, tiles int, w *int16, taps, k int, bias *int32, scale *float32, mask int, lo, hi float32)

//go:noescape
func avx512GemmTile2x32(out *int16, outStep int, in *int16, offsets *int32, tiles int, w *int16, taps, k int, bias *int32, scale *float32, mask int, lo, hi float32)

//go:noescape
func avx512GemmTile3x32(out *int16, outStep int, in *int16, offsets *int32, tiles int, w *int16, taps, k int, bias *int32, scale *float32, mask int, lo, hi float32)

//go:noescape
func avx512GemmTile4x32(out *int16, outStep int, in *int16, offsets *int32, tiles int, w *int16, taps, k int, bias *int32, scale *float32, mask int, lo, hi float32)

//go:noescape
func avx512GemmTile5x32(out *int16, outStep int, in *int16, offsets *int32, tiles int, w *int16, taps, k int, bias *int32, scale *float32, mask int, lo, hi float32)

//go:noescape
func avx512GemmTile6x32(out *int16, outStep int, in *int16, offsets *int32, tiles int, w *int16, taps, k int, bias *int32, scale *float32, mask int, lo, hi float32)

//go:noescape
func avx512GemmTile7x32(out *int16, outStep int, in *int16, offsets *int32, tiles int, w *int16, taps, k int, bias *int32, scale *float32, mask int, lo, hi float32)

//go:noescape
func avx512GemmTile8x32(out *int16, outStep int, in *int16, offsets *int32, tiles int, w *int16, taps, k int, bias *int32, scale *float32, mask int, lo, hi float32)

//go:noescape
func avx512GemmTile9x32(out *int16, outStep int, in *int16, offsets *int32, tiles int, w *int16, taps, k int, bias *int32, scale *float32, mask int, lo, hi float32)

//go:noescape
func avx512GemmTile10x32(out *int16, outStep int, in *int16, offsets *int32, tiles int, w *int16, taps, k int, bias *int32, scale *float32, mask int, lo, hi float32)

//go:noescape
func avx512GemmTile11x32(out *int16, outStep int, in *int16, offsets *int32, tiles int, w *int16, taps, k int, bias *int32, scale *float32, mask int, lo, hi float32)

//go:noescape
func avx512GemmTile12x32(out *int16, outStep int, in *int16, offsets *int32, tiles int, w *int16, taps, k int, bias *int32, scale *float32, mask int, lo, hi float32)

//go:noescape
func avx512GemmTile1x16(out *int16, outStep int, in *int16, offsets *int32, tiles int, w *int16, taps, k int, bias *int32, scale *float32, mask int, lo, hi float32)

//go:noescape
func avx512GemmTile2x16(out *int16, outStep int, in *int16, offsets *int32, tiles int, w *int16, taps, k int, bias *int32, scale *float32, mask int, lo, hi float32)

//go:noescape
func avx512GemmTile3x16(out *int16, outStep int, in *int16, offsets *int32, tiles int, w *int16, taps, k int, bias *int32, scale *float32, mask int, lo, hi float32)

//go:noescape
func avx512GemmTile4x16(out *int16, outStep int, in *int16, offsets *int32, tiles int, w *int16, taps, k int, bias *int32, scale *float32, mask int, lo, hi float32)

//go:noescape
func avx512GemmTile5x16(out *int16, outStep int, in *int16, offsets *int32, tiles int, w *int16, taps, k int, bias *int32, scale *float32, mask int, lo, hi float32)

//go:noescape
func avx512GemmTile6x16(out *int16, outStep int, in *int16, offsets *int32, tiles int, w *int16, taps, k int, bias *int32, scale *float32, mask int, lo, hi float32)

//go:noescape
func avx512GemmTile7x16(out *int16, outStep int, in *int16, offsets *int32, tiles int, w *int16, taps, k int, bias *int32, scale *float32, mask int, lo, hi float32)

//go:noescape
func avx512GemmTile8x16(out *int16, outStep int, in *int16, offsets *int32, tiles int, w *int16, taps, k int, bias *int32, scale *float32, mask int, lo, hi float32)

//go:noescape
func avx512GemmTile9x16(out *int16, outStep int, in *int16, offsets *int32, tiles int, w *int16, taps, k int, bias *int32, scale *float32, mask int, lo, hi float32)

//go:noescape
func avx512GemmTile10x16(out *int16, outStep int, in *int16, offsets *int32, tiles int, w *int16, taps, k int, bias *int32, scale *float32, mask int, lo, hi float32)

//go:noescape
func avx512GemmTile11x16(out *int16, outStep int, in *int16, offsets *int32, tiles int, w *int16, taps, k int, bias *int32, scale *float32, mask int, lo, hi float32)

//go:noescape
func avx512GemmTile12x16(out *int16, outStep int, in *int16, offsets *int32, tiles int, w *int16, taps, k int, bias *int32, scale *float32, mask int, lo, hi float32)

//go:noescape
func avx2Depthwise3x3(out *int16, outStep int, in *int16, offsets *int32, rows, blocks int, w *int16, bias *int32, scale *float32, lo, hi float32)

//go:noescape
func avx512Depthwise3x3(out *int16, outStep int, in *int16, offsets *int32, rows, blocks int, w *int16, bias *int32, scale *float32, lo, hi float32)
