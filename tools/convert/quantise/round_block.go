package quantise

import (
	"math"
	"slices"

	"likeness/engine/kernel"
	"likeness/tools/convert/float"
	"likeness/tools/convert/parallel"
)

const (
	// compensated inputs are rounded before the rest of their block hears of it,
	// by a product of matrices.
	compensated = 32
	// sumSamples are summed in float32, their sums in float64.
	sumSamples = 256
)

// roundedBlock is a run of inputs of some output channels.
type roundedBlock struct {
	n            *float.Node
	per          int // weights of a channel
	from, size   int // those of them that are rounded
	first, count int // channels
}

func (b *roundedBlock) round(x samples) {
	if b.size < 2 || x.count < 2 {
		b.plain()
		return
	}
	strips := b.strips(x.x, x.count)
	cov := b.covariance(strips, x.count)
	order := b.byVariance(cov)
	l := reversedFactor(permuted(cov, order), b.size)
	if l == nil {
		b.plain()
		return
	}
	carry := carries(l, b.size)
	owed := b.owed(l, strips, x, order)
	parallel.Each((b.count+float.TileWidth-1)/float.TileWidth, func(i int) {
		b.compensate(b.first+i*float.TileWidth, min(float.TileWidth, b.count-i*float.TileWidth), order, carry, owed)
	})
}

// plain rounds each weight by itself.
func (b *roundedBlock) plain() {
	for o := b.first; o < b.first+b.count; o++ {
		s := b.n.Steps[o]
		w := b.n.Weight[o*b.per+b.from:][:b.size]
		for k, v := range w {
			w[k] = float32(math.RoundToEven(float64(v)/s) * s)
		}
	}
}

// covariance of the inputs, with something added to each variance so that it
// has an inverse: more where samples are few.
func (b *roundedBlock) covariance(strips [][]float32, samples int) []float64 {
	k, cov := b.size, b.products(strips, strips, 0, samples)
	trace := 0.0
	for i := range k {
		trace += cov[i*k+i]
	}
	damping := trace / float64(k) * (roundDamping + float64(fewDamping*float64(k)/float64(samples)))
	for i := range k {
		cov[i*k+i] += max(damping, 1e-12)
	}
	return cov
}

// products are the mean products of the inputs of two strips, [k][k].
func (b *roundedBlock) products(x, y [][]float32, from, to int) []float64 {
	k := b.size
	out := make([]float64, k*k)
	parallel.Each(len(x), func(i int) {
		var part [float.TileWidth * float.TileWidth]float32
		for j := range y {
			var sums [float.TileWidth * float.TileWidth]float64
			for s := from; s < to; s += sumSamples {
				clear(part[:])
				a := kernel.Matrix{Values: x[i][s*float.TileWidth:], Row: 1, Depth: float.TileWidth}
				kernel.MulAdd(part[:], a, y[j][s*float.TileWidth:], float.TileWidth, min(sumSamples, to-s), float.TileWidth)
				for t, v := range part {
					sums[t] += float64(v)
				}
			}
			for r := i * float.TileWidth; r < min(i*float.TileWidth+float.TileWidth, k); r++ {
				for c := j * float.TileWidth; c < min(j*float.TileWidth+float.TileWidth, k); c++ {
					out[r*k+c] = sums[r%float.TileWidth*float.TileWidth+c%float.TileWidth] / float64(to-from)
				}
			}
		}
	})
	return out
}

