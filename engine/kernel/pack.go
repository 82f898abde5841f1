//go:build !nosimd && (wasm || (goexperiment.simd && (amd64 || arm64)))

package kernel

// packTiles reorders weights into blocks of wide columns, or of narrow ones at
// the end where that many will do, padded with zeros. In a block lie, for each
// tap, for each run of channels, its weights of every column:
// [block][tap][k/weightRun][width][weightRun]. The block of column n starts at
// n*taps*k, where k is kc rounded up to 2.
func packTiles[T int8 | int16](w []int8, cols, taps, kc, wide, narrow int) []T {
	k := kc + kc&1
	tiles := make([]T, (cols+narrow-1)/narrow*narrow*taps*k)
	for n := 0; n < cols; {
		width := blockWidth(cols-n, wide, narrow)
		block := tiles[n*taps*k:]
		for i := range min(width, cols-n) {
			for t := range taps {
				for c, x := range w[((n+i)*taps+t)*kc:][:kc] {
					block[t*k*width+weightPlace(width, i, c)] = T(x)
				}
			}
		}
		n += width
	}
	return tiles
}

// weightPlace is where the weight of column i and channel c lies in a block:
// the channels of a run, which one instruction multiplies, side by side.
func weightPlace(width, i, c int) int { return c/weightRun*weightRun*width + weightRun*i + c%weightRun }

// blockWidth returns how many columns are in the next block if cols are left.
func blockWidth(cols, wide, narrow int) int {
	if cols > narrow {
		return wide
	}
	return narrow
}
