package search

import (
	"errors"
	"fmt"
	"math"

	"likeness/engine/kernel"
)

// linkedNeighbours is how many neighbours of each vector are looked at where
// not all pairs are compared.
const linkedNeighbours = 24

// Linked joins all vectors that are linked by pairs of a cosine of at least
// threshold, 0..1, directly or through others. It returns for each vector the
// first one that it is joined with, itself if there is none before. Of more
// than ExactLimit vectors, unless all are to be compared, pairs are sought among
// the 24 nearest of each.
func Linked(data []float32, dim int, threshold float64, o Options) ([]int32, error) {
	n, err := shape(data, dim, 1)
	if err != nil {
		return nil, fmt.Errorf("search: Linked: %w", err)
	}
	if !(threshold > 0 && threshold <= 1) {
		return nil, errors.New("search: Linked: the threshold is not above 0 and at most 1")
	}
	u := newUnion(n)
	if !o.Exact && n > ExactLimit {
		nb, err := Nearest(data, dim, linkedNeighbours, o)
		if err != nil {
			return nil, err
		}
		for e, j := range nb.Index {
			if float64(nb.Score[e]) >= threshold {
				u.join(int32(e/nb.K), j)
			}
		}
		return u.firsts(), nil
	}
	m, err := newSet(data, dim)
	if err != nil {
		return nil, fmt.Errorf("search: Linked: %w", err)
	}
	if err := link(m, threshold, u, o.Check); err != nil {
		return nil, err
	}
	return u.firsts(), nil
}

// link compares all pairs: by products of 16 bits, and exactly where those are
// near the threshold or above it.
func link(m *Set, threshold float64, u union, check Check) error {
	// What rounding can take from a product: half a unit for each value of each
	// vector, by Cauchy and Schwarz.
	slack := float64(unit*math.Sqrt(float64(m.dim))) + float64(m.dim)
	least := int32(max(float64(threshold*unit*unit)-slack, 1))
	p := newPanel(m.stride)
	most, width := p.columns.Most(), p.columns.Width()
	for first := 0; first < m.n; first += most {
		cols := min(most, m.n-first)
		p.columns.Fill(m.rows[first*m.stride:][:cols*m.stride])
		for from := 0; from < first+cols; from += kernel.DotRows {
			rows := min(kernel.DotRows, first+cols-from)
			stride := kernel.Dots(p.products, m.rows[from*m.stride:], rows, p.columns)
			for r := range rows {
				for col := 0; col < cols; col += width {
					for c, d := range p.products[(col/width*stride+r)*width:][:min(width, cols-col)] {
						if d < least {
							continue
						}
						i, j := int32(from+r), int32(first+col+c)
						if i < j && u.find(i) != u.find(j) && float64(m.Cosine(int(i), int(j))) >= threshold {
							u.join(i, j)
						}
					}
				}
			}
		}
		share := float64(first+cols) / float64(m.n)
		if err := check.at(share * share); err != nil {
			return err
		}
	}
	if m.n == 0 {
		return check.at(1)
	}
	return nil
}

// union joins sets of indices: each points to one before it in its set, the
// first to itself.
type union []int32

func newUnion(n int) union {
	u := make(union, n)
	for i := range u {
		u[i] = int32(i)
	}
	return u
}

func (u union) find(i int32) int32 {
	for u[i] != i {
		u[i] = u[u[i]]
		i = u[i]
	}
	return i
}

func (u union) join(i, j int32) {
	i, j = u.find(i), u.find(j)
	u[max(i, j)] = min(i, j)
}

// firsts lets each index point to the first of its set.
func (u union) firsts() []int32 {
	for i := range u {
		u[i] = u.find(int32(i))
	}
	return u
}
