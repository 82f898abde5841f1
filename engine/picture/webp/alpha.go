package webp

import (
	"bytes"
	"io"

	"likeness/engine/picture/raster"
)

// Filters of the ALPH chunk (RFC 9649, 2.7.1.3). Filtered values are
// differences to a prediction.
const (
	filterNone = iota
	filterLeft
	filterAbove
	filterGradient
)

// alphaPlane gives the alpha of a lossy picture row by row.
type alphaPlane struct {
	raw    []byte // filtered values, those of the rows to come
	filter byte
	prev   []byte // the row above, nil for the first
	cur    []byte
}

// newAlpha reads an ALPH chunk. How the values were reduced before encoding is
// of no consequence here.
func newAlpha(chunk []byte, w, h int) (*alphaPlane, error) {
	if len(chunk) == 0 {
		return nil, raster.Damaged(format, "the ALPH chunk is empty")
	}
	a := &alphaPlane{raw: chunk[1:], filter: chunk[0] >> 2 & 3, cur: make([]byte, w)}
	switch compression := chunk[0] & 3; compression {
	case 0:
		if len(a.raw) < w*h {
			return nil, raster.Damaged(format, "the alpha plane ends before the last pixel")
		}
	case 1:
		pix, err := decodeVP8L(io.MultiReader(bytes.NewReader(vp8lHeader(w, h)), bytes.NewReader(a.raw)), w, h)
		if err != nil {
			return nil, err
		}
		// The values are the green ones.
		a.raw = make([]byte, w*h)
		for i := range a.raw {
			a.raw[i] = pix[4*i+1]
		}
	default:
		return nil, raster.Damaged(format, "the alpha plane has an unknown compression")
	}
	return a, nil
}

// row returns the next row, good until the call after the next.
func (a *alphaPlane) row() []byte {
	n := len(a.cur)
	above, row := a.prev, a.cur
	copy(row, a.raw[:n])
	a.raw = a.raw[n:]
	switch {
	case a.filter == filterNone:
	case above == nil:
		addLeft(row, 0)
	case a.filter == filterLeft:
		addLeft(row, above[0])
	case a.filter == filterAbove:
		for i := range row {
			row[i] += above[i]
		}
	case a.filter == filterGradient:
		addGradient(row, above)
	}
	if above == nil {
		above = make([]byte, n)
	}
	a.prev, a.cur = row, above
	return row
}

// addLeft adds to each value the one on its left; first stands left of the row.
func addLeft(row []byte, first byte) {
	for i := range row {
		first += row[i]
		row[i] = first
	}
}

func addGradient(row, above []byte) {
	row[0] += above[0]
	for i := 1; i < len(row); i++ {
		p := int(row[i-1]) + int(above[i]) - int(above[i-1])
		row[i] += byte(min(max(p, 0), 255))
	}
}
