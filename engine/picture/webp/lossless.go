package webp

import (
	"bytes"
	"encoding/binary"
	"image"
	"io"

	"golang.org/x/image/vp8l"

	"likeness/engine/picture/raster"
)

// lossless is a decoded VP8L picture.
type lossless struct {
	pix    []byte // RGBA, not premultiplied
	opaque bool   // the alpha in pix means nothing
}

// decodeVP8L returns 4*w*h bytes of RGBA.
func decodeVP8L(r io.Reader, w, h int) ([]byte, error) {
	img, err := vp8l.Decode(r)
	if err != nil {
		return nil, bitstreamError(err)
	}
	m, ok := img.(*image.NRGBA)
	if !ok || m.Stride != 4*w || len(m.Pix) != 4*w*h {
		return nil, raster.Damaged(format, "the VP8L picture has another size than its header")
	}
	return m.Pix, nil
}

func newLossless(bits []byte, w, h int, opaque bool) (frame, error) {
	pix, err := decodeVP8L(bytes.NewReader(bits), w, h)
	if err != nil {
		return nil, err
	}
	return &lossless{pix, opaque}, nil
}

func (l *lossless) row(dst []byte) {
	copy(dst, l.pix)
	l.pix = l.pix[len(dst):]
	if l.opaque {
		for i := 3; i < len(dst); i += 4 {
			dst[i] = 255
		}
	}
}

// losslessMemory bounds what decoding a VP8L bitstream of size bytes takes.
//
// While pixels are decoded there are 4 bytes for each and, in tiles of at least
// 4 x 4 pixels, 4 more for each of two transforms and the choice of codes; a
// palette with packed indices is expanded into another 4 bytes a pixel, from 2
// at most. The codes are bounded by the 2600 groups that the decoder admits,
// by the tiles that can choose among them, and by the bits that describe them.
func losslessMemory(w, h, size int) int64 {
	tiles := int64((w+3)/4) * int64((h+3)/4)
	pixels := int64(w) * int64(h)
	const (
		groupTrees = 56 << 10 // five trees of full alphabets and their tables
		groupCoded = 120      // what such trees take in the file, at least
		fixed      = 64 << 10
	)
	groups := min(2600, tiles, int64(size)/groupCoded) + 1
	decoding := 4*pixels + 12*tiles + groups*groupTrees
	expanding := 6*pixels + 12*tiles
	return max(decoding, expanding) + fixed
}

// vp8lHeader is the header of a VP8L picture without alpha, which the alpha
// plane of a lossy picture leaves out.
func vp8lHeader(w, h int) []byte {
	b := []byte{0x2f}
	return binary.LittleEndian.AppendUint32(b, uint32(w-1)|uint32(h-1)<<14)
}
