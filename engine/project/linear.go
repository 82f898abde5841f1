package project

import "math"

// Sums here run in a fixed order and round each product, so that every
// platform gives the same bits: the assembly of gonum adds in another order on
// some.

// dotProduct adds in four chains.
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

func normalise(v []float64) float64 {
	length := math.Sqrt(dotProduct(v, v))
	if length > 0 {
		for k := range v {
			v[k] /= length
		}
	}
	return length
}

// orthonormalise makes each vector orthogonal to those before, by two rounds
// of Gram and Schmidt's method, and of length 1; one that depends on them is
// replaced at random.
func orthonormalise(vectors [][]float64, seed *random) {
	for a := range vectors {
		for try := 0; !orthogonal(vectors[:a], vectors[a]) && try < 3; try++ {
			for k := range vectors[a] {
				vectors[a][k] = seed.Unit()
			}
		}
	}
}

// orthogonal reports whether anything of v is left outside the space of others.
func orthogonal(others [][]float64, v []float64) bool {
	if normalise(v) == 0 {
		return false
	}
	left := 1.0
	for range 2 {
		for _, u := range others {
			addScaled(v, -dotProduct(u, v), u)
		}
		if left = normalise(v); left < 1e-10 {
			return false
		}
	}
	return true
}

// jacobi returns the eigenvectors of a symmetric matrix, as rows, and its
// eigenvalues, by rotations (Jacobi 1846). h is used up.
func jacobi(h [][]float64) (vectors [][]float64, values []float64) {
	n := len(h)
	vectors = make([][]float64, n)
	for i := range vectors {
		vectors[i] = make([]float64, n)
		vectors[i][i] = 1
	}
	top := 0.0
	for i := range h {
		for _, v := range h[i] {
			top = max(top, math.Abs(v))
		}
	}
	const rounds, nothing = 30, 1e-16
	for range rounds {
		still := true
		for p := range n {
			for q := p + 1; q < n; q++ {
				if math.Abs(h[p][q]) <= nothing*top {
					continue
				}
				still = false
				theta := (h[q][q] - h[p][p]) / (2 * h[p][q])
				t := 1 / (math.Abs(theta) + math.Sqrt(float64(theta*theta)+1))
				if theta < 0 {
					t = -t
				}
				c := 1 / math.Sqrt(float64(t*t)+1)
				s := float64(t * c)
				for k := range n {
					x, y := h[k][p], h[k][q]
					h[k][p], h[k][q] = float64(c*x)-float64(s*y), float64(s*x)+float64(c*y)
				}
				rotate(h[p], h[q], c, s)
				rotate(vectors[p], vectors[q], c, s)
			}
		}
		if still {
			break
		}
	}
	for i := range n {
		values = append(values, h[i][i])
	}
	return vectors, values
}

func rotate(a, b []float64, c, s float64) {
	b = b[:len(a)]
	for k, x := range a {
		y := b[k]
		a[k], b[k] = float64(c*x)-float64(s*y), float64(s*x)+float64(c*y)
	}
}

// falling returns the places of the values, the highest first.
func falling(values []float64) []int {
	order := make([]int, len(values))
	for i := range order {
		order[i] = i
		for j := i; j > 0 && values[order[j]] > values[order[j-1]]; j-- {
			order[j], order[j-1] = order[j-1], order[j]
		}
	}
	return order
}
