package kernel

// DepthwiseWeights holds the weights of a depthwise convolution in the order
// the body of [Depthwise] on this machine reads.
type DepthwiseWeights struct {
	channels, taps int
	plain          []int8  // portable: [tap][channel rounded up to 8]
	lanes          []int16 // fast bodies: see packDepthwise
}

// Channels returns the number of channels.
func (w *DepthwiseWeights) Channels() int { return w.channels }

// Taps returns the number of offsets a row.
func (w *DepthwiseWeights) Taps() int { return w.taps }

// PackDepthwise reorders weights w[c][t], c < channels, t < taps, for
// [Depthwise].
func PackDepthwise(w []int8, channels, taps int) *DepthwiseWeights {
	if channels <= 0 || taps <= 0 || len(w) != channels*taps {
		panic("kernel: PackDepthwise: weights do not have channels*taps entries")
	}
	return packDepthwise(w, channels, taps)
}

// Depthwise computes, for r < rows and c < channels rounded up to 8,
//
//	acc = sum over t of in[offsets[r*taps+t]+c] * w[c][t]
//	out[r*outStride+c] = requantised acc, see Requant
//
// Lanes past channels are written as requantised zero.
// out may be part of the arena in, but not where a tap reads.
func Depthwise(out []int16, outStride int, in []int16, offsets []int32, rows int, w *DepthwiseWeights, rq *Requant) {
	checkRows("Depthwise", len(out), outStride, rows, Pad(w.channels), len(offsets), w.taps)
	rq.check("Depthwise", w.channels)
	if rows > 0 {
		depthwise(out, outStride, in, offsets, rows, w, rq)
	}
}

func packDepthwisePortable(w []int8, channels, taps int) *DepthwiseWeights {
	p := &DepthwiseWeights{channels: channels, taps: taps}
	p.plain = make([]int8, taps*Pad(channels))
	for c := range channels {
		for t := range taps {
			p.plain[t*Pad(channels)+c] = w[c*taps+t]
		}
	}
	return p
}

func depthwisePortable(out []int16, outStride int, in []int16, offsets []int32, rows int, w *DepthwiseWeights, rq *Requant) {
	width := Pad(w.channels)
	var sums [64]int32
	for r := range rows {
		window := offsets[r*w.taps:][:w.taps]
		for c := 0; c < width; c += len(sums) {
			acc := sums[:min(len(sums), width-c)]
			depthwiseSums(acc, in[c:], window, w.plain[c:], width)
			rq.applyTo(out[r*outStride+c:], acc, c)
		}
	}
}

// depthwiseSums sets acc to the sums of some channels, whose weights lie width
// apart from tap to tap. Three taps at a time save loads and stores of sums.
func depthwiseSums(acc []int32, in []int16, window []int32, w []int8, width int) {
	clear(acc)
	n := len(acc)
	t := 0
	for ; t+3 <= len(window); t += 3 {
		x0, x1, x2 := in[window[t]:][:n], in[window[t+1]:][:n], in[window[t+2]:][:n]
		w0, w1, w2 := w[t*width:][:n], w[(t+1)*width:][:n], w[(t+2)*width:][:n]
		for i := range acc {
			acc[i] += int32(x0[i])*int32(w0[i]) + int32(x1[i])*int32(w1[i]) + int32(x2[i])*int32(w2[i])
		}
	}
	for ; t < len(window); t++ {
		x, v := in[window[t]:][:n], w[t*width:][:n]
		for i := range acc {
			acc[i] += int32(x[i]) * int32(v[i])
		}
	}
}
