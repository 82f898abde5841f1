package tune

import (
	"math"

	"likeness/engine/kernel"
	"likeness/engine/tune/float"
)

// optimised is parameters with what the optimiser keeps of them.
type optimised struct {
	*float.Param
	head         bool
	mean, square []float32 // of gradients; of SGD only mean, the velocity
	kept         []float32 // of the last good epoch
}

// optimiser changes parameters by their gradients.
type optimiser struct {
	o      *Options
	params []*optimised
	step   int // from 0
	steps  int
	warm   int // steps of the warm-up
	power1 float64
	power2 float64 // Adam's factors to the power of step
}

func newOptimiser(o *Options, params []*float.Param, epochSteps int) *optimiser {
	z := &optimiser{o: o, steps: o.Epochs * epochSteps, power1: 1, power2: 1}
	z.warm = min(int(o.WarmUp*float64(epochSteps)), z.steps-1)
	for i, p := range params {
		one := &optimised{Param: p, head: i == len(params)-1, mean: make([]float32, len(p.Value)), kept: make([]float32, len(p.Value))}
		if o.Optimiser == Adam {
			one.square = make([]float32, len(p.Value))
		}
		z.params = append(z.params, one)
	}
	z.keep()
	return z
}

// rate of the present step: rising in a line, then falling by a cosine.
func (z *optimiser) rate() float64 {
	if z.step < z.warm {
		return z.o.Rate * float64(z.step+1) / float64(z.warm+1)
	}
	return z.o.Rate * fall(float64(z.step-z.warm)/float64(max(z.steps-z.warm, 1)))
}

// fall is (1 + cos(pi x)) / 2 = cos(pi x / 2)^2 of 0 <= x <= 1, by the series of
// the cosine.
func fall(x float64) float64 {
	square := float64(float64(x*math.Pi/2) * float64(x*math.Pi/2))
	term, sum := 1.0, 1.0
	for n := 2.0; n <= 24; n += 2 {
		term = -term * square / float64(n*(n-1))
		sum += term
	}
	return float64(sum * sum)
}

// update takes a step.
func (z *optimiser) update() {
	rate := z.rate()
	z.power1, z.power2 = float64(z.power1*kernel.AdamBeta1), float64(z.power2*kernel.AdamBeta2)
	for _, p := range z.params {
		r := rate
		if p.head {
			r = float64(r * z.o.HeadRate)
		}
		keep := float32(1 - float64(r*z.o.Decay))
		z.change(p, 0, p.Weights, r, max(keep, 0))
		z.change(p, p.Weights, len(p.Value), r, 1) // biases do not decay
	}
	z.step++
}

func (z *optimiser) change(p *optimised, from, to int, rate float64, keep float32) {
	if z.o.Optimiser == Adam {
		kernel.Adam(kernel.AdamState{Weights: p.Value[from:to], Gradient: p.Gradient[from:to], Mean: p.mean[from:to], Square: p.square[from:to]},
			float32(rate/(1-z.power1)), float32(1/math.Sqrt(1-z.power2)), keep)
		return
	}
	momentum, r := float32(z.o.Momentum), float32(rate)
	w, v := p.Value[from:to], p.mean[from:to]
	for i, g := range p.Gradient[from:to] {
		v[i] = float32(momentum*v[i]) + g
		w[i] = float32(w[i]*keep) - float32(r*v[i])
	}
}

// keep remembers the present weights, restore goes back to them.
func (z *optimiser) keep() {
	for _, p := range z.params {
		copy(p.kept, p.Value)
	}
}

func (z *optimiser) restore() {
	for _, p := range z.params {
		copy(p.Value, p.kept)
	}
}

func (z *optimiser) finite() bool {
	for _, p := range z.params {
		for _, v := range p.Value {
			if !(math.Abs(float64(v)) <= math.MaxFloat32) {
				return false
			}
		}
	}
	return true
}
