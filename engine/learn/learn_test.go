package learn

import (
	"testing"

	"likeness/engine/internal/portable"
)

// blobs are vectors around a centre for each class, spread far enough that
// classes overlap.
func blobs(n, dim, classes int, spread float64, seed uint64) *Data {
	chance := portable.Random(seed)
	normal := func() float32 {
		s := 0.0
		for range 12 {
			s += chance.Share()
		}
		return float32(s - 6)
	}
	d := &Data{Dim: dim}
	centres := make([]float32, classes*dim)
	for i := range centres {
		centres[i] = normal()
	}
	for c := range classes {
		d.Labels = append(d.Labels, string(rune('a'+c)))
	}
	for i := range n {
		c := i % classes
		d.Class = append(d.Class, c)
		for k := range dim {
			d.Vectors = append(d.Vectors, centres[c*dim+k]+float32(spread*float64(normal())))
		}
	}
	return d
}

func BenchmarkSoftmax(b *testing.B) {
	d := blobs(10000, 320, 10, 5, 1)
	for b.Loop() {
		h, history, err := Train(b.Context(), d, Options{})
		if err != nil {
			b.Fatal(err)
		}
		_ = h
		last := history.Steps[len(history.Steps)-1]
		b.Logf("%d iterations, %+v", history.Rounds, last)
	}
}
