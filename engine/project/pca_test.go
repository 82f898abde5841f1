package project_test

import (
	"fmt"
	"hash/fnv"
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
	for _, c := range [][2]int{{50, 8}, {10, 200}, {3, 2}, {400, 220}, {220, 400}, {2, 9}} {
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

// TestPCAEdges: nothing, one vector, identical vectors, of values whose mean
// rounds.
func TestPCAEdges(t *testing.T) {
	for _, c := range []struct{ n, dim, k int }{{0, 4, 2}, {1, 4, 2}, {2, 4, 2}, {5, 1, 2}, {7, 300, 2}, {300, 7, 3}, {300, 301, 2}} {
		for _, value := range []float32{0, 7, 0.1, -3e30, 1e-30} {
			data := make([]float32, c.n*c.dim)
			for i := range data {
				data[i] = value * float32(1+i%c.dim)
			}
			got, explained, err := project.PCA(data, c.n, c.dim, c.k)
			if err != nil || len(got) != c.n*c.k || len(explained) != c.k {
				t.Fatalf("%+v: %v, %d coordinates, explained %v", c, err, len(got), explained)
			}
			for _, v := range got {
				if v != 0 {
					t.Fatalf("%+v of %g: identical vectors land on %g", c, value, v)
				}
			}
		}
	}
}

func TestPCARefuses(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(-1))
	for _, c := range []struct {
		data      []float32
		n, dim, k int
	}{
		{make([]float32, 7), 2, 4, 2}, {make([]float32, 8), 2, 4, 0}, {nil, -1, 4, 2}, {nil, 0, 0, 2},
		{[]float32{1, nan, 3, 4}, 2, 2, 2}, {[]float32{1, 2, inf, 4}, 2, 2, 1}, {make([]float32, 8), math.MaxInt, 8, 2},
	} {
		if _, _, err := project.PCA(c.data, c.n, c.dim, c.k); err == nil {
			t.Errorf("%v as %d vectors of %d, %d components: no error", c.data, c.n, c.dim, c.k)
		}
	}
}

// TestPCATwoPoints: one direction, a second of nothing.
func TestPCATwoPoints(t *testing.T) {
	for _, dim := range []int{1, 3, 500} {
		data := make([]float32, 2*dim)
		data[0], data[dim] = -2, 4
		got, explained, err := project.PCA(data, 2, dim, 2)
		if err != nil {
			t.Fatal(err)
		}
		want := []float32{-1, 0, 1, 0}
		for i := range want {
			if math.Abs(float64(got[i]-want[i])) > 1e-6 {
				t.Fatalf("dim %d: %v, want %v", dim, got, want)
			}
		}
		if math.Abs(explained[0]-1) > 1e-9 || explained[1] > 1e-9 {
			t.Errorf("dim %d: explained %v", dim, explained)
		}
	}
}

// TestPCASign: the loading of largest magnitude is positive, whatever the
// scores; here it points along the last value.
func TestPCASign(t *testing.T) {
	for _, c := range [][2]int{{3, 2}, {3, 5}, {400, 250}, {250, 400}} {
		n, dim := c[0], c[1]
		for _, sign := range []float32{1, -1} {
			data := make([]float32, n*dim)
			for i := range n {
				data[i*dim] = -sign * float32(i*i)
				data[i*dim+dim-1] = sign * 2 * float32(i*i)
			}
			got, _, err := project.PCA(data, n, dim, 1)
			if err != nil {
				t.Fatal(err)
			}
			if up := got[n-1] > got[0]; up != (sign > 0) {
				t.Errorf("%v, %v: coordinates run from %v to %v", c, sign, got[0], got[n-1])
			}
		}
	}
}

// TestPCAIsTheSameEverywhere holds one hash for all platforms.
func TestPCAIsTheSameEverywhere(t *testing.T) {
	h := fnv.New64a()
	for _, c := range [][2]int{{300, 20}, {20, 300}, {400, 150}, {150, 400}} {
		data, _ := kinds(c[0], c[1], 5, 0.7)
		coords, explained, err := project.PCA(data, c[0], c[1], 3)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range coords {
			fmt.Fprintf(h, "%08x\n", math.Float32bits(v))
		}
		for _, v := range explained {
			fmt.Fprintf(h, "%016x\n", math.Float64bits(v))
		}
	}
	if got := fmt.Sprintf("%x", h.Sum64()); got != "6a7c6cad6eadfe85" {
		t.Errorf("hash of coordinates %s", got)
	}
}

// TestPCAOfPaddedVectors: values of zero added change nothing, though the
// space is searched whole in one case and in part in the other.
func TestPCAOfPaddedVectors(t *testing.T) {
	const n, dim, wide, k = 400, 100, 300, 3
	small := spectrum(n, dim, 1)
	large := make([]float32, n*wide)
	for i := range n {
		copy(large[i*wide:], small[i*dim:][:dim])
	}
	a, ea, err := project.PCA(small, n, dim, k)
	if err != nil {
		t.Fatal(err)
	}
	b, eb, err := project.PCA(large, n, wide, k)
	if err != nil {
		t.Fatal(err)
	}
	for i := range a {
		if math.Abs(float64(a[i]-b[i])) > 1e-4 {
			t.Fatalf("coordinate %d: %g of short vectors, %g of long ones", i, a[i], b[i])
		}
	}
	for c := range ea {
		if math.Abs(ea[c]-eb[c]) > 1e-8 {
			t.Errorf("component %d explains %g or %g", c, ea[c], eb[c])
		}
	}
}

// TestIterationFindsEqualVariances: four directions of exactly equal variance
// need as many vectors in a block.
func TestIterationFindsEqualVariances(t *testing.T) {
	const n, k = 400, 4
	for _, dim := range []int{250, 800} {
		data := make([]float32, n*dim)
		for i := range n {
			data[i*dim+17*(i%k)] = float32(1 - i/k%2*2)
		}
		_, explained, err := project.PCA(data, n, dim, k)
		if err != nil {
			t.Fatal(err)
		}
		for c, e := range explained {
			if math.Abs(e-0.25) > 1e-6 {
				t.Errorf("dim %d: component %d explains %g, want 0.25", dim, c, e)
			}
		}
	}
}

// TestIterationOnNoise: components too alike to converge still come out
// usable.
func TestIterationOnNoise(t *testing.T) {
	const n, dim = 500, 300
	got, explained, err := project.PCA(spectrum(n, dim, 0), n, dim, 2)
	if err != nil {
		t.Fatal(err)
	}
	if !(explained[0] >= explained[1] && explained[1] > 1.5/dim && explained[0] < 5.0/dim) {
		t.Errorf("explained %v of %d alike", explained, dim)
	}
	var dot, a, b float64
	for i := range n {
		x, y := float64(got[2*i]), float64(got[2*i+1])
		dot, a, b = dot+x*y, a+x*x, b+y*y
	}
	if math.Abs(dot)/math.Sqrt(a*b) > 1e-3 {
		t.Errorf("the coordinates correlate by %g", dot/math.Sqrt(a*b))
	}
}
