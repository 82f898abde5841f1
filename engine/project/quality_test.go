package project_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"likeness/engine/project"
)

// arc lays n vectors on a half circle, evenly: neighbours by cosine are those
// by number.
func arc(n int) (data []float32) {
	for i := range n {
		a := math.Pi * float64(i) / float64(n)
		data = append(data, float32(math.Cos(a)), float32(math.Sin(a)))
	}
	return data
}

func TestMeasureByHand(t *testing.T) {
	const n = 9
	data := arc(n)
	row := make([]float32, n)
	for i := range row {
		row[i] = float32(i)
	}
	f, err := project.Measure(data, 2, row, 1, 2, 1, nil)
	if err != nil || f.Trustworthiness < 0.97 || f.Kept < 0.9 {
		t.Errorf("the arc laid straight: %+v, %v", f, err)
	}
	// Angles 0, 1, 2.1, 3.3, 4.6, on a line in the order 4 1 2 3 0. The nearest on
	// the map of 4 is 1, its third by angle; of 1 it is 2, its second; of 2 and 3
	// the first; of 0 it is 3, its third.
	var five []float32
	for _, a := range []float64{0, 0.1, 0.21, 0.33, 0.46} {
		five = append(five, float32(math.Cos(a)), float32(math.Sin(a)))
	}
	f, err = project.Measure(five, 2, []float32{5, 1, 2.1, 3.3, -0.5}, 1, 1, 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := 1 - 2.0/(5*1*(2*5-3*1-1))*(2+1+2)
	if math.Abs(f.Trustworthiness-want) > 1e-12 || math.Abs(f.Kept-0.4) > 1e-12 {
		t.Errorf("ends exchanged: %+v, want %v and 0.4", f, want)
	}
}

func TestMeasureOfChance(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	const n, dim = 400, 8
	data, coords := make([]float32, n*dim), make([]float32, n*2)
	for i := range data {
		data[i] = float32(rng.NormFloat64())
	}
	for i := range coords {
		coords[i] = rng.Float32()
	}
	f, err := project.Measure(data, dim, coords, 2, 10, 1, nil)
	if err != nil || math.Abs(f.Trustworthiness-0.5) > 0.03 || math.Abs(f.Kept-10.0/(n-1)) > 0.01 {
		t.Errorf("a map by lot: %+v, %v", f, err)
	}
	part, err := project.Measure(data, dim, coords, 2, 10, 4, nil)
	if err != nil || math.Abs(part.Trustworthiness-f.Trustworthiness) > 0.05 {
		t.Errorf("of every fourth: %+v, %v", part, err)
	}
	for _, c := range []struct{ dim, dims, k, step int }{{0, 2, 1, 1}, {8, 0, 1, 1}, {8, 3, 1, 1}, {7, 2, 1, 1}, {8, 2, 0, 1}, {8, 2, 200, 1}, {8, 2, 5, 0}} {
		if _, err := project.Measure(data, c.dim, coords, c.dims, c.k, c.step, nil); err == nil {
			t.Errorf("%+v: no error", c)
		}
	}
}

func TestStart(t *testing.T) {
	for _, c := range [][2]int{{50, 8}, {3000, 20}, {10, 200}, {3, 2}} {
		n, dim := c[0], c[1]
		data := spectrum(n, dim, 3)
		got, err := project.Start(data, n, dim, 2)
		if err != nil {
			t.Fatal(err)
		}
		want, _, err := project.PCA(data, n, dim, 2)
		if err != nil {
			t.Fatal(err)
		}
		var dot, a, b float64
		for i := range want {
			x, y := float64(got[i]), float64(want[i])
			dot, a, b = dot+x*y, a+x*x, b+y*y
		}
		if r := dot / math.Sqrt(a*b); r < 0.98 {
			t.Errorf("%v: correlation with principal components %v", c, r)
		}
	}
	data, _ := kinds(2500, 30, 5, 0.7)
	if got := hashOf(startOf(t, data, 30, 3)); got != "391263dd9f9e48f1" {
		t.Errorf("hash of start %s", got)
	}
	nan := float32(math.NaN())
	for _, data := range [][]float32{{1, 2, 3}, {1, nan, 2, 3}, {1, 2, 3, float32(math.Inf(1))}} {
		if _, err := project.Start(data, 2, 2, 2); err == nil {
			t.Errorf("%v: no error", data)
		}
	}
	for _, data := range [][]float32{{}, {1, 2}, {1, 2, 1, 2, 1, 2}} {
		got, err := project.Start(data, len(data)/2, 2, 3)
		if err != nil || len(got) != len(data)/2*3 || len(got) > 0 && hashOf(got) != hashOf(make([]float32, len(got))) {
			t.Errorf("%v: %v, %v", data, got, err)
		}
	}
}
