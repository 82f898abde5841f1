package engine_test

import (
	"math"
	"strings"
	"testing"

	"likeness/engine"
)

func TestParseGem(t *testing.T) {
	for s, want := range map[string]engine.Pool{"gem": "gem", "gem:3": "gem", "gem:3.0": "gem", "gem:4": "gem:4", "gem:4.50": "gem:4.5", "gem:1": "gem:1", "gem:100": "gem:100"} {
		if got, err := engine.ParsePool(s); err != nil || got != want {
			t.Errorf("%q is read as %q, %v; want %q", s, got, err, want)
		}
	}
	s, err := network(t).NewSession()
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"gem:", "gem:0", "gem:0.9", "gem:101", "gem:-3", "gem:NaN", "gem:inf", "gem:1e1", "gem:3:4", "gem4", "Gem", "gem: 3"} {
		if got, err := engine.ParsePool(text); !engine.IsCode(err, engine.CodePoolUnknown) || !strings.Contains(err.Error(), "gem") {
			t.Errorf("%q is read as %q, %v", text, got, err)
		}
		if _, err := s.VectorLen("", engine.Pool(text)); !engine.IsCode(err, engine.CodePoolUnknown) {
			t.Errorf("the length of %q: %v", text, err)
		}
	}
}

// TestGem holds generalised means against their definition.
func TestGem(t *testing.T) {
	const layer = "depthwise"
	s, err := network(t).NewSession(layer)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Run(noise(5, 120, 77)); err != nil {
		t.Fatal(err)
	}
	m, err := s.FeatureMap(layer)
	if err != nil {
		t.Fatal(err)
	}
	x, rows, c := m.Floats(), m.Shape[0]*m.Shape[1], m.Shape[2]
	least := 0
	for _, v := range x {
		if v <= 1e-6 {
			least++
		}
	}
	if least == 0 || least == len(x) {
		t.Fatalf("%d of %d values are at the least one: the test shows nothing", least, len(x))
	}
	for pool, p := range map[engine.Pool]float64{"gem": 3, "gem:1": 1, "gem:2": 2, "gem:3.0001": 3.0001, "gem:4.5": 4.5, "gem:40": 40} {
		got, err := s.Vector(layer, pool, false)
		if err != nil || len(got) != c {
			t.Fatalf("%s: %d values, %v", pool, len(got), err)
		}
		for i, v := range got {
			sum := 0.0
			for r := range rows {
				sum += math.Pow(max(float64(x[r*c+i]), 1e-6), p)
			}
			if want := math.Pow(sum/float64(rows), 1/p); math.Abs(float64(v)-want) > 2e-7*want {
				t.Errorf("%s, channel %d: %g, want %g", pool, i, v, want)
			}
		}
	}
}
