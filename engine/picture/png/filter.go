package png

import (
	"encoding/binary"
	"fmt"
	"hash"
	"hash/adler32"
	"io"
	"math/bits"

	"likeness/engine/picture/internal/inflate"
	"likeness/engine/picture/raster"
)

// unfilter gives the rows of a picture or pass, filters undone (specification,
// section 9).
type unfilter struct {
	z         *inflate.Reader
	body      *body
	adler     hash.Hash32 // of the decompressed bytes; nil if the chunks' checksums suffice
	cur, prev []byte      // filter byte and row
	size      int         // bytes of a row
	pixel     int         // bytes of a pixel, at least 1
	row       int         // rows read, for messages
}

// newUnfilter makes room for rows of up to size bytes.
func newUnfilter(z *inflate.Reader, b *body, size, pixelBits int) *unfilter {
	u := &unfilter{
		z: z, body: b, size: size, pixel: (pixelBits + 7) / 8,
		cur: make([]byte, 1+size), prev: make([]byte, 1+size),
	}
	if b.unsure {
		u.adler = adler32.New()
	}
	return u
}

// restart begins a pass with rows of size bytes.
func (u *unfilter) restart(size int) {
	u.size = size
	clear(u.cur)
}

// next gives a row, which is valid until the call after the next one.
func (u *unfilter) next() ([]byte, error) {
	u.cur, u.prev = u.prev, u.cur
	if _, err := io.ReadFull(u.z, u.cur[:1+u.size]); err != nil {
		return nil, u.body.fail(err)
	}
	if u.adler != nil {
		u.adler.Write(u.cur[:1+u.size])
	}
	cur, prev := u.cur[1:1+u.size], u.prev[1:1+u.size]
	switch f := u.cur[0]; f {
	case 0:
	case 1:
		sub(cur, u.pixel)
	case 2:
		up(cur, prev)
	case 3:
		average(cur, prev, u.pixel)
	case 4:
		paeth(cur, prev, u.pixel)
	default:
		return nil, raster.Damaged(format, fmt.Sprintf("row %d has an unknown filter", u.row))
	}
	u.row++
	return cur, nil
}

// end is called after the last row.
func (u *unfilter) end() error {
	if u.adler == nil {
		return nil
	}
	return u.body.verify(u.z, u.adler)
}

// sub undoes filter 1: the pixel to the left is added.
func sub(cur []byte, pixel int) {
	switch pixel {
	case 3:
		var a, b, c byte
		for ; len(cur) >= 3; cur = cur[3:] {
			a, b, c = a+cur[0], b+cur[1], c+cur[2]
			cur[0], cur[1], cur[2] = a, b, c
		}
	case 4:
		var left uint32
		for ; len(cur) >= 4; cur = cur[4:] {
			left = addBytes32(left, binary.LittleEndian.Uint32(cur))
			binary.LittleEndian.PutUint32(cur, left)
		}
	default:
		for i := pixel; i < len(cur); i++ {
			cur[i] += cur[i-pixel]
		}
	}
}

// up undoes filter 2: the pixel above is added.
func up(cur, prev []byte) {
	const low = 0x7f7f7f7f7f7f7f7f
	for len(cur) >= 8 && len(prev) >= 8 {
		x, y := binary.LittleEndian.Uint64(cur), binary.LittleEndian.Uint64(prev)
		binary.LittleEndian.PutUint64(cur, (x&low+y&low)^(x^y)&^low)
		cur, prev = cur[8:], prev[8:]
	}
	prev = prev[:len(cur)]
	for i := range cur {
		cur[i] += prev[i]
	}
}

// addBytes32 adds the four bytes of x and y, each modulo 256.
func addBytes32(x, y uint32) uint32 {
	const low = 0x7f7f7f7f
	return (x&low + y&low) ^ (x^y)&^low
}

