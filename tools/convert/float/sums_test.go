package float

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestSums holds the fast bodies against the portable ones, to the last bit.
func TestSums(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	random := func(n int, odd bool) []float32 {
		v := make([]float32, n)
		for i := range v {
			if v[i] = float32(rng.NormFloat64()); odd {
				v[i] = []float32{v[i], v[i], nan, -inf, 0, float32(math.Copysign(0, -1)), 6}[rng.IntN(7)]
			}
		}
		return v
	}
	same := func(a, b []float32) bool {
		return slices.EqualFunc(a, b, func(x, y float32) bool { return math.Float32bits(x) == math.Float32bits(y) })
	}
	for n := range 40 {
		x, w, y := random(n, false), random(n, false), random(n, false)
		z := slices.Clone(y)
		addProducts(y, x, w)
		addProductsPortable(z, x, w)
		if !same(y, z) {
			t.Errorf("addProducts of %d", n)
		}
		for _, odd := range []bool{false, true} {
			x = random(n, odd)
			for _, ends := range [][2]float32{{0, inf}, {0, 6}, {-1, 1}, {-inf, 0.5}} {
				y, z = slices.Clone(x), slices.Clone(x)
				clamp(y, ends[0], ends[1])
				clampPortable(z, ends[0], ends[1])
				if !same(y, z) {
					t.Errorf("clamp of %d to %v: %v, want %v", n, ends, y, z)
				}
			}
			lo, hi, ok := extend(x, -0.1, 0.1)
			lo2, hi2, ok2 := extendPortable(x, -0.1, 0.1)
			if ok != ok2 || ok && (lo != lo2 || hi != hi2) {
				t.Errorf("extend of %v: %v %v %v, want %v %v %v", x, lo, hi, ok, lo2, hi2, ok2)
			}
		}
	}
}
