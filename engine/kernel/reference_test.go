package kernel

import "math"

// The definitions: the loops of the documentation, on weights as they are
// given. Every body, the portable one among them, is held against these.

func roundClampReference(x float32, lo, hi int16) int16 {
	x = min(max(x, float32(lo)), float32(hi))
	return int16(math.RoundToEven(float64(x)))
}

func requantReference(rq *Requant, acc int32, n int) int16 {
	return roundClampReference(float32(acc+rq.Bias[n])*rq.Scale[n], rq.Lo, rq.Hi)
}

func gemmReference(out []int16, outStride int, in []int16, offsets []int32, w []int8, s shape, rq *Requant) {
	for r := range s.rows {
		for n := range Pad(s.cols) {
			var acc int32
			if n < s.cols {
				for t, o := range offsets[r*s.taps:][:s.taps] {
					weights := w[(n*s.taps+t)*s.k:][:s.k]
					for k, x := range in[o:][:s.k] {
						acc += int32(x) * int32(weights[k])
					}
				}
			}
			out[r*outStride+n] = requantReference(rq, acc, n)
		}
	}
}

func fullyConnectedReference(out, in []int16, w []int8, cols, k int, rq *Requant) {
	gemmReference(out, Pad(cols), in, []int32{0}, w, shape{1, cols, 1, k, 0}, rq)
}

func depthwiseReference(out []int16, outStride int, in []int16, offsets []int32, w []int8, s shape, rq *Requant) {
	for r := range s.rows {
		for c := range Pad(s.cols) {
			var acc int32
			if c < s.cols {
				for t, o := range offsets[r*s.taps:][:s.taps] {
					acc += int32(in[int(o)+c]) * int32(w[c*s.taps+t])
				}
			}
			out[r*outStride+c] = requantReference(rq, acc, c)
		}
	}
}

func maxPoolReference(out []int16, outStride int, in []int16, offsets []int32, rows, taps, channels int) {
	for r := range rows {
		for c := range Pad(channels) {
			best := int16(-32768)
			for _, o := range offsets[r*taps:][:taps] {
				best = max(best, in[int(o)+c])
			}
			out[r*outStride+c] = best
		}
	}
}

func avgPoolReference(out []int16, outStride int, in []int16, offsets []int32, rows, taps, channels int, scale []float32) {
	for r := range rows {
		for c := range Pad(channels) {
			var sum int32
			for _, o := range offsets[r*taps:][:taps] {
				sum += int32(in[int(o)+c])
			}
			out[r*outStride+c] = roundClampReference(float32(sum)*scale[r], -32768, 32767)
		}
	}
}

func addReference(out, a, b []int16, ma, mb float32, lo, hi int16) {
	for i := range out {
		out[i] = roundClampReference(float32(float32(a[i])*ma)+float32(float32(b[i])*mb), lo, hi)
	}
}

func mulReference(out, a, b []int16, m float32, lo, hi int16) {
	for i := range out {
		out[i] = roundClampReference(float32(int32(a[i])*int32(b[i]))*m, lo, hi)
	}
}

func scaleReference(out, a []int16, m float32, lo, hi int16) {
	for i := range out {
		out[i] = roundClampReference(float32(a[i])*m, lo, hi)
	}
}

func preluReference(out, a []int16, positive float32, negative []float32, lo, hi int16) {
	for i, q := range a {
		m := positive
		if q < 0 {
			m = negative[i]
		}
		y := math.RoundToEven(float64(float32(q) * m))
		out[i] = int16(min(max(y, float64(lo)), float64(hi)))
	}
}

// winogradReference is the documented sum modulo 2^32, of transformed windows
// and filters.
func winogradReference(out, in []int16, windows, targets []int32, w []int8, c winogradCase, rq *Requant) {
	filters := make([][positions]int16, Pad(c.cols)*c.k) // zeros past cols
	for i := range c.cols * c.k {
		filters[i] = transformFilter(w[i/c.k*9*c.k+i%c.k:], c.k)
	}
	inputs := make([][positions]int16, c.k)
	for tile := range c.tiles {
		for k := range inputs {
			for at, o := range windows[tile*positions:][:positions] {
				inputs[k][at] = in[int(o)+k]
			}
			transformInput(&inputs[k])
		}
		for n := range Pad(c.cols) {
			var m [positions]int32
			for k, u := range filters[n*c.k:][:c.k] {
				for at := range m {
					m[at] += int32(inputs[k][at]) * int32(u[at])
				}
			}
			for i, acc := range transformOutput(&m) {
				out[int(targets[tile*corners+i])+n] = requantReference(rq, acc, n)
			}
		}
	}
}
