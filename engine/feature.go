package engine

import (
	"fmt"
	"slices"
)

// CodeTiles is the error of asking for the one feature map of a picture that
// was taken in several tiles.
const CodeTiles = "feature-map-tiles"

// FeatureMap is one layer of one picture before pooling: C values at each of
// H x W places.
type FeatureMap struct {
	Shape [3]int // H, W, C
	// Q holds the values in units of Scale, row by row, the channels of a place
	// together: len(Q) == H*W*C.
	Q     []int16
	Scale float32
}

// FeatureMap copies a layer of the last picture. A picture that was taken in
// several tiles has several and is refused.
func (s *Session) FeatureMap(layer string) (*FeatureMap, error) {
	t, err := s.kept(layer)
	if err != nil {
		return nil, err
	}
	if !s.ran {
		return nil, &Error{Code: CodeNotRun, Msg: "the session has not run on a picture yet"}
	}
	if n := len(s.tiles)/len(s.layers) + 1; n > 1 {
		return nil, &Error{Code: CodeTiles, Msg: fmt.Sprintf("the picture was taken in %d tiles, so that layer %q has %d feature maps: choose resize fit, stretch or shorter", n, t.Name, n)}
	}
	m := &FeatureMap{Shape: t.Shape, Scale: t.Scale, Q: make([]int16, 0, t.Elems())}
	data, stride := s.plan.Tensor(s.arena, t.index)
	for r := range t.Shape[0] * t.Shape[1] {
		m.Q = append(m.Q, data[r*stride:][:t.Shape[2]]...)
	}
	return m, nil
}

// Floats are the values, in the order of Q.
func (m *FeatureMap) Floats() []float32 {
	v := make([]float32, len(m.Q))
	for i, q := range m.Q {
		v[i] = float32(float64(q) * float64(m.Scale))
	}
	return v
}

// Kept lists the layers that the session was opened for, in the order asked.
func (s *Session) Kept() []string {
	names := make([]string, len(s.layers))
	for i, t := range s.layers {
		names[i] = t.Name
	}
	return slices.Clip(names)
}
