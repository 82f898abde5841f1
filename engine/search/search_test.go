package search_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"likeness/engine/search"
)

func TestRank(t *testing.T) {
	data := []float32{1, 0, 0, 2, 2, 0, -3, 0, 0, 0, 0, 0, 5, 0, 0}
	got := search.Rank([]float32{2, 0, 0}, data)
	want := []search.Match{{0, 1}, {4, 1}, {1, float32(math.Sqrt2 / 2)}, {3, 0}, {2, -1}}
	for i := range want {
		if got[i].Index != want[i].Index || math.Abs(float64(got[i].Score-want[i].Score)) > 1e-6 {
			t.Errorf("place %d: %+v, want %+v", i, got[i], want[i])
		}
	}
}

func TestWrongLengthPanics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	search.Rank([]float32{1, 2}, []float32{1, 2, 3})
}

func BenchmarkRank10000x1280(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	data := make([]float32, 10000*1280)
	for i := range data {
		data[i] = rng.Float32()
	}
	for b.Loop() {
		search.Rank(data[:1280], data)
	}
}
