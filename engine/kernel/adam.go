package kernel

import "math"

// Factors of [Adam], see there.
const (
	AdamBeta1, AdamBeta2 = 0.9, 0.999
	adamTiny             = 1e-8
)

// AdamState is weights with what [Adam] keeps of each: slices of one length.
type AdamState struct {
	Weights, Gradient []float32
	Mean, Square      []float32 // of gradients, of their squares
}

// Adam is one step of Adam (Kingma and Ba 2015, algorithm 1) with decoupled
// decay. For each value
//
//	mean   = beta1*mean + (1-beta1)*gradient
//	square = beta2*square + (1-beta2)*(gradient*gradient)
//	weight = weight*keep - step*mean / (sqrt(square)*root + 1e-8)
//
// each operation rounded to float32, so that all bodies give the same bits.
// step is the rate over 1 - beta1^t, root is 1/sqrt(1 - beta2^t), of step t
// from 1; keep is 1 without decay.
func Adam(s AdamState, step, root, keep float32) {
	n := len(s.Weights)
	if len(s.Gradient) != n || len(s.Mean) != n || len(s.Square) != n {
		panic("kernel: Adam: slices of different lengths")
	}
	adam(s, step, root, keep)
}

// from is the rest of the slices.
func (s AdamState) from(i int) AdamState {
	return AdamState{s.Weights[i:], s.Gradient[i:], s.Mean[i:], s.Square[i:]}
}

func adamPortable(s AdamState, step, root, keep float32) {
	w, m, q := s.Weights, s.Mean[:len(s.Weights)], s.Square[:len(s.Weights)]
	for i, g := range s.Gradient[:len(w)] {
		m[i] = float32(AdamBeta1*m[i]) + float32((1-AdamBeta1)*g)
		q[i] = float32(AdamBeta2*q[i]) + float32((1-AdamBeta2)*float32(g*g))
		w[i] = float32(w[i]*keep) - float32(step*m[i])/(float32(float32(math.Sqrt(float64(q[i])))*root)+adamTiny)
	}
}
