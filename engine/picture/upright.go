package picture

import (
	"io"

	"likeness/engine/picture/raster"
)

// Upright turns decoded pixels upright: orientation is EXIF's, 1 to 8. Pixels
// that need no turn are returned as they are.
func Upright(px *Pixels, orientation int) (*Pixels, error) {
	if err := checkPixels(px); err != nil {
		return nil, err
	}
	if orientation <= 1 || orientation > 8 {
		return px, nil
	}
	return turn(Rows(px), orientation)
}

// Rows gives pixels in memory row by row, for a Reader of pictures that were
// decoded elsewhere.
func Rows(px *Pixels) raster.Source { return &pixelRows{px: px} }

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
