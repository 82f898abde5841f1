package project

import "math"

const (
	// tolerance is the residual at which an eigenvector is done, relative to
	// the largest eigenvalue: far below a pixel on any map.
	tolerance = 1e-6
	// maxBasis bounds the work on spectra too flat for components to matter;
	// what is found by then is used.
	maxBasis = 96
	// looks is how many blocks are added between looks at the residuals.
	looks = 3
)

// table holds rows of numbers of the same length.
type table struct {
	rows, cols int
	data       []float64
}

func (t table) row(i int) []float64 { return t.data[i*t.cols:][:t.cols] }

// krylov finds the k largest eigenpairs of x*x' or x'*x, whichever is smaller,
// in the block Krylov space of a fixed start, by Rayleigh-Ritz (Saad, Numerical
// Methods for Large Eigenvalue Problems, ch. 6). The matrix is never formed:
// each block costs one or two passes over x. Blocks of k+1 find eigenvalues
// that occur up to as often.
func krylov(x table, k int) (values []float64, vectors [][]float64) {
	side := min(x.rows, x.cols)
	block := k + 1
	b := &basis{x: x, side: side, limit: min(side, max(maxBasis, 8*block)), seed: 0}
	for {
		for range looks {
			b.grow(block)
		}
		ritz := b.ritz(k)
		if len(b.q) == b.limit || b.converged(ritz) {
			for _, r := range ritz {
				values, vectors = append(values, max(r.value, 0)), append(vectors, b.combine(b.q, r.s))
			}
			return values, vectors
		}
	}
}

// basis holds orthonormal vectors q, their images aq = A*q and h = q*A*q'.
type basis struct {
	x           table
	side, limit int
	q, aq, h    [][]float64
	seed        random
}

// grow appends the images of the last vectors, or at first a fixed start, made
// orthogonal to all before.
func (b *basis) grow(count int) {
	from := len(b.q)
	for range min(count, b.limit-from) {
		v := make([]float64, b.side)
		if source := len(b.q) - count; source >= 0 {
			copy(v, b.aq[source])
		} else {
			b.scatter(v)
		}
		for !orthogonal(b.q, v) {
			b.scatter(v) // the space is exhausted: look elsewhere
		}
		b.q = append(b.q, v)
	}
	b.aq = append(b.aq, b.images(b.q[from:])...)
	for i := from; i < len(b.q); i++ {
		row := make([]float64, i+1)
		for j := range row {
			row[j] = dotProduct(b.q[j], b.aq[i])
		}
		b.h = append(b.h, row)
	}
}

func (b *basis) scatter(v []float64) {
	for i := range v {
		v[i] = b.seed.Unit()
	}
}

// images returns A times each vector.
func (b *basis) images(q [][]float64) [][]float64 {
	out := make([][]float64, len(q))
	for a := range q {
		out[a] = make([]float64, b.side)
	}
	if b.side == b.x.cols {
		for i := range b.x.rows {
			row := b.x.row(i)
			for a, v := range q {
				addScaled(out[a], dotProduct(row, v), row)
			}
		}
		return out
	}
	for a, v := range q {
		sum := make([]float64, b.x.cols)
		for i := range b.x.rows {
			addScaled(sum, v[i], b.x.row(i))
		}
		for i := range b.x.rows {
			out[a][i] = dotProduct(b.x.row(i), sum)
		}
	}
	return out
}

// ritzPair approximates an eigenpair by value and s*q.
type ritzPair struct {
	value float64
	s     []float64
}

func (b *basis) ritz(k int) []ritzPair {
	n := len(b.q)
	h := make([][]float64, n)
	for i := range h {
		h[i] = make([]float64, n)
	}
	for i, row := range b.h {
		for j, v := range row {
			h[i][j], h[j][i] = v, v
		}
	}
	vectors, values := jacobi(h)
	pairs := make([]ritzPair, 0, k)
	for _, at := range falling(values)[:min(k, n)] {
		pairs = append(pairs, ritzPair{values[at], vectors[at]})
	}
	return pairs
}

// combine returns s times the vectors.
func (b *basis) combine(vectors [][]float64, s []float64) []float64 {
	v := make([]float64, b.side)
	for i, u := range vectors {
		addScaled(v, s[i], u)
	}
	return v
}

// converged compares A*v with value*v.
func (b *basis) converged(pairs []ritzPair) bool {
	for _, p := range pairs {
		v, av := b.combine(b.q, p.s), b.combine(b.aq, p.s)
		addScaled(av, -p.value, v)
		if !(math.Sqrt(dotProduct(av, av)) <= tolerance*pairs[0].value) {
			return false
		}
	}
	return true
}
