package convert

import (
	"math"
	"slices"

	"likeness/engine/graph"
)

// Rounding to int8 is where a converted network loses accuracy; activations
// keep 14 bits. Plain rounding makes an error in each weight that the next
// weight's error does not know of. Round instead takes the weights of an output
// channel one after the other and lets those that are still free make up for
// the error so far, as the inputs seen in calibration correlate (the method is
// known as optimal brain quantisation, or GPTQ). What error remains in the mean
// of an output channel goes into its bias.
const (
	roundBlock   = 512     // inputs that are treated together
	roundSamples = 2048    // input vectors a layer
	roundInputs  = 32      // pictures, at most
	roundMemory  = 1 << 28 // bytes of the largest layer, all pictures together
	roundDamping = 0.01    // of the mean variance, added to each
)

// Round returns a copy of the network whose weights are whole multiples of
// their channels' steps, made for the given inputs.
func (n *Network) Round(inputs [][]float32, progress func(done, total int)) *Network {
	largest := 0
	for _, t := range n.Tensors {
		largest = max(largest, 4*t.Shape[0]*t.Shape[1]*t.Shape[2])
	}
	most := min(max(roundMemory/largest, 4), roundInputs)
	live, _ := n.peak()
	for len(inputs) > most || len(inputs) > 1 && 2*live*int64(len(inputs)) > maxRoundLive { // every other one, so that all kinds stay
		var half [][]float32
		for i := 0; i < len(inputs); i += 2 {
			half = append(half, inputs[i])
		}
		inputs = half
	}
	out := *n
	if out.Nodes = slices.Clone(n.Nodes); len(inputs) == 0 {
		return &out
	}
	r := &rounder{before: n, after: &out, readers: make([]int, len(n.Tensors)), exact: true}
	for _, in := range inputs {
		for _, s := range []*[][][]float32{&r.x, &r.y} {
			vals := make([][]float32, len(n.Tensors))
			vals[0] = in
			*s = append(*s, vals)
		}
	}
	for _, node := range n.Nodes {
		for _, t := range node.Inputs {
			r.readers[t]++
		}
	}
	for i := range n.Nodes {
		r.node(i)
		if progress != nil {
			progress(i+1, len(n.Nodes))
		}
	}
	return &out
}

type rounder struct {
	before, after *Network
	x, y          [][][]float32 // [picture][tensor], of the network before and after
	readers       []int
	exact         bool // nothing has been rounded yet
}

// node rounds node i, with the inputs that the rounded layers before it give.
func (r *rounder) node(i int) {
	a, b := &r.before.Nodes[i], &r.after.Nodes[i]
	weighted := a.linear()
	if weighted && !a.affine && !a.onGrid() {
		r.weights(b)
		r.exact = false
	}
	r.outputs(a, b, weighted)
	for _, t := range a.Inputs {
		if r.readers[t]--; r.readers[t] == 0 {
			r.drop(t)
		}
	}
	if r.readers[a.Output] == 0 {
		r.drop(a.Output)
	}
}

// outputs runs node i of both networks, a and b, for all pictures. What b is off
// in the mean of a channel goes into its bias.
func (r *rounder) outputs(a, b *Node, weighted bool) {
	channels := r.before.Tensors[a.Output].Shape[2]
	x := r.before.evalAll(a, r.x)
	y := x
	if !r.exact {
		y = r.after.evalAll(b, r.y)
		b.packed = nil // it is not run again
	}
	shift := make([]float64, channels)
	if weighted && !r.exact {
		parts := make([][]float64, len(x))
		share(len(x), func(p int) { parts[p] = differences(x[p], y[p], channels) })
		count := float64(len(x) * len(x[0]) / channels)
		b.Bias = slices.Clone(b.Bias)
		for c := range shift {
			for p := range parts {
				shift[c] += parts[p][c]
			}
			shift[c] /= count
			b.Bias[c] += float32(shift[c])
		}
	}
	share(len(x), func(p int) {
		if !r.exact {
			if weighted {
				for at := 0; at < len(y[p]); at += channels {
					for c, v := range y[p][at:][:channels] {
						y[p][at+c] = v + float32(shift[c])
					}
				}
			}
			a.clamp(y[p])
		}
		a.clamp(x[p])
		r.x[p][a.Output], r.y[p][a.Output] = x[p], y[p]
	})
}

