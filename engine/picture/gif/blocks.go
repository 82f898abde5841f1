package gif

import (
	"encoding/binary"

	"likeness/engine/picture/raster"
)

// frame is one picture of the file, undecoded.
type frame struct {
	x, y, w, h  int // on the canvas, in pixels
	interlaced  bool
	palette     []byte // RGB; nil: it has none
	transparent int    // index of the transparent colour; -1: none
	disposal    byte
	codeSize    byte   // LZW minimum code size
	data        []byte // sub-blocks of LZW codes
	cut         bool   // the file ends in them
}

// What happens to a frame when its time is over; all else leaves it.
const (
	restoreBackground = 2
	restorePrevious   = 3
	restoreUnofficial = 4 // some programs' number for restorePrevious
)

// scanner walks the blocks of a file.
type scanner struct {
	rest        []byte
	w, h        int    // canvas
	global      []byte // palette
	transparent int    // of the frame to come
	disposal    byte
	frames      []frame
}

// scan finds the frames, up to maxFrames of them. A file that ends after one
// is whole: the trailer may be missing, and what is no block ends it.
func scan(data []byte) (*scanner, error) {
	s := &scanner{rest: data, transparent: -1}
	if err := s.header(); err != nil {
		return nil, err
	}
	for len(s.frames) < maxFrames {
		ok, err := s.block()
		if err != nil && len(s.frames) == 0 {
			return nil, err
		}
		if !ok || err != nil {
			break
		}
	}
	if len(s.frames) == 0 {
		return nil, raster.Damaged(format, "it has no frame")
	}
	return s, nil
}

// take cuts n bytes off; nil if there are fewer.
func (s *scanner) take(n int) []byte {
	if n > len(s.rest) {
		return nil
	}
	b := s.rest[:n:n]
	s.rest = s.rest[n:]
	return b
}

// header reads the signature, the logical screen and the global palette.
func (s *scanner) header() error {
	const length = 13
	sig := string(s.rest[:min(6, len(s.rest))])
	for i := range len(sig) {
		if sig[i] != "GIF87a"[i] && sig[i] != "GIF89a"[i] {
			return raster.Damaged(format, "it has no GIF signature")
		}
	}
	b := s.take(length)
	if b == nil {
		return raster.CutOff(format)
	}
	s.w, s.h = int(binary.LittleEndian.Uint16(b[6:])), int(binary.LittleEndian.Uint16(b[8:]))
	var err error
	s.global, err = s.colours(b[10])
	return err
}

// colours reads a palette if the flags of a screen or frame announce one.
func (s *scanner) colours(flags byte) ([]byte, error) {
	if flags&0x80 == 0 {
		return nil, nil
	}
	p := s.take(3 << (flags&7 + 1))
	if p == nil {
		return nil, raster.CutOff(format)
	}
	return p, nil
}

// block reads one block; false at the end.
func (s *scanner) block() (bool, error) {
	b := s.take(1)
	if b == nil {
		return false, raster.CutOff(format)
	}
	switch b[0] {
	case ',':
		return true, s.image()
	case '!':
		return true, s.extension()
	case ';':
		return false, nil
	}
	return false, raster.Damaged(format, "it has an unknown block")
}

// extension keeps what a graphic control extension says; the last one before a
// frame counts.
func (s *scanner) extension() error {
	label := s.take(1)
	if label == nil {
		return raster.CutOff(format)
	}
	body, whole := s.subBlocks()
	if !whole {
		return raster.CutOff(format)
	}
	if label[0] != 0xf9 || body[0] < 4 {
		return nil
	}
	s.transparent, s.disposal = -1, body[1]>>2&7
	if s.disposal == restoreUnofficial {
		s.disposal = restorePrevious
	}
	if body[1]&1 != 0 {
		s.transparent = int(body[4])
	}
	return nil
}

// subBlocks cuts off a chain of sub-blocks with its empty last one. If the file
// ends before that it gives what there is.
func (s *scanner) subBlocks() (b []byte, whole bool) {
	all := s.rest
	for len(s.rest) > 0 {
		n := int(s.rest[0])
		if s.take(1+n) == nil {
			break
		}
		if n == 0 {
			return all[:len(all)-len(s.rest)], true
		}
	}
	s.rest = nil
	return all, false
}

// image reads a frame and steps over its pixels.
func (s *scanner) image() error {
	b := s.take(9)
	if b == nil {
		return raster.CutOff(format)
	}
	field := func(i int) int { return int(binary.LittleEndian.Uint16(b[i:])) }
	f := frame{
		x: field(0), y: field(2), w: field(4), h: field(6),
		interlaced: b[8]&0x40 != 0, transparent: s.transparent, disposal: s.disposal,
	}
	s.transparent, s.disposal = -1, 0
	var err error
	if f.palette, err = s.colours(b[8]); err != nil {
		return err
	}
	if f.palette == nil {
		f.palette = s.global
	}
	size := s.take(1)
	if size == nil {
		return raster.CutOff(format)
	}
	f.codeSize = size[0]
	var whole bool
	f.data, whole = s.subBlocks()
	f.cut = !whole
	if f.w == 0 || f.h == 0 {
		f.x, f.y, f.w, f.h = 0, 0, s.w, s.h
	}
	if len(s.frames) == 0 {
		s.w, s.h = max(s.w, f.x+f.w), max(s.h, f.y+f.h)
	}
	s.frames = append(s.frames, f)
	return nil
}

// short is the error for a frame with too few pixels.
func (f *frame) short() error {
	if f.cut {
		return raster.CutOff(format)
	}
	return raster.Damaged(format, "it has too little pixel data")
}
