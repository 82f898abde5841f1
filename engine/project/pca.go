// Package project maps vectors to few dimensions for looking at.
package project

import (
	"errors"
	"math"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/lapack"
	lapackgo "gonum.org/v1/gonum/lapack/gonum"
)

// PCA projects n vectors of dim values on their first k principal components
// (Pearson 1901). coords is n x k, divided by one factor so that the largest
// is 1; explained is each component's share of the variance. The component
// with the largest loading is made positive, so that the map does not flip.
// Identical vectors all land on 0.
func PCA(data []float32, n, dim, k int) (coords []float32, explained []float64, err error) {
	if n < 0 || dim < 1 || k < 1 || len(data) != n*dim {
		return nil, nil, errors.New("project: PCA: the vectors have different lengths")
	}
	coords, explained = make([]float32, n*k), make([]float64, k)
	if n < 2 {
		return coords, explained, nil
	}
	x := centred(data, n, dim)
	// The smaller of the two Gram matrices has the same eigenvalues.
	wide := dim > n
	side, trans := dim, blas.Trans
	if wide {
		side, trans = n, blas.NoTrans
	}
	values, vectors, ok := eigen(x, side, trans)
	if !ok {
		return nil, nil, errors.New("project: PCA: the eigenvalues did not converge")
	}
	total := 0.0
	for _, v := range values {
		total += max(v, 0)
	}
	if total == 0 {
		return coords, explained, nil
	}
	top := 0.0
	projected := make([][]float64, min(k, side))
	for c := range projected {
		j := side - 1 - c // ascending
		explained[c] = max(values[j], 0) / total
		vector := blas64.Vector{N: side, Data: vectors[j:], Inc: side}
		p := blas64.Vector{N: n, Data: make([]float64, n), Inc: 1}
		if wide {
			blas64.Axpy(math.Sqrt(max(values[j], 0)), vector, p)
		} else {
			blas64.Gemv(blas.NoTrans, 1, x, vector, 0, p)
		}
		projected[c] = upright(p.Data)
		top = max(top, math.Abs(p.Data[blas64.Iamax(p)]))
	}
	for c, column := range projected {
		for i, v := range column {
			coords[i*k+c] = float32(v / top)
		}
	}
	return coords, explained, nil
}

// eigen factorises x*x' or x'*x. Column j of the row-major vectors belongs to
// values[j]. LAPACK is called directly: gonum's mat would bring all of its
// interfaces into the wasm.
func eigen(x blas64.General, side int, trans blas.Transpose) (values, vectors []float64, ok bool) {
	gram := blas64.Symmetric{Uplo: blas.Upper, N: side, Stride: side, Data: make([]float64, side*side)}
	blas64.Syrk(trans, 1, x, 0, gram)
	values = make([]float64, side)
	work := make([]float64, 1)
	var impl lapackgo.Implementation
	impl.Dsyev(lapack.EVCompute, blas.Upper, side, gram.Data, side, values, work, -1)
	work = make([]float64, int(work[0]))
	ok = impl.Dsyev(lapack.EVCompute, blas.Upper, side, gram.Data, side, values, work, len(work))
	return values, gram.Data, ok
}

func centred(data []float32, n, dim int) blas64.General {
	mean := make([]float64, dim)
	for i, v := range data {
		mean[i%dim] += float64(v) / float64(n)
	}
	x := blas64.General{Rows: n, Cols: dim, Stride: dim, Data: make([]float64, n*dim)}
	for i, v := range data {
		x.Data[i] = float64(v) - mean[i%dim]
	}
	return x
}

// upright flips a column whose largest entry is negative.
func upright(col []float64) []float64 {
	top := 0.0
	for _, v := range col {
		if math.Abs(v) > math.Abs(top) {
			top = v
		}
	}
	if top < 0 {
		for i := range col {
			col[i] = -col[i]
		}
	}
	return col
}
