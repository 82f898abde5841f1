package kernel

// GemmWeights holds the weights of a matrix product or convolution in the order
// the body of [Gemm] on this machine reads. [PackGemm] makes it; it is never
// stored.
type GemmWeights struct {
	cols, taps int
	k          int     // channels a tap, rounded up to 2
	tiles      []int16 // fast bodies: see packTiles in pack.go
	pairs      []pairs // portable: [col/8][tap][k]
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
	p.pairs = make([]pairs, Pad(cols)/lanes*taps*p.k)
	for n := range cols {
		block := p.pairs[n/lanes*taps*p.k:]
		for t := range taps {
			for c, x := range w[(n*taps+t)*kc:][:kc] {
				block[t*p.k+c].add(n%lanes, int(x))
			}
		}
	}
	return p
}

func gemmPortable(out []int16, outStride int, in []int16, offsets []int32, rows int, w *GemmWeights, rq *Requant) {
	for n := 0; n < w.cols; n += lanes {
		block := w.pairs[n*w.taps*w.k/lanes:][:w.taps*w.k]
		for r := range rows {
			s := pairSums{room: weightRoom}
			for t, o := range offsets[r*w.taps:][:w.taps] {
				s.products(in[o:][:w.k], block[t*w.k:][:w.k], weightRoom)
			}
			rq.applyTo(out[r*outStride+n:], s.sums()[:], n)
		}
	}
}
