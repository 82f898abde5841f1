package kernel

// GemmWeights holds the weights of a matrix product or convolution in the order
// the body of [Gemm] on this machine reads. [PackGemm] makes it; it is never
// stored.
type GemmWeights struct {
	cols, taps int
	k          int     // channels a tap, rounded up to 2
	plain      []int8  // portable: [col][tap][k]
	tiles      []int16 // fast bodies: see packTiles in pack.go
}

// Cols returns the number of output channels, Taps the window size.
func (w *GemmWeights) Cols() int { return w.cols }

// Taps returns the number of offsets a row.
func (w *GemmWeights) Taps() int { return w.taps }

// PackGemm reorders weights w[n][t][k], n < cols, t < taps, k < kc, for [Gemm].
// Channel counts that are odd are padded with zero weights, so the kernel reads
// kc rounded up to 2 elements at every offset and no more. Taps that lie side
// by side in memory can be given as one longer tap, which is faster.
func PackGemm(w []int8, cols, taps, kc int) *GemmWeights {
	if cols <= 0 || taps <= 0 || kc <= 0 || len(w) != cols*taps*kc {
		panic("kernel: PackGemm: weights do not have cols*taps*kc entries")
	}
	return packGemm(w, cols, taps, kc)
}

// Gemm computes, for r < rows and n < cols rounded up to 8,
//
//	acc = sum over t, k of in[offsets[r*taps+t]+k] * w[n][t][k]
//	out[r*outStride+n] = requantised acc, see Requant
//
// Lanes between cols and its multiple of 8 are written as requantised zero.
// out may be part of the arena in, but not where a tap reads.
func Gemm(out []int16, outStride int, in []int16, offsets []int32, rows int, w *GemmWeights, rq *Requant) {
	checkRows("Gemm", len(out), outStride, rows, Pad(w.cols), len(offsets), w.taps)
	rq.check("Gemm", w.cols)
	if rows > 0 {
		gemm(out, outStride, in, offsets, rows, w, rq)
	}
}

func packGemmPortable(w []int8, cols, taps, kc int) *GemmWeights {
	p := &GemmWeights{cols: cols, taps: taps, k: kc + kc&1}
	p.plain = make([]int8, cols*taps*p.k)
	for i := range cols * taps {
		copy(p.plain[i*p.k:], w[i*kc:(i+1)*kc])
	}
	return p
}

func gemmPortable(out []int16, outStride int, in []int16, offsets []int32, rows int, w *GemmWeights, rq *Requant) {
	for r := range rows {
		row := out[r*outStride:][:Pad(w.cols)]
		for n := range row {
			var acc int32
			if n < w.cols {
				for t, o := range offsets[r*w.taps:][:w.taps] {
					weights := w.plain[(n*w.taps+t)*w.k:][:w.k]
					for k, x := range in[o:][:w.k] {
						acc += int32(x) * int32(weights[k])
					}
				}
			}
			row[n] = rq.apply(acc, n)
		}
	}
}
