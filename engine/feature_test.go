package engine_test

import (
	"slices"
	"testing"

	"likeness/engine"
	"likeness/engine/picture"
)

func TestFeatureMap(t *testing.T) {
	n := network(t)
	s, err := n.NewSession("padded", "scaled")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.FeatureMap("padded"); !engine.IsCode(err, engine.CodeNotRun) {
		t.Errorf("before a run: %v", err)
	}
	if err := s.Run(noise(1, 90, 40)); err != nil {
		t.Fatal(err)
	}
	if got := s.Kept(); !slices.Equal(got, []string{"padded", "scaled"}) {
		t.Errorf("kept %v", got)
	}
	for _, layer := range s.Kept() {
		m, err := s.FeatureMap(layer)
		if err != nil {
			t.Fatal(err)
		}
		v, err := s.Vector(layer, engine.PoolNone, false)
		if err != nil {
			t.Fatal(err)
		}
		if len(m.Q) != m.Shape[0]*m.Shape[1]*m.Shape[2] || !slices.Equal(m.Floats(), v) {
			t.Errorf("%s: the map differs from the vector", layer)
		}
	}
	if _, err := s.FeatureMap("depthwise"); !engine.IsCode(err, engine.CodeLayerUnknown) {
		t.Errorf("a layer that was not asked for: %v", err)
	}
	if err := s.Resize(picture.ResizeTiles); err != nil {
		t.Fatal(err)
	}
	if err := s.Run(noise(1, 200, 40)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.FeatureMap("padded"); !engine.IsCode(err, engine.CodeTiles) {
		t.Errorf("of several tiles: %v", err)
	}
}
