package search_test

import (
	"errors"
	"math"
	"testing"

	"likeness/engine/search"
)

// linkedByRank is the definition.
func linkedByRank(data []float32, dim int, threshold float64) []int32 {
	n := len(data) / dim
	of := make([]int32, n)
	for i := range of {
		of[i] = int32(i)
	}
	for changed := true; changed; {
		changed = false
		for i := range n {
			for _, m := range search.Rank(data[i*dim:][:dim], data) {
				if float64(m.Score) >= threshold && m.Index != i && of[m.Index] != of[i] {
					of[i], of[m.Index] = min(of[i], of[m.Index]), min(of[i], of[m.Index])
					changed = true
				}
			}
		}
	}
	return of
}

func TestLinked(t *testing.T) {
	for _, c := range []struct {
		n, dim    int
		threshold float64
	}{{0, 3, 0.5}, {1, 3, 0.5}, {2, 3, 1}, {300, 6, 0.9}, {300, 6, 0.99}, {700, 12, 0.8}, {40, 5, 1e-9}, {300, 4, 1}} {
		data := clouds(c.n, c.dim, 30, 0.3, uint64(c.n))
		for i := range c.n / 5 { // copies and a zero
			copy(data[i*c.dim:][:c.dim], data[(c.n-1-i)*c.dim:])
		}
		if c.n > 50 {
			clear(data[50*c.dim:][:c.dim])
		}
		got, err := search.Linked(data, c.dim, c.threshold, search.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for i, first := range linkedByRank(data, c.dim, c.threshold) {
			if got[i] != first {
				t.Fatalf("%+v: vector %d joined with %d, want %d", c, i, got[i], first)
			}
		}
	}
	nan := float32(math.NaN())
	for what, c := range map[string]struct {
		data      []float32
		dim       int
		threshold float64
	}{"NaN": {[]float32{1, nan}, 1, 0.5}, "shape": {make([]float32, 3), 2, 0.5}, "0": {make([]float32, 4), 2, 0}, "2": {make([]float32, 4), 2, 2}, "NaN threshold": {make([]float32, 4), 2, math.NaN()}} {
		if _, err := search.Linked(c.data, c.dim, c.threshold, search.Options{}); err == nil {
			t.Errorf("%s: no error", what)
		}
	}
	stop := errors.New("stop")
	if _, err := search.Linked(make([]float32, 40), 2, 0.5, search.Options{Check: func(float64) error { return stop }}); err != stop {
		t.Errorf("stopped: %v", err)
	}
}

// TestLinkedOfMany: copies and small changes are found through lists too, and
// the same ones as by all pairs.
func TestLinkedOfMany(t *testing.T) {
	const dim = 16
	n := search.ExactLimit + 500
	data := clouds(n, dim, n, 0, 9) // all unlike
	for i := 0; i+7 < n; i += 700 {
		for c := 1; c < 7; c++ {
			copy(data[(i+c)*dim:][:dim], data[i*dim:])
			data[(i+c)*dim+c] += 0.1
		}
	}
	got, err := search.Linked(data, dim, 0.98, search.Options{})
	if err != nil {
		t.Fatal(err)
	}
	want, err := search.Linked(data, dim, 0.98, search.Options{Exact: true})
	if err != nil {
		t.Fatal(err)
	}
	joined := 0
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("vector %d joined with %d, by all pairs %d", i, got[i], want[i])
		}
		if want[i] != int32(i) {
			joined++
		}
	}
	if joined < 6*(n/700) {
		t.Errorf("%d joined", joined)
	}
}

func TestSet(t *testing.T) {
	data := clouds(500, 20, 6, 0.5, 1)
	s, err := search.NewSet(data, 20)
	if err != nil {
		t.Fatal(err)
	}
	c, err := search.NewSet(data[:7*20], 20)
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.Assign(c)
	if err != nil {
		t.Fatal(err)
	}
	for i, g := range got {
		if want := search.Rank(data[i*20:][:20], data[:7*20])[0].Index; int(g) != want {
			t.Errorf("vector %d assigned to %d, want %d", i, g, want)
		}
		square := 0
		for _, x := range s.Unit(i) {
			square += int(x) * int(x)
		}
		if math.Abs(math.Sqrt(float64(square))-search.UnitLength) > 3 {
			t.Errorf("vector %d has length %v", i, math.Sqrt(float64(square)))
		}
	}
	if s.Len() != 500 || s.Cosine(3, 9) != s.Cosine(9, 3) {
		t.Error("length or cosine")
	}
	none, err := search.NewSet(nil, 20)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := s.Assign(none); err != nil || got[0] != -1 {
		t.Errorf("no centres: %v, %v", got[0], err)
	}
	other, err := search.NewSet(data, 10)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Assign(other); !errors.Is(err, search.ErrShape) {
		t.Errorf("another length: %v", err)
	}
}
