//go:build unix

package faults

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash"
	"hash/adler32"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"os"
	"testing"
)

// picture is w x h pixels with some structure.
func picture(w, h int, seed uint64) *image.NRGBA {
	r := random(seed)
	a, b, c := r.IntN(200)+1, r.IntN(200)+1, r.IntN(256)
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			m.SetNRGBA(x, y, color.NRGBA{byte(x * a / 32), byte(y * b / 32), byte(c + x*y/64), 255})
		}
	}
	return m
}

func smallPNG(t testing.TB, w, h int, seed uint64) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, picture(w, h, seed)); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func smallJPEG(t testing.TB, w, h int, seed uint64) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, picture(w, h, seed), nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// writePNG writes rows, each with its filter byte, again and again until there
// are h of w x bits. The compressed rows are repeated too, so that gigabytes
// are written at once.
func writePNG(t *testing.T, path string, w, h int, depth, colour, interlace byte, rows []byte, rowLen int) {
	t.Helper()
	f, err := os.Create(path)
	check(t, err)
	defer f.Close()
	chunk := func(kind string, parts ...[]byte) {
		n, crc := 0, crc32.NewIEEE()
		io.WriteString(crc, kind)
		for _, p := range parts {
			n += len(p)
			crc.Write(p)
		}
		binary.Write(f, binary.BigEndian, uint32(n))
		io.WriteString(f, kind)
		for _, p := range parts {
			f.Write(p)
		}
		_, err := f.Write(crc.Sum(nil))
		check(t, err)
	}
	io.WriteString(f, "\x89PNG\r\n\x1a\n")
	head := binary.BigEndian.AppendUint32(nil, uint32(w))
	head = binary.BigEndian.AppendUint32(head, uint32(h))
	chunk("IHDR", append(head, depth, colour, 0, 0, interlace))
	if colour == 3 {
		chunk("PLTE", []byte{1, 2, 3, 200, 100, 50})
	}
	chunk("IDAT", repeated(t, rows, h*rowLen/len(rows)))
	chunk("IEND")
}

// repeated is the zlib stream of n times data.
func repeated(t *testing.T, data []byte, n int) []byte {
	t.Helper()
	var z bytes.Buffer
	w := zlib.NewWriter(&z)
	w.Write(data)
	check(t, w.Flush())
	all := z.Bytes()
	piece := all[2:] // after the header; it ends at a byte
	var sum hash.Hash32 = adler32.New()
	for range n {
		sum.Write(data)
	}
	out := append(make([]byte, 0, 2+n*len(piece)+20), all[:2]...)
	for range n {
		out = append(out, piece...)
	}
	out = append(out, 1, 0, 0, 0xff, 0xff) // the last block, empty
	return sum.Sum(out)
}

// writeGiantJPEG writes a baseline JPEG of w x h pixels, multiples of 16, from
// one row of blocks, which a restart marker follows each time.
func writeGiantJPEG(t *testing.T, path string, w, h int) {
	t.Helper()
	var b bytes.Buffer
	// Noise would take more bytes than pixels are worth here.
	check(t, jpeg.Encode(&b, picture(w, 16, 5), &jpeg.Options{Quality: 50}))
	strip := b.Bytes()
	sof := bytes.Index(strip, []byte{0xff, 0xc0})
	sos := bytes.Index(strip, []byte{0xff, 0xda})
	data := sos + 2 + int(binary.BigEndian.Uint16(strip[sos+2:]))
	binary.BigEndian.PutUint16(strip[sof+5:], uint16(h))
	f, err := os.Create(path)
	check(t, err)
	defer f.Close()
	f.Write(strip[:sos])
	f.Write([]byte{0xff, 0xdd, 0, 4, byte(w / 16 >> 8), byte(w / 16)})
	f.Write(strip[sos:data])
	for i := range h / 16 {
		if i > 0 {
			f.Write([]byte{0xff, 0xd0 + byte((i-1)%8)})
		}
		f.Write(strip[data : len(strip)-2])
	}
	_, err = f.Write([]byte{0xff, 0xd9})
	check(t, err)
}

// smallWebP is a lossless WebP whose pixels are literals of eight bits.
func smallWebP(w, h int, seed uint64) []byte {
	m := picture(w, h, seed)
	bits := vp8l(w, h)
	for c := range 4 {
		bits.literals(c == 0)
	}
	bits.put(0b0001, 4) // distances: a simple code of the one symbol 0
	for i := 0; i < len(m.Pix); i += 4 {
		for _, v := range [4]byte{m.Pix[i+1], m.Pix[i], m.Pix[i+2], m.Pix[i+3]} {
			for k := range 8 {
				bits.put(uint32(v)>>(7-k)&1, 1)
			}
		}
	}
	return webp(bits.b)
}

// hugeWebP is w x h pixels of no bits each: every code has one symbol.
func hugeWebP(w, h int) []byte {
	bits := vp8l(w, h)
	for range 5 {
		bits.put(0b0001, 4)
	}
	return webp(append(bits.b, 0, 0, 0, 0))
}

func webp(vp8l []byte) []byte {
	if len(vp8l)%2 == 1 {
		vp8l = append(vp8l, 0)
	}
	b := binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(vp8l)+12))
	b = binary.LittleEndian.AppendUint32(append(b, "WEBPVP8L"...), uint32(len(vp8l)))
	return append(b, vp8l...)
}

// bitString holds bits, the lowest first.
type bitString struct {
	b []byte
	n int
}

func (s *bitString) put(v uint32, n int) {
	for i := range n {
		if s.n%8 == 0 {
			s.b = append(s.b, 0)
		}
		s.b[s.n/8] |= byte(v>>i&1) << (s.n % 8)
		s.n++
	}
}

// vp8l begins a picture with no transforms, colour cache or meta codes.
func vp8l(w, h int) *bitString {
	s := &bitString{}
	s.put(0x2f, 8)
	s.put(uint32(w-1), 14)
	s.put(uint32(h-1), 14)
	s.put(0, 4) // no alpha, version 0
	s.put(0, 3)
	return s
}

// literals is a code of eight bits for each of 256 symbols, and none for those
// after them, which green has.
func (s *bitString) literals(green bool) {
	s.put(0, 1)    // not a simple code
	s.put(12-4, 4) // lengths of 17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7 and 8 follow
	for i := range 12 {
		s.put(map[bool]uint32{i == 2 || i == 11: 1}[true], 3) // 0 and 8
	}
	if green {
		s.put(1, 1)
		s.put(3, 3)
		s.put(256-2, 8)
	} else {
		s.put(0, 1)
	}
	for range 256 {
		s.put(1, 1)
	}
}
