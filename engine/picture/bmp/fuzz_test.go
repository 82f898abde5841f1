package bmp

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"testing"

	"likeness/engine/picture/raster"
)

// FuzzOpen: no bytes make the reader panic, allocate without bound or end in an
// error of another type; where x/image/bmp reads a picture, the pixels are the
// same.
func FuzzOpen(f *testing.F) {
	for _, size := range []int{12, 36, 40, 52, 56, 64, 108, 124} {
		for _, bits := range []int{1, 2, 4, 8, 16, 24, 32} {
			b := file{size: size, w: 5, h: 3, bits: bits, body: noise(60)}
			if bits <= 8 {
				b.palette = noise(4 << bits)
			}
			f.Add(b.encode())
			if size > 12 && bits > 8 {
				b.compression, b.masks, b.h = bitFields, []uint32{0xf00, 0xf0, 0xf, 0xf000}, -3
				f.Add(b.encode())
			}
		}
	}
	for bits, method := range map[int]int{4: rle4, 8: rle8, 24: embeddedJPEG} {
		b := file{size: 64, w: 5, h: 3, bits: bits, compression: method, palette: noise(64), colours: 16,
			body: []byte{5, 1, 2, 3, 0, 0, 0, 4, 1, 2, 3, 4, 0, 2, 0, 1, 2, 2, 0, 1}}
		f.Add(b.encode())
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := Open(data, raster.Options{})
		if err == nil {
			w, h := s.Size()
			if s.Memory() > 1<<21 || w*h > 1<<22 {
				return
			}
			row := make([]byte, 4*w)
			for err == nil {
				err = s.ReadRow(row)
			}
		}
		if e := (*raster.Error)(nil); err != io.EOF && !errors.As(err, &e) {
			t.Fatalf("error of another type: %v", err)
		}
		if len(data) < 70 || len(data) > 1<<16 || otherRule(data) || declared(data) > 1<<22 {
			return
		}
		want, stdErr := standard(data)
		if stdErr != nil || want.W == 0 || want.W > raster.MaxSide || want.H > raster.MaxSide {
			return
		}
		if err != io.EOF {
			t.Fatalf("x/image/bmp reads it, we say %v", err)
		}
		px, err := read(data)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(px.Pix, want.Pix) {
			t.Fatal("x/image/bmp gives other pixels")
		}
	})
}

// declared is the number of pixels of a file with a header of 40 bytes or more,
// which x/image/bmp allocates whatever it is.
func declared(data []byte) int64 {
	side := func(at int) int64 { return int64(int32(binary.LittleEndian.Uint32(data[at:]))) }
	w, h := side(18), side(22)
	return max(w, -w) * max(h, -h)
}

// otherRule says whether the file is one of those in which x/image/bmp takes
// padding for alpha: 32 bits without an alpha mask in a long header.
func otherRule(data []byte) bool {
	return data[28] == 32 && data[14] >= v4Header && binary.LittleEndian.Uint32(data[66:]) == 0
}
