package learn

import (
	"math"

	"likeness/engine/graph"
)

// quantised is a layer of int8 weights, with one scale for each output.
type quantised struct {
	weight []int8 // [out][in]
	scale  []float32
	bias   []float64 // real
	reach  float64   // of the values it reads
	hi     float64   // the largest integer that stands for them
}

// quantise rounds weights to int8 and chooses the finest steps of what the
// layer reads, reach at most, with which no sum of products exceeds int32.
// Weights and biases are divided by divisor.
func quantise(l *Layer, reach, divisor float64) *quantised {
	q := &quantised{weight: make([]int8, len(l.Weight)), reach: reach, hi: math.MaxInt16}
	for o := range l.Out {
		row := l.Weight[o*l.In:][:l.In]
		bias := float64(l.Bias[o]) / divisor
		top := math.Abs(bias) / reach / math.MaxInt16 // what keeps the bias small
		for _, w := range row {
			top = max(top, math.Abs(float64(w)/divisor))
		}
		s := float32(max(top/127, 1e-20))
		sum := 0.0
		for i, w := range row {
			v := math.RoundToEven(float64(w) / divisor / float64(s))
			v = min(max(v, -127), 127)
			q.weight[o*l.In+i] = int8(v)
			sum += math.Abs(v)
		}
		q.scale, q.bias = append(q.scale, s), append(q.bias, bias)
		// hi * (sum of |w| + |bias| / (reach * scale)) is the largest sum.
		most := sum + math.Abs(bias)/(reach*float64(s)) + 1
		q.hi = min(q.hi, math.Floor((math.MaxInt32-1)/most))
	}
	q.hi = max(q.hi, 1)
	return q
}

// input is the tensor that the layer reads, of values from 0 on.
func (q *quantised) input(name string, width int) graph.Tensor {
	return graph.Tensor{Name: name, Shape: [3]int{1, 1, width}, Scale: float32(q.reach / q.hi), Hi: int16(q.hi)}
}

// params are the layer's, for an input of steps of scale in.
func (q *quantised) params(in float32) graph.Params {
	p := graph.Params{Weight: q.weight, Scale: q.scale}
	for o, b := range q.bias {
		unit := float64(in) * float64(q.scale[o])
		p.Bias = append(p.Bias, int32(min(max(math.RoundToEven(b/unit), -math.MaxInt32/2), math.MaxInt32/2)))
	}
	return p
}
