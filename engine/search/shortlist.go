package search

import (
	"math"
)

// shortlists keeps the best candidates of each query in room for twice as
// many, so that the worse half is thrown out only now and then. What is kept in
// the end does not depend on the order in which candidates come.
type shortlists struct {
	keep  int
	keys  []uint64 // 2*keep for each query: product, then index, best highest
	count []int32
	// lowest is the least key worth adding, least its product.
	lowest []uint64
	least  []int32
}

func newShortlists(n, keep int) *shortlists {
	s := &shortlists{keep: keep, keys: make([]uint64, 2*keep*n), count: make([]int32, n),
		lowest: make([]uint64, n), least: make([]int32, n)}
	for i := range s.least {
		s.least[i] = math.MinInt32
	}
	return s
}

// keyOf orders by product, among equal ones the lower index first.
func keyOf(product int32, j int) uint64 {
	return uint64(uint32(product)^1<<31)<<32 | uint64(^uint32(j))
}

func (s *shortlists) indexOf(key uint64) int32 { return int32(^uint32(key)) }

func productOf(key uint64) int32 { return int32(uint32(key>>32) ^ 1<<31) }

// add takes a candidate whose product is at least s.least[i], once.
func (s *shortlists) add(i int, product int32, j int) {
	key := keyOf(product, j)
	if key <= s.lowest[i] {
		return
	}
	keys := s.keys[2*s.keep*i:][:2*s.keep]
	keys[s.count[i]] = key
	s.count[i]++
	if int(s.count[i]) == len(keys) {
		s.cut(i)
	}
}

// cut keeps the best.
func (s *shortlists) cut(i int) {
	keys := s.keys[2*s.keep*i:][:s.count[i]]
	if len(keys) <= s.keep {
		return
	}
	selectHighest(keys, s.keep)
	s.count[i] = int32(s.keep)
	s.lowest[i] = keys[s.keep-1]
	s.least[i] = productOf(s.lowest[i])
}

// candidates returns the indices of the best, in no order.
func (s *shortlists) candidates(i int) []int32 {
	s.cut(i)
	out := make([]int32, s.count[i])
	for c := range out {
		out[c] = s.indexOf(s.keys[2*s.keep*i+c])
	}
	return out
}

// selectHighest moves the k highest of different keys to the front, the lowest
// of them last: Hoare's selection.
func selectHighest(keys []uint64, k int) {
	lo, hi := 0, len(keys)-1
	for lo < hi {
		a, b, c := keys[lo], keys[(lo+hi)/2], keys[hi]
		pivot := max(min(a, b), min(max(a, b), c)) // the median
		i, j := lo, hi
		for i <= j {
			for keys[i] > pivot {
				i++
			}
			for keys[j] < pivot {
				j--
			}
			if i <= j {
				keys[i], keys[j] = keys[j], keys[i]
				i++
				j--
			}
		}
		switch {
		case k-1 <= j:
			hi = j
		case k-1 >= i:
			lo = i
		default:
			return
		}
	}
}
