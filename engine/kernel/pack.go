//go:build !nosimd && (wasm || (goexperiment.simd && (amd64 || arm64)))

package kernel

// packTiles reorders weights into blocks of wide columns, or of narrow ones at
// the end where that many will do, padded with zeros. In a block lie, for each
// tap, for each run of channels, its weights of every column:
// [block][tap][k/weightRun][width][weightRun]. The block of column n starts at
// n*taps*k, where k is kc rounded up to 2. The channels of a run, which one
// instruction multiplies, lie side by side.
func packTiles(w []int8, cols, taps, kc, wide, narrow int) []int16 {
	k := kc + kc&1
	tiles := make([]int16, (cols+narrow-1)/narrow*narrow*taps*k)
	for n := 0; n < cols; {
		width := blockWidth(cols-n, wide, narrow)
		block := tiles[n*taps*k:]
		for i := range min(width, cols-n) {
			for t := range taps {
				to := block[t*k*width+weightRun*i:]
				for c, x := range w[((n+i)*taps+t)*kc:][:kc] {
					to[c/weightRun*weightRun*width+c%weightRun] = int16(x)
				}
			}
		}
		n += width
	}
	return tiles
}

// blockWidth returns how many columns are in the next block if cols are left.
func blockWidth(cols, wide, narrow int) int {
	if cols > narrow {
		return wide
	}
	return narrow
}
