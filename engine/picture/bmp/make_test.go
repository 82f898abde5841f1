package bmp

import (
	"bytes"
	"encoding/binary"
	"io"
	"testing"

	"likeness/engine/picture/raster"
)

// file is a bitmap to be written.
type file struct {
	size        int // of the header
	w, h, bits  int
	compression int
	colours     int // declared
	masks       []uint32
	palette     []byte
	offset      int // 0: as it is; -1: 0 is written
	body        []byte
}

func (f *file) encode() []byte {
	le := binary.LittleEndian
	var info []byte
	if f.size == coreHeader {
		info = le.AppendUint32(info, coreHeader)
		for _, v := range []int{f.w, f.h, 1, f.bits} {
			info = le.AppendUint16(info, uint16(v))
		}
	} else {
		info = make([]byte, max(f.size, infoHeader))
		for i, v := range map[int]int{0: f.size, 4: f.w, 8: f.h, 16: f.compression, 20: len(f.body), 32: f.colours} {
			le.PutUint32(info[i:], uint32(v))
		}
		le.PutUint16(info[12:], 1)
		le.PutUint16(info[14:], uint16(f.bits))
		info = info[:f.size]
	}
	masks := f.masks
	if f.size > infoHeader {
		for i := range min(len(masks), (f.size-infoHeader)/4) {
			le.PutUint32(info[infoHeader+4*i:], masks[i])
		}
		masks = nil
	}
	for _, m := range masks {
		info = le.AppendUint32(info, m)
	}
	info = append(info, f.palette...)
	offset := fileHeader + len(info)
	if f.offset > 0 {
		offset = f.offset
	} else if f.offset < 0 {
		offset = 0
	}
	b := le.AppendUint32([]byte("BM"), 0xdeadbeef) // nobody looks at the size
	b = le.AppendUint32(b, 0)
	b = le.AppendUint32(b, uint32(offset))
	return append(append(b, info...), f.body...)
}

func read(data []byte) (*raster.Pixels, error) {
	s, err := Open(data, raster.Options{})
	if err != nil {
		return nil, err
	}
	w, h := s.Size()
	px := &raster.Pixels{W: w, H: h, Pix: make([]byte, 4*w*h)}
	for y := range h {
		if err := s.ReadRow(px.Pix[4*w*y:][:4*w]); err != nil {
			return nil, err
		}
	}
	if err := s.ReadRow(make([]byte, 4*w)); err != io.EOF {
		return nil, err
	}
	return px, nil
}

// wantPixels compares with colours 0xRRGGBBAA, row by row from the top.
func wantPixels(t *testing.T, data []byte, want ...uint32) {
	t.Helper()
	px, err := read(data)
	if err != nil {
		t.Fatal(err)
	}
	var b []byte
	for _, c := range want {
		b = binary.BigEndian.AppendUint32(b, c)
	}
	if !bytes.Equal(px.Pix, b) {
		t.Errorf("%d x %d pixels\n%x, want\n%x", px.W, px.H, px.Pix, b)
	}
}

func wantError(t *testing.T, data []byte, want string) {
	t.Helper()
	if _, err := read(data); err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
}

// colours makes a palette of n entries of the given size; entry i has red
// 8i, green 255-16i and blue 16i.
func colours(n, entry int) []byte {
	var b []byte
	for i := range n {
		b = append(b, []byte{byte(16 * i), byte(255 - 16*i), byte(8 * i), 0}[:entry]...)
	}
	return b
}

// c is the colour i of that palette.
func c(i int) uint32 {
	return uint32(8*i)<<24 | uint32(255-16*i)<<16 | uint32(16*i)<<8 | 255
}

func cs(indices ...int) []uint32 {
	var all []uint32
	for _, i := range indices {
		if i < 0 {
			all = append(all, 0x000000ff)
		} else {
			all = append(all, c(i))
		}
	}
	return all
}
