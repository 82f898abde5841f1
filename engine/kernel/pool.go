package kernel

// MaxPool computes, for r < rows and c < channels rounded up to 8,
//
//	out[r*outStride+c] = max over t of in[offsets[r*taps+t]+c]
//
// The caller replaces padding taps by a tap inside the window.
func MaxPool(out []int16, outStride int, in []int16, offsets []int32, rows, taps, channels int) {
	checkRows("MaxPool", len(out), outStride, rows, Pad(channels), len(offsets), taps)
	maxPool(out, outStride, in, offsets, rows, taps, channels)
}

// AvgPool computes, for r < rows and c < channels rounded up to 8,
//
//	out[r*outStride+c] = clamp(roundHalfEven(float32(sum over t of in[offsets[r*taps+t]+c]) * scale[r]))
//
// with an int32 sum (taps <= 65536) and saturation to int16. scale[r] is the
// rescaling factor over the number of taps that count.
func AvgPool(out []int16, outStride int, in []int16, offsets []int32, rows, taps, channels int, scale []float32) {
	checkRows("AvgPool", len(out), outStride, rows, Pad(channels), len(offsets), taps)
	if len(scale) < rows {
		panic("kernel: AvgPool: fewer scales than rows")
	}
	avgPool(out, outStride, in, offsets, rows, taps, channels, scale)
}

// SumRows adds rows of channels to dst, exactly:
//
//	dst[c] += in[r*stride+c], r < rows, c < len(dst)
func SumRows(dst []int64, in []int16, stride, rows int) {
	for r := range rows {
		for c, x := range in[r*stride:][:len(dst)] {
			dst[c] += int64(x)
		}
	}
}

func maxPoolPortable(out []int16, outStride int, in []int16, offsets []int32, rows, taps, channels int) {
	for r := range rows {
		window := offsets[r*taps:][:taps]
		for c := 0; c < channels; c += lanes {
			from := in[c:]
			best := *(*[lanes]int16)(from[window[0]:])
			for _, o := range window[1:] {
				x := (*[lanes]int16)(from[o:])
				for i := range best {
					best[i] = max(best[i], x[i])
				}
			}
			*(*[lanes]int16)(out[r*outStride+c:]) = best
		}
	}
}

func avgPoolPortable(out []int16, outStride int, in []int16, offsets []int32, rows, taps, channels int, scale []float32) {
	for r := range rows {
		window := offsets[r*taps:][:taps]
		for c := 0; c < channels; c += lanes {
			from := in[c:]
			var sums [lanes]int32
			for _, o := range window {
				x := (*[lanes]int16)(from[o:])
				for i := range sums {
					sums[i] += int32(x[i])
				}
			}
			row := (*[lanes]int16)(out[r*outStride+c:])
			for i := range row {
				row[i] = roundClamp(float32(sums[i])*scale[r], -32768, 32767)
			}
		}
	}
}
