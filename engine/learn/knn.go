package learn

import (
	"math"

	"likeness/engine/internal/portable"
)

// keepNeighbours takes the vectors themselves.
func (h *Head) keepNeighbours(d *Data, k int) {
	h.K, h.Class = min(k, d.Len()), append([]int(nil), d.Class...)
	h.Vectors = make([]float32, len(d.Vectors))
	for i := range d.Len() {
		unit(h.Vectors[i*d.Dim:][:d.Dim], d.vector(i))
	}
}

// lookup finds the k nearest vectors by cosine of one of length 1.
func (h *Head) lookup(x []float32) near {
	found := near{k: h.K}
	for i := range h.Class {
		found.offer(i, dot32(h.Vectors[i*h.Dim:][:h.Dim], x))
	}
	return found
}

// vote gives each class its share of the votes of the nearest vectors. Where
// classes have as many votes, the one whose neighbours are nearer, together, is
// put before by a millionth of a vote.
func (h *Head) vote(found near) []float64 {
	votes, total := make([]float64, len(h.Labels)), 0.0
	for r, i := range found.index {
		w := 1 + float64(1e-6*math.Max(found.score[r], -1))
		votes[h.Class[i]] += w
		total += w
	}
	for c := range votes {
		votes[c] /= total
	}
	return votes
}

// voteLogits are the logarithms of the shares of votes.
func (h *Head) voteLogits(found near) []float64 {
	z := h.vote(found)
	for c, s := range z {
		z[c] = portable.Log(max(s, 1e-12))
	}
	return z
}
