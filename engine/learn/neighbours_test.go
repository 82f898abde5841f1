package learn

import (
	"math"
	"slices"
	"testing"

	"likeness/engine/kernel"
)

// Neighbours of many are those that comparing all gives, to the bit, also where
// vectors are equal, nearly equal, opposite or zeros.
func TestNearestIsLookup(t *testing.T) {
	for _, dim := range []int{1, 7, 64, 301} {
		d := blobs(700, dim, 5, 0.4, 6)
		for i := range d.Len() {
			v := d.vector(i)
			switch i % 9 {
			case 0:
				clear(v)
			case 1: // the one before that is none of these, again
				copy(v, d.vector(max(i-6, 0)))
			case 2:
				copy(v, d.vector(max(i-6, 0)))
				v[i%dim] = math.Nextafter32(v[i%dim], 9)
			case 3:
				for k := range v {
					v[k] *= -1e-19
				}
			case 4:
				clear(v)
				v[i%dim] = -1e19
			}
		}
		for _, k := range []int{1, 5, 40} {
			h, _, err := Train(t.Context(), d, Options{Kind: KNN, K: k})
			if err != nil {
				t.Fatal(err)
			}
			x := make([]float32, len(d.Vectors))
			for i := range d.Len() {
				unit(x[i*dim:][:dim], d.vector(i))
			}
			for _, body := range kernel.Bodies() {
				back := kernel.Use(body)
				for i, got := range h.nearest(t.Context(), x, d.Len()) {
					want := h.lookup(x[i*dim:][:dim])
					if !slices.Equal(got.index, want.index) || !slices.Equal(got.score, want.score) {
						t.Errorf("%s, %d values, %d neighbours of %d: %v %v, want %v %v", body, dim, k, i, got.index, got.score, want.index, want.score)
					}
				}
				back()
			}
		}
	}
}

// Few exact products are made: of 16 bits alone most are known not to matter.
func BenchmarkKNNFolds(b *testing.B) {
	d := blobs(20000, 1280, 20, 1, 5)
	b.ResetTimer()
	for range b.N {
		if _, err := CrossValidate(b.Context(), d, Options{Kind: KNN}, 5); err != nil {
			b.Fatal(err)
		}
	}
}
