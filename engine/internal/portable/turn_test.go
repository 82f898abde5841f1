package portable

import (
	"math"
	"testing"
)

func TestTurn(t *testing.T) {
	for _, n := range []int64{1, 2, 3, 4, 7, 8, 12, 441, 2048, 1 << 40} {
		for i := range int64(500) {
			k := i - 200
			if n > 1<<30 {
				k *= 7_777_777_777
			}
			sin, cos := Turn(k, n)
			wantSin, wantCos := math.Sincos(2 * math.Pi * math.Mod(float64(k), float64(n)) / float64(n))
			if math.Abs(sin-wantSin) > 2e-15 || math.Abs(cos-wantCos) > 2e-15 {
				t.Fatalf("%d/%d: %v %v, want %v %v", k, n, sin, cos, wantSin, wantCos)
			}
			if d := sin*sin + cos*cos - 1; math.Abs(d) > 5e-16 {
				t.Fatalf("%d/%d: squares add up to 1 + %g", k, n, d)
			}
		}
	}
	for k, want := range [][2]float64{{0, 1}, {1, 0}, {0, -1}, {-1, 0}} {
		if sin, cos := Turn(int64(k), 4); sin != want[0] || cos != want[1] {
			t.Errorf("%d quarters: %v %v", k, sin, cos)
		}
	}
}
