package float

import (
	"math"

	"likeness/engine/graph"
	"likeness/engine/kernel"
)

// Tensor is the values of one layer for a batch of pictures.
type Tensor struct {
	H, W, C int
	// Px is C rounded up to kernel.MulLanes: values from one place to the next.
	// What is beyond C is 0.
	Px    int
	Value []float32 // [batch][H*W][Px]
	// Gradient of the loss by Value; nil where none is wanted.
	Gradient []float32
}

func newTensor(shape [3]int, batch int, gradient bool) *Tensor {
	t := &Tensor{H: shape[0], W: shape[1], C: shape[2], Px: padded(shape[2])}
	t.Value = make([]float32, batch*t.Each())
	if gradient {
		t.Gradient = make([]float32, batch*t.Each())
	}
	return t
}

// Each is how many values a picture has.
func (t *Tensor) Each() int { return t.H * t.W * t.Px }

func (t *Tensor) places() int { return t.H * t.W }

// of is the values of picture i.
func (t *Tensor) of(i int) []float32 { return t.Value[i*t.Each():][:t.Each()] }

// gradientOf is nil where no gradient is wanted.
func (t *Tensor) gradientOf(i int) []float32 {
	if t.Gradient == nil {
		return nil
	}
	return t.Gradient[i*t.Each():][:t.Each()]
}

// padded is n rounded up to what kernel.MulAdd wants of columns.
func padded(n int) int { return (n + kernel.MulLanes - 1) / kernel.MulLanes * kernel.MulLanes }

// Param is what an operator has learned.
type Param struct {
	Value, Gradient []float32
	// Weights of Value come first; what follows are biases.
	Weights int
}

func newParam(weights, biases int) *Param {
	n := weights + biases
	return &Param{Value: make([]float32, n), Gradient: make([]float32, n), Weights: weights}
}

// clamp is what limits an operator's output: a ReLU or ReLU6 that is part of it.
type clamp struct{ lo, hi float32 }

var clampNothing = clamp{float32(math.Inf(-1)), float32(math.Inf(1))}

// clampOf reads a clamp from the range of an output. A range that is symmetric
// is that of its integers and limits nothing, and so is the upper end of one
// from 0 on, unless it stands for 6.
func clampOf(t graph.Tensor) clamp {
	c := clampNothing
	lo, hi := int(t.Lo), int(t.Hi)
	if lo > -hi {
		c.lo = float32(float64(lo) * float64(t.Scale))
	}
	switch top := float64(hi) * float64(t.Scale); {
	case lo == 0 && math.Abs(top-6) <= 0.51*float64(t.Scale):
		c.hi = 6
	case hi < -lo:
		c.hi = float32(top)
	}
	return c
}

func (c clamp) none() bool { return c == clampNothing }

// apply limits values; NaN stays, to be seen.
func (c clamp) apply(v []float32) {
	if c.none() {
		return
	}
	for i, x := range v {
		switch {
		case x < c.lo:
			v[i] = c.lo
		case x > c.hi:
			v[i] = c.hi
		}
	}
}

// mask sets gradients to 0 where the value has met a limit.
func (c clamp) mask(gradient, value []float32) {
	if c.none() {
		return
	}
	divide(len(gradient), 1<<14, func(_, from, to int) {
		value := value[from:to]
		for i := range gradient[from:to] {
			if value[i] <= c.lo || value[i] >= c.hi {
				gradient[from+i] = 0
			}
		}
	})
}

// Fill sets the values of picture i from integers [H*W*C] times a scale.
func (t *Tensor) Fill(i int, q []int16, scale float32) {
	out := t.of(i)
	for p := range t.places() {
		for c, v := range q[p*t.C:][:t.C] {
			out[p*t.Px+c] = float32(v) * scale
		}
	}
}

// Limits are what an operator's output is limited to by its range in a file, as
// the float run has them: infinite where there is none.
func Limits(t graph.Tensor) (lo, hi float64) {
	c := clampOf(t)
	return float64(c.lo), float64(c.hi)
}
