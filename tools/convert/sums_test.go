package convert

import (
	"math/rand/v2"
	"testing"
)

// TestSumTile holds the fast body against the portable one, to the last bit.
func TestSumTile(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{0, 1, 3, 8, 31} {
		var a, b [tilePixels][tileWidth]float32
		var x [tilePixels][]float32
		for p := range a {
			x[p] = make([]float32, n)
			for k := range x[p] {
				x[p][k] = float32(rng.NormFloat64())
			}
			for o := range a[p] {
				a[p][o] = float32(rng.NormFloat64())
			}
		}
		b = a
		w := make([]float32, n*tileWidth)
		for i := range w {
			w[i] = float32(rng.NormFloat64())
		}
		sumTile(&a, &x, w)
		sumTilePortable(&b, &x, w)
		if a != b {
			t.Errorf("%d products: the bodies differ", n)
		}
	}
}
