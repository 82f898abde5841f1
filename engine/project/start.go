package project

import (
	"errors"
	"math"
)

// The measure of Start.
const (
	startSample = 5000 // vectors from which the axes are learned
	startRounds = 8    // of subspace iteration
	startSpare  = 4    // axes iterated beyond those wanted
)

// Start gives n vectors of dim values each the places from which [NewTSNE] and
// [NewUMAP] begin: n x dims, on the principal axes of up to 5,000 of them. It
// takes a fraction of the time of [PCA], since its axes need only be near the
// principal ones.
func Start(data []float32, n, dim, dims int) ([]float32, error) {
	if n < 0 || dim < 1 || dims < 1 || len(data)/dim != n || len(data)%dim != 0 {
		return nil, errors.New("project: Start: the vectors have different lengths")
	}
	for _, v := range data {
		if v-v != 0 {
			return nil, errors.New("project: Start: a vector holds a value that is not finite")
		}
	}
	coords := make([]float32, n*dims)
	s, mean := startRows(data, n, dim)
	if len(s) == 0 {
		return coords, nil
	}
	axes := startAxes(s, dim, min(dims, dim))
	top := 0.0
	out := make([]float64, n*dims)
	for i := range n {
		for a, axis := range axes {
			sum := 0.0
			for k, v := range data[i*dim:][:dim] {
				sum += float64((float64(v) - mean[k]) * axis[k])
			}
			out[i*dims+a] = sum
			top = max(top, math.Abs(sum))
		}
	}
	if top > 0 {
		for i, v := range out {
			coords[i] = float32(v / top)
		}
	}
	return coords, nil
}

// startRows returns rows at equal steps less their mean, scaled so that no
// square overflows; none if they are all alike.
func startRows(data []float32, n, dim int) (rows [][]float64, mean []float64) {
	m := min(n, startSample)
	mean = make([]float64, dim)
	top := 0.0
	for r := range m {
		row := make([]float64, dim)
		for k, v := range data[r*n/m*dim:][:dim] {
			row[k] = float64(v)
			mean[k] += float64(v)
		}
		rows = append(rows, row)
	}
	for k := range mean {
		mean[k] /= float64(m)
	}
	for _, row := range rows {
		for k := range row {
			row[k] -= mean[k]
			top = max(top, math.Abs(row[k]))
		}
	}
	if !(top > 0) {
		return nil, mean
	}
	for _, row := range rows {
		for k := range row {
			row[k] /= top
		}
	}
	return rows, mean
}

// startAxes iterates a subspace and turns it to its own principal axes.
func startAxes(rows [][]float64, dim, dims int) [][]float64 {
	count := min(dims+startSpare, dim)
	seed := random(1)
	axes := make([][]float64, count)
	for a := range axes {
		axes[a] = make([]float64, dim)
		for k := range axes[a] {
			axes[a][k] = seed.Unit()
		}
	}
	for range startRounds {
		orthonormalise(axes, &seed)
		axes = covariance(rows, axes)
	}
	orthonormalise(axes, &seed)
	images := covariance(rows, axes)
	h := make([][]float64, count)
	for a := range h {
		h[a] = make([]float64, count)
		for b := range h[a] {
			h[a][b] = dotProduct(axes[min(a, b)], images[max(a, b)])
		}
	}
	turns, values := jacobi(h)
	best := make([][]float64, dims)
	for to, from := range falling(values)[:dims] {
		v := make([]float64, dim)
		for a, axis := range axes {
			addScaled(v, turns[from][a], axis)
		}
		if largest(v) < 0 {
			for k := range v {
				v[k] = -v[k]
			}
		}
		best[to] = v
	}
	return best
}

// covariance returns the images of the axes under rows' * rows.
func covariance(rows, axes [][]float64) [][]float64 {
	images := make([][]float64, len(axes))
	for a, axis := range axes {
		images[a] = make([]float64, len(axis))
		for _, row := range rows {
			addScaled(images[a], dotProduct(row, axis), row)
		}
	}
	return images
}
