package picture

import (
	"likeness/engine/picture/look"
	"likeness/engine/picture/raster"
)

// Picture is an encoded picture that has been looked at and not yet read.
type Picture struct {
	look.Facts
	data   []byte
	open   Reader
	limits Limits
}

// Open looks at a picture's bytes and refuses what is no picture or cannot be
// read, whatever its file is called. data must not change while the Picture is
// in use.
func Open(data []byte, lim Limits) (*Picture, error) {
	f, err := look.Look(data)
	if err != nil {
		return nil, err
	}
	p := &Picture{Facts: f, data: data, limits: lim}
	if p.open, err = readerOf(f); err != nil {
		return nil, err
	}
	src, err := p.reader(1)
	if err != nil {
		return nil, err
	}
	// What look says of the size is what the headers say; the reader's is what
	// rows will have.
	p.Width, p.Height = src.Size()
	return p, nil
}

// reader opens the rows, reduced by at most shrink.
func (p *Picture) reader(shrink int) (raster.Source, error) {
	src, err := p.open(p.data, raster.Options{Shrink: shrink})
	if err != nil {
		return nil, err
	}
	w, h := src.Size()
	return src, raster.CheckSize(w, h)
}

// turned reports whether the rows have to be held to be turned upright.
func (p *Picture) turned() bool { return p.Orientation > 1 && p.Orientation <= 8 }

// upright is the size of the picture as it is shown.
func (p *Picture) upright() (w, h int) {
	if p.Orientation >= 5 {
		return p.Height, p.Width
	}
	return p.Width, p.Height
}

// shownSize is the size of the rows of src once they are upright.
func (p *Picture) shownSize(src raster.Source) size {
	w, h := p.upright()
	s := size{width: float64(w) / float64(src.Shrink()), height: float64(h) / float64(src.Shrink()), shrink: src.Shrink()}
	s.w, s.h = src.Size()
	if p.Orientation >= 5 {
		s.w, s.h = s.h, s.w
	}
	switch p.Orientation { // mirrored left to right
	case 2, 3, 6, 7:
		s.left = float64(s.w) - s.width
	}
	switch p.Orientation { // mirrored top to bottom
	case 3, 4, 7, 8:
		s.top = float64(s.h) - s.height
	}
	return s
}

// check refuses a picture that takes more than its limit to read.
func (p *Picture) check(need int64) error {
	if limit := p.limits.memory(); need > limit {
		return tooLarge(p.Width, p.Height, need, limit)
	}
	return nil
}

// Pixels reads the picture whole and turns it upright. Its colours are those
// of the file.
func (p *Picture) Pixels() (*Pixels, error) {
	src, err := p.reader(1)
	if err != nil {
		return nil, err
	}
	if err := p.check(src.Memory() + heldBytes(src)); err != nil {
		return nil, err
	}
	return turn(src, p.Orientation)
}

// Decode is Open and Pixels.
func Decode(data []byte, lim Limits) (*Pixels, *Picture, error) {
	p, err := Open(data, lim)
	if err != nil {
		return nil, nil, err
	}
	px, err := p.Pixels()
	return px, p, err
}

// heldBytes is what all rows of a source take.
func heldBytes(src raster.Source) int64 {
	w, h := src.Size()
	return 4 * int64(w) * int64(h)
}
