//go:build wasm && !nosimd

package kernel

func preluVector(out, a []int16, positive float32, negative []float32, lo, hi int16) int {
	blocks := len(out) / lanes
	if blocks > 0 {
		preluBlocks(&out[0], &a[0], &negative[0], blocks, positive, float32(lo), float32(hi))
	}
	return blocks * lanes
}