// differences sums x - y by channel.
func differences(x, y []float32, channels int) []float64 {
	sums := make([]float64, channels)
	for at := 0; at < len(x); at += channels {
		for c, v := range x[at:][:channels] {
			sums[c] += float64(v) - float64(y[at+c])
		}
	}
	return sums
}

// drop forgets the values of a tensor that nothing reads any more.
func (r *rounder) drop(t int) {
	for p := range r.x {
		r.x[p][t], r.y[p][t] = nil, nil
	}
}

// onGrid reports whether the file's own steps hold the weights in int8.
func (n *Node) onGrid() bool {
	if n.Steps == nil {
		return false
	}
	per := len(n.Weight) / len(n.Bias)
	for o, s := range n.Steps {
		for _, w := range n.Weight[o*per:][:per] {
			if math.Abs(float64(w)) > 127.001*s {
				return false
			}
		}
	}
	return true
}

// weights rounds one layer.
func (r *rounder) weights(n *Node) {
	n.Weight, n.Steps, n.packed = slices.Clone(n.Weight), make([]float64, len(n.Bias)), nil
	per := len(n.Weight) / len(n.Bias)
	for o := range n.Steps {
		top := 0.0
		for _, w := range n.Weight[o*per:][:per] {
			top = max(top, math.Abs(float64(w)))
		}
		n.Steps[o] = max(top/127, 1e-12)
	}
	groups := 1
	if n.Op == graph.Conv {
		groups = n.Groups
	}
	each := len(n.Bias) / groups
	work := func(g int, inner func(n int, f func(i int))) {
		x, samples := r.samples(n, g, per)
		for from := 0; from < per; from += roundBlock {
			b := roundedBlock{n: n, per: per, from: from, size: min(roundBlock, per-from), first: g * each, count: each}
			b.round(x, samples, inner)
		}
	}
	serial := func(n int, f func(i int)) {
		for i := range n {
			f(i)
		}
	}
	if groups > 1 {
		share(groups, func(g int) { work(g, serial) })
		return
	}
	work(0, share)
}

// samples gathers input vectors of group g, [samples][per], evenly over
// pictures and pixels.
func (r *rounder) samples(n *Node, g, per int) (x []float32, count int) {
	in, out := r.after.Tensors[n.Inputs[0]].Shape, r.after.Tensors[n.Output].Shape
	if n.Op == graph.FullyConnected {
		for p := range r.y {
			x = append(x, r.y[p][n.Inputs[0]]...)
		}
		return x, len(r.y)
	}
	pixels := out[0] * out[1]
	each := min(max(roundSamples/len(r.y), 1), pixels)
	taps := n.Kernel[0] * n.Kernel[1]
	group := per / taps
	x = make([]float32, len(r.y)*each*per)
	for p := range r.y {
		for s := range each {
			// A step without common factors wanders over rows and columns.
			at := (s*pixels/each + p*7) % pixels
			to := x[(p*each+s)*per:][:per]
			for t := range taps {
				if src := n.under(r.y[p][n.Inputs[0]], in, at/out[1], at%out[1], t); src != nil {
					copy(to[t*group:][:group], src[g*group:])
				}
			}
		}
	}
	return x, len(r.y) * each
}

// roundedBlock is a run of inputs of some output channels.
type roundedBlock struct {
	n            *Node
	per          int // weights of a channel
	from, size   int // those of them that are rounded
	first, count int // channels
}

func (b *roundedBlock) round(x []float32, samples int, share func(n int, f func(i int))) {
	if b.size < 2 || samples < b.size/4 {
		share(b.count, func(i int) { b.plain(b.first + i) })
		return
	}
	cov := b.covariance(x, samples, share)
	order := b.byVariance(cov)
	u := inverseFactor(permuted(cov, order), b.size)
	if u == nil {
		share(b.count, func(i int) { b.plain(b.first + i) })
		return
	}
	share(b.count, func(i int) { b.compensate(b.first+i, order, u) })
}

// plain rounds each weight by itself.
func (b *roundedBlock) plain(o int) {
	s := b.n.Steps[o]
	w := b.n.Weight[o*b.per+b.from:][:b.size]
	for k, v := range w {
		w[k] = float32(math.RoundToEven(float64(v)/s) * s)
	}
}

