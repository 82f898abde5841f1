//go:build goexperiment.simd && amd64 && !nosimd

package kernel

// tileAMD64 is one assembly routine of gemm_amd64.s: tiles of rows x columns, one
// below the other. Counts are not zero, outStep is in bytes, k is the bytes of a
// tap, and mask has a bit for each column of the last vector that is stored.
type tileAMD64 func(out *int16, outStep int, in *int16, offsets *int32, tiles int, w *int16, taps, k int, bias *int32, scale *float32, mask int, lo, hi float32)

// The tiles by height less one.
var avx2Tiles = [...]tileAMD64{
	avx2Tile1x16, avx2Tile2x16, avx2Tile3x16, avx2Tile4x16, avx2Tile5x16, avx2Tile6x16,
}

var avx512Tiles32 = [...]tileAMD64{
	avx512Tile1x32, avx512Tile2x32, avx512Tile3x32, avx512Tile4x32, avx512Tile5x32, avx512Tile6x32,
	avx512Tile7x32, avx512Tile8x32, avx512Tile9x32, avx512Tile10x32, avx512Tile11x32, avx512Tile12x32,
}

var avx512Tiles16 = [...]tileAMD64{
	avx512Tile1x16, avx512Tile2x16, avx512Tile3x16, avx512Tile4x16, avx512Tile5x16, avx512Tile6x16,
	avx512Tile7x16, avx512Tile8x16, avx512Tile9x16, avx512Tile10x16, avx512Tile11x16, avx512Tile12x16,
}

//go:noescape
func avx2Tile1x16(out *int16, outStep int, in *int16, offsets *int32, tiles int, w *int16, taps, k int, bias *int32, scale *float32, mask int, lo, hi float32)

//go:noescape
func avx2Tile2x16(out *int16, outStep int, in *int16, offsets *int32, tiles int, w *int16, taps, k int, bias *int32, scale *float32, mask int, lo, hi float32)

//go:noescape
func avx2Tile3x16(out *int16, outStep int, in *int16, offsets *int32, tiles int, w *int16, taps, k int, bias *int32, scale *float32, mask int, lo, hi float32)

//go:noescape
func avx2Tile4x16(out *int16, outStep int, in *int16, offsets *int32, tiles int, w *int16, taps, k int, bias *int32, scale *float32, mask int, lo, hi float32)

//go:noescape
func avx2Tile5x16(out *int16, outStep int, in *int16, offsets *int32, tiles int, w *int16, taps, k int, bias *int32, scale *float32, mask int, lo, hi float32)

//go:noescape
func avx2Tile6x16(out *int16, outStep int, in *int16, offsets *int32, tiles int, w *int16, taps, k int, bias *int32, scale *float32, mask int, lo, hi float32)

//go:noescape
func avx512Tile1x32(out *int16, outStep int, in *int16, offsets *int32, tiles int, w *int16, taps, k int, bias *int32, scale *float32, mask int, lo, hi float32)

//go:noescape
func avx512Tile2x32(out *int16, outStep int, in *int16, offsets *int32, tiles int, w *int16, taps, k int, bias *int32, scale *float32, mask int, lo, hi float32)

//go:noescape
func avx512Tile3x32(out *int16, outStep int, in *int16, offsets *int32, tiles int, w *int16, taps, k int, bias *int32, scale *float32, mask int, lo, hi float32)

//go:noescape
func avx512Tile4x32(out *int16, outStep int, in *int16, offsets *int32, tiles int, w *int16, taps, k int, bias *int32, scale *float32, mask int, lo, hi float32)

//go:noescape
func avx512Tile5x32(out *int16, outStep int, in *int16, offsets *int32, tiles int, w *int16, taps, k int, bias *int32, scale *float32, mask int, lo, hi float32)

//go:noescape
func avx512Tile6x32(out *int16, outStep int, in *int16, offsets *int32, tiles int, w *int16, taps, k int, bias *int32, scale *float32, mask int, lo, hi float32)

