package float

import (
	"math"

	"likeness/engine/graph"
)

// pixelFloat runs an operator that looks at the channels of one place.
func pixelFloat(node *Node, y, x []float32) {
	switch node.Op {
	case graph.LayerNorm:
		layerNormFloat(node, y, x)
	case graph.LRN:
		all, sum := node.Size >= 2*len(x), 0.0 // every channel sees all: one sum will do
		for c, v := range x {
			if !all || c == 0 {
				sum = 0
				for _, w := range x[max(c-(node.Size-1)/2, 0):min(c+node.Size/2+1, len(x))] {
					sum += float64(w) * float64(w)
				}
			}
			y[c] = float32(float64(v) / math.Pow(node.Shift+node.Alpha/float64(node.Size)*sum, node.Beta))
		}
	case graph.PReLU:
		for c, v := range x {
			if y[c] = v; v < 0 {
				y[c] = v * node.Weight[c]
			}
		}
	default:
		softmaxFloat(y, x, node.Op == graph.LogSoftmax)
	}
}

func layerNormFloat(node *Node, y, x []float32) {
	mean, variance := 0.0, 0.0
	for _, v := range x {
		mean += float64(v) / float64(len(x))
	}
	for _, v := range x {
		variance += (float64(v) - mean) * (float64(v) - mean) / float64(len(x))
	}
	for c, v := range x {
		y[c] = float32((float64(v)-mean)/math.Sqrt(variance+node.Epsilon)*float64(node.Weight[c]) + float64(node.Bias[c]))
	}
}

func softmaxFloat(y, x []float32, log bool) {
	top, sum := x[0], 0.0
	for _, v := range x {
		top = max(top, v)
	}
	for i, v := range x {
		y[i] = float32(math.Exp(float64(v - top)))
		sum += float64(y[i])
	}
	for i := range y {
		if log {
			y[i] = float32(float64(x[i]-top) - math.Log(sum))
		} else {
			y[i] = float32(float64(y[i]) / sum)
		}
	}
}

// groupNormFloat normalises each group of channels over all places.
func groupNormFloat(node *Node, y, x []float32, in [3]int) {
	c, per := in[2], in[2]/node.Groups
	count := float64(in[0] * in[1] * per)
	for first := 0; first < c; first += per {
		mean, variance := 0.0, 0.0
		each := func(f func(i, c int)) {
			for i := first; i < len(x); i += c {
				for k := range per {
					f(i+k, first+k)
				}
			}
		}
		each(func(i, _ int) { mean += float64(x[i]) / count })
		each(func(i, _ int) { variance += (float64(x[i]) - mean) * (float64(x[i]) - mean) / count })
		each(func(i, c int) {
			y[i] = float32((float64(x[i])-mean)/math.Sqrt(variance+node.Epsilon)*float64(node.Weight[c]) + float64(node.Bias[c]))
		})
	}
}
