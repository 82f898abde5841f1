package graph

import (
	"math"
)

// CheckParams checks a node's parameters: their number, that scales are finite
// and positive and weights within -127..127. It proves that no accumulator of a
// Conv or FullyConnected node can overflow: for each output channel the exact range of sum(w*q)+bias over
// inputs q in [Lo, Hi] lies within int32, and so does its requantised value
// before saturation. Sums may wrap on the way; only the final value counts,
// since int32 addition is arithmetic modulo 2^32.
func (g *Graph) CheckParams(n *Node, p *Params) error {
	if n.FloatParams() {
		return g.checkFloatParams(n, p)
	}
	shape := n.WeightShape(g)
	per := shape[1] * shape[2] * shape[3]
	if len(p.Weight) != shape[0]*per || len(p.Scale) != shape[0] || len(p.Bias) != shape[0] {
		return n.errorf("weights %q have %d values, %d scales and %d biases; shape %v is wanted",
			n.Weights, len(p.Weight), len(p.Scale), len(p.Bias), shape)
	}
	for o := range shape[0] {
		if !goodScale(p.Scale[o]) {
			return n.errorf("weight scale of channel %d is %g", o, p.Scale[o])
		}
		pos, neg, least := signSums(p.Weight[o*per : (o+1)*per])
		if least {
			return n.errorf("weights %q hold -128, which is not used: convert the model again", n.Weights)
		}
		lo, hi := accumulators(pos, neg, p.Bias[o], g.Tensors[n.Inputs[0]])
		if lo < math.MinInt32 || hi > math.MaxInt32 {
			return n.errorf("channel %d may accumulate %d..%d, outside int32: convert the model again", o, lo, hi)
		}
		m := float64(g.Multiplier(n, p.Scale[o]))
		if reach := float64(max(-lo, hi)) * m; !(reach < math.MaxInt32/2) {
			return n.errorf("channel %d may requantise to %g, outside int32: convert the model again", o, reach)
		}
	}
	return nil
}

// Multiplier takes an accumulator of n to the output's integers: input scale
// times weight scale over output scale, rounded once.
func (g *Graph) Multiplier(n *Node, weightScale float32) float32 {
	in, out := g.Tensors[n.Inputs[0]], g.Tensors[n.Output]
	return float32(float64(in.Scale) * float64(weightScale) / float64(out.Scale))
}

// AccumulatorRange is the exact range of sum(w*q)+bias for q in [t.Lo, t.Hi].
func AccumulatorRange(w []int8, bias int32, t Tensor) (lo, hi int64) {
	pos, neg, _ := signSums(w)
	return accumulators(pos, neg, bias, t)
}

// accumulators is AccumulatorRange for weights whose positive ones and others sum
// to pos and neg.
func accumulators(pos, neg int64, bias int32, t Tensor) (lo, hi int64) {
	b := int64(bias)
	return pos*int64(t.Lo) + neg*int64(t.Hi) + b, pos*int64(t.Hi) + neg*int64(t.Lo) + b
}
