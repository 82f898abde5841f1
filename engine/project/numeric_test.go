package project

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestNumeric(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	near := func(got, want float64) bool { return math.Abs(got-want) <= 2e-14*math.Abs(want)+1e-300 }
	for range 20000 {
		x := rng.Float64()*1400 - 700
		if got, want := exp(x), math.Exp(x); !near(got, want) && math.Abs(got/want-1) > 1e-15*math.Abs(x)+1e-14 {
			t.Fatalf("exp(%v) = %v, want %v", x, got, want)
		}
		y := math.Exp(x)
		if got, want := log(y), math.Log(y); math.Abs(got-want) > 1e-14*max(1, math.Abs(want)) {
			t.Fatalf("log(%v) = %v, want %v", y, got, want)
		}
		y = rng.Float64() * 50
		if got, want := pow(y, 0.895), math.Pow(y, 0.895); !near(got, want) {
			t.Fatalf("pow(%v) = %v, want %v", y, got, want)
		}
	}
	if exp(0) != 1 || log(1) != 0 || pow(0, 2) != 0 || exp(-1e9) != 0 {
		t.Error("exact values are not exact")
	}
}

// TestCurve: the values that the authors' program finds by another method.
func TestCurve(t *testing.T) {
	for _, c := range []struct{ minDist, a, b float64 }{{0.1, 1.5769434603, 0.8950608779}, {0.5, 0.5830300206, 1.3341669924}, {0.001, 1.9290733685, 0.7915028345}} {
		if a, b := fitCurve(c.minDist); math.Abs(a-c.a) > 2e-3 || math.Abs(b-c.b) > 2e-3 {
			t.Errorf("least distance %v: a %v, b %v, want %v, %v", c.minDist, a, b, c.a, c.b)
		}
	}
	for _, d := range []float64{0, 0.25, 0.8, 1} {
		if a, b := fitCurve(d); !(a > 0 && b > 0 && a < 10 && b < 10) {
			t.Errorf("least distance %v: a %v, b %v", d, a, b)
		}
	}
}

func TestForceTable(t *testing.T) {
	a, b := fitCurve(0.1)
	f := newUMAPForce(a, b)
	rng := rand.New(rand.NewPCG(1, 2))
	for range 20000 {
		square := math.Exp2(rng.Float64()*40 - 24)
		repel := 2 * b / ((0.001 + square) * (1 + a*math.Pow(square, b)))
		attract := -2 * a * b * math.Pow(square, b-1) / (1 + a*math.Pow(square, b))
		if got := float64(of(&f.repel, float32(square))); math.Abs(got/repel-1) > 1e-3 {
			t.Fatalf("repulsion at %v: %v, want %v", square, got, repel)
		}
		if got := float64(of(&f.attract, float32(square))); math.Abs(got/attract-1) > 1e-3 {
			t.Fatalf("attraction at %v: %v, want %v", square, got, attract)
		}
	}
	for _, square := range []float32{0, 1e-30, 1e30, math.MaxFloat32} {
		if g := of(&f.repel, square); !(g >= 0 && g < 4000) {
			t.Errorf("repulsion at %v: %v", square, g)
		}
	}
	if of(&f.repel, 1e20) > of(&f.repel, 1e4) {
		t.Error("repulsion grows far away")
	}
}

func TestJacobi(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for n := 1; n < 9; n++ {
		h, was := make([][]float64, n), make([][]float64, n)
		for i := range h {
			h[i], was[i] = make([]float64, n), make([]float64, n)
			for j := range i + 1 {
				h[i][j] = rng.NormFloat64()
				h[j][i] = h[i][j]
			}
		}
		for i := range h {
			copy(was[i], h[i])
		}
		vectors, values := jacobi(h)
		for c, value := range values {
			for i := range n {
				sum := 0.0
				for j := range n {
					sum += was[i][j] * vectors[c][j]
				}
				if math.Abs(sum-value*vectors[c][i]) > 1e-12 {
					t.Fatalf("side %d: eigenvector %d", n, c)
				}
			}
		}
	}
}
