package png

import (
	"encoding/binary"

	"likeness/engine/picture/raster"
)

// chunk is one chunk of the file (specification, section 5.3).
type chunk struct {
	name  string
	body  []byte
	start int  // of the chunk's length field in the file
	valid bool // the checksum is right
	cut   bool // the file ends before the chunk does; body is what there is
}

// chunks walks the chunks of a file.
type chunks struct {
	data []byte
	pos  int
}

// next gives the chunk at pos and goes on to the one after it. Where the file
// has ended the chunk has no name. Checksums of pixel data are left to the one
// who reads it: valid is not set.
func (c *chunks) next() (chunk, error) {
	rest := c.data[c.pos:]
	if len(rest) < 8 {
		c.pos = len(c.data)
		return chunk{start: c.pos}, nil
	}
	length, name := binary.BigEndian.Uint32(rest), string(rest[4:8])
	if length > 1<<31-1 || !isName(name) {
		return chunk{}, raster.Damaged(format, "a chunk has no sensible length or name")
	}
	k := chunk{name: name, start: c.pos}
	rest = rest[8:]
	if int64(len(rest)) < int64(length)+4 {
		k.body, k.cut = rest[:min(len(rest), int(length))], true
		c.pos = len(c.data)
		return k, nil
	}
	k.body = rest[:length]
	if name != "IDAT" && name != "fdAT" {
		k.valid = k.checksumHolds(c.data)
	}
	c.pos += 12 + int(length)
	return k, nil
}

// checksumHolds says whether a chunk that is not cut has the right checksum.
func (k *chunk) checksumHolds(data []byte) bool {
	return checksum(data[k.start+4:k.start+8], k.body) == binary.BigEndian.Uint32(data[k.start+8+len(k.body):])
}

func isName(s string) bool {
	for i := range len(s) {
		if c := s[i] | 0x20; c < 'a' || c > 'z' {
			return false
		}
	}
	return true
}

// critical chunks begin with a capital letter: a reader that does not know one
// cannot show the picture.
func critical(name string) bool { return name[0]&0x20 == 0 }

// parts is what stands before the pixel data, and where that is.
type parts struct {
	palette      []byte // RGB
	transparency []byte // body of tRNS
	first        chunk  // first IDAT or fdAT of the picture that is shown
	frame        frame  // what it covers
	animated     bool   // acTL before IDAT
	inAnimation  bool   // fcTL before IDAT
}

// find reads the chunks up to the pixel data.
func (p *parts) find(c *chunks, h *header) error {
	for {
		k, err := c.next()
		if err != nil {
			return err
		}
		switch {
		case k.name == "":
			return raster.CutOff(format)
		case k.name == "IDAT":
			return p.choose(c, h, k)
		case k.cut:
			return raster.CutOff(format)
		case k.name == "IEND":
			return raster.Damaged(format, "it has no pixel data")
		}
		if err := p.add(&k, h); err != nil {
			return err
		}
	}
}

// add takes what a chunk before the pixel data says.
func (p *parts) add(k *chunk, h *header) error {
	switch k.name {
	case "IHDR":
		return raster.Damaged(format, "it has two headers")
	case "PLTE":
		if h.colour != indexed {
			return nil // a suggestion for screens of few colours
		}
		if !k.valid || len(k.body) == 0 || len(k.body) > 3*256 || len(k.body)%3 != 0 || p.palette != nil {
			return raster.Damaged(format, "the palette has a wrong checksum or length")
		}
		p.palette = k.body
	case "tRNS":
		if k.valid && p.transparency == nil && transparencyFits(k.body, h, p.palette) {
			p.transparency = k.body
		}
	case "acTL":
		if k.valid && len(k.body) == 8 {
			n := binary.BigEndian.Uint32(k.body)
			p.animated = n > 0 && n < 1<<31
		}
	case "fcTL":
		p.inAnimation = true
	default:
		if critical(k.name) {
			return unknownChunk(k.name)
		}
	}
	return nil
}

func transparencyFits(body []byte, h *header, palette []byte) bool {
	switch h.colour {
	case grey:
		return len(body) == 2
	case rgb:
		return len(body) == 6
	case indexed:
		return palette != nil && len(body) <= 256
	}
	return false
}

// choose settles which picture is shown; idat is the first IDAT chunk, after
// which c stands.
func (p *parts) choose(c *chunks, h *header, idat chunk) error {
	if h.colour == indexed && p.palette == nil {
		return raster.Damaged(format, "it has no palette")
	}
	p.first, p.frame = idat, frame{0, 0, h.w, h.h}
	if !p.animated || p.inAnimation {
		return nil
	}
	rest := *c
	f, found := frame{}, false
	for {
		k, err := rest.next()
		switch {
		case err != nil:
			return nil
		case k.cut && len(k.body) < 4, k.cut && k.name == "fcTL", k.name == "":
			// Its first frame is to come.
			return raster.CutOff(format)
		}
		switch k.name {
		case "IEND":
			return nil
		case "fcTL":
			if f, found = frameOf(&k, h); !found {
				return nil
			}
		case "fdAT":
			if found && len(k.body) >= 4 {
				p.first, p.frame = k, f
			}
			return nil
		}
	}
}

// frameOf reads a fcTL chunk.
func frameOf(k *chunk, h *header) (f frame, ok bool) {
	if !k.valid || len(k.body) != 26 {
		return f, false
	}
	field := func(i int) int64 { return int64(binary.BigEndian.Uint32(k.body[i:])) }
	fw, fh, x, y := field(4), field(8), field(12), field(16)
	if fw == 0 || fh == 0 || x+fw > int64(h.w) || y+fh > int64(h.h) {
		return f, false
	}
	return frame{int(x), int(y), int(fw), int(fh)}, true
}