// average undoes filter 3: the mean of left and above, rounded down, is added.
func average(cur, prev []byte, pixel int) {
	prev = prev[:len(cur)]
	n := min(pixel, len(cur))
	for i := range n {
		cur[i] += prev[i] / 2
	}
	if pixel == 3 {
		averageRGB(cur, prev)
		return
	}
	for i := n; i < len(cur); i++ {
		cur[i] += byte((int(cur[i-pixel]) + int(prev[i])) / 2)
	}
}

// averageRGB goes on after the first pixel.
func averageRGB(cur, prev []byte) {
	if len(cur) < 3 {
		return
	}
	a, b, c := uint32(cur[0]), uint32(cur[1]), uint32(cur[2])
	for cur, prev = cur[3:], prev[3:]; len(cur) >= 3 && len(prev) >= 3; cur, prev = cur[3:], prev[3:] {
		a = (uint32(cur[0]) + (a+uint32(prev[0]))/2) & 255
		b = (uint32(cur[1]) + (b+uint32(prev[1]))/2) & 255
		c = (uint32(cur[2]) + (c+uint32(prev[2]))/2) & 255
		cur[0], cur[1], cur[2] = byte(a), byte(b), byte(c)
	}
}

// paeth undoes filter 4: whichever of left, above and above left is nearest to
// left + above - above left is added.
func paeth(cur, prev []byte, pixel int) {
	prev = prev[:len(cur)]
	switch {
	case pixel == 3:
		paethRGB(cur, prev)
	case pixel == 4:
		paethRGBA(cur, prev)
	default:
		for ch := range min(pixel, len(cur)) {
			var a, c int
			for i := ch; i < len(cur); i += pixel {
				b := int(prev[i])
				a = (int(cur[i]) + predict(a, b, c)) & 255
				cur[i] = byte(a)
				c = b
			}
		}
	}
}

func paethRGB(cur, prev []byte) {
	var a0, a1, a2, c0, c1, c2 int
	for len(cur) >= 3 && len(prev) >= 3 {
		b0, b1, b2 := int(prev[0]), int(prev[1]), int(prev[2])
		a0 = (int(cur[0]) + predict(a0, b0, c0)) & 255
		a1 = (int(cur[1]) + predict(a1, b1, c1)) & 255
		a2 = (int(cur[2]) + predict(a2, b2, c2)) & 255
		cur[0], cur[1], cur[2] = byte(a0), byte(a1), byte(a2)
		c0, c1, c2 = b0, b1, b2
		cur, prev = cur[3:], prev[3:]
	}
}

func paethRGBA(cur, prev []byte) {
	var a0, a1, a2, a3, c0, c1, c2, c3 int
	for len(cur) >= 4 && len(prev) >= 4 {
		b0, b1, b2, b3 := int(prev[0]), int(prev[1]), int(prev[2]), int(prev[3])
		a0 = (int(cur[0]) + predict(a0, b0, c0)) & 255
		a1 = (int(cur[1]) + predict(a1, b1, c1)) & 255
		a2 = (int(cur[2]) + predict(a2, b2, c2)) & 255
		a3 = (int(cur[3]) + predict(a3, b3, c3)) & 255
		cur[0], cur[1], cur[2], cur[3] = byte(a0), byte(a1), byte(a2), byte(a3)
		c0, c1, c2, c3 = b0, b1, b2, b3
		cur, prev = cur[4:], prev[4:]
	}
}

// predict is the Paeth predictor of left a, above b and above left c.
func predict(a, b, c int) int {
	pa, pb := b-c, a-c
	pc := magnitude(pa + pb)
	pa, pb = magnitude(pa), magnitude(pb)
	if pb < pa {
		pa, a = pb, b
	}
	if pc < pa {
		a = c
	}
	return a
}

// magnitude is |x|, without a branch.
func magnitude(x int) int {
	s := x >> (bits.UintSize - 1)
	return (x ^ s) - s
}
