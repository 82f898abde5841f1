package learn

import (
	"math"

	"likeness/engine/kernel"
)

// prepared is data as gradients want it.
type prepared struct {
	n, dim, classes int
	x               []float32 // [n][dim], of length 1 and standardised as the options say
	class           []int
	weight          []float64 // of each class; their sum over vectors is n
	mean, deviation []float64 // of standardising, else nil
}

func prepare(d *Data, o *Options) *prepared {
	p := &prepared{n: d.Len(), dim: d.Dim, classes: len(d.Labels), class: d.Class, x: make([]float32, len(d.Vectors)), weight: make([]float64, len(d.Labels))}
	copy(p.x, d.Vectors)
	if !o.Raw {
		for i := range p.n {
			unit(p.x[i*p.dim:][:p.dim], d.vector(i))
		}
	}
	if o.Standardise {
		p.standardise()
	}
	for c, n := range counts(d.Class, p.classes) {
		p.weight[c] = 1
		if o.Balanced {
			p.weight[c] = float64(p.n) / (float64(p.classes) * float64(max(n, 1)))
		}
	}
	return p
}

// standardise gives each place mean 0 and variance 1; one where all vectors
// have the same value gets 0.
func (p *prepared) standardise() {
	p.mean, p.deviation = make([]float64, p.dim), make([]float64, p.dim)
	for i := range p.n {
		for k, v := range p.x[i*p.dim:][:p.dim] {
			p.mean[k] += float64(v)
		}
	}
	for k := range p.mean {
		p.mean[k] /= float64(p.n)
	}
	for i := range p.n {
		for k, v := range p.x[i*p.dim:][:p.dim] {
			d := float64(v) - p.mean[k]
			p.deviation[k] += float64(d * d)
		}
	}
	for k, s := range p.deviation {
		p.deviation[k] = math.Sqrt(s / float64(p.n))
		// A deviation of rounding alone is none.
		if !(p.deviation[k] > 1e-7*math.Abs(p.mean[k])) {
			p.deviation[k] = math.Inf(1)
		}
	}
	for i := range p.n {
		row := p.x[i*p.dim:][:p.dim]
		for k, v := range row {
			row[k] = float32((float64(v) - p.mean[k]) / p.deviation[k])
		}
	}
}

// undo folds standardising into the first layer: W (x-m)/s + b is
// (W/s) x + (b - W m/s).
func (p *prepared) undo(l *Layer) {
	if p.mean == nil {
		return
	}
	for o := range l.Out {
		row, bias := l.Weight[o*l.In:][:l.In], float64(l.Bias[o])
		for k, w := range row {
			scaled := float64(w) / p.deviation[k]
			row[k] = float32(scaled)
			bias -= float64(scaled * p.mean[k])
		}
		l.Bias[o] = float32(bias)
	}
}

// padded is n rounded up to what kernel.MulAdd wants of columns.
func padded(n int) int { return (n + kernel.MulLanes - 1) / kernel.MulLanes * kernel.MulLanes }
