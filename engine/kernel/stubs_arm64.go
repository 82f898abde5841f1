//go:build goexperiment.simd && arm64 && !nosimd

package kernel

// The routines of gemm_arm64.s, lanes_arm64.s and winograd_arm64.s. Counts are
// not zero, steps are in bytes.

// gemmTiles are the tiles of 8 and of 16 columns by height less one: tiles, one
// below the other. octets counts 8 channels of a tap, rest is what is left.
var gemmTiles = [2][tileRows]func(out *int16, outStep int, in *int16, offsets *int32, tiles int, w *int16, taps, octets, rest int, bias *int32, scale *float32, lo, hi int){
	{gemmTile1x8, gemmTile2x8, gemmTile3x8, gemmTile4x8, gemmTile5x8, gemmTile6x8},
	{gemmTile1x16, gemmTile2x16, gemmTile3x16, gemmTile4x16, gemmTile5x16, gemmTile6x16},
}

// winogradProducts are the tiles of 8 and of 16 columns by height less one.
var winogradProducts = [2][tileRows]func(products *int32, in *int16, rowStep, gap, tiles int, w *int16, octets int){
	{winogradTile1x8, winogradTile2x8, winogradTile3x8, winogradTile4x8, winogradTile5x8, winogradTile6x8},
	{winogradTile1x16, winogradTile2x16, winogradTile3x16, winogradTile4x16, winogradTile5x16, winogradTile6x16},
}

// depthwiseRoutine does some blocks of channels of all rows.
type depthwiseRoutine = func(out *int16, outStep int, in *int16, offsets *int32, rows, blocks int, w *int16, taps int, bias *int32, scale *float32, lo, hi int)

// rowDots4 sets sums to those of the products of query with 4 rows, step bytes
// apart, over blocks of 16 values.
//
//go:noescape
func rowDots4(sums *[dotRows]int32, query *int16, rows *int8, step, blocks int)

//go:noescape
func depthwise16(out *int16, outStep int, in *int16, offsets *int32, rows, blocks int, w *int16, taps int, bias *int32, scale *float32, lo, hi int)

//go:noescape
func depthwise8(out *int16, outStep int, in *int16, offsets *int32, rows, blocks int, w *int16, taps int, bias *int32, scale *float32, lo, hi int)

//go:noescape
func depthwise3x3x16(out *int16, outStep int, in *int16, offsets *int32, rows, blocks int, w *int16, taps int, bias *int32, scale *float32, lo, hi int)

//go:noescape
func depthwise3x3x8(out *int16, outStep int, in *int16, offsets *int32, rows, blocks int, w *int16, taps int, bias *int32, scale *float32, lo, hi int)

//go:noescape
func gemmTile1x8(out *int16, outStep int, in *int16, offsets *int32, tiles int, w *int16, taps, octets, rest int, bias *int32, scale *float32, lo, hi int)

//go:noescape
func gemmTile2x8(out *int16, outStep int, in *int16, offsets *int32, tiles int, w *int16, taps, octets, rest int, bias *int32, scale *float32, lo, hi int)

//go:noescape
func gemmTile3x8(out *int16, outStep int, in *int16, offsets *int32, tiles int, w *int16, taps, octets, rest int, bias *int32, scale *float32, lo, hi int)

//go:noescape
func gemmTile4x8(out *int16, outStep int, in *int16, offsets *int32, tiles int, w *int16, taps, octets, rest int, bias *int32, scale *float32, lo, hi int)

//go:noescape
func gemmTile5x8(out *int16, outStep int, in *int16, offsets *int32, tiles int, w *int16, taps, octets, rest int, bias *int32, scale *float32, lo, hi int)

//go:noescape
func gemmTile6x8(out *int16, outStep int, in *int16, offsets *int32, tiles int, w *int16, taps, octets, rest int, bias *int32, scale *float32, lo, hi int)

//go:noescape
func gemmTile1x16(out *int16, outStep int, in *int16, offsets *int32, tiles int, w *int16, taps, octets, rest int, bias *int32, scale *float32, lo, hi int)

//go:noescape
func gemmTile2x16(out *int16, outStep int, in *int16, offsets *int32, tiles int, w *int16, taps, octets, rest int, bias *int32, scale *float32, lo, hi int)

//go:noescape
func gemmTile3x16(out *int16, outStep int, in *int16, offsets *int32, tiles int, w *int16, taps, octets, rest int, bias *int32, scale *float32, lo, hi int)

//go:noescape
func gemmTile4x16(out *int16, outStep int, in *int16, offsets *int32, tiles int, w *int16, taps, octets, rest int, bias *int32, scale *float32, lo, hi int)

//go:noescape
func gemmTile5x16(out *int16, outStep int, in *int16, offsets *int32, tiles int, w *int16, taps, octets, rest int, bias *int32, scale *float32, lo, hi int)

//go:noescape
func gemmTile6x16(out *int16, outStep int, in *int16, offsets *int32, tiles int, w *int16, taps, octets, rest int, bias *int32, scale *float32, lo, hi int)

//go:noescape
func winogradTile1x8(products *int32, in *int16, rowStep, gap, tiles int, w *int16, octets int)

//go:noescape
func winogradTile2x8(products *int32, in *int16, rowStep, gap, tiles int, w *int16, octets int)

//go:noescape
func winogradTile3x8(products *int32, in *int16, rowStep, gap, tiles int, w *int16, octets int)

//go:noescape
func winogradTile4x8(products *int32, in *int16, rowStep, gap, tiles int, w *int16, octets int)

//go:noescape
func winogradTile5x8(products *int32, in *int16, rowStep, gap, tiles int, w *int16, octets int)

//go:noescape
func winogradTile6x8(products *int32, in *int16, rowStep, gap, tiles int, w *int16, octets int)

//go:noescape
func winogradTile1x16(products *int32, in *int16, rowStep, gap, tiles int, w *int16, octets int)

//go:noescape
func winogradTile2x16(products *int32, in *int16, rowStep, gap, tiles int, w *int16, octets int)

//go:noescape
func winogradTile3x16(products *int32, in *int16, rowStep, gap, tiles int, w *int16, octets int)

//go:noescape
func winogradTile4x16(products *int32, in *int16, rowStep, gap, tiles int, w *int16, octets int)

//go:noescape
func winogradTile5x16(products *int32, in *int16, rowStep, gap, tiles int, w *int16, octets int)

//go:noescape
func winogradTile6x16(products *int32, in *int16, rowStep, gap, tiles int, w *int16, octets int)
