package engine

// Integers copies a kept layer of the last picture as the network has it, in HWC
// order: a value is its integer times the layer's scale. dst has a place for each
// of the layer's values. Pictures taken in tiles have no such layer: the last
// tile's is given.
func (s *Session) Integers(dst []int16, layer string) error {
	t, err := s.kept(layer)
	if err != nil {
		return err
	}
	if !s.ran {
		return &Error{Code: CodeNotRun, Msg: "the session has not run on a picture yet"}
	}
	if len(dst) != t.Elems() {
		panic("engine: Integers: wrong length")
	}
	data, stride := s.plan.Tensor(s.arena, t.index)
	c := t.Shape[2]
	for r := range t.Shape[0] * t.Shape[1] {
		copy(dst[r*c:][:c], data[r*stride:])
	}
	return nil
}
