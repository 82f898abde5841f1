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
	for r := range rows {
		row := out[r*outStride:][:width]
		for c := range row {
			var acc int32
			for t, o := range offsets[r*w.taps:][:w.taps] {
				acc += int32(in[int(o)+c]) * int32(w.plain[t*width+c])
			}
			row[c] = rq.apply(acc, c)
		}
	}
}
