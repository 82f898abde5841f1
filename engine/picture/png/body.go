package png

import (
	"encoding/binary"
	"errors"
	"hash"
	"io"

	"likeness/engine/picture/internal/inflate"
	"likeness/engine/picture/raster"
)

// body is the compressed pixel data: the bodies of consecutive IDAT chunks, or
// of fdAT chunks without their sequence numbers. A chunk's checksum is checked
// before its first byte is given. It is the source of an inflate.Reader.
type body struct {
	chunks chunks
	name   string // IDAT or fdAT
	cur    []byte // rest of the current chunk
	cut    bool   // the file ends with the current chunk
	ended  bool   // no chunk is left
	err    error  // damage found in a chunk
	unsure bool   // the last chunk is cut: its checksum is missing
}

func newBody(c *chunks, first chunk) *body {
	b := &body{chunks: chunks{data: c.data, pos: first.start}, name: first.name}
	b.unsure = b.endsCut()
	return b
}

// fill goes on to the next bytes; io.EOF where there are none.
func (b *body) fill() error {
	for len(b.cur) == 0 {
		if b.err != nil {
			return b.err
		}
		if b.cut || b.ended {
			return io.EOF
		}
		k, err := b.chunks.next()
		switch {
		case err != nil:
			b.err = err
		case k.name == "":
			b.cut = true
		case k.name != b.name:
			b.ended = true
		case !k.cut && !k.checksumHolds(b.chunks.data):
			b.err = raster.Damaged(format, "the pixel data has a wrong checksum")
		default:
			b.cur, b.cut = k.body, k.cut
			if b.name == "fdAT" {
				b.cur = b.cur[min(4, len(b.cur)):]
			}
		}
	}
	return nil
}

// Next gives the rest of a chunk.
func (b *body) Next() ([]byte, error) {
	if err := b.fill(); err != nil {
		return nil, err
	}
	p := b.cur
	b.cur = nil
	return p, nil
}

// endsCut says whether the file ends within the pixel data's last chunk, whose
// checksum is then missing.
func (b *body) endsCut() bool {
	c := b.chunks
	for {
		k, err := c.next()
		if err != nil || k.name != b.name {
			return false
		}
		if k.cut {
			return true
		}
	}
}

// open reads the zlib header (RFC 1950). The Adler checksum at the other end is
// looked at by verify.
func (b *body) open() (*inflate.Reader, error) {
	var h [2]byte
	for i := range h {
		if err := b.fill(); err != nil {
			return nil, b.fail(err)
		}
		h[i], b.cur = b.cur[0], b.cur[1:]
	}
	if h[0]&15 != 8 || h[0]>>4 > 7 || (int(h[0])<<8|int(h[1]))%31 != 0 || h[1]&32 != 0 {
		return nil, raster.Damaged(format, "the pixel data is not compressed with zlib")
	}
	return inflate.NewReader(b), nil
}

// verify is called once all rows are read. The chunks have their own checksums,
// but where the file ends before that of the last one, which may be another
// file's bytes by then, only zlib's can tell that the pixels are right.
func (b *body) verify(z *inflate.Reader, adler hash.Hash32) error {
	var sum [4]byte
	if _, err := z.Read(sum[:1]); err != io.EOF {
		return raster.CutOff(format)
	}
	if err := z.Trailer(sum[:]); err != nil {
		return b.fail(err)
	}
	if binary.BigEndian.Uint32(sum[:]) != adler.Sum32() {
		return raster.CutOff(format)
	}
	return nil
}

// fail makes this package's error of what the decompressor came back with.
func (b *body) fail(err error) error {
	switch {
	case b.err != nil:
		return b.err
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return b.short()
	}
	return raster.Damaged(format, "the compressed pixel data has an error")
}

// short is the error for pixel data that is not enough: the fault of the
// file's end, or of who made it.
func (b *body) short() error {
	rest := *b
	for rest.err == nil && !rest.cut && !rest.ended {
		rest.cur = nil
		_ = rest.fill()
	}
	switch {
	case rest.err != nil:
		return rest.err
	case rest.cut:
		return raster.CutOff(format)
	}
	return raster.Damaged(format, "it has too little pixel data")
}
