package project_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"likeness/engine/project"
)

// plane makes n points on a tilted plane in dim dimensions, 3 times as long
// one way as the other.
func plane(n, dim int) []float32 {
	rng := rand.New(rand.NewPCG(uint64(n), uint64(dim)))
	u, v := make([]float64, dim), make([]float64, dim)
	for i := range dim {
		u[i], v[i] = rng.NormFloat64(), rng.NormFloat64()
	}
	data := make([]float32, n*dim)
	for i := range n {
		a, b := 3*rng.NormFloat64(), rng.NormFloat64()
		for j := range dim {
			data[i*dim+j] = float32(5 + a*u[j] + b*v[j])
		}
	}
	return data
}

func TestPCAKeepsDistancesOfAPlane(t *testing.T) {
	for _, c := range [][2]int{{50, 8}, {10, 200}, {3, 2}} { // tall, wide, tiny
		n, dim := c[0], c[1]
		data := plane(n, dim)
		got, explained, err := project.PCA(data, n, dim, 2)
		if err != nil {
			t.Fatal(err)
		}
		if sum := explained[0] + explained[1]; math.Abs(sum-1) > 1e-6 || explained[0] < explained[1] {
			t.Errorf("%v: explained %v", c, explained)
		}
		ratio := func(i, j int) float64 {
			var a, b float64
			for k := range dim {
				d := float64(data[i*dim+k] - data[j*dim+k])
				a += d * d
			}
			for k := range 2 {
				d := float64(got[i*2+k] - got[j*2+k])
				b += d * d
			}
			return math.Sqrt(b / a)
		}
		want := ratio(0, 1)
		for i := 2; i < n; i++ {
			if r := ratio(0, i); math.Abs(r/want-1) > 1e-3 {
				t.Errorf("%v: distance to point %d is scaled by %g, others by %g", c, i, r, want)
			}
		}
		top := 0.0
		for _, v := range got {
			top = max(top, math.Abs(float64(v)))
		}
		if math.Abs(top-1) > 1e-6 {
			t.Errorf("%v: largest coordinate %g", c, top)
		}
	}
}

func TestPCAEdges(t *testing.T) {
	for _, c := range []struct{ n, dim, k int }{{0, 4, 2}, {1, 4, 2}, {2, 4, 2}, {5, 1, 2}} {
		data := make([]float32, c.n*c.dim)
		for i := range data {
			data[i] = 7
		}
		got, _, err := project.PCA(data, c.n, c.dim, c.k)
		if err != nil || len(got) != c.n*c.k {
			t.Fatalf("%+v: %v, %d coordinates", c, err, len(got))
		}
		for _, v := range got {
			if v != 0 {
				t.Errorf("%+v: identical vectors land on %g", c, v)
			}
		}
	}
	if _, _, err := project.PCA(make([]float32, 7), 2, 4, 2); err == nil {
		t.Error("7 values passed as two vectors of 4")
	}
}
