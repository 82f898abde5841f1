package raster

import "io"

// Rows gives pixels in memory row by row, for pictures that were decoded
// whole.
func Rows(px *Pixels) Source { return &pixelRows{px: px} }

// pixelRows gives the rows of pixels in memory.
type pixelRows struct {
	px *Pixels
	y  int
}

func (s *pixelRows) Size() (w, h int) { return s.px.W, s.px.H }
func (s *pixelRows) Shrink() int      { return 1 }
func (s *pixelRows) Memory() int64    { return 0 }

func (s *pixelRows) ReadRow(dst []byte) error {
	if s.y == s.px.H {
		return io.EOF
	}
	copy(dst, s.px.Pix[4*s.px.W*s.y:][:4*s.px.W])
	s.y++
	return nil
}
