package cluster

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"likeness/engine/search"
)

const (
	// coreNeighbours bounds how many neighbours make a place dense.
	coreNeighbours = 10
	// treeNeighbours is the least number of neighbours whose edges make the
	// tree; treeMost bounds it.
	treeNeighbours, treeMost = 30, 100
	// leastDistance stands for 0: the resolution of a cosine in float32.
	leastDistance = 1e-3
)

// HDBSCAN finds the groups of at least least vectors that hold together over
// the widest range of densities (Campello, Moulavi, Sander 2013; excess of
// mass), in n vectors of dim values each. A vector in no such group has None;
// where all hold together alike, there are no groups. 2 <= least.
//
// The tree of distances is made from the 30 to 100 nearest neighbours of each
// vector; parts of it that no such neighbours connect count as infinitely far
// from each other. On up to 31 vectors that is all of them.
func HDBSCAN(data []float32, dim, least int, o Options) (*Groups, error) {
	if least < 2 {
		return nil, fmt.Errorf("cluster: HDBSCAN: groups of %d", least)
	}
	nb, err := search.Nearest(data, dim, min(max(treeNeighbours, least), treeMost), search.Options{Seed: o.Seed, Check: o.part(0, 0.9).Check})
	if err != nil {
		return nil, fmt.Errorf("cluster: HDBSCAN: %w", err)
	}
	s, err := search.NewSet(data, dim)
	if err != nil {
		return nil, fmt.Errorf("cluster: HDBSCAN: %w", err)
	}
	labels, count := dense(nb, least)
	return arrange(s, labels, count), o.at(1)
}

// dense returns the group of each vector and the number of groups.
func dense(nb *search.Neighbours, least int) ([]int32, int) {
	if nb.N < least {
		labels := make([]int32, nb.N)
		for i := range labels {
			labels[i] = None
		}
		return labels, 0
	}
	return condense(mergeAll(nb.N, spanning(nb, min(least, coreNeighbours, nb.K))), nb.N, least).labels()
}

// edge joins two vectors at a distance.
type edge struct {
	distance float64
	a, b     int32
}

// spanning returns the edges of a minimum spanning forest of the neighbours by
// mutual reachability: the distance, but at least that at which each end has as
// many neighbours as core (Kruskal 1956).
func spanning(nb *search.Neighbours, core int) []edge {
	reach := make([]float64, nb.N)
	for i := range reach {
		_, score := nb.Of(i)
		reach[i] = apart(score[core-1])
	}
	edges := make([]edge, 0, nb.N*nb.K)
	for i := range nb.N {
		index, score := nb.Of(i)
		for r, j := range index {
			edges = append(edges, edge{max(apart(score[r]), reach[i], reach[j]), min(int32(i), j), max(int32(i), j)})
		}
	}
	slices.SortFunc(edges, func(x, y edge) int {
		return cmp.Or(cmp.Compare(x.distance, y.distance), cmp.Compare(x.a, y.a), cmp.Compare(x.b, y.b))
	})
	in := newSets(nb.N)
	forest := edges[:0]
	for _, e := range edges {
		if a, b := in.find(e.a), in.find(e.b); a != b {
			in[a] = b
			forest = append(forest, e)
		}
	}
	return forest
}

// apart is the Euclidean distance of vectors of length 1.
func apart(cosine float32) float64 {
	return max(math.Sqrt(max(2-2*float64(cosine), 0)), leastDistance)
}

// sets are disjoint sets of vectors, each a tree of pointers to its root.
type sets []int32

func newSets(n int) sets {
	s := make(sets, n)
	for i := range s {
		s[i] = int32(i)
	}
	return s
}

func (s sets) find(i int32) int32 {
	for s[i] != i {
		s[i] = s[s[i]]
		i = s[i]
	}
	return i
}

// merge is two parts that become one: vectors below n, earlier merges from n
// on.
type merge struct {
	left, right int32
	size        int32
	density     float64 // 1/distance
}

// mergeAll makes the tree of single linkage from the edges of a forest in
// rising order. What they leave apart is merged at density 0.
func mergeAll(n int, forest []edge) []merge {
	part := make([]int32, n) // of each root
	size := make([]int32, n)
	for i := range part {
		part[i], size[i] = int32(i), 1
	}
	in := newSets(n)
	merges := make([]merge, 0, n-1)
	join := func(a, b int32, density float64) {
		a, b = in.find(a), in.find(b)
		if a == b {
			return
		}
		in[a] = b
		size[b] += size[a]
		merges = append(merges, merge{part[a], part[b], size[b], density})
		part[b] = int32(n + len(merges) - 1)
	}
	for _, e := range forest {
		join(e.a, e.b, 1/e.distance)
	}
	for i := 1; i < n; i++ {
		join(0, int32(i), 0)
	}
	return merges
}
