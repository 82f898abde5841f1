// Package explain tells which places of two pictures made them alike.
//
// The score of two pictures is the cosine of their vectors. A vector is pooled
// from a feature map, a grid of places with C values each, and for each pooling
// the cosine splits into parts that belong to pairs of places, one of either
// picture:
//
//   - avg: with a = sum A[p] / n and b = sum B[q] / n,
//     cos(a, b) = sum over p and q of A[p].B[q] / (|sum A| |sum B|).
//     Every pair of places has its part. n and the scale of the values cancel.
//   - flatten: cos = sum over p of A[p].B[p] / (|A| |B|). Only the same place of
//     both has a part: what moved counts for nothing.
//   - max: cos = sum over channels c of a[c] b[c] / (|a| |b|), where a[c] is the
//     value of one place of A, that of the largest, and b[c] of one of B. The part
//     of a channel belongs to this pair; among equal values to the first place.
//
// Values are 16-bit integers, so the numerators of the parts are integers too and
// are summed without any rounding; one division by the common denominator follows.
// In float64 the parts of a picture sum to the score within
// (H*W+1) * 2^-53 * sum |part|, and all of them are the same bits on every
// platform. Parts can be negative: such places made the pictures less alike.
//
// It imports engine alone.
package explain

import (
	"fmt"
	"math"
	"math/bits"

	"likeness/engine"
)

// Cells is the most cells of a picture's grid: beyond, neighbouring places are
// taken together, so that pairs stay few enough to be looked at.
const Cells = 400

// Result says how a score comes about. All parts are in units of the score.
type Result struct {
	// Score is the cosine of the two pooled vectors, -1..1; 0 if one of them is
	// zeros, in which case there are no parts other than 0.
	Score float64
	Shape [3]int // H, W, C of the layer, the same for both
	// A and B hold the part of every place, row by row: len == H*W. Each sums to
	// Score.
	A, B []float64
	// Grid is the number of cells, rows and columns; a cell is Step x Step
	// places, fewer at the right and lower edge. Step is 1 where there are no more
	// than Cells places.
	Grid [2]int
	Step int
	// Pairs holds the part of every pair of cells: the part of cell i of A with
	// cell j of B is Pairs[i*n+j], n = Grid[0]*Grid[1]. It sums to Score, row i
	// to the parts of cell i in A, column j to those of cell j in B.
	Pairs []float64
	// Channels holds the part of every channel: len == C. It sums to Score.
	Channels []float64
}

// Compare splits the score of two pictures, of which a and b are the same layer
// of the same network. pool none is the same as flatten. It refuses generalised
// means, maps that differ in shape, and those of more than 90,000 places.
func Compare(a, b *engine.FeatureMap, pool engine.Pool) (*Result, error) {
	if a.Shape != b.Shape {
		return nil, fmt.Errorf("explain: maps of %v and %v: both must be the same layer of one network", a.Shape, b.Shape)
	}
	h, w, c := a.Shape[0], a.Shape[1], a.Shape[2]
	if h <= 0 || w <= 0 || c <= 0 || len(a.Q) != h*w*c || len(b.Q) != h*w*c {
		return nil, fmt.Errorf("explain: maps of %d and %d values for %v", len(a.Q), len(b.Q), a.Shape)
	}
	var n *numerators
	var err error
	switch pool {
	case engine.PoolAvg:
		n, err = average(a, b)
	case engine.PoolMax:
		n, err = maximum(a, b)
	case engine.PoolFlatten, engine.PoolNone:
		n, err = flat(a, b)
	default:
		if _, gem := pool.Power(); gem {
			return nil, fmt.Errorf("explain: a generalised mean (%s) does not split into parts of pairs of places: take avg, max or flatten", pool)
		}
		return nil, fmt.Errorf("explain: unknown pooling %q", pool)
	}
	if err != nil {
		return nil, err
	}
	return n.result(), nil
}

// numerators are the parts before the division by |a| |b|.
type numerators struct {
	grid
	a, b     []int64 // by place
	pairs    []int64 // by pair of cells
	channels []int64
	length   float64 // |a| |b|
}

// mostPlaces keeps the product of two sums of as many values below 2^63. The
// largest layers of published networks have 224 x 224 places.
const mostPlaces = 300 * 300

func newNumerators(shape [3]int, lengthA, lengthB float64) (*numerators, error) {
	places := shape[0] * shape[1]
	if places > mostPlaces {
		return nil, fmt.Errorf("explain: the layer has %d places, more than %d, for which its parts are exact: take one nearer to the end", places, mostPlaces)
	}
	n := &numerators{grid: newGrid(shape), length: float64(lengthA * lengthB)}
	cells := n.cells()
	n.a, n.b = make([]int64, places), make([]int64, places)
	n.pairs, n.channels = make([]int64, cells*cells), make([]int64, shape[2])
	return n, nil
}

