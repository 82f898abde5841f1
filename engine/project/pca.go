// Package project maps vectors to few dimensions for looking at.
package project

import (
	"errors"
	"math"

	"gonum.org/v1/gonum/mat"
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
	var gram mat.SymDense
	wide := dim > n
	if wide {
		gram.SymOuterK(1, x)
	} else {
		gram.SymOuterK(1, x.T())
	}
	var eig mat.EigenSym
	if !eig.Factorize(&gram, true) {
		return nil, nil, errors.New("project: PCA: the eigenvalues did not converge")
	}
	values := eig.Values(nil) // ascending
	var vectors mat.Dense
	eig.VectorsTo(&vectors)
	total := 0.0
	for _, v := range values {
		total += max(v, 0)
	}
	if total == 0 {
		return coords, explained, nil
	}
	projected := mat.NewDense(n, k, nil)
	for c := range min(k, len(values)) {
		j := len(values) - 1 - c
		explained[c] = max(values[j], 0) / total
		column := mat.NewVecDense(vectors.RawMatrix().Rows, mat.Col(nil, j, &vectors))
		p := mat.NewVecDense(n, nil)
		if wide {
			p.ScaleVec(math.Sqrt(max(values[j], 0)), column)
		} else {
			p.MulVec(x, column)
		}
		projected.SetCol(c, upright(p.RawVector().Data))
	}
	top := max(mat.Max(projected), -mat.Min(projected))
	for i, v := range projected.RawMatrix().Data {
		coords[i] = float32(v / top)
	}
	return coords, explained, nil
}

func centred(data []float32, n, dim int) *mat.Dense {
	mean := make([]float64, dim)
	for i, v := range data {
		mean[i%dim] += float64(v) / float64(n)
	}
	x := mat.NewDense(n, dim, nil)
	raw := x.RawMatrix().Data
	for i, v := range data {
		raw[i] = float64(v) - mean[i%dim]
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
