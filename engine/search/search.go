// Package search finds the nearest vectors. Results are the same on every
// platform: sums run in order, each product is rounded before it is added.
package search

import (
	"math"
	"sort"
)

// Match is a vector's index and its cosine with the query, -1..1.
type Match struct {
	Index int
	Score float32
}

// Rank compares a query with n vectors of len(query) values each and returns
// all of them, best first, ties by index. A vector of zeros scores 0. It
// panics if data is not a multiple of the query's length.
func Rank(query, data []float32) []Match {
	dim := len(query)
	if dim == 0 || len(data)%dim != 0 {
		panic("search: Rank: vectors of another length")
	}
	matches := make([]Match, len(data)/dim)
	length := math.Sqrt(dot(query, query))
	for i := range matches {
		v := data[i*dim:][:dim]
		score := 0.0
		if l := length * math.Sqrt(dot(v, v)); l > 0 {
			score = dot(query, v) / l
		}
		matches[i] = Match{i, float32(score)}
	}
	sort.SliceStable(matches, func(i, j int) bool { return matches[i].Score > matches[j].Score })
	return matches
}

// dot sums in four interleaved chains: a fixed order, and faster than one.
func dot(a, b []float32) float64 {
	var s [4]float64
	n := len(a) &^ 3
	for i := 0; i < n; i += 4 {
		s[0] += float64(float64(a[i]) * float64(b[i]))
		s[1] += float64(float64(a[i+1]) * float64(b[i+1]))
		s[2] += float64(float64(a[i+2]) * float64(b[i+2]))
		s[3] += float64(float64(a[i+3]) * float64(b[i+3]))
	}
	for i := n; i < len(a); i++ {
		s[0] += float64(float64(a[i]) * float64(b[i]))
	}
	return (s[0] + s[1]) + (s[2] + s[3])
}
