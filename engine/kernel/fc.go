package kernel

// FCWeights holds the weights of a fully connected layer as they were given: for
// one row the layer is bound by memory, so they are widened on the way in, and
// large models have most of their bytes here, which are not copied.
type FCWeights struct {
	cols, k int
	rows    []int8 // [col][k]
}

// Cols returns the number of output channels.
func (w *FCWeights) Cols() int { return w.cols }

// PackFC takes weights w[n][k], n < cols, k < k, for [FullyConnected]. They are
// used where they lie and must not change afterwards.
func PackFC(w []int8, cols, k int) *FCWeights {
	if cols <= 0 || k <= 0 || len(w) != cols*k {
		panic("kernel: PackFC: weights do not have cols*k entries")
	}
	return &FCWeights{cols, k, w}
}

// fcColumns is how many accumulators wait to be requantised.
const fcColumns = 64

// FullyConnected computes, for n < cols rounded up to 8,
//
//	acc = sum over k of in[k] * w[n][k]
//	out[n] = requantised acc, see Requant
//
// Lanes past cols are written as requantised zero. The sums are those of
// [RowDots], whose bodies it shares.
func FullyConnected(out, in []int16, w *FCWeights, rq *Requant) {
	if len(out) < Pad(w.cols) || len(in) < w.k {
		panic("kernel: FullyConnected: input or output too short")
	}
	rq.check("FullyConnected", w.cols)
	var acc [fcColumns]int32
	for n := 0; n < w.cols; n += fcColumns {
		some := acc[:min(fcColumns, w.cols-n)]
		rowDots(some, w.rows[n*w.k:][:len(some)*w.k], in[:w.k])
		rq.applyTo(out[n:], some, n)
	}
	for n := w.cols; n < Pad(w.cols); n++ {
		out[n] = rq.apply(0, n)
	}
}
