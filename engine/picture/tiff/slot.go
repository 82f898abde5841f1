package tiff

import (
	"likeness/engine/picture/raster"
)

// slot reads the segments of one column and plane, one below the other, row by
// row.
type slot struct {
	l       *layout
	x       int
	plane   int
	limit   int64 // bytes that an embedded picture may take
	decoder decoder
	src     raster.Source
	raw     []byte // what is left of a segment that is not compressed
	row     []byte
	scratch []byte
}

func newSlot(l *layout, x, plane int, limit int64) *slot {
	s := &slot{l: l, x: x, plane: plane, limit: limit, decoder: l.newDecoder()}
	switch {
	case l.embedded():
		s.row = make([]byte, 4*l.segW)
	case s.decoder != nil || l.reversed:
		s.row = make([]byte, l.rowBytes())
	}
	if l.predictor == 3 {
		s.scratch = make([]byte, len(s.row))
	}
	return s
}

// slotMemory is the most bytes that a slot takes, beside what an embedded
// picture does.
func (l *layout) slotMemory() int64 {
	n := int64(4*l.segW) + 2*int64(l.rowBytes()) + l.decoderMemory() + 256
	if l.reversed {
		n += l.largestSegment()
	}
	return n
}

func (l *layout) largestSegment() int64 {
	most := 0
	for _, plane := range l.planes() {
		for y := range l.down {
			for x := range l.across {
				b, _ := l.segment(x, y, plane)
				most = max(most, len(b))
			}
		}
	}
	return int64(most)
}

// start begins segment row y.
func (s *slot) start(y int) error {
	data, err := s.l.segment(s.x, y, s.plane)
	if err != nil {
		return err
	}
	switch {
	case s.l.embedded():
		if s.src, err = s.l.openEmbedded(data, s.l.segmentRows(y)); err != nil {
			return err
		}
		if s.src.Memory() > s.limit {
			return raster.Unsupported(format, "strips or tiles of very different make")
		}
	case s.decoder != nil:
		if s.l.reversed {
			data = reverse(data)
		}
		return s.decoder.reset(data)
	default:
		s.raw = data
	}
	return nil
}

// next returns the next row as it is stored, or of an embedded picture as RGBA.
// It is good until the next call.
func (s *slot) next() ([]byte, error) {
	l := s.l
	switch {
	case s.src != nil:
		return s.row, s.src.ReadRow(s.row)
	case s.decoder == nil:
		n := l.rowBytes()
		row := s.raw[:n]
		s.raw = s.raw[n:]
		if l.reversed {
			reverseInto(s.row, row)
			row = s.row
		}
		return row, nil
	}
	if err := s.decoder.read(s.row); err != nil {
		return nil, err
	}
	stride := l.samples
	if l.planar {
		stride = 1
	}
	l.undoPredictor(s.row, s.scratch, stride)
	return s.row, nil
}
