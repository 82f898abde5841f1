//go:build wasm && !nosimd

package kernel

import "unsafe"

const (
	winogradUnit  = tileRows
	winogradRows  = 40 // tiles: 20 kB of products
	winogradSlack = tileRows - 1
)

func packWinograd(w []int8, cols, kc int) *WinogradWeights {
	return packWinogradTiles(w, cols, kc, tileCols, tileCols)
}

func winogradScratch(tiles int, w *WinogradWeights) int {
	return winogradScratchTiles(tiles, w.k, tileCols)
}

func winograd(out, in []int16, windows, targets []int32, scratch []int16, w *WinogradWeights, rq *Requant) {
	winogradTiles(out, in, windows, targets, scratch, w, rq, tileCols, tileCols)
}

// winogradInput transforms the windows of some tiles.
func winogradInput(inputs []int16, step int, in []int16, windows []int32, k int) {
	winogradInputBlocks(&inputs[0], 2*step, unsafe.SliceData(in), &windows[0], len(windows)/positions, k/lanes)
}

// winogradProduct multiplies the windows of n tiles with one block of filters,
// and returns the number of rows of its result, some of which may be waste.
func winogradProduct(products []int32, inputs []int16, step, n int, tiles []int16, k, width int) (rows int) {
	height, tile := tileRows, winogradTile5x8
	if (n+3)/4*4 < (n+4)/5*5 {
		height, tile = 4, winogradTile4x8
	}
	count := (n + height - 1) / height
	rows = count * height
	next, ahead := touching(tiles, tileCols*positions*k, count)
	if ahead > 0 {
		next = 2 * tileCols * k // the next position of this block
	}
	tile(&products[0], &inputs[0], 2*k, 2*(step-rows*k), count, &tiles[0], k/lanes, next, ahead)
	return rows
}

// touching says what a tile routine, which goes count times over the first
// block int16 of weights, touches of the next block, so that the cache has it
// when its turn comes: from next bytes on, ahead bytes for each 128 read. Both
// are 0 if this block is the last.
func touching(weights []int16, block, count int) (next, ahead int) {
	if len(weights) < 2*block {
		return 0, 0
	}
	return 2 * block, (128 + count - 1) / count
}

func winogradOutput(out []int16, targets []int32, products []int32, rows, width, cols int, rq *Requant, col int) {
	winogradOutputBlocks(unsafe.SliceData(out), &targets[0], &products[0], 4*rows*width, len(targets)/corners,
		&rq.Bias[col], &rq.Scale[col], float32(rq.Lo), float32(rq.Hi))
}
