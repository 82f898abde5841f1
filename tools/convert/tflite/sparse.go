package tflite

import (
	"errors"
	"slices"

	"likeness/tools/convert/flatbuffer"
)

// sparse says how the numbers of a constant lie that leaves out zeros:
// SparsityParameters of the schema. Its axes, and blocks of them as further axes,
// are levels in the order of traversal, each of all places or of those listed
// (tensorflow/lite/kernels/internal/utils/sparsity_format_converter.cc).
type sparse struct {
	order  []int // axis by level; those above the tensor's own are blocks
	blocks []int // axis that a block cuts
	levels []level
}

// level is an axis: size places, or, where segments are given, for each place of
// the level before those in places from segments[i] to segments[i+1].
type level struct {
	size             int
	listed           bool
	segments, places []int
}

func readSparse(t flatbuffer.Table) *sparse {
	s := &sparse{order: t.Int32s(0), blocks: t.Int32s(1)}
	for _, d := range t.Tables(2) {
		l := level{size: int(d.Int32(1, 0)), listed: d.Int8(0) == 1}
		l.segments, l.places = indexVector(d, 2), indexVector(d, 4)
		s.levels = append(s.levels, l)
	}
	return s
}

// indexVector is a union of vectors of int32, uint16 and uint8.
func indexVector(t flatbuffer.Table, i int) []int {
	v, ok := t.Table(i + 1)
	if !ok {
		return nil
	}
	switch t.Int8(i) {
	case 1:
		return v.Int32s(0)
	case 2:
		return v.Uint16s(0)
	case 3:
		var out []int
		for _, b := range v.Bytes(0) {
			out = append(out, int(b))
		}
		return out
	}
	return nil
}

var errSparse = errors.New("its list of places contradicts its shape: export the network again")

// dense puts the numbers, of so many bytes each, in their places.
func (s *sparse) dense(t *tensor, size int) ([]byte, error) {
	rank := len(t.shape)
	if len(s.order) != len(s.levels) || len(s.order) != rank+len(s.blocks) || rank == 0 {
		return nil, errSparse
	}
	seen := slices.Clone(s.order)
	slices.Sort(seen)
	for i, a := range seen {
		if a != i {
			return nil, errSparse
		}
	}
	// How far apart neighbours of a level are, in numbers: an axis counts blocks,
	// where it is cut into them.
	strides, step := make([]int, rank), 1
	for i := rank - 1; i >= 0; i-- {
		strides[i] = step
		step *= t.shape[i]
	}
	stride, length := make([]int, len(s.order)), make([]int, len(s.order))
	cut := make([]int, rank)
	for l, a := range s.order {
		if a < rank {
			continue
		}
		axis := s.blocks[a-rank]
		if axis < 0 || axis >= rank || cut[axis] != 0 || s.levels[l].listed || s.levels[l].size < 1 || t.shape[axis]%s.levels[l].size != 0 {
			return nil, errSparse
		}
		cut[axis] = s.levels[l].size
		stride[l], length[l] = strides[axis], cut[axis]
	}
	for l, a := range s.order {
		if a < rank {
			block := max(cut[a], 1)
			stride[l], length[l] = strides[a]*block, t.shape[a]/block
		}
		if !s.levels[l].listed && s.levels[l].size != length[l] {
			return nil, errSparse
		}
	}
	w := scatter{levels: s.levels, stride: stride, length: length, from: t.data, to: make([]byte, t.elems()*size), size: size}
	if err := w.level(0, 0, 0); err != nil {
		return nil, err
	}
	if len(w.from) > 0 {
		return nil, errSparse
	}
	return w.to, nil
}

// scatter takes numbers from the front of from.
type scatter struct {
	levels         []level
	stride, length []int
	from, to       []byte
	size           int
}

// level writes the numbers below a place: number at counts the places before it on
// the level above, base is where it lies.
func (w *scatter) level(l, at, base int) error {
	if l == len(w.levels) {
		if len(w.from) < w.size {
			return errSparse
		}
		copy(w.to[base*w.size:][:w.size], w.from)
		w.from = w.from[w.size:]
		return nil
	}
	v := &w.levels[l]
	if !v.listed {
		for i := range w.length[l] {
			if err := w.level(l+1, at*w.length[l]+i, base+i*w.stride[l]); err != nil {
				return err
			}
		}
		return nil
	}
	if at+1 >= len(v.segments) {
		return errSparse
	}
	for i := v.segments[at]; i < v.segments[at+1]; i++ {
		if i < 0 || i >= len(v.places) || v.places[i] < 0 || v.places[i] >= w.length[l] {
			return errSparse
		}
		if err := w.level(l+1, i, base+v.places[i]*w.stride[l]); err != nil {
			return err
		}
	}
	return nil
}
