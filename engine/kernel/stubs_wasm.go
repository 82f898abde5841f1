//go:build wasm && !nosimd

package kernel

// The assembly routines. Counts are not zero; steps are in bytes; octets and
// rest are channels over 8 and the rest over 2.

//go:noescape
func gemmTile1x8(out *int16, outStep int, in *int16, offsets *int32, tiles, blocks int, w *int16, taps, tapStep, octets, rest int, bias *int32, scaleAt uintptr, lo, hi float32)

//go:noescape
func gemmTile2x8(out *int16, outStep int, in *int16, offsets *int32, tiles, blocks int, w *int16, taps, tapStep, octets, rest int, bias *int32, scaleAt uintptr, lo, hi float32)

//go:noescape
func gemmTile3x8(out *int16, outStep int, in *int16, offsets *int32, tiles, blocks int, w *int16, taps, tapStep, octets, rest int, bias *int32, scaleAt uintptr, lo, hi float32)

//go:noescape
func gemmTile4x8(out *int16, outStep int, in *int16, offsets *int32, tiles, blocks int, w *int16, taps, tapStep, octets, rest int, bias *int32, scaleAt uintptr, lo, hi float32)

//go:noescape
func gemmTile5x8(out *int16, outStep int, in *int16, offsets *int32, tiles, blocks int, w *int16, taps, tapStep, octets, rest int, bias *int32, scaleAt uintptr, lo, hi float32)

//go:noescape
func preluBlocks(out, a *int16, negative *float32, blocks int, positive, lo, hi float32)

//go:noescape
func rowDots4(out *int32, lanes *[4]int32, rows *int8, query *int16, k, blocks, half, rest, quads int)

//go:noescape
func depthwiseTile4(out *int16, outStep int, in *int16, offsets *int32, tiles, blocks int, w *int16, taps int, bias *int32, scale *float32, lo, hi float32)

//go:noescape
func depthwiseTile4x9(out *int16, outStep int, in *int16, offsets *int32, tiles, blocks int, w *int16, taps int, bias *int32, scale *float32, lo, hi float32)

//go:noescape
func depthwiseTile1(out *int16, outStep int, in *int16, offsets *int32, tiles, blocks int, w *int16, taps int, bias *int32, scale *float32, lo, hi float32)

//go:noescape
func depthwiseTile1x9(out *int16, outStep int, in *int16, offsets *int32, tiles, blocks int, w *int16, taps int, bias *int32, scale *float32, lo, hi float32)

//go:noescape
func maxPoolBlocks(out *int16, outStep int, in *int16, offsets *int32, rows, taps, blocks int)

//go:noescape
func avgPoolBlocks(out *int16, outStep int, in *int16, offsets *int32, rows, taps, blocks int, scale *float32)

//go:noescape
func addBlocks(out, a, b *int16, blocks int, ma, mb, lo, hi float32)

//go:noescape
func mulBlocks(out, a, b *int16, blocks int, m, lo, hi float32)

//go:noescape
func scaleBlocks(out, a *int16, blocks int, m, lo, hi float32)

// The stages of Winograd in winograd_tiles.go.

//go:noescape
func winogradInputBlocks(out *int16, step int, in *int16, windows *int32, tiles, blocks int)

//go:noescape
func winogradTile4x8(products *int32, in *int16, rowStep, gap, tiles int, w *int16, octets, next, ahead int)

//go:noescape
func winogradTile5x8(products *int32, in *int16, rowStep, gap, tiles int, w *int16, octets, next, ahead int)

//go:noescape
func winogradOutputBlocks(out *int16, targets, products *int32, step, tiles int, bias *int32, scale *float32, lo, hi float32)
