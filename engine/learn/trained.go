package learn

import (
	"math"

	"likeness/engine/internal/portable"
	"likeness/engine/kernel"
)

const (
	// leastRows and leastWeights of one core: below, starting it costs more.
	leastRows, leastWeights = 16, 16 << 10
)

// trained is a dense layer under training. Columns are padded for
// kernel.MulAdd; what is padded stays 0.
type trained struct {
	in, width, cols int       // in: columns of the layer before
	values          []float32 // weights [in][cols], then biases [cols]
	gradient        []float32 // as values
	mean, square    []float32 // of gradients, as Adam has them
	kept            []float32 // values of the last good epoch
	out             []float32 // [batch][cols], later the derivative by them
	turned          []float32 // weights [cols][in], for the layer before
	ones            []float32 // [batch]
	left            []bool    // values of out that are left out
	enlarged        float32   // by which values that were not left out were multiplied
}

// newTrained draws weights from -reach..reach. fan is the number of inputs that
// are not padding.
func newTrained(in, fan, out, batch int, inner bool, reach float64, chance *portable.Random) *trained {
	l := &trained{in: in, width: out, cols: padded(out)}
	n := (in + 1) * l.cols
	for _, v := range []*[]float32{&l.values, &l.gradient, &l.mean, &l.square, &l.kept} {
		*v = make([]float32, n)
	}
	for i := range fan {
		for o := range out {
			l.values[i*l.cols+o] = float32(reach * chance.Unit())
		}
	}
	l.out, l.left, l.ones = make([]float32, batch*l.cols), make([]bool, batch*l.cols), make([]float32, batch)
	for i := range l.ones {
		l.ones[i] = 1
	}
	if inner {
		l.turned = make([]float32, l.cols*in)
	}
	return l
}

func (l *trained) biases() []float32 { return l.values[l.in*l.cols:] }

// forward sets out to x times the weights plus biases.
func (l *trained) forward(x []float32, rows int) {
	divide(rows, leastRows, func(from, to int) {
		out := l.out[from*l.cols : to*l.cols]
		for i := range to - from {
			copy(out[i*l.cols:], l.biases())
		}
		kernel.MulAdd(out, kernel.Matrix{Values: x[from*l.in:], Row: l.in, Depth: 1}, l.values, to-from, l.in, l.cols)
	})
}

// rectify is ReLU. With chance, each value is left out by the share of dropout,
// and others are enlarged so that their sum stays (Srivastava et al. 2014).
func (l *trained) rectify(rows int, dropout float64, chance *portable.Random) {
	out := l.out[:rows*l.cols]
	drops := chance != nil && dropout > 0
	l.enlarged = 1
	if drops {
		l.enlarged = float32(1 / (1 - dropout))
	}
	for i, v := range out {
		l.left[i] = !(v > 0)
		if drops && chance.Share() < dropout {
			l.left[i] = true
		}
		switch {
		case l.left[i] && v == v: // NaN stays, to be seen
			out[i] = 0
		case drops:
			out[i] = v * l.enlarged
		}
	}
}

// gradients of weights and biases, from the derivatives in out and the values
// before.
func (l *trained) gradients(before []float32, rows int) {
	clear(l.gradient)
	divide(l.in, leastRows, func(from, to int) {
		kernel.MulAdd(l.gradient[from*l.cols:to*l.cols], kernel.Matrix{Values: before[from:], Row: 1, Depth: l.in}, l.out, to-from, rows, l.cols)
	})
	kernel.MulAdd(l.gradient[l.in*l.cols:], kernel.Matrix{Values: l.ones, Row: 0, Depth: 1}, l.out, 1, rows, l.cols)
}

// backward puts the derivatives by the values of the layer before in place of
// these.
func (l *trained) backward(before *trained, rows int) {
	for i := range l.in {
		for o, w := range l.values[i*l.cols:][:l.cols] {
			l.turned[o*l.in+i] = w
		}
	}
	divide(rows, leastRows, func(from, to int) {
		out := before.out[from*l.in : to*l.in]
		clear(out)
		kernel.MulAdd(out, kernel.Matrix{Values: l.out[from*l.cols:], Row: l.cols, Depth: 1}, l.turned, to-from, l.cols, l.in)
		for i, left := range before.left[from*l.in : to*l.in] {
			if left {
				out[i] = 0
			} else {
				out[i] = float32(out[i] * before.enlarged)
			}
		}
	})
}

// update is one step of Adam. power1 and power2 are its factors to the power
// of the number of the step.
func (l *trained) update(rate, decay, power1, power2 float64) {
	step := float32(rate / (1 - power1))
	root := float32(1 / math.Sqrt(1-power2))
	update := func(from, to int, keep float32) {
		kernel.Adam(kernel.AdamState{Weights: l.values[from:to], Gradient: l.gradient[from:to], Mean: l.mean[from:to], Square: l.square[from:to]}, step, root, keep)
	}
	weights, keep := l.in*l.cols, float32(1-float64(rate*decay))
	divide(weights, leastWeights, func(from, to int) { update(from, to, keep) })
	update(weights, len(l.values), 1) // biases do not decay
}

func (l *trained) keep() { copy(l.kept, l.values) }

func (l *trained) finite() bool {
	for _, v := range l.values {
		if !finite(v) {
			return false
		}
	}
	return true
}

// layer is the layer of the values kept, in its first in inputs.
func (l *trained) layer(in int) Layer {
	made := Layer{In: in, Out: l.width, Weight: make([]float32, in*l.width), Bias: make([]float32, l.width)}
	for i := range in {
		for o := range l.width {
			made.Weight[o*in+i] = l.kept[i*l.cols+o]
		}
	}
	copy(made.Bias, l.kept[l.in*l.cols:])
	return made
}
