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

// packFCPortable leaves the weights as they are, with a zero where k is odd.
func packFCPortable(w []int8, cols, k int) *FCWeights {
	p := &FCWeights{cols: cols, k: k + k&1}
	p.plain = make([]int8, cols*p.k)
	for n := range cols {
		copy(p.plain[n*p.k:], w[n*k:(n+1)*k])
	}
	return p
}

// fcCols is how many columns share each load of activations.
const fcCols = 4

// fullyConnectedPlain computes a layer from weights as they are, fcCols columns
// at a time, whose sums of products with in columns returns.
func fullyConnectedPlain(out, in []int16, w *FCWeights, rq *Requant, columns func(in []int16, w []int8) [fcCols]int32) {
	in = in[:w.k]
	n := 0
	for ; n+fcCols <= w.cols; n += fcCols {
		for i, acc := range columns(in, w.plain[n*w.k:][:fcCols*w.k]) {
			out[n+i] = rq.apply(acc, n+i)
		}
	}
	for ; n < w.cols; n++ {
		out[n] = rq.apply(dot(in, w.plain[n*w.k:][:w.k]), n)
	}
	for ; n < Pad(w.cols); n++ {
		out[n] = rq.apply(0, n)
	}
}

func dot(in []int16, w []int8) (sum int32) {
	w = w[:len(in)]
	for i, x := range in {
		sum += int32(x) * int32(w[i])
	}
	return sum
}

func fullyConnectedPortable(out, in []int16, w *FCWeights, rq *Requant) {
	fullyConnectedPlain(out, in, w, rq, fcColumnsPortable)
}

func fcColumnsPortable(in []int16, w []int8) [fcCols]int32 {
	k := len(in)
	w0, w1, w2, w3 := w[:k], w[k:][:k], w[2*k:][:k], w[3*k:][:k]
	var s0, s1, s2, s3 int32
	for i, v := range in {
		x := int32(v)
		s0 += x * int32(w0[i])
		s1 += x * int32(w1[i])
		s2 += x * int32(w2[i])
		s3 += x * int32(w3[i])
	}
	return [fcCols]int32{s0, s1, s2, s3}
}
