package search

import (
	"fmt"
	"math"
	"runtime"
	"sync"

	"likeness/engine/kernel"
)

// unit is the length of vectors in 16 bits. A product of two of them is at
// most (unit+sqrt(maxDim)/2)^2 in magnitude, which fits an int32.
const unit = math.MaxInt16

// maxDim bounds what rounding adds to the length: far above any layer.
const maxDim = 1 << 24

// Set holds n vectors twice: as they came, and divided by their lengths and
// rounded to 16 bits, each with stride values, the last of them zeros.
type Set struct {
	n, dim, stride int
	data           []float32
	length         []float64
	rows           []int16 // kernel.DotSlack vectors more than n
}

// NewSet prepares vectors of dim values each for being compared. It keeps
// data, which must not change.
func NewSet(data []float32, dim int) (*Set, error) {
	if _, err := shape(data, dim, 1); err != nil {
		return nil, fmt.Errorf("search: %w", err)
	}
	s, err := newSet(data, dim)
	if err != nil {
		return nil, fmt.Errorf("search: %w", err)
	}
	return s, nil
}

// Len returns the number of vectors.
func (s *Set) Len() int { return s.n }

// Cosine returns the cosine of two vectors as [Rank] has it.
func (s *Set) Cosine(i, j int) float32 { return s.cosine(i, s, j) }

// UnitLength is the length of the vectors that [Set.Unit] gives.
const UnitLength = unit

// Unit returns vector i scaled to UnitLength and rounded, zeros if it is
// zeros. The slice is the set's own, not to be changed.
func (s *Set) Unit(i int) []int16 { return s.rows[i*s.stride:][:s.dim] }

// Assign finds for each vector the nearest of some centres, by products of
// vectors in 16 bits, ties by index; -1 if there are none.
func (s *Set) Assign(centres *Set) ([]int32, error) {
	if s.dim != centres.dim {
		return nil, fmt.Errorf("search: Assign: %w", ErrShape)
	}
	nearest := make([]int32, s.n)
	if centres.n == 0 {
		for i := range nearest {
			nearest[i] = -1
		}
		return nearest, nil
	}
	lists := newShortlists(s.n, 1)
	if err := scan(s, centres, lists, nil); err != nil {
		return nil, err
	}
	for i := range nearest {
		nearest[i] = lists.first(i)
	}
	return nearest, nil
}

func newSet(data []float32, dim int) (*Set, error) {
	m := &Set{n: len(data) / dim, dim: dim, stride: kernel.Pad(dim), data: data}
	m.length = make([]float64, m.n)
	m.rows = make([]int16, (m.n+kernel.DotSlack)*m.stride)
	parallel(m.n, func(first, last int) {
		for i := first; i < last; i++ {
			m.length[i] = round16(m.rows[i*m.stride:], data[i*dim:][:dim])
		}
	})
	for _, l := range m.length {
		if !(l <= math.MaxFloat64) { // NaN too
			return nil, ErrNotFinite
		}
	}
	return m, nil
}

// round16 scales v to the length unit, and returns its length before.
func round16(out []int16, v []float32) float64 {
	_, square := dots(v, v)
	length := math.Sqrt(square)
	if !(length > 0 && length <= math.MaxFloat64) {
		return length
	}
	out = out[:len(v)]
	scale := unit / length
	for j, x := range v {
		out[j] = int16(math.RoundToEven(float64(x) * scale))
	}
	return length
}

// cosine returns what [Rank] gives for vector i of q and vector j of m.
func (q *Set) cosine(i int, m *Set, j int) float32 {
	l := q.length[i] * m.length[j]
	if !(l > 0) {
		return 0
	}
	return float32(min(max(product(q.data[i*q.dim:][:q.dim], m.data[j*m.dim:][:m.dim])/l, -1), 1))
}

// product is the first result of dots.
func product(q, v []float32) float64 {
	var p0, p1, p2, p3 float64
	v = v[:len(q)]
	i := 0
	for ; i+4 <= len(q); i += 4 {
		a, b := q[i:i+4:i+4], v[i:i+4:i+4]
		p0 += float64(float64(a[0]) * float64(b[0]))
		p1 += float64(float64(a[1]) * float64(b[1]))
		p2 += float64(float64(a[2]) * float64(b[2]))
		p3 += float64(float64(a[3]) * float64(b[3]))
	}
	for ; i < len(q); i++ {
		p0 += float64(float64(q[i]) * float64(v[i]))
	}
	return (p0 + p1) + (p2 + p3)
}

// parallel divides n steps among all cores.
func parallel(n int, work func(first, last int)) {
	workers := min(runtime.GOMAXPROCS(0), n)
	if workers <= 1 {
		if n > 0 {
			work(0, n)
		}
		return
	}
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() { work(n*w/workers, n*(w+1)/workers) })
	}
	wg.Wait()
}