//go:noescape
func avx512Tile7x32(out *int16, outStep int, in *int16, offsets *int32, tiles int, w *int16, taps, k int, bias *int32, scale *float32, mask int, lo, hi float32)

//go:noescape
func avx512Tile8x32(out *int16, outStep int, in *int16, offsets *int32, tiles int, w *int16, taps, k int, bias *int32, scale *float32, mask int, lo, hi float32)

//go:noescape
func avx512Tile9x32(out *int16, outStep int, in *int16, offsets *int32, tiles int, w *int16, taps, k int, bias *int32, scale *float32, mask int, lo, hi float32)

//go:noescape
func avx512Tile10x32(out *int16, outStep int, in *int16, offsets *int32, tiles int, w *int16, taps, k int, bias *int32, scale *float32, mask int, lo, hi float32)

//go:noescape
func avx512Tile11x32(out *int16, outStep int, in *int16, offsets *int32, tiles int, w *int16, taps, k int, bias *int32, scale *float32, mask int, lo, hi float32)

//go:noescape
func avx512Tile12x32(out *int16, outStep int, in *int16, offsets *int32, tiles int, w *int16, taps, k int, bias *int32, scale *float32, mask int, lo, hi float32)

//go:noescape
func avx512Tile1x16(out *int16, outStep int, in *int16, offsets *int32, tiles int, w *int16, taps, k int, bias *int32, scale *float32, mask int, lo, hi float32)

//go:noescape
func avx512Tile2x16(out *int16, outStep int, in *int16, offsets *int32, tiles int, w *int16, taps, k int, bias *int32, scale *float32, mask int, lo, hi float32)

//go:noescape
func avx512Tile3x16(out *int16, outStep int, in *int16, offsets *int32, tiles int, w *int16, taps, k int, bias *int32, scale *float32, mask int, lo, hi float32)

//go:noescape
func avx512Tile4x16(out *int16, outStep int, in *int16, offsets *int32, tiles int, w *int16, taps, k int, bias *int32, scale *float32, mask int, lo, hi float32)

//go:noescape
func avx512Tile5x16(out *int16, outStep int, in *int16, offsets *int32, tiles int, w *int16, taps, k int, bias *int32, scale *float32, mask int, lo, hi float32)

//go:noescape
func avx512Tile6x16(out *int16, outStep int, in *int16, offsets *int32, tiles int, w *int16, taps, k int, bias *int32, scale *float32, mask int, lo, hi float32)

//go:noescape
func avx512Tile7x16(out *int16, outStep int, in *int16, offsets *int32, tiles int, w *int16, taps, k int, bias *int32, scale *float32, mask int, lo, hi float32)

//go:noescape
func avx512Tile8x16(out *int16, outStep int, in *int16, offsets *int32, tiles int, w *int16, taps, k int, bias *int32, scale *float32, mask int, lo, hi float32)

//go:noescape
func avx512Tile9x16(out *int16, outStep int, in *int16, offsets *int32, tiles int, w *int16, taps, k int, bias *int32, scale *float32, mask int, lo, hi float32)

//go:noescape
func avx512Tile10x16(out *int16, outStep int, in *int16, offsets *int32, tiles int, w *int16, taps, k int, bias *int32, scale *float32, mask int, lo, hi float32)

//go:noescape
func avx512Tile11x16(out *int16, outStep int, in *int16, offsets *int32, tiles int, w *int16, taps, k int, bias *int32, scale *float32, mask int, lo, hi float32)

//go:noescape
func avx512Tile12x16(out *int16, outStep int, in *int16, offsets *int32, tiles int, w *int16, taps, k int, bias *int32, scale *float32, mask int, lo, hi float32)

//go:noescape
func avx2Depthwise3x3(out *int16, outStep int, in *int16, offsets *int32, rows, blocks int, w *int16, bias *int32, scale *float32, lo, hi float32)

//go:noescape
func avx512Depthwise3x3(out *int16, outStep int, in *int16, offsets *int32, rows, blocks int, w *int16, bias *int32, scale *float32, lo, hi float32)
