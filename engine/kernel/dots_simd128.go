//go:build !nosimd && (wasm || (goexperiment.simd && arm64))

package kernel

func dotWidth() int { return tileCols }

func dotFill(c *DotColumns, vectors []int16) { dotFillTiles(c, vectors) }

func dots(out []int32, rows []int16, n int, c *DotColumns) (stride int) {
	return dotsBlocks(out, rows, n, c)
}
