package search

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
)

// Neighbours holds the nearest others of N vectors, K each: those of vector i
// at Index[i*K:][:K], best first, ties by index, with their cosines in Score.
type Neighbours struct {
	N, K  int
	Index []int32
	Score []float32
}

// Of returns the neighbours of vector i.
func (nb *Neighbours) Of(i int) (index []int32, score []float32) {
	return nb.Index[i*nb.K:][:nb.K], nb.Score[i*nb.K:][:nb.K]
}

// Check is called now and then in long work with the share that is done, which
// rises from 0 to 1. An error ends the work and is returned from it. On
// platforms of one thread it is the place to let others run.
type Check func(done float64) error

// Options say how neighbours are looked for. The zero value is good.
type Options struct {
	// Exact compares all with all, however many there are. Otherwise more than
	// ExactLimit vectors are searched through inverted lists, which find nearly
	// all neighbours: README.md of engine/project has figures.
	Exact bool
	// Seed chooses the lists. The same seed gives the same neighbours.
	Seed uint64
	// Check may be nil.
	Check Check
}

// ExactLimit is the number of vectors up to which all are compared with all.
const ExactLimit = 20000

// MaxNeighbours bounds k, and with it the memory used.
const MaxNeighbours = 1000

// The errors that [Nearest] and [Among] wrap.
var (
	ErrShape     = errors.New("the vectors do not all have the same length")
	ErrNotFinite = errors.New("a vector holds a value that is not finite")
)

// Nearest finds the k nearest others of each of the n vectors of dim values in
// data, by cosine as [Rank] has it; a vector of zeros scores 0 with all. k is
// at least 1; where there are not k others, K is n-1.
//
// Candidates are chosen by exact products of vectors in 16 bits, whose cosines
// are within 2e-5 in most cases, and ranked by their exact cosines. So a wrong
// one can only come where more than eight others lie within that of the last
// place. The result is the same on every platform.
func Nearest(data []float32, dim, k int, o Options) (*Neighbours, error) {
	n, err := shape(data, dim, k)
	if err != nil {
		return nil, fmt.Errorf("search: Nearest: %w", err)
	}
	k = max(min(k, n-1), 0)
	if k == 0 {
		return &Neighbours{N: n}, o.Check.at(1)
	}
	m, err := newSet(data, dim)
	if err != nil {
		return nil, fmt.Errorf("search: Nearest: %w", err)
	}
	lists := newShortlists(n, min(k+spare, n-1))
	if o.Exact || n <= ExactLimit {
		err = allPairs(m, lists, o.Check.part(0, searching))
	} else {
		err = throughLists(m, lists, o.Seed, o.Check.part(0, searching))
	}
	if err != nil {
		return nil, err
	}
	return settle(m, m, lists, k, o.Check.part(searching, 1))
}

// Among finds for each query the k nearest vectors of data; both have dim
// values each. Every query is compared with every vector. N is the number of
// queries, K the lesser of k and the number of vectors.
func Among(queries, data []float32, dim, k int, o Options) (*Neighbours, error) {
	nq, err := shape(queries, dim, k)
	if err != nil {
		return nil, fmt.Errorf("search: Among: %w", err)
	}
	n, err := shape(data, dim, k)
	if err != nil {
		return nil, fmt.Errorf("search: Among: %w", err)
	}
	k = min(k, n)
	if k == 0 || nq == 0 {
		return &Neighbours{N: nq, K: k}, o.Check.at(1)
	}
	q, err := newSet(queries, dim)
	if err != nil {
		return nil, fmt.Errorf("search: Among: %w", err)
	}
	m, err := newSet(data, dim)
	if err != nil {
		return nil, fmt.Errorf("search: Among: %w", err)
	}
	lists := newShortlists(nq, min(k+spare, n))
	if err := scan(q, m, lists, o.Check.part(0, searching)); err != nil {
		return nil, err
	}
	return settle(q, m, lists, k, o.Check.part(searching, 1))
}

const (
	// spare is how many candidates more than neighbours are kept.
	spare = 8
	// searching is the share of the time until all candidates are known.
	searching = 0.85
)

func shape(data []float32, dim, k int) (n int, err error) {
	switch {
	case dim < 1 || len(data)%dim != 0:
		return 0, ErrShape
	case dim > maxDim:
		return 0, fmt.Errorf("vectors of %d values are longer than the %d that are supported", dim, maxDim)
	case len(data)/dim > math.MaxInt32:
		return 0, errors.New("more than 2147483647 vectors")
	case k < 1 || k > MaxNeighbours:
		return 0, fmt.Errorf("%d neighbours are not in 1..%d", k, MaxNeighbours)
	}
	return len(data) / dim, nil
}

// at calls a check that may be nil.
func (c Check) at(done float64) error {
	if c == nil {
		return nil
	}
	return c(done)
}

// part returns the check for work that takes from one share to another.
func (c Check) part(from, to float64) Check {
	if c == nil {
		return nil
	}
	return func(done float64) error { return c(from + float64((to-from)*min(done, 1))) }
}

// settle ranks the candidates of each query by their exact cosines.
func settle(q, m *Set, lists *shortlists, k int, check Check) (*Neighbours, error) {
	nb := &Neighbours{N: q.n, K: k, Index: make([]int32, q.n*k), Score: make([]float32, q.n*k)}
	const chunk = 512
	for from := 0; from < q.n; from += chunk {
		parallel(min(chunk, q.n-from), func(first, last int) {
			var matches []Match
			for i := from + first; i < from+last; i++ {
				matches = matches[:0]
				for _, j := range lists.candidates(i) {
					matches = append(matches, Match{int(j), q.cosine(i, m, int(j))})
				}
				slices.SortFunc(matches, func(a, b Match) int {
					return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Index, b.Index))
				})
				for r, match := range matches[:k] {
					nb.Index[i*k+r], nb.Score[i*k+r] = int32(match.Index), match.Score
				}
			}
		})
		if err := check.at(float64(min(from+chunk, q.n)) / float64(q.n)); err != nil {
			return nil, err
		}
	}
	return nb, nil
}