// covariance of the inputs, with something added to each variance so that it
// has an inverse: more where samples are few.
func (b *roundedBlock) covariance(x []float32, samples int, share func(n int, f func(i int))) []float64 {
	k := b.size
	// By input, so that products run over neighbours; means subtracted, since
	// the bias takes them.
	rows := make([]float32, k*samples)
	share(k, func(i int) {
		row := rows[i*samples:][:samples]
		sum := 0.0
		for s := range row {
			row[s] = x[s*b.per+b.from+i]
			sum += float64(row[s])
		}
		mean := float32(sum / float64(samples))
		for s := range row {
			row[s] -= mean
		}
	})
	cov := make([]float64, k*k)
	share(k, func(i int) {
		a := rows[i*samples:][:samples]
		for j := range i + 1 {
			c := rows[j*samples:][:samples]
			var s0, s1, s2, s3 float32
			t := 0
			for ; t+4 <= len(a); t += 4 {
				s0 += float32(a[t] * c[t])
				s1 += float32(a[t+1] * c[t+1])
				s2 += float32(a[t+2] * c[t+2])
				s3 += float32(a[t+3] * c[t+3])
			}
			for ; t < len(a); t++ {
				s0 += float32(a[t] * c[t])
			}
			cov[i*k+j] = (float64(s0) + float64(s1) + float64(s2) + float64(s3)) / float64(samples)
			cov[j*k+i] = cov[i*k+j]
		}
	})
	trace := 0.0
	for i := range k {
		trace += cov[i*k+i]
	}
	damping := trace / float64(k) * (roundDamping + 0.2*float64(k)/float64(samples))
	for i := range k {
		cov[i*k+i] += max(damping, 1e-12)
	}
	return cov
}

// byVariance orders inputs, the most varied first: their errors count most and
// all others can make up for them.
func (b *roundedBlock) byVariance(cov []float64) []int {
	order := make([]int, b.size)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int {
		switch d := cov[j*b.size+j] - cov[i*b.size+i]; {
		case d > 0:
			return 1
		case d < 0:
			return -1
		}
		return 0
	})
	return order
}

func permuted(m []float64, order []int) []float64 {
	k := len(order)
	out := make([]float64, k*k)
	for i, p := range order {
		for j, q := range order {
			out[i*k+j] = m[p*k+q]
		}
	}
	return out
}

// compensate rounds the weights of channel o in order; u is the upper factor of
// the inverse covariance.
func (b *roundedBlock) compensate(o int, order []int, u []float64) {
	s := b.n.Steps[o]
	w := b.n.Weight[o*b.per+b.from:][:b.size]
	v := make([]float64, b.size)
	for i, p := range order {
		v[i] = float64(w[p])
	}
	for i, p := range order {
		q := min(max(math.RoundToEven(v[i]/s), -127), 127) * s
		w[p] = float32(q)
		row := u[i*b.size:][:b.size]
		e := (v[i] - q) / row[i]
		for j := i + 1; j < len(row); j++ {
			v[j] -= float64(e * row[j])
		}
	}
}

// inverseFactor returns the upper triangular U with UᵀU = m⁻¹, or nil if m is
// not positive. With m = LLᵀ in reversed order of rows and columns, U is the
// inverse of that L, turned round.
func inverseFactor(m []float64, k int) []float64 {
	// Reverse, so that the lower factor becomes an upper one: m = R Rᵀ with R
	// upper triangular, and m⁻¹ = R⁻ᵀ R⁻¹, so U = R⁻¹.
	l := make([]float64, k*k) // lower factor of the reversed matrix
	for i := range k {
		for j := range i + 1 {
			sum := m[(k-1-i)*k+k-1-j]
			a, c := l[i*k:][:j], l[j*k:][:j]
			for t, v := range a {
				sum -= float64(v * c[t])
			}
			if i == j {
				if !(sum > 0) {
					return nil
				}
				l[i*k+i] = math.Sqrt(sum)
			} else {
				l[i*k+j] = sum / l[j*k+j]
			}
		}
	}
	inv := make([]float64, k*k) // of l, lower; kept transposed: inv[j*k+i] is row i, column j
	for j := range k {
		col := inv[j*k:][:k]
		col[j] = 1 / l[j*k+j]
		for i := j + 1; i < k; i++ {
			sum := 0.0
			row := l[i*k:][:i]
			for t := j; t < i; t++ {
				sum -= float64(row[t] * col[t])
			}
			col[i] = sum / l[i*k+i]
		}
	}
	u := make([]float64, k*k)
	for i := range k {
		for j := i; j < k; j++ {
			u[i*k+j] = inv[(k-1-j)*k+k-1-i]
		}
	}
	return u
}
