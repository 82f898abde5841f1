// Package webp reads WebP pictures: lossy (VP8, with or without an alpha
// plane), lossless (VP8L), and the first frame of animated ones. The container
// is that of RFC 9649; the two bitstreams are decoded by golang.org/x/image,
// which holds the whole picture: 1.5 bytes a pixel for VP8, up to 6.5 for VP8L.
// Colour conversion, chroma upsampling and alpha are done a row at a time, and
// equal those of libwebp to the bit.
package webp

import (
	"errors"
	"fmt"
	"io"

	"likeness/engine/picture/raster"
)

const format = "WebP"

// frame is a decoded bitstream that gives its pixels row by row.
type frame interface {
	// row writes the next row of RGBA, as wide as the frame.
	row(dst []byte)
}

// source is the canvas with one frame on it.
type source struct {
	p     picture
	frame frame
	y     int
	err   error
}

// Open reads the container of a WebP picture. Of an animated one it gives the
// first frame on a transparent canvas, as browsers show it.
func Open(data []byte, _ raster.Options) (raster.Source, error) {
	p, err := parse(data)
	if err != nil {
		return nil, err
	}
	return &source{p: p}, nil
}

func (s *source) Size() (w, h int) { return s.p.w, s.p.h }

func (s *source) Shrink() int { return 1 }

func (s *source) Memory() int64 {
	if s.p.lossless {
		return losslessMemory(s.p.frameW, s.p.frameH, len(s.p.bits))
	}
	return lossyMemory(&s.p)
}

func (s *source) ReadRow(dst []byte) error {
	switch {
	case s.err != nil:
		return s.err
	case s.y == s.p.h:
		return io.EOF
	case s.frame == nil:
		if s.frame, s.err = decode(&s.p); s.err != nil {
			return s.err
		}
	}
	dst = dst[:4*s.p.w]
	inside := s.y >= s.p.frameY && s.y < s.p.frameY+s.p.frameH
	if !inside || s.p.frameW < s.p.w {
		clear(dst)
	}
	if inside {
		s.frame.row(dst[4*s.p.frameX:][:4*s.p.frameW])
	}
	s.y++
	return nil
}

// decode runs the bitstream's decoder, whose panics on hostile bytes become
// errors.
func decode(p *picture) (f frame, err error) {
	defer func() {
		if r := recover(); r != nil {
			f, err = nil, raster.Damaged(format, fmt.Sprint(r))
		}
	}()
	if p.lossless {
		return newLossless(p.bits, p.frameW, p.frameH, p.opaque)
	}
	return newLossy(p)
}

// Limits of the decoders that a sound file may exceed, by their messages.
var limits = map[string]string{
	"vp8: too much data to decode": "more than 16 MiB of lossy data",
	"vp8l: too many Huffman trees": "2600 or more groups of Huffman codes",
}

// bitstreamError says what a decoder's error means when all the bytes that the
// container declares are there.
func bitstreamError(err error) error {
	if feature, ok := limits[err.Error()]; ok {
		return raster.Unsupported(format, feature)
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return raster.Damaged(format, "the bitstream ends before the last pixel")
	}
	return raster.Damaged(format, err.Error())
}
