package gif

import (
	"bytes"
	stdlzw "compress/lzw"
	"encoding/binary"
	"io"
	"testing"

	"likeness/engine/picture/raster"
)

// The palette of most tests, and its colours as RGBA.
var palette = []byte{255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 0}

const (
	red    = 0xff0000ff
	green  = 0x00ff00ff
	blue   = 0x0000ffff
	yellow = 0xffff00ff
	black  = 0x000000ff
	none   = 0
)

func size(colours []byte) byte {
	n := byte(0)
	for 3<<(n+1) < len(colours) {
		n++
	}
	return 0x80 | n
}

func screen(w, h int, colours []byte) []byte {
	b := binary.LittleEndian.AppendUint16([]byte("GIF89a"), uint16(w))
	b = binary.LittleEndian.AppendUint16(b, uint16(h))
	if colours == nil {
		return append(b, 0, 0, 0)
	}
	return append(append(b, size(colours), 1, 0), colours...)
}

// control is a graphic control extension; transparent is -1 for none.
func control(disposal, transparent int) []byte {
	b := []byte{'!', 0xf9, 4, byte(disposal << 2), 10, 0, 0, 0}
	if transparent >= 0 {
		b[3] |= 1
		b[6] = byte(transparent)
	}
	return b
}

func subBlocks(b []byte) []byte {
	var out []byte
	for len(b) > 0 {
		n := min(255, len(b))
		out = append(append(out, byte(n)), b[:n]...)
		b = b[n:]
	}
	return append(out, 0)
}

func codes(codeSize int, pixels ...byte) []byte {
	var b bytes.Buffer
	w := stdlzw.NewWriter(&b, stdlzw.LSB, codeSize)
	_, _ = w.Write(pixels)
	_ = w.Close()
	return b.Bytes()
}

// descriptor is a frame without its pixels.
func descriptor(x, y, w, h int, interlaced bool, colours []byte) []byte {
	b := []byte{','}
	for _, v := range []int{x, y, w, h} {
		b = binary.LittleEndian.AppendUint16(b, uint16(v))
	}
	flags := byte(0)
	if colours != nil {
		flags = size(colours)
	}
	if interlaced {
		flags |= 0x40
	}
	return append(append(b, flags), colours...)
}

func picture(x, y, w, h int, pixels ...byte) []byte {
	return append(append(descriptor(x, y, w, h, false, nil), 2), subBlocks(codes(2, pixels...))...)
}

func file(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

var trailer = []byte{';'}

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

// wantPixels compares with a canvas of width w, row by row from the top.
func wantPixels(t *testing.T, data []byte, w int, want ...uint32) {
	t.Helper()
	px, err := read(data)
	if err != nil {
		t.Fatal(err)
	}
	var b []byte
	for _, c := range want {
		b = binary.BigEndian.AppendUint32(b, c)
	}
	if px.W != w || !bytes.Equal(px.Pix, b) {
		t.Errorf("%d x %d pixels\n%x, want width %d and\n%x", px.W, px.H, px.Pix, w, b)
	}
}

func wantError(t *testing.T, data []byte, want string) {
	t.Helper()
	if _, err := read(data); err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
}
