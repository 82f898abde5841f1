package tiff

import (
	"bytes"
	"compress/zlib"
	"errors"
	"io"
	"math/bits"

	"likeness/engine/picture/raster"
)

// decoder unpacks one segment after the other.
type decoder interface {
	// reset begins a segment.
	reset(data []byte) error
	// read fills dst with the next bytes.
	read(dst []byte) error
}

var errShort = raster.Damaged(format, "a strip or tile ends before its last row")

// newDecoder returns the decoder for the picture's compression and the most
// bytes that it takes; nil if the segments are not compressed.
func (l *layout) newDecoder() decoder {
	switch l.compression {
	case compLZW:
		return &lzwDecoder{}
	case compDeflate, compDeflate2:
		return &deflateDecoder{}
	case compPackBits:
		return &packBits{}
	case compFax2, compFax2Words, compFax3, compFax4:
		return newFax(l)
	}
	return nil
}

// decoderMemory is the most bytes that one of newDecoder takes.
func (l *layout) decoderMemory() int64 {
	switch l.compression {
	case compLZW:
		return 32 << 10
	case compDeflate, compDeflate2:
		return 64 << 10
	case compFax2, compFax2Words, compFax3, compFax4:
		return 8*int64(l.segW) + 64<<10
	}
	return 0
}

type deflateDecoder struct {
	in   bytes.Reader
	zlib io.ReadCloser
}

func (d *deflateDecoder) reset(data []byte) error {
	d.in.Reset(data)
	var err error
	if d.zlib == nil {
		d.zlib, err = zlib.NewReader(&d.in)
	} else {
		err = d.zlib.(zlib.Resetter).Reset(&d.in, nil)
	}
	return deflateError(err)
}

func (d *deflateDecoder) read(dst []byte) error {
	// A wrong checksum comes with the last bytes and is no error here; if it is
	// told, there were too few of them.
	_, err := io.ReadFull(d.zlib, dst)
	return deflateError(err)
}

func deflateError(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, zlib.ErrChecksum):
		return errShort
	}
	return raster.Damaged(format, err.Error())
}

// packBits unpacks runs and literals (TIFF 6.0, section 9), which may go on in
// the next row.
type packBits struct {
	in      []byte
	literal int
	run     int
	value   byte
}

func (p *packBits) reset(data []byte) error {
	*p = packBits{in: data}
	return nil
}

func (p *packBits) read(dst []byte) error {
	for len(dst) > 0 {
		switch {
		case p.run > 0:
			n := min(p.run, len(dst))
			for i := range n {
				dst[i] = p.value
			}
			p.run -= n
			dst = dst[n:]
		case p.literal > 0:
			n := copy(dst, p.in[:min(p.literal, len(p.in))])
			if n == 0 {
				return errShort
			}
			p.literal -= n
			p.in, dst = p.in[n:], dst[n:]
		case len(p.in) < 2:
			return errShort
		default:
			switch c := int8(p.in[0]); {
			case c >= 0:
				p.literal, p.in = int(c)+1, p.in[1:]
			case c != -128:
				p.run, p.value, p.in = 1-int(c), p.in[1], p.in[2:]
			default:
				p.in = p.in[1:]
			}
		}
	}
	return nil
}

// reverse returns a copy with the bits of each byte in reverse.
func reverse(data []byte) []byte {
	out := make([]byte, len(data))
	reverseInto(out, data)
	return out
}

func reverseInto(dst, src []byte) {
	for i, b := range src {
		dst[i] = bits.Reverse8(b)
	}
}
