package kernel

// FCWeights holds the weights of a fully connected layer as int8: for one row
// the layer is bound by memory, so they are widened on the way in.
type FCWeights struct {
	cols, k int    // k is rounded up to 2
	plain   []int8 // portable: [col][k]
	tiles   []int8 // fast bodies: see packFC
}

// Cols returns the number of output channels.
func (w *FCWeights) Cols() int { return w.cols }

// PackFC reorders weights w[n][k], n < cols, k < k, for [FullyConnected].
func PackFC(w []int8, cols, k int) *FCWeights {
	if cols <= 0 || k <= 0 || len(w) != cols*k {
		panic("kernel: PackFC: weights do not have cols*k entries")
	}
	return packFC(w, cols, k)
}

// FullyConnected computes, for n < cols rounded up to 8,
//
//	acc = sum over k of in[k] * w[n][k]
//	out[n] = requantised acc, see Requant
//
// It reads k rounded up to 2 elements of in. Lanes past cols are written as
// requantised zero.
func FullyConnected(out, in []int16, w *FCWeights, rq *Requant) {
	if len(out) < Pad(w.cols) || len(in) < w.k {
		panic("kernel: FullyConnected: input or output too short")
	}
	rq.check("FullyConnected", w.cols)
	fullyConnected(out, in, w, rq)
}

func packFCPortable(w []int8, cols, k int) *FCWeights {
	p := packGemmPortable(w, cols, 1, k)
	return &FCWeights{cols: cols, k: p.k, plain: p.plain}
}

func fullyConnectedPortable(out, in []int16, w *FCWeights, rq *Requant) {
	g := GemmWeights{cols: w.cols, taps: 1, k: w.k, plain: w.plain}
	gemmPortable(out, Pad(w.cols), in, []int32{0}, 1, &g, rq)
}
