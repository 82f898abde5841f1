package portable

import (
	"math"
	"testing"
)

func TestFunctions(t *testing.T) {
	for x := -699.9; x < 700; x += 0.37 {
		if got, want := Exp(x), math.Exp(x); math.Abs(got-want) > 1e-14*want {
			t.Fatalf("Exp(%v) = %v, want %v", x, got, want)
		}
		y := math.Exp(x / 2)
		if got, want := Log(y), math.Log(y); math.Abs(got-want) > 1e-14*max(1, math.Abs(want)) {
			t.Fatalf("Log(%v) = %v, want %v", y, got, want)
		}
		if got, want := Cbrt(y), math.Cbrt(y); math.Abs(got-want) > 4e-16*want {
			t.Fatalf("Cbrt(%v) = %v, want %v", y, got, want)
		}
	}
	if Exp(-1e9) != 0 || Exp(math.Inf(-1)) != 0 || !math.IsNaN(Exp(math.NaN())) {
		t.Error("the ends of Exp")
	}
}

func TestRandom(t *testing.T) {
	r := Random(1)
	order := make([]int, 7)
	for i := range order {
		order[i] = i
	}
	first := map[int]int{}
	for range 7000 {
		r.Shuffle(order)
		first[order[0]]++
		if u := r.Share(); u < 0 || u >= 1 {
			t.Fatalf("share %v", u)
		}
		if u := r.Unit(); u < -1 || u > 1 {
			t.Fatalf("unit %v", u)
		}
	}
	for i := range 7 {
		if n := first[i]; n < 850 || n > 1150 {
			t.Errorf("%d comes first %d times of 7000", i, n)
		}
	}
}
