package heif

import (
	"likeness/engine/picture/look"
	"likeness/engine/picture/raster"
)

// source gives the rows of a picture that is decoded when the first is read.
type source struct {
	data  []byte
	facts look.Facts
	rows  raster.Source // nil before
}

// Open is the reader of HEIC and AVIF for picture.Register. The picture is not
// reduced.
func Open(data []byte, _ raster.Options) (raster.Source, error) {
	f, err := check(data)
	if err != nil {
		return nil, err
	}
	return &source{data: data, facts: f}, nil
}

func (s *source) Size() (w, h int) { return s.facts.Width, s.facts.Height }

func (s *source) Shrink() int { return 1 }

func (s *source) Memory() int64 {
	return Memory(s.facts) + 4*int64(s.facts.Width)*int64(s.facts.Height)
}

func (s *source) ReadRow(dst []byte) error {
	if s.rows == nil {
		px, err := Decode(s.data, 0)
		if err != nil {
			return err
		}
		s.rows = raster.Rows(px)
	}
	return s.rows.ReadRow(dst)
}
