package project

import (
	"errors"
	"math"
	"runtime"
	"slices"
	"sync"

	"likeness/engine/search"
)

// Faithfulness says how well a map keeps neighbours, both figures 0..1.
type Faithfulness struct {
	// Trustworthiness is low where vectors are near on the map that are far by
	// their cosines (Venna and Kaski 2001).
	Trustworthiness float64 `json:"trustworthiness"`
	// Kept is the mean share of a vector's k nearest that are among the k
	// nearest on the map.
	Kept float64 `json:"kept"`
}

// Measure compares a map, n x dims, with the n vectors of dim values each that
// it shows, by the k nearest of each; ties go to the lower index. It takes time
// quadratic in n; every step-th vector is looked at, 1 for all. k is less than
// n/2. check is called every few vectors and may be nil.
func Measure(data []float32, dim int, coords []float32, dims, k, step int, check search.Check) (Faithfulness, error) {
	if dim < 1 || dims < 1 || len(data)%dim != 0 || len(coords) != len(data)/dim*dims {
		return Faithfulness{}, errors.New("project: Measure: vectors and map are not of the same number")
	}
	n := len(data) / dim
	if k < 1 || 2*k >= n || step < 1 {
		return Faithfulness{}, errors.New("project: Measure: the number of neighbours is not in 1..(n-1)/2, or the step not positive")
	}
	count := (n + step - 1) / step
	m := &measure{data: data, coords: coords, n: n, dim: dim, dims: dims, k: k, step: step,
		length: make([]float64, n), wrong: make([]int, count), kept: make([]int, count)}
	for i := range m.length {
		m.length[i] = math.Sqrt(similarity(data[i*dim:][:dim], data[i*dim:][:dim]))
	}
	workers := min(runtime.GOMAXPROCS(0), count)
	scratch := make([]float64, 2*n*workers)
	for first := 0; first < count; first += workers {
		var wg sync.WaitGroup
		for w := range min(workers, count-first) {
			wg.Go(func() { m.look(first+w, scratch[2*n*w:][:n], scratch[2*n*w+n:][:n]) })
		}
		wg.Wait()
		if check != nil {
			if err := check(float64(min(first+workers, count)) / float64(count)); err != nil {
				return Faithfulness{}, err
			}
		}
	}
	sumWrong, sumKept := 0, 0
	for q := range count {
		sumWrong, sumKept = sumWrong+m.wrong[q], sumKept+m.kept[q]
	}
	most := float64(count) * float64(k) * float64(2*n-3*k-1) / 2
	return Faithfulness{1 - float64(sumWrong)/most, float64(sumKept) / float64(count*k)}, nil
}

// measure is what Measure is at.
type measure struct {
	data, coords          []float32
	n, dim, dims, k, step int
	length                []float64 // of each vector
	wrong, kept           []int     // of each vector looked at
}

// look compares the neighbours of one vector; far and near are room for n
// distances each.
func (m *measure) look(q int, far, near []float64) {
	i := q * m.step
	for j := range m.n {
		far[j] = 0
		if l := m.length[i] * m.length[j]; l > 0 {
			far[j] = -similarity(m.data[i*m.dim:][:m.dim], m.data[j*m.dim:][:m.dim]) / l
		}
		near[j] = squareDistance(m.coords[i*m.dims:][:m.dims], m.coords[j*m.dims:][:m.dims])
	}
	m.wrong[q], m.kept[q] = compare(far, near, i, m.k)
}

// compare returns by how many ranks the k nearest by the second distances are
// too far by the first, in sum, and how many are among the nearest of both.
func compare(far, near []float64, self, k int) (wrong, kept int) {
	for _, j := range least(near, self, k) {
		rank := 1
		for l, d := range far {
			if l != self && (d < far[j] || d == far[j] && l < j) {
				rank++
			}
		}
		if rank > k {
			wrong += rank - k
		} else {
			kept++
		}
	}
	return wrong, kept
}

// least returns the indices of the k least values, without one of them; ties go
// to the lower index.
func least(values []float64, without, k int) []int {
	best := make([]int, 0, k+1) // in rising order
	for j, v := range values {
		if j == without || len(best) == k && v >= values[best[k-1]] {
			continue
		}
		at := len(best)
		for at > 0 && v < values[best[at-1]] {
			at--
		}
		best = slices.Insert(best, at, j)
		best = best[:min(len(best), k)]
	}
	return best
}

func similarity(a, b []float32) float64 {
	sum := 0.0
	b = b[:len(a)]
	for k, x := range a {
		sum += float64(float64(x) * float64(b[k]))
	}
	return sum
}

func squareDistance(a, b []float32) float64 {
	sum := 0.0
	for k, x := range a {
		d := float64(x) - float64(b[k])
		sum += float64(d * d)
	}
	return sum
}
