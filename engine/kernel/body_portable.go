//go:build nosimd || !(wasm || (goexperiment.simd && (amd64 || arm64)))

package kernel

// The portable bodies are the definitions; this file makes them the ones in use.

func bodyName() string { return "portable" }

func packGemm(w []int8, cols, taps, kc int) *GemmWeights {
	return packGemmPortable(w, cols, taps, kc)
}

func gemm(out []int16, outStride int, in []int16, offsets []int32, rows int, w *GemmWeights, rq *Requant) {
	gemmPortable(out, outStride, in, offsets, rows, w, rq)
}

func packDepthwise(w []int8, channels, taps int) *DepthwiseWeights {
	return packDepthwisePortable(w, channels, taps)
}

func depthwise(out []int16, outStride int, in []int16, offsets []int32, rows int, w *DepthwiseWeights, rq *Requant) {
	depthwisePortable(out, outStride, in, offsets, rows, w, rq)
}

func preluVector(_, _ []int16, _ float32, _ []float32, _, _ int16) int { return 0 }

func maxPool(out []int16, outStride int, in []int16, offsets []int32, rows, taps, channels int) {
	maxPoolPortable(out, outStride, in, offsets, rows, taps, channels)
}

func avgPool(out []int16, outStride int, in []int16, offsets []int32, rows, taps, channels int, scale []float32) {
	avgPoolPortable(out, outStride, in, offsets, rows, taps, channels, scale)
}

// The vector routines return how many leading elements they have done.

func addVector(out, a, b []int16, ma, mb float32, lo, hi int16) int { return 0 }
func mulVector(out, a, b []int16, m float32, lo, hi int16) int      { return 0 }
func scaleVector(out, a []int16, m float32, lo, hi int16) int       { return 0 }

func packWinograd(w []int8, cols, kc int) *WinogradWeights {
	return packWinogradPortable(w, cols, kc)
}

func winogradScratch(tiles int, w *WinogradWeights) int {
	return winogradScratchPortable(tiles, w)
}

func winograd(out, in []int16, windows, targets []int32, scratch []int16, w *WinogradWeights, rq *Requant) {
	winogradPortable(out, in, windows, targets, scratch, w, rq)
}

func dotWidth() int { return lanes }

func dotFill(c *DotColumns, vectors []int16) { dotFillPortable(c, vectors) }

func dots(out []int32, rows []int16, n int, c *DotColumns) (stride int) {
	return dotsPortable(out, rows, n, c)
}
