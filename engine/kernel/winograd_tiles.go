//go:build !nosimd && (wasm || (goexperiment.simd && (amd64 || arm64)))

package kernel

import "unsafe"

// packWinogradTiles lays transformed filters out as packTiles does weights,
// each block with its positions one after the other:
// [block][position][k/weightRun][width][weightRun].
func packWinogradTiles(w []int8, cols, kc, wide, narrow int) *WinogradWeights {
	p := &WinogradWeights{cols: cols, k: Pad(kc)}
	p.tiles = make([]int16, (cols+narrow-1)/narrow*narrow*positions*p.k)
	for n := 0; n < cols; {
		width := blockWidth(cols-n, wide, narrow)
		block := p.tiles[n*positions*p.k:]
		for i := range min(width, cols-n) {
			packFilters(block[weightRun*i:], w[(n+i)*9*kc:][:9*kc], p.k*width, width)
		}
		n += width
	}
	return p
}

// packFilters writes the transformed filters of one column, w[tap][channel]: step
// values lie between two positions, width runs of channels between two runs. It
// is transformFilter over whole columns, which takes half of the time.
func packFilters(block []int16, w []int8, step, width int) {
	k := len(w) / 9
	g0, g1, g2 := w[:k], w[k:][:k], w[2*k:][:k]
	g3, g4, g5 := w[3*k:][:k], w[4*k:][:k], w[5*k:][:k]
	g6, g7, g8 := w[6*k:][:k], w[7*k:][:k], w[8*k:][:k]
	for c := range k {
		u := block[c/weightRun*weightRun*width+c%weightRun:]
		a0, a1, a2 := int16(g0[c]), int16(g1[c]), int16(g2[c])
		b0, b1, b2 := int16(g3[c]), int16(g4[c]), int16(g5[c])
		c0, c1, c2 := int16(g6[c]), int16(g7[c]), int16(g8[c])
		packFilterRow(u, step, 2*a0, 2*a1, 2*a2)
		packFilterRow(u[4*step:], step, a0+b0+c0, a1+b1+c1, a2+b2+c2)
		packFilterRow(u[8*step:], step, a0-b0+c0, a1-b1+c1, a2-b2+c2)
		packFilterRow(u[12*step:], step, 2*c0, 2*c1, 2*c2)
	}
}

// packFilterRow multiplies three values by (2G)^T.
func packFilterRow(u []int16, step int, a, b, c int16) {
	u = u[:3*step+1]
	u[0], u[step], u[2*step], u[3*step] = 2*a, a+b+c, a-b+c, 2*c
}

// winogradBytes is how many bytes of transformed windows are made before they
// are multiplied: they are to stay in the second cache.
const winogradBytes = 256 << 10

// winogradPlan divides the scratch of Winograd: the transformed windows of
// some tiles, [position][tile][k], then the products of one block of columns,
// an int32 [position][tile][width].
type winogradPlan struct {
	block int // tiles at a time
	rows  int // places for them, some more than tiles
	step  int // int16 from one position to the next
	k     int
}

// planWinograd takes as many tiles at a time as the caches will have, in blocks
// of equal size but for the last.
func planWinograd(tiles, k int) winogradPlan {
	most := min(max(winogradBytes/(2*positions*k), winogradUnit), winogradRows)
	blocks := (tiles + most - 1) / most
	block := (tiles + blocks - 1) / blocks
	block = (block + winogradUnit - 1) / winogradUnit * winogradUnit
	p := winogradPlan{block: block, rows: block + winogradSlack, k: k}
	// An odd number of cache lines: else the positions would share few sets.
	const line = 32
	p.step = ((p.rows*k+line-1)/line | 1) * line
	return p
}

// divide returns the two parts of the scratch, on cache lines.
func (p winogradPlan) divide(scratch []int16, width int) (inputs []int16, products []int32) {
	scratch = scratch[-uintptr(unsafe.Pointer(&scratch[0]))%64/2:]
	inputs, rest := scratch[:positions*p.step], scratch[positions*p.step:]
	n := positions * p.rows * width
	return inputs, unsafe.Slice((*int32)(unsafe.Pointer(&rest[:2*n][0])), n)
}

func winogradScratchTiles(tiles, k, width int) int {
	p := planWinograd(tiles, k)
	return 32 + positions*p.step + 2*positions*p.rows*width
}

// winogradTiles is Winograd with fast bodies of its three stages, for weights
// in blocks of wide columns or of narrow ones.
func winogradTiles(out, in []int16, windows, targets []int32, scratch []int16, w *WinogradWeights, rq *Requant, wide, narrow int) {
	tiles := len(targets) / corners
	p := planWinograd(tiles, w.k)
	inputs, products := p.divide(scratch, wide)
	for first := 0; first < tiles; first += p.block {
		n := min(p.block, tiles-first)
		winogradInput(inputs, p.step, in, windows[first*positions:][:n*positions], w.k)
		for col := 0; col < w.cols; {
			width := blockWidth(w.cols-col, wide, narrow)
			rows := winogradProduct(products, inputs, p.step, n, w.tiles[col*positions*w.k:], w.k, width)
			winogradOutput(out[col:], targets[first*corners:][:n*corners], products, rows, width, min(width, Pad(w.cols-col)), rq, col)
			col += width
		}
	}
}
