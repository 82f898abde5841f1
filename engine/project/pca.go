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
	a, err := axesOf(data, n, dim, k)
	if err != nil {
		return nil, nil, err
	}
	return a.coords, a.explained, nil
}

// pcaAxes are the result of PCA and what places other vectors on it.
type pcaAxes struct {
	coords    []float32
	explained []float64
	mean      []float64
	loadings  [][]float64 // one a component, of unit length; none if all vectors are alike
	top       float64     // the largest magnitude before scaling
}

func axesOf(data []float32, n, dim, k int) (*pcaAxes, error) {
	if n < 0 || dim < 1 || k < 1 || len(data)/dim != n || len(data)%dim != 0 {
		return nil, errors.New("project: PCA: the vectors have different lengths")
	}
	a := &pcaAxes{coords: make([]float32, n*k), explained: make([]float64, k)}
	x, mean, total, energy := centred(data, n, dim)
	if math.IsNaN(energy) || math.IsInf(energy, 0) {
		return nil, errors.New("project: PCA: a vector holds a value that is not finite")
	}
	a.mean = mean
	// One float32 step in one value is far above this, rounding of the mean far
	// below.
	if total <= 1e-26*energy || n < 2 {
		return a, nil
	}
	values, vectors := krylov(x, min(k, n, dim))
	columns := make([][]float64, len(values))
	for c, v := range values {
		a.explained[c] = v / total
		var loading []float64
		columns[c], loading = scores(x, vectors[c], v)
		for _, s := range columns[c] {
			a.top = max(a.top, math.Abs(s))
		}
		a.loadings = append(a.loadings, loading)
	}
	if a.top == 0 {
		a.loadings = nil
		return a, nil
	}
	for c, column := range columns {
		for i, v := range column {
			a.coords[i*k+c] = float32(v / a.top)
		}
	}
	return a, nil
}

// placePCA gives new vectors the places that the axes and the scale of data
// give them.
func placePCA(data, fresh []float32, n, dim, k int) ([]float32, error) {
	for _, v := range fresh {
		if v-v != 0 {
			return nil, errors.New("project: PCA: a vector holds a value that is not finite")
		}
	}
	a, err := axesOf(data, n, dim, k)
	if err != nil {
		return nil, err
	}
	out := make([]float32, len(fresh)/dim*k)
	row := make([]float64, dim)
	for i := range len(fresh) / dim {
		for j, v := range fresh[i*dim:][:dim] {
			row[j] = float64(v) - a.mean[j]
		}
		for c, loading := range a.loadings {
			out[i*k+c] = float32(dotProduct(row, loading) / a.top)
		}
	}
	return out, nil
}

// centred subtracts the mean. total is the sum of squares left, energy that of
// data.
func centred(data []float32, n, dim int) (x table, mean []float64, total, energy float64) {
	mean = make([]float64, dim)
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
	return x, mean, total, energy
}

// scores returns x times the loading of a component, and the loading, given
// the component's vector in the smaller space and its eigenvalue.
func scores(x table, vector []float64, value float64) (s, loading []float64) {
	s, loading = make([]float64, x.rows), vector
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
		if value > 0 {
			for j := range loading {
				loading[j] /= math.Sqrt(value)
			}
		}
	}
	if largest(loading) < 0 {
		for i := range s {
			s[i] = -s[i]
		}
		turned := make([]float64, len(loading)) // the eigenvectors belong to krylov
		addScaled(turned, -1, loading)
		loading = turned
	}
	return s, loading
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
