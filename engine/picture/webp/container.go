package webp

import (
	"encoding/binary"

	"likeness/engine/picture/raster"
)

// picture is what the container says: a canvas and the one frame that is
// shown on it.
type picture struct {
	w, h                           int
	frameX, frameY, frameW, frameH int

	lossless bool
	opaque   bool   // lossless only: alpha is not used
	bits     []byte // the VP8 or VP8L bitstream
	alpha    []byte // the ALPH chunk of a lossy frame, or nil
}

// Flags of the VP8X chunk (RFC 9649, 2.7.1).
const flagAnimation = 1 << 1

const (
	riffHeader  = 12
	chunkHeader = 8
	vp8xSize    = 10
	anmfHeader  = 16
)

// chunks walks RIFF chunks: a name, a length, a body padded to an even length.
type chunks struct {
	rest []byte
	// cut tells that what holds the chunks, or one of them, declares more bytes
	// than there are.
	cut bool
}

type chunk struct {
	name string // empty at the end
	body []byte // of a cut chunk, what is left
	cut  bool
}

func (c *chunks) next() chunk {
	if len(c.rest) < chunkHeader {
		c.cut = c.cut || len(c.rest) > 1
		return chunk{}
	}
	size := uint64(binary.LittleEndian.Uint32(c.rest[4:]))
	k := chunk{name: string(c.rest[:4]), body: c.rest[chunkHeader:]}
	if size > uint64(len(k.body)) {
		c.rest, c.cut, k.cut = nil, true, true
		return k
	}
	k.body = k.body[:size]
	c.rest = c.rest[min(chunkHeader+size+size&1, uint64(len(c.rest))):]
	return k
}

// missing is the error for chunks in which something was not found.
func (c *chunks) missing(what string) error {
	if c.cut {
		return raster.CutOff(format)
	}
	return raster.Damaged(format, what)
}

// parse finds the frame that is shown. The file may go on after it in any way.
func parse(data []byte) (picture, error) {
	var p picture
	if len(data) < riffHeader {
		return p, raster.CutOff(format)
	}
	if string(data[:4]) != "RIFF" || string(data[8:12]) != "WEBP" {
		return p, raster.Damaged(format, "it has no RIFF header")
	}
	size := uint64(binary.LittleEndian.Uint32(data[4:]))
	c := chunks{rest: data[riffHeader:], cut: size > uint64(len(data)-8)}
	k := c.next()
	if k.name != "VP8X" {
		return p, p.still(&c, k)
	}
	if len(k.body) < vp8xSize {
		if k.cut {
			return p, raster.CutOff(format)
		}
		return p, raster.Damaged(format, "the VP8X chunk is too short")
	}
	p.w, p.h = int(uint24(k.body[4:]))+1, int(uint24(k.body[7:]))+1
	if err := raster.CheckSize(p.w, p.h); err != nil {
		return p, err
	}
	if k.body[0]&flagAnimation != 0 {
		return p, p.animated(&c)
	}
	return p, p.still(&c, c.next())
}

func ceil(a, b int) int { return (a + b - 1) / b }

func uint24(b []byte) uint32 {
	return uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16
}

// still reads the one frame of a picture that does not move, from chunk k on.
// Without a VP8X chunk the frame is the canvas; with one, it has the same size.
func (p *picture) still(c *chunks, k chunk) error {
	if err := p.bitstream(c, k); err != nil {
		return err
	}
	if p.w != 0 && (p.w != p.frameW || p.h != p.frameH) {
		return raster.Damaged(format, "the bitstream and the VP8X chunk differ in size")
	}
	p.w, p.h = p.frameW, p.frameH
	return nil
}

