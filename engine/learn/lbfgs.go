package learn

import "math"

const (
	memory       = 10   // pairs of steps and changes of the gradient that are kept
	enoughLess   = 1e-4 // Wolfe's conditions: share of the foreseen decrease
	enoughFlat   = 0.9  // and of the slope that may be left
	noise        = 1e-8 // of values, relatively: logits are float32
	trialsOfStep = 30
)

// minimiser finds the least value of a smooth function by L-BFGS (Nocedal
// 1980; Nocedal and Wright, Numerical Optimization, algorithm 7.4) with steps
// that fulfil the weak conditions of Wolfe. Gonum's has assembly that adds in
// another order on some platforms.
type minimiser struct {
	f               func(point, gradient []float64) float64
	point, gradient []float64
	value           float64
	stuck           bool // no step makes the value less: rounding is all that is left

	steps, changes  [][]float64 // the latest last
	inverse         []float64   // 1 / (step . change)
	direction       []float64
	trial, trialled []float64 // a point and its gradient
}

// newMinimiser begins at zero.
func newMinimiser(f func(point, gradient []float64) float64, n int) *minimiser {
	m := &minimiser{f: f}
	for _, v := range []*[]float64{&m.point, &m.gradient, &m.direction, &m.trial, &m.trialled} {
		*v = make([]float64, n)
	}
	m.value = f(m.point, m.gradient)
	return m
}

// flat reports whether no part of the gradient is larger than tolerance.
func (m *minimiser) flat(tolerance float64) bool {
	for _, g := range m.gradient {
		if !(math.Abs(g) <= tolerance) {
			return false
		}
	}
	return true
}

// iterate takes one step. A value that is no number ends it with an error of
// CodeDiverged; the point is then the last that was good.
func (m *minimiser) iterate() error {
	if math.IsNaN(m.value) || math.IsInf(m.value, 0) {
		return diverged()
	}
	m.descend()
	slope := dot(m.gradient, m.direction)
	if !(slope < 0) { // forget a bad shape
		m.steps, m.changes, m.inverse = nil, nil, nil
		m.descend()
		slope = dot(m.gradient, m.direction)
	}
	step := 1.0
	if len(m.steps) == 0 {
		step = min(1, 1/math.Sqrt(-slope))
	}
	value, found, bad := m.search(step, slope)
	switch {
	case bad:
		return diverged()
	case !found:
		m.stuck = true
		return nil
	}
	m.keep(value)
	return nil
}

func diverged() error {
	return errorf(CodeDiverged, "the loss is no number any more: the weights before are kept; learn more slowly, or look for vectors out of the ordinary")
}

// descend sets the direction: minus the gradient, times the inverse of the
// second derivatives as the pairs kept show them.
func (m *minimiser) descend() {
	d := m.direction
	for i, g := range m.gradient {
		d[i] = -g
	}
	if len(m.steps) == 0 {
		return
	}
	var along [memory]float64
	for i := len(m.steps) - 1; i >= 0; i-- {
		along[i] = float64(m.inverse[i] * dot(m.steps[i], d))
		addScaled(d, -along[i], m.changes[i])
	}
	last := len(m.steps) - 1
	scale := 1 / float64(m.inverse[last]*dot(m.changes[last], m.changes[last]))
	for i := range d {
		d[i] = float64(d[i] * scale)
	}
	for i := range m.steps {
		addScaled(d, along[i]-float64(m.inverse[i]*dot(m.changes[i], d)), m.steps[i])
	}
}

// search looks along the direction for a step, and leaves the point in trial.
// bad: every value on the way was no number.
func (m *minimiser) search(step, slope float64) (value float64, found, bad bool) {
	lo, hi := 0.0, math.Inf(1)
	bad = true
	for range trialsOfStep {
		for i, x := range m.point {
			m.trial[i] = x + float64(step*m.direction[i])
		}
		value = m.f(m.trial, m.trialled)
		if math.IsNaN(value) || math.IsInf(value, 0) {
			hi = step
			step = lo + float64(0.1*(hi-lo))
			continue
		}
		bad = false
		now := dot(m.trialled, m.direction)
		switch {
		case value > m.value+float64(enoughLess*float64(step*slope))+float64(noise*math.Abs(m.value)):
			hi = step
		case now < enoughFlat*slope:
			lo = step
		default:
			return value, true, false
		}
		if math.IsInf(hi, 1) {
			step *= 2
			continue
		}
		// The least of the parabola, if it lies well between.
		next := lo + (hi-lo)/2
		if lo == 0 {
			if p := float64(slope*float64(hi*hi)) / float64(2*(float64(slope*hi)-(value-m.value))); p > 0.1*hi && p < 0.9*hi {
				next = p
			}
		}
		step = next
	}
	return value, false, bad
}

// keep goes to the trial point and remembers the pair.
func (m *minimiser) keep(value float64) {
	var s, y []float64
	if len(m.steps) == memory {
		s, y = m.steps[0], m.changes[0]
		copy(m.steps, m.steps[1:])
		copy(m.changes, m.changes[1:])
		copy(m.inverse, m.inverse[1:])
		m.steps, m.changes, m.inverse = m.steps[:memory-1], m.changes[:memory-1], m.inverse[:memory-1]
	} else {
		s, y = make([]float64, len(m.point)), make([]float64, len(m.point))
	}
	for i := range m.point {
		s[i], y[i] = m.trial[i]-m.point[i], m.trialled[i]-m.gradient[i]
	}
	if curved := dot(s, y); curved > 1e-300 {
		m.steps, m.changes, m.inverse = append(m.steps, s), append(m.changes, y), append(m.inverse, 1/curved)
	}
	m.point, m.trial = m.trial, m.point
	m.gradient, m.trialled = m.trialled, m.gradient
	m.value = value
}

// dot adds in four chains, each product rounded.
func dot(a, b []float64) float64 {
	var s0, s1, s2, s3 float64
	b = b[:len(a)]
	i := 0
	for ; i+4 <= len(a); i += 4 {
		s0 += float64(a[i] * b[i])
		s1 += float64(a[i+1] * b[i+1])
		s2 += float64(a[i+2] * b[i+2])
		s3 += float64(a[i+3] * b[i+3])
	}
	for ; i < len(a); i++ {
		s0 += float64(a[i] * b[i])
	}
	return (s0 + s1) + (s2 + s3)
}

func addScaled(to []float64, factor float64, v []float64) {
	v = v[:len(to)]
	for i := range to {
		to[i] += float64(factor * v[i])
	}
}