func (n *numerators) result() *Result {
	r := &Result{Shape: n.shape, Grid: [2]int{n.rows, n.columns}, Step: n.step,
		A: make([]float64, len(n.a)), B: make([]float64, len(n.b)), Pairs: make([]float64, len(n.pairs)), Channels: make([]float64, len(n.channels))}
	if n.length == 0 {
		return r
	}
	r.Score = min(max(total(n.a)/n.length, -1), 1)
	for _, part := range []struct {
		to   []float64
		from []int64
	}{{r.A, n.a}, {r.B, n.b}, {r.Pairs, n.pairs}, {r.Channels, n.channels}} {
		for i, v := range part.from {
			part.to[i] = float64(v) / n.length
		}
	}
	return r
}

// total adds up exactly, in 128 bits, and rounds once.
func total(parts []int64) float64 {
	var hi, lo uint64
	for _, v := range parts {
		var carry uint64
		lo, carry = bits.Add64(lo, uint64(v), 0)
		hi, _ = bits.Add64(hi, uint64(v>>63), carry)
	}
	sign := 1.0
	if int64(hi) < 0 {
		sign = -1
		var borrow uint64
		lo, borrow = bits.Sub64(0, lo, 0)
		hi, _ = bits.Sub64(0, hi, borrow)
	}
	if hi == 0 {
		return sign * float64(lo)
	}
	return sign * (float64(float64(hi)*(1<<64)) + float64(lo))
}

// average is the split for average pooling.
func average(a, b *engine.FeatureMap) (*numerators, error) {
	c := a.Shape[2]
	sumA, sumB := sums(a), sums(b)
	n, err := newNumerators(a.Shape, length(sumA), length(sumB))
	if err != nil {
		return nil, err
	}
	for p := range n.a {
		n.a[p], n.b[p] = dotSum(a.Q[p*c:][:c], sumB), dotSum(b.Q[p*c:][:c], sumA)
	}
	for i := range n.channels {
		n.channels[i] = sumA[i] * sumB[i]
	}
	cellsA, cellsB := n.gather(a), n.gather(b)
	cells := n.cells()
	for i := range cells {
		for j := range cells {
			n.pairs[i*cells+j] = dot(cellsA[i*c:][:c], cellsB[j*c:][:c])
		}
	}
	return n, nil
}

// maximum is the split for maximum pooling.
func maximum(a, b *engine.FeatureMap) (*numerators, error) {
	topA, fromA := tops(a)
	topB, fromB := tops(b)
	n, err := newNumerators(a.Shape, length(topA), length(topB))
	if err != nil {
		return nil, err
	}
	for c := range n.channels {
		v := topA[c] * topB[c]
		n.channels[c] = v
		n.a[fromA[c]] += v
		n.b[fromB[c]] += v
		n.pairs[n.cell(fromA[c])*n.cells()+n.cell(fromB[c])] += v
	}
	return n, nil
}

// flat is the split for vectors of all places.
func flat(a, b *engine.FeatureMap) (*numerators, error) {
	c := a.Shape[2]
	n, err := newNumerators(a.Shape, wide(a.Q), wide(b.Q))
	if err != nil {
		return nil, err
	}
	for p := range n.a {
		sum := int64(0)
		for i, q := range a.Q[p*c:][:c] {
			v := int64(q) * int64(b.Q[p*c+i])
			n.channels[i] += v
			sum += v
		}
		n.a[p], n.b[p] = sum, sum
		at := n.cell(p)
		n.pairs[at*n.cells()+at] += sum
	}
	return n, nil
}

// Origins tells for each channel which place its maximum comes from, the first
// among equal ones: for maximum pooling, where in the picture a channel was
// strongest.
func Origins(m *engine.FeatureMap) []int {
	_, from := tops(m)
	return from
}

// tops are the maxima of the channels, and their places.
func tops(m *engine.FeatureMap) (top []int64, from []int) {
	c := m.Shape[2]
	top, from = make([]int64, c), make([]int, c)
	for i := range c {
		top[i] = int64(m.Q[i])
	}
	for p := 1; p < m.Shape[0]*m.Shape[1]; p++ {
		for i, q := range m.Q[p*c:][:c] {
			if int64(q) > top[i] {
				top[i], from[i] = int64(q), p
			}
		}
	}
	return top, from
}

// sums adds up all places.
func sums(m *engine.FeatureMap) []int64 {
	c := m.Shape[2]
	sum := make([]int64, c)
	for p := range m.Shape[0] * m.Shape[1] {
		for i, q := range m.Q[p*c:][:c] {
			sum[i] += int64(q)
		}
	}
	return sum
}

func dot(a, b []int64) int64 {
	sum := int64(0)
	for i, v := range a {
		sum += v * b[i]
	}
	return sum
}

func dotSum(a []int16, b []int64) int64 {
	sum := int64(0)
	for i, v := range a {
		sum += int64(v) * b[i]
	}
	return sum
}

// length is the Euclidean length, summed in order with each product rounded.
func length(v []int64) float64 {
	sum := 0.0
	for _, x := range v {
		sum += float64(float64(x) * float64(x))
	}
	return math.Sqrt(sum)
}

// wide is length of the values of a map.
func wide(q []int16) float64 {
	sum := 0.0
	for _, x := range q {
		sum += float64(float64(x) * float64(x))
	}
	return math.Sqrt(sum)
}
