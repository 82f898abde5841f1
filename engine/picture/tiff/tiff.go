// Package tiff reads the first picture at full resolution of a TIFF or BigTIFF
// file (TIFF 6.0 and its technical notes), row by row: memory holds one row of
// each strip or tile beside another, never a whole one.
//
// Read are strips and tiles, chunky or planar, of 1 to 32 bits per unsigned
// sample or 16, 24, 32 or 64 bits per floating-point sample between 0 and 1,
// grey, RGB, with a colour map, CMYK, YCbCr, CIE and ICC L*a*b*, with alpha;
// uncompressed, PackBits, LZW, Deflate, JPEG, WebP and the four fax
// compressions, with predictors. Every tag that changes pixels is looked at
// before decoding; what is not read is refused by its name. Tags on how a scan
// or print looked (response curves, transfer functions, white point) are not
// applied, as other readers do not either.
package tiff

import (
	"io"

	"likeness/engine/picture/raster"
)

const format = "TIFF"

type source struct {
	l        *layout
	unpacker *unpacker
	mem      int64
	limit    int64 // of an embedded picture

	slots   []*slot
	samples []uint16 // of a row
	blocks  [][]byte // rows of blocks, if chroma is subsampled
	y       int
	err     error
}

// Open reads the directory of a TIFF file.
func Open(data []byte, o raster.Options) (raster.Source, error) {
	f, first, err := openFile(data)
	if err != nil {
		return nil, err
	}
	d, err := f.pick(first)
	if err != nil {
		return nil, err
	}
	if c, err := d.int(tagCompression, compNone); err == nil && c == compOldJPEG {
		return f.openOldJPEG(d, o)
	}
	l, err := newLayout(f, d)
	if err != nil {
		return nil, err
	}
	s := &source{l: l}
	n := int64(l.across) * int64(len(l.planes()))
	s.mem = n*l.slotMemory() + 2*int64(l.w)*int64(l.samples) + int64(len(l.palette))*6 + 64<<10
	if l.embedded() {
		if s.limit, err = l.embeddedMemory(); err != nil {
			return nil, err
		}
		if l.compression == compWebP {
			// Each is unpacked at once, and then keeps four bytes a pixel at most.
			s.mem += s.limit + n*4*int64(l.segW)*int64(l.segH)
		} else {
			s.mem += n * s.limit
		}
	}
	return s, nil
}

func (s *source) Size() (w, h int) { return s.l.w, s.l.h }

func (s *source) Shrink() int { return 1 }

func (s *source) Memory() int64 { return s.mem }

func (s *source) ReadRow(dst []byte) error {
	if s.err != nil {
		return s.err
	}
	if s.y == s.l.h {
		return io.EOF
	}
	if s.slots == nil {
		s.prepare()
	}
	if s.y%s.l.segH == 0 {
		for _, slot := range s.slots {
			if s.err = slot.start(s.y / s.l.segH); s.err != nil {
				return s.err
			}
		}
	}
	if s.err = s.row(dst[:4*s.l.w]); s.err != nil {
		return s.err
	}
	s.y++
	return nil
}

func (s *source) prepare() {
	l := s.l
	s.unpacker = newUnpacker(l)
	for _, plane := range l.planes() {
		for x := range l.across {
			s.slots = append(s.slots, newSlot(l, x, plane, s.limit))
		}
	}
	s.samples = make([]uint16, l.w*l.samples)
	s.blocks = make([][]byte, len(s.slots))
}

func (s *source) row(dst []byte) error {
	l := s.l
	subsampled := l.subH*l.subV > 1
	for i, slot := range s.slots {
		x := slot.x * l.segW
		n := min(l.segW, l.w-x)
		if subsampled && s.y%l.segH%l.subV != 0 {
			s.spread(x, n, s.blocks[i])
			continue
		}
		row, err := slot.next()
		switch {
		case err != nil:
			return err
		case subsampled:
			s.blocks[i] = row
			s.spread(x, n, row)
		case l.embedded() && !l.planar:
			copy(dst[4*x:4*(x+n)], row)
		case l.embedded():
			for k := range n {
				s.samples[(x+k)*l.samples+slot.plane] = uint16(row[4*k]) * 257
			}
		case l.planar:
			err = s.unpacker.unpack(s.samples[x*l.samples+slot.plane:], l.samples, row, n)
		case l.direct():
			l.copyRow(dst[4*x:4*(x+n)], row)
		default:
			err = s.unpacker.unpack(s.samples[x*l.samples:], 1, row, n*l.samples)
		}
		if err != nil {
			return err
		}
	}
	switch {
	case l.embedded() && !l.planar:
		l.finishEmbedded(dst)
		return nil
	case l.direct():
		return nil
	}
	return l.convert(dst, s.samples)
}

// spread gives the samples of n pixels of a row, from a row of blocks.
func (s *source) spread(x, n int, blocks []byte) {
	l := s.l
	lumas := l.subH * l.subV
	from := s.y % l.segH % l.subV * l.subH
	for k := range n {
		b := blocks[k/l.subH*(lumas+2):]
		p := s.samples[3*(x+k):][:3]
		p[0] = uint16(b[from+k%l.subH]) * 257
		p[1], p[2] = uint16(b[lumas])*257, uint16(b[lumas+1])*257
	}
}

// direct tells that rows need only to be copied, the most usual kinds.
func (l *layout) direct() bool {
	return l.bits == 8 && !l.float && !l.planar && !l.premultiplied && !l.embedded() &&
		(l.photometric == blackIsZero && l.samples == 1 || l.photometric == rgb && l.samples <= 4)
}

func (l *layout) copyRow(dst, row []byte) {
	n := len(dst) / 4
	switch {
	case l.samples == 1:
		for i, v := range row[:n] {
			d := dst[4*i : 4*i+4]
			d[0], d[1], d[2], d[3] = v, v, v, 255
		}
	case l.samples == 3:
		for i := range n {
			d, p := dst[4*i:4*i+4], row[3*i:3*i+3]
			d[0], d[1], d[2], d[3] = p[0], p[1], p[2], 255
		}
	default:
		copy(dst, row)
		for i := 3; l.alpha < 0 && i < len(dst); i += 4 {
			dst[i] = 255
		}
	}
}

// segmentRows is the number of rows of segment row y that are in the picture.
func (l *layout) segmentRows(y int) int { return min(l.segH, l.h-y*l.segH) }
