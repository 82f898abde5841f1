package project

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"likeness/engine/search"
)

// graph is a symmetric weighted graph: the edges of vertex i are
// to[first[i]:first[i+1]], in rising order, with their weights.
type graph struct {
	first  []int32
	to     []int32
	weight []float32
}

func (g *graph) n() int { return len(g.first) - 1 }

// symmetric joins the directed edges i -> index[i*k+r] of weight w[i*k+r] with
// their reverses; union gives the weight of an edge from those of both
// directions, 0 where there is none.
func symmetric(index []int32, w []float32, n, k int, union func(a, b float32) float32) *graph {
	type edge struct {
		to     int32
		weight float32
	}
	// in lists for each vertex the edges that come to it, by origin.
	in := &graph{first: make([]int32, n+1), to: make([]int32, n*k), weight: make([]float32, n*k)}
	for _, j := range index {
		in.first[j+1]++
	}
	for i := range n {
		in.first[i+1] += in.first[i]
	}
	next := slices.Clone(in.first[:n])
	for i := range n {
		for r := range k {
			j := index[i*k+r]
			in.to[next[j]], in.weight[next[j]] = int32(i), w[i*k+r]
			next[j]++
		}
	}
	g := &graph{first: make([]int32, 1, n+1)}
	out := make([]edge, k)
	push := func(to int32, weight float32) {
		if weight > 0 {
			g.to, g.weight = append(g.to, to), append(g.weight, weight)
		}
	}
	for i := range n {
		for r := range k {
			out[r] = edge{index[i*k+r], w[i*k+r]}
		}
		slices.SortFunc(out, func(a, b edge) int { return int(a.to) - int(b.to) })
		at, end := in.first[i], in.first[i+1]
		for _, e := range out {
			for ; at < end && in.to[at] < e.to; at++ {
				push(in.to[at], union(0, in.weight[at]))
			}
			if at < end && in.to[at] == e.to {
				push(e.to, union(e.weight, in.weight[at]))
				at++
			} else {
				push(e.to, union(e.weight, 0))
			}
		}
		for ; at < end; at++ {
			push(in.to[at], union(0, in.weight[at]))
		}
		g.first = append(g.first, int32(len(g.to)))
	}
	return g
}

// chord is the Euclidean distance of two vectors of length 1 with a cosine.
func chord(cosine float32) float64 { return math.Sqrt(max(2-2*float64(cosine), 0)) }

// ErrAlike says that no vector differs from another, as far as the neighbours
// and the start tell: without a start, groups of many copies look so too.
var ErrAlike = errors.New("all vectors are alike: there is nothing to map")

// checkNeighbours reports what is wrong with a graph that was not made by
// search.Nearest, or with too few vectors to map.
func checkNeighbours(nb *search.Neighbours, dims int, start []float32) error {
	switch {
	case nb == nil || nb.K < 0 || nb.N < 0 || len(nb.Index) != nb.N*nb.K || len(nb.Score) != nb.N*nb.K:
		return errors.New("the neighbours are not complete")
	case dims != 2 && dims != 3:
		return fmt.Errorf("a map has 2 or 3 dimensions, not %d", dims)
	case nb.N < 4:
		return fmt.Errorf("a map needs at least 4 vectors, there are %d", nb.N)
	case start != nil && len(start) != nb.N*dims:
		return fmt.Errorf("the start has %d coordinates, %d vectors in %d dimensions need %d", len(start), nb.N, dims, nb.N*dims)
	}
	alike := true
	for i, j := range nb.Index {
		if j < 0 || int(j) >= nb.N || int(j) == i/nb.K {
			return fmt.Errorf("neighbour %d of vector %d does not exist", j, i/nb.K)
		}
		if !(nb.Score[i] >= -1 && nb.Score[i] <= 1) {
			return fmt.Errorf("vector %d and %d: %v is no cosine", i/nb.K, j, nb.Score[i])
		}
		alike = alike && nb.Score[i] == nb.Score[0]
	}
	for i, v := range start {
		if v-v != 0 {
			return errors.New("the start holds a value that is not finite")
		}
		alike = alike && v == start[i%dims]
	}
	if alike && (nb.Score[0] == 1 || nb.Score[0] == 0) {
		return ErrAlike
	}
	return nil
}

// begin returns the places a map begins from: those given, or others by lot,
// scaled to a largest magnitude, and a little shaken so that copies part.
func begin(start []float32, n, dims int, seed *random, reach float64) []float32 {
	coords := make([]float32, n*dims)
	top := 0.0
	for _, v := range start {
		top = max(top, math.Abs(float64(v)))
	}
	for i := range coords {
		at := seed.Unit() * 1e-4
		if top > 0 {
			at += float64(start[i]) / top
		} else {
			at *= 1e4
		}
		coords[i] = float32(at * reach)
	}
	return coords
}
