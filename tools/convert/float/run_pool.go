package float

import (
	"math"

	"likeness/engine/graph"
)

// poolFloat takes means or maxima of windows; the sums are float64.
func poolFloat(node *Node, y, x []float32, in, out [3]int) {
	k, s, d := node.Kernel, node.Stride, node.Dilation
	if node.Op == graph.GlobalAvgPool || node.Op == graph.GlobalMaxPool {
		k, s, d = [2]int{in[0], in[1]}, [2]int{1, 1}, [2]int{1, 1}
	}
	top := node.Op == graph.MaxPool || node.Op == graph.GlobalMaxPool
	sums := make([]float64, out[2])
	for p := range out[0] * out[1] {
		to, count := y[p*out[2]:][:out[2]], 0
		clear(sums)
		if top {
			for c := range to {
				to[c] = float32(math.Inf(-1))
			}
		}
		for t := range k[0] * k[1] {
			ih, iw := p/out[1]*s[0]-node.Pads[0]+t/k[1]*d[0], p%out[1]*s[1]-node.Pads[1]+t%k[1]*d[1]
			if ih < 0 || iw < 0 || ih >= in[0] || iw >= in[1] {
				continue
			}
			count++
			src := x[(ih*in[1]+iw)*in[2]:][:out[2]]
			if top {
				for c, v := range src {
					to[c] = max(to[c], v)
				}
				continue
			}
			for c, v := range src {
				sums[c] += float64(v)
			}
		}
		if node.CountPad {
			count = k[0] * k[1]
		}
		if !top {
			for c, v := range sums {
				to[c] = float32(v / float64(count))
			}
		}
	}
}
