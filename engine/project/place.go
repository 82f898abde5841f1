package project

import (
	"errors"
	"fmt"

	"likeness/engine/search"
)

// placeable checks the neighbours of new vectors among the n of a map.
func placeable(nb *search.Neighbours, n int) error {
	if nb == nil || nb.N < 0 || nb.K < 0 || len(nb.Index) != nb.N*nb.K || len(nb.Score) != nb.N*nb.K {
		return errors.New("the neighbours are not complete")
	}
	if nb.N > 0 && nb.K == 0 {
		return errors.New("new vectors need at least one neighbour on the map")
	}
	for i, j := range nb.Index {
		if j < 0 || int(j) >= n {
			return fmt.Errorf("neighbour %d of new vector %d is not on the map", j, i/nb.K)
		}
		if !(nb.Score[i] >= -1 && nb.Score[i] <= 1) {
			return fmt.Errorf("new vector %d and %d: %v is no cosine", i/nb.K, j, nb.Score[i])
		}
	}
	return nil
}

// isCopy says from which cosine on a new vector is one that is on the map.
func isCopy(cosine float32) bool { return cosine >= 1-1e-6 }

// middle returns the mean of the neighbours' places by weight.
func middle(coords []float32, dims int, index []int32, weight []float32) (at [3]float32) {
	var sum [3]float64
	total := 0.0
	for r, j := range index {
		w := float64(weight[r])
		total += w
		for d := range dims {
			sum[d] += float64(w * float64(coords[int(j)*dims+d]))
		}
	}
	for d := range dims {
		at[d] = float32(sum[d] / total)
	}
	return at
}

// Place returns places for new vectors, nb.N x dims, given their neighbours
// among those of the map, as [search.Among] finds them; 15 each are usual.
// The others stay where they are, and each new vector comes to the same place
// whichever are placed with it. One that is a copy of a vector comes to its
// place.
func (u *UMAP) Place(nb *search.Neighbours) ([]float32, error) {
	if err := placeable(nb, u.n); err != nil {
		return nil, fmt.Errorf("project: UMAP: Place: %w", err)
	}
	out := make([]float32, nb.N*u.dims)
	w := make([]float32, nb.K)
	for i := range nb.N {
		index, score := nb.Of(i)
		if isCopy(score[0]) {
			copy(out[i*u.dims:][:u.dims], u.coords[int(index[0])*u.dims:])
			continue
		}
		membershipsOf(w, score, 0)
		at := middle(u.coords, u.dims, index, w)
		u.settle(&at, index, w)
		copy(out[i*u.dims:][:u.dims], at[:])
	}
	return out, nil
}

// settle runs the last part of the epochs for one vector.
func (u *UMAP) settle(at *[3]float32, index []int32, w []float32) {
	const rounds, begin = 100, 0.25
	chance := uint64(1)
	phase := make([]float32, len(index))
	pull := func(table *[forceSize]line, j int, alpha float32) {
		var diff [3]float32
		square := float32(0)
		for d := range u.dims {
			diff[d] = at[d] - u.coords[j*u.dims+d]
			square += float32(diff[d] * diff[d])
		}
		g := of(table, square)
		for d := range u.dims {
			at[d] += float32(alpha * clip(float32(g*diff[d])))
		}
	}
	for round := range rounds {
		alpha := begin * (1 - float32(round)/rounds)
		for r, j := range index {
			if phase[r] += w[r]; phase[r] < 1 {
				continue
			}
			phase[r]--
			pull(&u.force.attract, int(j), alpha)
			for range umapNegative {
				pull(&u.force.repel, lot(&chance, uint64(u.n)), alpha)
			}
		}
	}
}
