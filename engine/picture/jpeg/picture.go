package jpeg

import (
	"io"

	"likeness/engine/picture/jpeg/internal/samples"
)

// picture is a JPEG file that is being read.
type picture struct {
	header
	color   Color
	planes  []*plane
	y       int // of the next row
	mcuRow  int // next row of MCUs to be put into the planes
	makeRow func(mcuRow int) error
	start   func() error // before the first row
	memory  int64
	err     error
}

func (p *picture) Size() (w, h int) { return p.frame.outW, p.frame.outH }
func (p *picture) Shrink() int      { return 8 / p.frame.scale }
func (p *picture) Memory() int64    { return p.memory }

// baseMemory is what planes, tables and the reader take.
func (p *picture) baseMemory(blocks int) int64 {
	const tableBytes = 64 << 10
	n := int64(tableBytes + bufferBytes(blocks))
	for i := range p.frame.comps {
		pix, scratch := p.frame.planeBytes(&p.frame.comps[i])
		n += int64(pix) + int64(scratch)
	}
	return n
}

func (p *picture) ReadRow(dst []byte) error {
	if p.err == nil && p.y == p.frame.outH {
		p.err = io.EOF
	}
	if p.err == nil && p.start != nil {
		p.err = p.start()
		p.start = nil
	}
	if p.err == nil {
		p.err = p.fill()
	}
	if p.err != nil {
		return p.err
	}
	p.convert(dst[:4*p.frame.outW])
	p.y++
	return nil
}

// fill makes rows of MCUs until row y is there. Those of the row before the
// last made are no longer needed then, since a plane needs at most one row of
// samples beyond those of the picture's row.
func (p *picture) fill() error {
	for _, plane := range p.planes {
		last := plane.last(p.frame, p.y)
		for last >= p.mcuRow*plane.v*plane.keep.size {
			if err := p.makeRow(p.mcuRow); err != nil {
				return err
			}
			p.mcuRow++
		}
	}
	return nil
}

// convert writes row y.
func (p *picture) convert(dst []byte) {
	var rows [4][]byte
	for i, plane := range p.planes {
		rows[i] = plane.full(p.frame, p.y)
	}
	switch p.color {
	case Gray:
		samples.Gray(dst, rows[0])
	case YCbCr:
		samples.YCbCr(dst, rows[0], rows[1], rows[2])
	case RGB:
		samples.RGB(dst, rows[0], rows[1], rows[2])
	case CMYK:
		samples.RGB(dst, rows[0], rows[1], rows[2])
		samples.Ink(dst, rows[3], 255, 255)
	case AdobeCMYK:
		samples.RGB(dst, rows[0], rows[1], rows[2])
		samples.Ink(dst, rows[3], 0, 0)
	case AdobeYCCK: // the colour that YCbCr gives is that of the ink's complement
		samples.YCbCr(dst, rows[0], rows[1], rows[2])
		samples.Ink(dst, rows[3], 255, 0)
	}
}

func (p *picture) newPlanes() {
	for i := range p.frame.comps {
		p.planes = append(p.planes, p.frame.newPlane(&p.frame.comps[i]))
	}
}
