package project

import (
	"cmp"
	"errors"
	"math"
	"runtime"
	"slices"
	"sync"
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
// n/2.
func Measure(data []float32, dim int, coords []float32, dims, k, step int) (Faithfulness, error) {
	if dim < 1 || dims < 1 || len(data)%dim != 0 || len(coords) != len(data)/dim*dims {
		return Faithfulness{}, errors.New("project: Measure: vectors and map are not of the same number")
	}
	n := len(data) / dim
	if k < 1 || 2*k >= n || step < 1 {
		return Faithfulness{}, errors.New("project: Measure: the number of neighbours is not in 1..(n-1)/2, or the step not positive")
	}
	length := make([]float64, n)
	for i := range length {
		length[i] = math.Sqrt(similarity(data[i*dim:][:dim], data[i*dim:][:dim]))
	}
	count := (n + step - 1) / step
	wrong, kept := make([]int, count), make([]int, count)
	var wg sync.WaitGroup
	workers := min(runtime.GOMAXPROCS(0), count)
	for w := range workers {
		wg.Go(func() {
			far, near := make([]float64, n), make([]float64, n)
			for q := w; q < count; q += workers {
				i := q * step
				for j := range n {
					far[j] = 0
					if l := length[i] * length[j]; l > 0 {
						far[j] = -similarity(data[i*dim:][:dim], data[j*dim:][:dim]) / l
					}
					near[j] = squareDistance(coords[i*dims:][:dims], coords[j*dims:][:dims])
				}
				wrong[q], kept[q] = compare(far, near, i, k)
			}
		})
	}
	wg.Wait()
	sumWrong, sumKept := 0, 0
	for q := range count {
		sumWrong, sumKept = sumWrong+wrong[q], sumKept+kept[q]
	}
	most := float64(count) * float64(k) * float64(2*n-3*k-1) / 2
	return Faithfulness{1 - float64(sumWrong)/most, float64(sumKept) / float64(count*k)}, nil
}

// compare returns by how many ranks the k nearest by the second distances are
// too far by the first, in sum, and how many are among the nearest of both.
func compare(far, near []float64, self, k int) (wrong, kept int) {
	order := make([]int, 0, len(near)-1)
	for j := range near {
		if j != self {
			order = append(order, j)
		}
	}
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(near[a], near[b]), cmp.Compare(a, b))
	})
	for _, j := range order[:k] {
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
