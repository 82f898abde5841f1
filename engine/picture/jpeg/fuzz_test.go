package jpeg

import (
	"bytes"
	"image"
	"image/color"
	stdjpeg "image/jpeg"
	"testing"

	"likeness/engine/picture/raster"
)

// FuzzOpen: any bytes end in an error of the project's or in rows, in bounded
// memory, and nothing that cannot be read at full size can be read reduced.
func FuzzOpen(f *testing.F) {
	for _, data := range smallFiles() {
		f.Add(data, 10)
		f.Add(data[:len(data)-2], 500)
	}
	f.Fuzz(func(t *testing.T, data []byte, cut int) {
		for _, shrink := range shrinks {
			src, err := Open(data, raster.Options{Shrink: shrink})
			if err == nil {
				if src.Memory() > 1<<24 {
					continue
				}
				_, err = readAll(src)
			}
			if c := code(err); err != nil && (len(c) < 8 || c[:8] != "picture-") {
				t.Fatal(err)
			}
		}
	})
}

// FuzzAgainstStd: entropy-coded data that image/jpeg and this package both
// read give the same pixels within rounding. The code has small values only:
// what sums do beyond a picture's range is not the same in both.
func FuzzAgainstStd(f *testing.F) {
	for i, data := range [][]byte{{}, {0x12, 0x34, 0x56}, bytes.Repeat([]byte{0x91, 0x07, 0xE2}, 90), bytes.Repeat([]byte{0xA8}, 200)} {
		f.Add(data, uint8(9+i), uint8(7), i&1 == 0)
	}
	f.Fuzz(func(t *testing.T, data []byte, w, h uint8, grey bool) {
		file := smallCodeFile(data, w, h, grey)
		img, err := stdjpeg.Decode(bytes.NewReader(file))
		if err != nil {
			return
		}
		p, err := decode(file, 1)
		if err != nil {
			return
		}
		for y := range p.H {
			for x := range p.W {
				r, g, b := stdPixel(img, x, y)
				got := p.Pix[4*(y*p.W+x):]
				if far(r, got[0]) || far(g, got[1]) || far(b, got[2]) {
					t.Fatalf("at %d, %d: %v, image/jpeg has %d %d %d", x, y, got[:3], r, g, b)
				}
			}
		}
	})
}

// far allows a step of either transform in each component.
func far(a, b byte) bool { return int(a)-int(b) > 4 || int(b)-int(a) > 4 }

func stdPixel(img image.Image, x, y int) (r, g, b byte) {
	switch m := img.(type) {
	case *image.Gray:
		v := m.GrayAt(x, y).Y
		return v, v, v
	case *image.YCbCr:
		c := m.YCbCrAt(x, y)
		return color.YCbCrToRGB(c.Y, c.Cb, c.Cr)
	}
	panic("unexpected kind of image")
}

// smallCodeFile puts data behind headers whose code has values below 8.
func smallCodeFile(data []byte, w, h uint8, grey bool) []byte {
	e := &writer{out: []byte{0xFF, markerSOI}}
	e.marker(markerDQT, append([]byte{0}, bytes.Repeat([]byte{2}, 64)...)...)
	e.marker(markerDHT, append(append([]byte{0x00}, make([]byte, 1)...), append([]byte{3, 1}, append(make([]byte, 13), 0, 1, 2, 3)...)...)...)
	e.marker(markerDHT, append([]byte{0x10}, append([]byte{0, 2, 2, 2, 2, 2, 1, 2, 0, 0, 0, 0, 0, 0, 0, 0},
		0x00, 0x01, 0x02, 0x11, 0x21, 0x03, 0xF0, 0x12, 0x31, 0x71, 0xB1, 0xF1, 0xE2)...)...)
	n := byte(3)
	if grey {
		n = 1
	}
	frame, scan := []byte{8, 0, max(h, 1), 0, max(w, 1), n}, []byte{n}
	for i := range n {
		frame, scan = append(frame, i+1, 0x11, 0), append(scan, i+1, 0)
	}
	e.marker(markerSOF0, frame...)
	e.marker(markerSOS, append(scan, 0, 63, 0)...)
	for _, b := range data {
		e.bits(int(b), 8)
	}
	// What is not there is read as zeros: code 00 is a DC term of 0 and the
	// end of a block.
	for range 4 * ceilDiv(int(max(w, 1)), 8) * ceilDiv(int(max(h, 1)), 8) * int(n) {
		e.bits(0, 8)
	}
	e.marker(markerEOI)
	return e.out
}
