// Package project maps vectors to few dimensions for looking at: principal
// components, t-SNE and UMAP. Every result has the same bits on every platform:
// sums run in a fixed order, each product is rounded by itself, and logarithms
// and powers are computed here. README.md tells what was tried.
package project

import (
	"errors"
	"math"
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
	values, vectors := krylov(x, min(k, n, dim))
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
func centred(data []float32, n, dim int) (x table, total, energy float64) {
	mean := make([]float64, dim)
	for i := 0; i < len(data); i += dim {
		for j, v := range data[i:][:dim] {
			mean[j] += float64(v)
			energy += float64(float64(v) * float64(v))
		}
	}
	for j := range mean {
		mean[j] /= float64(n)
	}
	x = table{n, dim, make([]float64, n*dim)}
	for i := 0; i < len(data); i += dim {
		row := x.data[i:][:dim]
		for j, v := range data[i:][:dim] {
			row[j] = float64(v) - mean[j]
			total += float64(row[j] * row[j])
		}
	}
	return x, total, energy
}

// scores returns x times the loading of a component, given the component's
// vector in the smaller space and its eigenvalue.
func scores(x table, vector []float64, value float64) []float64 {
	s, loading := make([]float64, x.rows), vector
	if x.cols <= x.rows {
		for i := range s {
			s[i] = dotProduct(x.row(i), vector)
		}
	} else {
		addScaled(s, math.Sqrt(value), vector)
		loading = make([]float64, x.cols)
		for i, v := range vector {
			addScaled(loading, v, x.row(i))
		}
	}
	if largest(loading) < 0 {
		for i := range s {
			s[i] = -s[i]
		}
	}
	return s
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