// strips are the block's inputs, sixteen at a time, [sample][16], without their
// means, since the bias takes them; zeros after the last.
func (b *roundedBlock) strips(x []float32, samples int) [][]float32 {
	strips := make([][]float32, (b.size+float.TileWidth-1)/float.TileWidth)
	parallel.Each(len(strips), func(i int) {
		strip := make([]float32, samples*float.TileWidth)
		width := min(float.TileWidth, b.size-i*float.TileWidth)
		var mean [float.TileWidth]float64
		for s := range samples {
			from := x[s*b.per+b.from+i*float.TileWidth:][:width]
			copy(strip[s*float.TileWidth:], from)
			for c, v := range from {
				mean[c] += float64(v)
			}
		}
		for c := range width {
			less := float32(mean[c] / float64(samples))
			for at := c; at < len(strip); at += float.TileWidth {
				strip[at] -= less
			}
		}
		strips[i] = strip
	})
	return strips
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

// compensate rounds weights of channels first to first+count-1, at most 16, in
// order. carry says how much of an earlier error each weight takes over.
func (b *roundedBlock) compensate(first, count int, order []int, carry, owed []float32) {
	k := b.size
	buf := float.ScratchPool.Get().(*float.Scratch)
	defer float.ScratchPool.Put(buf)
	errs, taken := float.Sized(&buf.Inputs, k*float.TileWidth), float.Sized(&buf.Sums, k*float.TileWidth)
	clear(errs)
	clear(taken)
	if owed != nil {
		w := make([]float32, k*float.TileWidth)
		for i, p := range order {
			for c := range count {
				w[i*float.TileWidth+c] = b.n.Weight[(first+c)*b.per+b.from+p]
			}
		}
		kernel.MulAdd(taken, kernel.Matrix{Values: owed, Row: k, Depth: 1}, w, k, k, float.TileWidth)
	}
	for from := 0; from < k; from += compensated {
		to := min(from+compensated, k)
		for i := from; i < to; i++ {
			e, over := (*[float.TileWidth]float32)(errs[i*float.TileWidth:]), (*[float.TileWidth]float32)(taken[i*float.TileWidth:])
			for j := from; j < i; j++ {
				f, before := carry[i*k+j], (*[float.TileWidth]float32)(errs[j*float.TileWidth:])
				for c, v := range before {
					over[c] += float32(f * v)
				}
			}
			for c := range count {
				at := &b.n.Weight[(first+c)*b.per+b.from+order[i]]
				s := b.n.Steps[first+c]
				w := float64(*at)
				q := min(max(math.RoundToEven((w+float64(over[c]))/s), -127), 127) * s
				*at, e[c] = float32(q), float32(w-q)
			}
		}
		if to < k {
			a := kernel.Matrix{Values: carry[to*k+from:], Row: k, Depth: 1}
			kernel.MulAdd(taken[to*float.TileWidth:], a, errs[from*float.TileWidth:], k-to, to-from, float.TileWidth)
		}
	}
}

// carries returns, for i > j at [i*k+j], how much of the error of weight j
// weight i takes over, or nil if m, the covariance, is not positive. With m = R Rᵀ
// and R upper triangular, errors e cost |Rᵀe|², whose value i is
// R[i][i]e[i] + the sum over j < i of R[j][i]e[j]: it vanishes where
// e[i] = -sum of R[j][i]/R[i][i] e[j].
func carries(l []float64, k int) []float32 {
	carry := make([]float32, k*k)
	for i := range k {
		d := l[(k-1-i)*k+k-1-i]
		for j := range i {
			carry[i*k+j] = float32(l[(k-1-j)*k+k-1-i] / d)
		}
	}
	return carry
}

// reversedFactor returns the lower triangular factor l, llᵀ being m with rows and
// columns in reversed order, or nil if m is not positive.
func reversedFactor(m []float64, k int) []float64 {
	l := make([]float64, k*k)
	for i := range k {
		row := l[i*k:][:k]
		for j := range i + 1 {
			sum := m[(k-1-i)*k+k-1-j] - dot(row[:j], l[j*k:][:j])
			if j < i {
				row[j] = sum / l[j*k+j]
				continue
			}
			if !(sum > 0) {
				return nil
			}
			row[i] = math.Sqrt(sum)
		}
	}
	return l
}

// dot sums in four parts.
func dot(a, b []float64) float64 {
	var s0, s1, s2, s3 float64
	b = b[:len(a)]
	for len(a) >= 4 && len(b) >= 4 {
		s0 += float64(a[0] * b[0])
		s1 += float64(a[1] * b[1])
		s2 += float64(a[2] * b[2])
		s3 += float64(a[3] * b[3])
		a, b = a[4:], b[4:]
	}
	for i, v := range a {
		s0 += float64(v * b[i])
	}
	return s0 + s1 + (s2 + s3)
}
