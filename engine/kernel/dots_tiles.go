//go:build !nosimd && (wasm || (goexperiment.simd && (amd64 || arm64)))

package kernel

import "unsafe"

// dotFillTiles lays vectors out in blocks of columns, weightRun values of each
// column side by side, and zeros in the rest of the last block.
func dotFillTiles(c *DotColumns, vectors []int16) {
	width, k := c.width, c.k
	for at := 0; at*k < len(vectors); at += width {
		block := c.tiles[at*k:][:width*k]
		count := min(width, len(vectors)/k-at)
		if count < width {
			clear(block)
		}
		for i := range count {
			dotFillColumn(block, vectors[(at+i)*k:][:k], i, width)
		}
	}
}

// dotFillColumn lays out column i of a block.
func dotFillColumn(block, v []int16, i, width int) {
	if weightRun == 1 {
		for _, x := range v {
			block[i] = x
			i += width
		}
		return
	}
	// A pair of int16 moves as one int32.
	pairs := unsafe.Slice((*int32)(unsafe.Pointer(&block[0])), len(block)/2)
	for j := 0; j+2 <= len(v); j += 2 {
		pairs[i] = int32(uint32(uint16(v[j])) | uint32(uint16(v[j+1]))<<16)
		i += width
	}
}

// dotsBlocks goes once over the rows for each block: the routines of Winograd
// take the next rows with each of their 16 products, here they are sent back to
// the first ones. Blocks that hold no column are multiplied as well.
func dotsBlocks(out []int32, rows []int16, n int, c *DotColumns) (stride int) {
	return winogradProduct(out, rows, 0, n, c.tiles, c.k, c.width)
}