// animated reads the first frame of an animation (RFC 9649, 2.7.1.2).
func (p *picture) animated(c *chunks) error {
	k := c.next()
	for ; k.name != "ANMF"; k = c.next() {
		if k.name == "" {
			return c.missing("the animation has no frame")
		}
	}
	if len(k.body) < anmfHeader {
		return c.missing("the first frame is too short")
	}
	x, y := 2*int(uint24(k.body)), 2*int(uint24(k.body[3:]))
	w, h := int(uint24(k.body[6:]))+1, int(uint24(k.body[9:]))+1
	if w > p.w || h > p.h || x > p.w-w || y > p.h-h {
		return raster.Damaged(format, "the first frame reaches beyond the canvas")
	}
	// What is left of a cut frame may hold its bitstream whole.
	inner := chunks{rest: k.body[anmfHeader:], cut: k.cut}
	if err := p.bitstream(&inner, inner.next()); err != nil {
		return err
	}
	if w != p.frameW || h != p.frameH {
		return raster.Damaged(format, "the bitstream and the frame differ in size")
	}
	p.frameX, p.frameY = x, y
	return nil
}

// bitstream reads an optional ALPH chunk and the VP8 or VP8L chunk of a frame,
// from chunk k on; others in between are skipped.
func (p *picture) bitstream(c *chunks, k chunk) error {
	for ; k.name != ""; k = c.next() {
		switch k.name {
		case "ALPH":
			if p.alpha == nil {
				p.alpha = k.body
			}
		case "VP8 ":
			return p.lossyHeader(k)
		case "VP8L":
			p.alpha = nil // it has its own
			return p.losslessHeader(k)
		}
	}
	return c.missing("it holds no bitstream")
}

// lossyHeader checks the frame header of VP8 (RFC 6386, 9.1).
func (p *picture) lossyHeader(k chunk) error {
	const size = 10
	b := k.body
	switch {
	case k.cut:
		return raster.CutOff(format)
	case len(b) < size:
		return raster.Damaged(format, "the VP8 chunk is too short")
	case b[0]&1 != 0:
		return raster.Damaged(format, "the VP8 frame is not a key frame")
	case b[0]>>1&7 > 3:
		return raster.Damaged(format, "the VP8 version is unknown")
	case b[0]>>4&1 == 0:
		return raster.Damaged(format, "the VP8 frame is not to be shown")
	case string(b[3:6]) != "\x9d\x01\x2a":
		return raster.Damaged(format, "the VP8 start code is missing")
	case int(uint24(b)>>5) > len(b)-size:
		return raster.Damaged(format, "the first VP8 partition is longer than the chunk")
	}
	p.bits = b
	p.frameW = int(binary.LittleEndian.Uint16(b[6:]) & 0x3fff)
	p.frameH = int(binary.LittleEndian.Uint16(b[8:]) & 0x3fff)
	if err := raster.CheckSize(p.frameW, p.frameH); err != nil {
		return err
	}
	// The decoder would go through the whole picture before it tells. The modes
	// of a macroblock take at least two bits: for the kind of luma prediction
	// and for that of chroma .8 each, with the fixed probabilities of key frames.
	if macroblocks := ceil(p.frameW, 16) * ceil(p.frameH, 16); macroblocks*3/2 > 8*(int(uint24(b)>>5)+16) {
		return raster.Damaged(format, "the first VP8 partition is too short for the picture")
	}
	return nil
}

// losslessHeader checks the header of VP8L (RFC 9649, 3.4).
func (p *picture) losslessHeader(k chunk) error {
	const size = 5
	b := k.body
	switch {
	case k.cut:
		return raster.CutOff(format)
	case len(b) < size:
		return raster.Damaged(format, "the VP8L chunk is too short")
	case b[0] != 0x2f:
		return raster.Damaged(format, "the VP8L signature is missing")
	case b[4]>>5 != 0:
		return raster.Damaged(format, "the VP8L version is unknown")
	}
	v := binary.LittleEndian.Uint32(b[1:])
	p.lossless, p.bits = true, b
	p.frameW, p.frameH = int(v&0x3fff)+1, int(v>>14&0x3fff)+1
	p.opaque = v>>28&1 == 0
	return nil
}
