//go:build goexperiment.simd && amd64 && !nosimd

package kernel

func dotWidth() int {
	wide, _ := columns()
	return wide
}

func dotFill(c *DotColumns, vectors []int16) {
	if body == portable {
		dotFillPortable(c, vectors)
		return
	}
	dotFillTiles(c, vectors)
}

func dots(out []int32, rows []int16, n int, c *DotColumns) (stride int) {
	if body == portable {
		return dotsPortable(out, rows, n, c)
	}
	return dotsBlocks(out, rows, n, c)
}
