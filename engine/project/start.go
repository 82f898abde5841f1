package project

import (
	"cmp"
	"errors"
	"math"
	"slices"
)

// The measure of Start.
const (
	startSample = 5000 // vectors from which the axes are learned
	startRounds = 8    // of subspace iteration
	startSpare  = 4    // axes iterated beyond those wanted
)

// Start gives n vectors of dim values each the places from which [NewTSNE] and
// [NewUMAP] begin: n x dims, on the principal axes of up to 5,000 of them. It
// is [PCA] in little time and with the same bits on every platform, but its
// axes are only near the principal ones; that does not matter for a start.
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
			axes[a][k] = seed.unit()
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
	order := make([]int, count)
	for a := range order {
		order[a] = a
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(values[b], values[a]) })
	best := make([][]float64, dims)
	for to, from := range order[:dims] {
		v := make([]float64, dim)
		for a, axis := range axes {
			addScaled(v, turns[a][from], axis)
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

// orthonormalise is Gram and Schmidt's, twice; what depends on those before is
// replaced at random.
func orthonormalise(axes [][]float64, seed *random) {
	for a, v := range axes {
		for try := 0; ; try++ {
			normalise(v)
			for range 2 {
				for _, u := range axes[:a] {
					addScaled(v, -dotProduct(u, v), u)
				}
			}
			if normalise(v) > 1e-9 || try == 3 {
				break
			}
			for k := range v {
				v[k] = seed.unit()
			}
		}
	}
}

func normalise(v []float64) float64 {
	length := math.Sqrt(dotProduct(v, v))
	if length > 0 {
		for k := range v {
			v[k] /= length
		}
	}
	return length
}

// dotProduct adds in four chains, in a fixed order.
func dotProduct(a, b []float64) float64 {
	var s0, s1, s2, s3 float64
	b = b[:len(a)]
	i := 0
	for ; i+4 <= len(a); i += 4 {
		x, y := a[i:i+4:i+4], b[i:i+4:i+4]
		s0 += float64(x[0] * y[0])
		s1 += float64(x[1] * y[1])
		s2 += float64(x[2] * y[2])
		s3 += float64(x[3] * y[3])
	}
	for ; i < len(a); i++ {
		s0 += float64(a[i] * b[i])
	}
	return (s0 + s1) + (s2 + s3)
}

func addScaled(to []float64, factor float64, v []float64) {
	v = v[:len(to)]
	for k := range to {
		to[k] += float64(factor * v[k])
	}
}

// jacobi returns the eigenvectors of a symmetric matrix, as columns, and its
// eigenvalues, by rotations (Jacobi 1846). h is used up.
func jacobi(h [][]float64) (vectors [][]float64, values []float64) {
	n := len(h)
	vectors = make([][]float64, n)
	for i := range vectors {
		vectors[i] = make([]float64, n)
		vectors[i][i] = 1
	}
	rotate := func(x, y *float64, c, s float64) {
		*x, *y = float64(c**x)-float64(s**y), float64(s**x)+float64(c**y)
	}
	for range 30 {
		off := 0.0
		for p := range n {
			for q := p + 1; q < n; q++ {
				if h[p][q] == 0 {
					continue
				}
				off = max(off, math.Abs(h[p][q]))
				theta := (h[q][q] - h[p][p]) / (2 * h[p][q])
				t := 1 / (math.Abs(theta) + math.Sqrt(float64(theta*theta)+1))
				if theta < 0 {
					t = -t
				}
				c := 1 / math.Sqrt(float64(t*t)+1)
				s := float64(t * c)
				for k := range n {
					rotate(&h[k][p], &h[k][q], c, s)
				}
				for k := range n {
					rotate(&h[p][k], &h[q][k], c, s)
				}
				for k := range n {
					rotate(&vectors[k][p], &vectors[k][q], c, s)
				}
			}
		}
		if off < 1e-300 {
			break
		}
	}
	for i := range n {
		values = append(values, h[i][i])
	}
	return vectors, values
}
