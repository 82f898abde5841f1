package learn

import "math"

// keepNeighbours takes the vectors themselves.
func (h *Head) keepNeighbours(d *Data, k int) {
	h.K, h.Class = min(k, d.Len()), append([]int(nil), d.Class...)
	h.Vectors = make([]float32, len(d.Vectors))
	for i := range d.Len() {
		unit(h.Vectors[i*d.Dim:][:d.Dim], d.vector(i))
	}
}

// vote gives each class its share of the votes of the k nearest vectors by
// cosine, the first of equal ones. Where classes have as many votes, the one
// whose neighbours are nearer, together, is put before by a millionth of a vote.
func (h *Head) vote(v []float32) []float64 {
	x := make([]float32, len(v))
	unit(x, v)
	near, index := make([]float64, 0, h.K+1), make([]int, 0, h.K+1)
	for i := range h.Class {
		s := dot32(h.Vectors[i*h.Dim:][:h.Dim], x)
		at := len(near)
		for at > 0 && near[at-1] < s {
			at--
		}
		if at == h.K {
			continue
		}
		near, index = append(near, 0), append(index, 0)
		copy(near[at+1:], near[at:])
		copy(index[at+1:], index[at:])
		near[at], index[at] = s, i
		near, index = near[:min(len(near), h.K)], index[:min(len(index), h.K)]
	}
	votes, total := make([]float64, len(h.Labels)), 0.0
	for r, i := range index {
		w := 1 + float64(1e-6*math.Max(near[r], -1))
		votes[h.Class[i]] += w
		total += w
	}
	for c := range votes {
		votes[c] /= total
	}
	return votes
}
