package cluster

import (
	"fmt"
	"math"

	"likeness/engine/search"
)

const (
	maxRounds = 60
	// seeding bounds the vectors among which first centres are chosen, for each
	// group and in all.
	seedingEach, seedingLeast = 60, 3000
	trials                    = 3 // vectors tried for each first centre
)

// KMeans divides n vectors of dim values each into k groups, such that each
// vector has the nearest mean, by spherical k-means (Dhillon and Modha 2001)
// from first centres by k-means++ (Arthur and Vassilvitskii 2007). Every vector
// belongs to a group; there are fewer groups than k if not so many vectors
// differ. 1 <= k <= n, but for no vectors there are no groups.
func KMeans(data []float32, dim, k int, o Options) (*Groups, error) {
	s, err := search.NewSet(data, dim)
	if err != nil {
		return nil, fmt.Errorf("cluster: KMeans: %w", err)
	}
	if s.Len() == 0 {
		return &Groups{}, o.at(1)
	}
	if err := checkCount(s.Len(), k); err != nil {
		return nil, fmt.Errorf("cluster: KMeans: %w", err)
	}
	labels, err := kMeans(s, dim, k, o)
	if err != nil {
		return nil, err
	}
	return arrange(s, labels, k), o.at(1)
}

func kMeans(s *search.Set, dim, k int, o Options) ([]int32, error) {
	chance := newRandom(o.Seed)
	centres, err := firstCentres(s, dim, k, chance, o.part(0, 0.2))
	if err != nil {
		return nil, err
	}
	var labels []int32
	o = o.part(0.2, 0.99)
	for round := range maxRounds {
		set, err := search.NewSet(centres, dim)
		if err != nil {
			return nil, fmt.Errorf("cluster: KMeans: %w", err)
		}
		next, err := s.Assign(set)
		if err != nil {
			return nil, fmt.Errorf("cluster: KMeans: %w", err)
		}
		moved := len(next)
		if labels != nil {
			moved = 0
			for i := range next {
				if next[i] != labels[i] {
					moved++
				}
			}
		}
		labels = next
		if moved*2000 <= len(labels) {
			break
		}
		means(centres, s, labels, dim)
		if err := o.at(float64(round+1) / maxRounds); err != nil {
			return nil, err
		}
	}
	return labels, nil
}

// means sets each centre to the direction of the sum of its vectors. One of
// none, or of a sum without direction, stays.
func means(centres []float32, s *search.Set, labels []int32, dim int) {
	sums := make([]int64, len(centres))
	for i, l := range labels {
		add(sums[int(l)*dim:][:dim], s.Unit(i))
	}
	for c := 0; c < len(centres); c += dim {
		square := 0.0
		for _, x := range sums[c:][:dim] {
			square += float64(float64(x) * float64(x))
		}
		if square == 0 {
			continue
		}
		length := math.Sqrt(square)
		for k, x := range sums[c:][:dim] {
			centres[c+k] = float32(float64(x) / length)
		}
	}
}

// firstCentres chooses vectors by lot, far ones more likely than near ones; of
// some tried for each place, the one that leaves the least distance.
func firstCentres(s *search.Set, dim, k int, chance *random, o Options) ([]float32, error) {
	pool := sample(s.Len(), max(seedingLeast, seedingEach*k), chance)
	centres := make([]float32, 0, k*dim)
	take := func(i int) {
		for _, x := range s.Unit(i) {
			centres = append(centres, float32(x))
		}
	}
	left := make([]float64, len(pool))
	for p := range left {
		left[p] = math.Inf(1)
	}
	next := pool[chance.below(len(pool))]
	best := make([]float64, len(pool))
	for c := range k {
		take(next)
		total := 0.0
		for p, i := range pool {
			left[p] = min(left[p], distance(s.Unit(i), s.Unit(next)))
			total += left[p]
		}
		if c == k-1 {
			break
		}
		least := math.Inf(1)
		for range trials {
			at := pool[drawn(left, total, chance)]
			sum := 0.0
			for p, i := range pool {
				best[p] = min(left[p], distance(s.Unit(i), s.Unit(at)))
				sum += best[p]
			}
			if sum < least {
				least, next = sum, at
			}
		}
		if err := o.at(float64(c+1) / float64(k)); err != nil {
			return nil, err
		}
	}
	return centres, nil
}

// drawn returns a place with a likelihood by weight.
func drawn(weight []float64, total float64, chance *random) int {
	at := float64(chance.Share() * total)
	for p, w := range weight {
		if at -= w; at < 0 {
			return p
		}
	}
	return chance.below(len(weight)) // nothing is left: all are centres
}

// sample draws up to most different numbers below n, in rising order.
func sample(n, most int, chance *random) []int {
	chosen := make([]int, 0, min(n, most))
	for i := range n {
		// Of those left, as many as are wanted (Knuth's algorithm S).
		if chance.below(n-i) < min(n, most)-len(chosen) {
			chosen = append(chosen, i)
		}
	}
	return chosen
}
