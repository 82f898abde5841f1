package cluster

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"likeness/engine/search"
)

// DefaultThreshold is the one for near-duplicates of the default model. It and
// the constants below were chosen on 200 photos of 105 kinds, 23,000 small
// pictures and made copies of them, such that no different photos of the 200
// are joined; README.md has the figures.
const DefaultThreshold = 0.8

const (
	// duplicateNeighbours is how many neighbours of each vector are looked at.
	duplicateNeighbours = 24
	// surroundings is the rank of the neighbour that tells how dense the
	// surroundings of a vector are: beyond the copies that most pictures have.
	surroundings = 12
	// usualStranger is the cosine with that neighbour up to which the threshold
	// holds as it is.
	usualStranger = 0.4
	// surely is the cosine from which on vectors are duplicates in whatever
	// surroundings, so that many shots of one scene are found.
	surely = 0.98
)

// Duplicates groups near-duplicates. Each vector has a threshold of its own: the
// one given, above 0 and at most 1, or more where the surroundings of the vector
// are denser than those of most photos, since there strangers are alike too.
// Each group has a centre, and the cosine of each member with it is at least the
// thresholds of both, so that no chain of pairs joins strangers. Vectors without
// duplicates, and those of zeros, belong to no group. Pairs are sought among the
// 24 nearest neighbours.
//
// The density is taken from the twelfth neighbour: of a picture with more copies
// than that, only the closer ones are found, down to a cosine of .98.
func Duplicates(data []float32, dim int, threshold float64, o Options) (*Groups, error) {
	if !(threshold > 0 && threshold <= 1) {
		return nil, errors.New("cluster: Duplicates: the threshold is not above 0 and at most 1")
	}
	nb, err := search.Nearest(data, dim, duplicateNeighbours, search.Options{Seed: o.Seed, Check: o.part(0, 0.95).Check})
	if err != nil {
		return nil, fmt.Errorf("cluster: Duplicates: %w", err)
	}
	s, err := search.NewSet(data, dim)
	if err != nil {
		return nil, fmt.Errorf("cluster: Duplicates: %w", err)
	}
	labels, count := newCopies(s, nb, threshold).groups()
	return arrange(s, labels, count), o.at(1)
}

// copies is pairs of duplicates.
type copies struct {
	s     *search.Set
	least []float64 // each vector's threshold
	links [][]int32 // each vector's duplicates among the neighbours, both ways
}

func newCopies(s *search.Set, nb *search.Neighbours, threshold float64) *copies {
	c := &copies{s: s, least: make([]float64, nb.N), links: make([][]int32, nb.N)}
	for i := range c.least {
		_, score := nb.Of(i)
		c.least[i] = ownThreshold(score, threshold)
	}
	for i := range nb.N {
		index, score := nb.Of(i)
		for r, j := range index {
			if float64(score[r]) < max(c.least[i], c.least[j]) {
				continue
			}
			c.links[i] = append(c.links[i], j)
			c.links[j] = append(c.links[j], int32(i))
		}
	}
	for i, l := range c.links {
		slices.Sort(l)
		c.links[i] = slices.Compact(l)
	}
	return c
}

// ownThreshold keeps the ratio of two distances, 1 less the cosine: of the
// threshold, and of the neighbour that tells the density. score is in falling
// order.
func ownThreshold(score []float32, threshold float64) float64 {
	if len(score) < surroundings {
		return threshold
	}
	far := 1 - float64(score[surroundings-1])
	own := 1 - float64((1-threshold)/(1-usualStranger)*far)
	return min(max(own, threshold), max(surely, threshold))
}

// groups lets vectors be centres, those with most duplicates first, and gives
// each group what is linked with its centre through others of the group, if it
// is a duplicate of the centre itself.
func (c *copies) groups() (labels []int32, count int) {
	labels = make([]int32, len(c.links))
	order := make([]int32, len(c.links))
	for i := range order {
		labels[i], order[i] = None, int32(i)
	}
	slices.SortFunc(order, func(a, b int32) int {
		return cmp.Or(cmp.Compare(len(c.links[b]), len(c.links[a])), cmp.Compare(a, b))
	})
	var members []int32
	for _, centre := range order {
		if labels[centre] != None || len(c.links[centre]) == 0 {
			continue
		}
		labels[centre] = int32(count)
		members = append(members[:0], centre)
		for at := 0; at < len(members); at++ {
			for _, j := range c.links[members[at]] {
				if labels[j] == None && c.pair(centre, j) {
					labels[j] = int32(count)
					members = append(members, j)
				}
			}
		}
		if len(members) == 1 {
			labels[centre] = None
			continue
		}
		count++
	}
	return labels, count
}

func (c *copies) pair(i, j int32) bool {
	return float64(c.s.Cosine(int(i), int(j))) >= max(c.least[i], c.least[j])
}
