package project

import (
	"math"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
)

const (
	// tolerance is the residual at which an eigenvector is done, relative to
	// the largest eigenvalue: far below a pixel on any map.
	tolerance = 1e-6
	// maxBasis bounds the work on spectra too flat for components to matter;
	// what is found by then is used.
	maxBasis = 96
)

// krylov finds the k largest eigenpairs of x*x' or x'*x, of the given side, in
// the block Krylov space of a fixed start, by Rayleigh-Ritz (Saad, Numerical
// Methods for Large Eigenvalue Problems, ch. 6). The matrix is never formed:
// each block costs two passes over x. Blocks of k+1 find eigenvalues that
// occur up to as often.
func krylov(x blas64.General, side, k int) (values []float64, vectors [][]float64, err error) {
	block := k + 1
	limit := min(side, max(maxBasis, 8*block))
	b := &basis{x: x, side: side, q: make([]float64, limit*side), aq: make([]float64, limit*side), h: make([]float64, limit*limit), limit: limit}
	for {
		b.grow(block)
		ritz, err := b.ritz(k)
		if err != nil {
			return nil, nil, err
		}
		if b.n == limit || b.converged(ritz) {
			for _, r := range ritz {
				values, vectors = append(values, max(r.value, 0)), append(vectors, b.combine(b.q, r.s))
			}
			return values, vectors, nil
		}
	}
}

// basis holds n orthonormal rows q, their images aq = A*q and h = q*A*q'.
type basis struct {
	x              blas64.General
	side, n, limit int
	q, aq          []float64 // limit x side
	h              []float64 // limit x limit
	seed           uint64
}

func (b *basis) rows(data []float64, from, to int) blas64.General {
	return blas64.General{Rows: to - from, Cols: b.side, Stride: b.side, Data: data[from*b.side : to*b.side]}
}

func row(data []float64, side, i int) blas64.Vector {
	return blas64.Vector{N: side, Data: data[i*side:][:side], Inc: 1}
}

// grow appends the images of the last rows, or at first a fixed start, made
// orthogonal to all before.
func (b *basis) grow(count int) {
	from := b.n
	for range min(count, b.limit-b.n) {
		v := row(b.q, b.side, b.n)
		if source := b.n - count; source >= 0 {
			blas64.Copy(row(b.aq, b.side, source), v)
		} else {
			b.scatter(v.Data)
		}
		for !b.orthonormalise(v) {
			b.scatter(v.Data) // the space is exhausted: look elsewhere
		}
		b.n++
	}
	b.apply(from)
	fresh := b.rows(b.aq, from, b.n)
	h := blas64.General{Rows: b.n, Cols: b.n - from, Stride: b.limit, Data: b.h[from:]}
	blas64.Gemm(blas.NoTrans, blas.Trans, 1, b.rows(b.q, 0, b.n), fresh, 0, h)
}

// apply computes the images of the rows from on.
func (b *basis) apply(from int) {
	q, out := b.rows(b.q, from, b.n), b.rows(b.aq, from, b.n)
	inner, outer, other := blas.Trans, blas.NoTrans, b.x.Rows
	if b.side == b.x.Rows {
		inner, outer, other = blas.NoTrans, blas.Trans, b.x.Cols
	}
	y := blas64.General{Rows: q.Rows, Cols: other, Stride: other, Data: make([]float64, q.Rows*other)}
	blas64.Gemm(blas.NoTrans, inner, 1, q, b.x, 0, y)
	blas64.Gemm(blas.NoTrans, outer, 1, y, b.x, 0, out)
}

// orthonormalise reports whether anything of v is left outside the basis. Two
// rounds of Gram-Schmidt are enough to be orthogonal to rounding.
func (b *basis) orthonormalise(v blas64.Vector) bool {
	before := blas64.Nrm2(v)
	if before == 0 {
		return false
	}
	blas64.Scal(1/before, v)
	for range 2 {
		if b.n > 0 {
			q := b.rows(b.q, 0, b.n)
			c := blas64.Vector{N: b.n, Data: make([]float64, b.n), Inc: 1}
			blas64.Gemv(blas.NoTrans, 1, q, v, 0, c)
			blas64.Gemv(blas.Trans, -1, q, c, 1, v)
		}
		left := blas64.Nrm2(v)
		if left < 1e-10 {
			return false
		}
		blas64.Scal(1/left, v)
	}
	return true
}

// scatter fills v with fixed pseudo-random values (splitmix64), without the
// weight of math/rand.
func (b *basis) scatter(v []float64) {
	for i := range v {
		b.seed += 0x9e3779b97f4a7c15
		z := b.seed
		z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
		z = (z ^ z>>27) * 0x94d049bb133111eb
		v[i] = float64(int64(z^z>>31)) / (1 << 63)
	}
}

// ritzPair approximates an eigenpair by value and s*q.
type ritzPair struct {
	value float64
	s     []float64
}

func (b *basis) ritz(k int) ([]ritzPair, error) {
	h := blas64.Symmetric{Uplo: blas.Upper, N: b.n, Stride: b.n, Data: make([]float64, b.n*b.n)}
	for i := range b.n {
		copy(h.Data[i*b.n:][:b.n], b.h[i*b.limit:])
	}
	all, err := eigen(h)
	if err != nil {
		return nil, err
	}
	pairs := make([]ritzPair, min(k, b.n))
	for c := range pairs {
		j := b.n - 1 - c // ascending
		s := make([]float64, b.n)
		for i := range s {
			s[i] = h.Data[i*b.n+j]
		}
		pairs[c] = ritzPair{all[j], s}
	}
	return pairs, nil
}

// combine returns s times the rows of data.
func (b *basis) combine(data, s []float64) []float64 {
	v := make([]float64, b.side)
	blas64.Gemv(blas.Trans, 1, b.rows(data, 0, b.n), blas64.Vector{N: b.n, Data: s, Inc: 1}, 0, blas64.Vector{N: b.side, Data: v, Inc: 1})
	return v
}

// converged compares A*v with value*v.
func (b *basis) converged(pairs []ritzPair) bool {
	for _, p := range pairs {
		v, av := b.combine(b.q, p.s), b.combine(b.aq, p.s)
		sum := 0.0
		for i := range v {
			d := av[i] - p.value*v[i]
			sum += d * d
		}
		if !(math.Sqrt(sum) <= tolerance*pairs[0].value) {
			return false
		}
	}
	return true
}
