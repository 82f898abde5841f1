//go:build !nosimd && (wasm || (amd64 && goexperiment.simd))

package kernel

// packTiles reorders weights into blocks of wide columns, or of narrow ones at
// the end where that many will do, padded with zeros. In a block lie, for each
// tap, for each pair of channels, two weights of every column:
// [block][tap][k/2][width][2]. The block of column n starts at n*taps*k, where k
// is kc rounded up to 2.
func packTiles[T int8 | int16](w []int8, cols, taps, kc, wide, narrow int) []T {
	k := kc + kc&1
	tiles := make([]T, (cols+narrow-1)/narrow*narrow*taps*k)
	for n := 0; n < cols; {
		width := blockWidth(cols-n, wide, narrow)
		block := tiles[n*taps*k:]
		for i := range min(width, cols-n) {
			for t := range taps {
				for c, x := range w[((n+i)*taps+t)*kc:][:kc] {
					block[(t*k+c&^1)*width+2*i+c&1] = T(x)
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
