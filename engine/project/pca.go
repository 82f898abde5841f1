// Package project maps vectors to few dimensions for looking at. Its results
// are for the eye: they agree between platforms to many digits, not to the
// last bit.
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
// magnitude is 1; explained is each component's share of the variance, 0 for
// those beyond the rank. The loading of largest magnitude is positive, so that
// the map does not flip. Identical vectors all land on 0. Values that are not
// finite are refused.
func PCA(data []float32, n, dim, k int) (coords []float32, explained []float64, err error) {
	if n < 0 || dim < 1 || k < 1 || len(data)/dim != n || len(data)%dim != 0 {
		return nil, nil, errors.New("project: PCA: the vectors have different lengths")
	}
	coords, explained = make([]float32, n*k), make([]float64, k)
	x, total, energy := centred(data, n, dim)
	if math.IsNaN(energy) || math.IsInf(energy, 0) {
		return nil, nil, errors.New("project: PCA: a vector holds a value that is not finite")
	}
	// One float32 step in one value is far above this, rounding of the mean far
	// below.
	if total <= 1e-26*energy || n < 2 {
		return coords, explained, nil
	}
	values, vectors, err := components(x, min(k, n, dim))
	if err != nil {
		return nil, nil, err
	}
	columns := make([][]float64, len(values))
	top := 0.0
	for c, v := range values {
		explained[c] = v / total
		columns[c] = scores(x, vectors[c], v)
		for _, s := range columns[c] {
			top = max(top, math.Abs(s))
		}
	}
	if top == 0 {
		return coords, explained, nil
	}
	for c, column := range columns {
		for i, v := range column {
			coords[i*k+c] = float32(v / top)
		}
	}
	return coords, explained, nil
}

// centred subtracts the mean. total is the sum of squares left, energy that of
// data.
func centred(data []float32, n, dim int) (x blas64.General, total, energy float64) {
	mean := make([]float64, dim)
	for i := 0; i < len(data); i += dim {
		for j, v := range data[i:][:dim] {
			mean[j] += float64(v)
			energy += float64(v) * float64(v)
		}
	}
	for j := range mean {
		mean[j] /= float64(n)
	}
	x = blas64.General{Rows: n, Cols: dim, Stride: max(dim, 1), Data: make([]float64, n*dim)}
	for i := 0; i < len(data); i += dim {
		row := x.Data[i:][:dim]
		for j, v := range data[i:][:dim] {
			row[j] = float64(v) - mean[j]
			total += row[j] * row[j]
		}
	}
	return x, total, energy
}

// scores returns x times the loading of a component, given the component's
// vector in the smaller space and its eigenvalue.
func scores(x blas64.General, vector []float64, value float64) []float64 {
	v := blas64.Vector{N: len(vector), Data: vector, Inc: 1}
	s, loading := blas64.Vector{N: x.Rows, Data: make([]float64, x.Rows), Inc: 1}, v
	if x.Cols <= x.Rows {
		blas64.Gemv(blas.NoTrans, 1, x, v, 0, s)
	} else {
		blas64.Axpy(math.Sqrt(value), v, s)
		loading = blas64.Vector{N: x.Cols, Data: make([]float64, x.Cols), Inc: 1}
		blas64.Gemv(blas.Trans, 1, x, v, 0, loading)
	}
	if largest(loading.Data) < 0 {
		blas64.Scal(-1, s)
	}
	return s.Data
}

// largest returns the entry of largest magnitude, the first of those that
// rounding may have ordered differently elsewhere.
func largest(v []float64) float64 {
	top := 0.0
	for _, a := range v {
		top = max(top, math.Abs(a))
	}
	for _, a := range v {
		if math.Abs(a) >= top*(1-1e-9) {
			return a
		}
	}
	return 0
}

// directSide is the size up to which all eigenvectors are computed: beyond it,
// iterating for the few that are wanted is quicker.
const directSide = 192

// components returns the k largest eigenvalues, in falling order, and
// eigenvectors of x*x' or x'*x, whichever is smaller; the other has the same
// eigenvalues.
func components(x blas64.General, k int) (values []float64, vectors [][]float64, err error) {
	side, trans := x.Cols, blas.Trans
	if x.Cols > x.Rows {
		side, trans = x.Rows, blas.NoTrans
	}
	if side > directSide {
		return krylov(x, side, k)
	}
	gram := blas64.Symmetric{Uplo: blas.Upper, N: side, Stride: side, Data: make([]float64, side*side)}
	blas64.Syrk(trans, 1, x, 0, gram)
	all, err := eigen(gram)
	if err != nil {
		return nil, nil, err
	}
	for c := range k {
		j := side - 1 - c // ascending
		v := make([]float64, side)
		blas64.Copy(blas64.Vector{N: side, Data: gram.Data[j:], Inc: side}, blas64.Vector{N: side, Data: v, Inc: 1})
		values, vectors = append(values, max(all[j], 0)), append(vectors, v)
	}
	return values, vectors, nil
}

// eigen returns the eigenvalues of a, ascending, and leaves the eigenvectors
// in its columns. LAPACK is called directly: gonum's mat would bring all of
// its interfaces into the wasm.
func eigen(a blas64.Symmetric) ([]float64, error) {
	values, work := make([]float64, a.N), make([]float64, 1)
	var impl lapackgo.Implementation
	impl.Dsyev(lapack.EVCompute, a.Uplo, a.N, a.Data, a.Stride, values, work, -1)
	work = make([]float64, int(work[0]))
	if !impl.Dsyev(lapack.EVCompute, a.Uplo, a.N, a.Data, a.Stride, values, work, len(work)) {
		return nil, errors.New("project: PCA: the eigenvalues did not converge")
	}
	return values, nil
}
