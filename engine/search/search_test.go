package search_test

import (
	"fmt"
	"hash/fnv"
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"likeness/engine/search"
)

func TestRank(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	half := float32(math.Sqrt2 / 2)
	for _, c := range []struct {
		name        string
		query, data []float32
		want        []search.Match
	}{
		{"order, ties by index, a zero vector", []float32{2, 0, 0}, []float32{1, 0, 0, 2, 2, 0, -3, 0, 0, 0, 0, 0, 5, 0, 0},
			[]search.Match{{0, 1}, {4, 1}, {1, half}, {3, 0}, {2, -1}}},
		{"zero query", []float32{0, 0}, []float32{1, 2, 3, 4}, []search.Match{{0, 0}, {1, 0}}},
		{"not finite", []float32{1, 1}, []float32{nan, 1, inf, 1, -1, -1, 1, 1}, []search.Match{{3, 1}, {0, 0}, {1, 0}, {2, -1}}},
		{"query not finite", []float32{nan, 1}, []float32{1, 1, 2, 2}, []search.Match{{0, 0}, {1, 0}}},
		{"largest and smallest floats", []float32{math.MaxFloat32, 0}, []float32{math.SmallestNonzeroFloat32, 0, -math.MaxFloat32, 0, 0, 1},
			[]search.Match{{0, 1}, {2, 0}, {1, -1}}},
		{"nothing to compare", []float32{1}, nil, []search.Match{}},
	} {
		got := search.Rank(c.query, c.data)
		if len(got) != len(c.want) {
			t.Fatalf("%s: %v, want %v", c.name, got, c.want)
		}
		for i, w := range c.want {
			if got[i].Index != w.Index || !(math.Abs(float64(got[i].Score-w.Score)) < 1e-6) {
				t.Errorf("%s: place %d: %+v, want %+v", c.name, i, got[i], w)
			}
		}
	}
}

func random(n int) []float32 {
	rng := rand.New(rand.NewPCG(1, 1))
	data := make([]float32, n)
	for i := range data {
		data[i] = rng.Float32() - 0.5
	}
	return data
}

// TestRankIsExact compares with sums of 200 bits, at every length around the
// chains.
func TestRankIsExact(t *testing.T) {
	exact := func(a, b []float32) *big.Float {
		sum := new(big.Float).SetPrec(200)
		for i := range a {
			x, y := new(big.Float).SetPrec(200).SetFloat64(float64(a[i])), new(big.Float).SetPrec(200).SetFloat64(float64(b[i]))
			sum.Add(sum, x.Mul(x, y))
		}
		return sum
	}
	for _, dim := range []int{1, 2, 3, 4, 5, 7, 8, 9, 160, 1280} {
		data := random(6 * dim)
		q := data[:dim]
		for _, m := range search.Rank(q, data) {
			v := data[m.Index*dim:][:dim]
			length := new(big.Float).SetPrec(200).Mul(exact(q, q), exact(v, v))
			want, _ := new(big.Float).SetPrec(200).Quo(exact(q, v), length.Sqrt(length)).Float64()
			if math.Abs(float64(m.Score)-want) > 6e-8 {
				t.Errorf("dim %d, vector %d: %v, want %v", dim, m.Index, m.Score, want)
			}
		}
	}
}

// TestRankIsTheSameEverywhere holds one hash for all platforms.
func TestRankIsTheSameEverywhere(t *testing.T) {
	h := fnv.New64a()
	for _, dim := range []int{7, 160, 1280} {
		data := random(50 * dim)
		for _, m := range search.Rank(data[dim:2*dim], data) {
			fmt.Fprintf(h, "%d %08x\n", m.Index, math.Float32bits(m.Score))
		}
	}
	if got := fmt.Sprintf("%x", h.Sum64()); got != "61af41fef6dc8d82" {
		t.Errorf("ranking hash %s", got)
	}
}

func TestWrongLengthPanics(t *testing.T) {
	for _, q := range [][]float32{{1, 2}, {}} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%v: no panic", q)
				}
			}()
			search.Rank(q, []float32{1, 2, 3})
		}()
	}
}

func BenchmarkRank(b *testing.B) {
	for _, dim := range []int{160, 1280} {
		b.Run(fmt.Sprintf("10000x%d", dim), func(b *testing.B) {
			data := random(10000 * dim)
			b.SetBytes(int64(4 * len(data)))
			for b.Loop() {
				search.Rank(data[:dim], data)
			}
		})
	}
}
