// Package search finds the nearest vectors. Results are the same on every
// platform: sums run in order, each product is rounded before it is added.
package search

import (
	"cmp"
	"math"
	"slices"
)

// Match is a vector's index and its cosine with the query, -1..1.
type Match struct {
	Index int
	Score float32
}

// Rank compares a query with n vectors of len(query) values each and returns
// all of them, best first, ties by index. A vector without a direction (zeros,
// or values that are not finite) scores 0. It panics if data is not a multiple
// of the query's length.
func Rank(query, data []float32) []Match {
	dim := len(query)
	if dim == 0 || len(data)%dim != 0 {
		panic("search: Rank: vectors of another length")
	}
	matches := make([]Match, len(data)/dim)
	_, square := dots(query, query)
	length := math.Sqrt(square)
	for i := range matches {
		product, square := dots(query, data[i*dim:][:dim])
		score := 0.0
		// Both comparisons are false for NaN.
		if l := length * math.Sqrt(square); l > 0 && l <= math.MaxFloat64 {
			score = min(max(product/l, -1), 1)
		}
		matches[i] = Match{i, float32(score)}
	}
	slices.SortFunc(matches, func(a, b Match) int {
		if c := cmp.Compare(b.Score, a.Score); c != 0 {
			return c
		}
		return cmp.Compare(a.Index, b.Index)
	})
	return matches
}

// dots returns sum(q*v) and sum(v*v), len(q) == len(v), each in four
// interleaved chains: a fixed order, and faster than one. One pass, because
// reading the vectors is half of the work.
func dots(q, v []float32) (qv, vv float64) {
	var p0, p1, p2, p3, s0, s1, s2, s3 float64
	v = v[:len(q)]
	i := 0
	for ; i+4 <= len(q); i += 4 {
		a, b := q[i:i+4:i+4], v[i:i+4:i+4]
		b0, b1, b2, b3 := float64(b[0]), float64(b[1]), float64(b[2]), float64(b[3])
		p0 += float64(float64(a[0]) * b0)
		p1 += float64(float64(a[1]) * b1)
		p2 += float64(float64(a[2]) * b2)
		p3 += float64(float64(a[3]) * b3)
		s0 += float64(b0 * b0)
		s1 += float64(b1 * b1)
		s2 += float64(b2 * b2)
		s3 += float64(b3 * b3)
	}
	for ; i < len(q); i++ {
		b := float64(v[i])
		p0 += float64(float64(q[i]) * b)
		s0 += float64(b * b)
	}
	return (p0 + p1) + (p2 + p3), (s0 + s1) + (s2 + s3)
}
