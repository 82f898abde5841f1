package jpeg

import (
	"bytes"
	"testing"

	"likeness/engine/picture/raster"
)

// flat is a picture of one colour: the samples of its components.
func flat(ids []byte, samples ...int) *sketch {
	sampling := bytes.Repeat([]byte{0x11}, len(ids))
	s := newSketch(1, 8, 8, ids, sampling)
	for i := range s.comps {
		s.comps[i].blocks[0] = [64]int{(samples[i] - 128) * 8 / quantTable(s.comps[i].tq, 0)}
	}
	return s
}

func TestColors(t *testing.T) {
	// DC terms of 2 and 5 quantisation steps: components after the first are
	// 128 plus multiples of 5 at best.
	cmyk := []byte{1, 2, 3, 4}
	named := func(transform ...byte) writing {
		if transform == nil {
			return writing{}
		}
		return writing{before: adobe(transform[0])}
	}
	for _, test := range []struct {
		name string
		s    *sketch
		w    writing
		c    Color
		want [3]byte
	}{
		{"grey", flat([]byte{1}, 200), writing{}, Auto, [3]byte{200, 200, 200}},
		{"YCbCr", flat(ycc, 100, 128, 133), writing{}, Auto, [3]byte{107, 96, 100}},
		{"YCbCr named otherwise", flat([]byte{0, 1, 2}, 100, 128, 133), writing{}, Auto, [3]byte{107, 96, 100}},
		{"RGB by names", flat([]byte("RGB"), 100, 128, 133), writing{}, Auto, [3]byte{100, 128, 133}},
		{"RGB by Adobe's marker", flat(ycc, 100, 128, 133), named(0), Auto, [3]byte{100, 128, 133}},
		{"YCbCr by Adobe's marker", flat([]byte("RGB"), 100, 128, 133), named(1), Auto, [3]byte{107, 96, 100}},
		{"JFIF is YCbCr", flat([]byte("RGB"), 100, 128, 133), writing{before: jfif}, Auto, [3]byte{107, 96, 100}},
		{"RGB by the caller", flat(ycc, 100, 128, 133), writing{before: jfif}, RGB, [3]byte{100, 128, 133}},
		{"CMYK without a marker", flat(cmyk, 100, 128, 133, 248), named(), Auto, [3]byte{97, 124, 129}},
		{"CMYK", flat(cmyk, 100, 128, 133, 248), named(0), Auto, [3]byte{97, 124, 129}},
		{"YCCK", flat(cmyk, 100, 128, 133, 248), named(2), Auto, [3]byte{144, 155, 151}},
		{"CMYK of TIFF", flat(cmyk, 100, 128, 133, 8), named(), CMYK, [3]byte{150, 123, 118}},
	} {
		src, err := OpenTables(nil, test.s.write(test.w), raster.Options{}, test.c)
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		p, err := readAll(src)
		if err != nil || [3]byte(p.Pix) != test.want || p.Pix[3] != 255 {
			t.Errorf("%s: %v %v, expected %v", test.name, p.Pix[:4], err, test.want)
		}
	}
	if _, err := OpenTables(nil, flat(ycc, 1, 1, 1).write(writing{}), raster.Options{}, Gray); code(err) != raster.CodeCorrupt {
		t.Errorf("three components as grey: %v", err)
	}
}

func TestOpenTables(t *testing.T) {
	for _, way := range []writing{{}, {progressive: true, script: scripts["libjpeg's"]}} {
		s := newSketch(9, 30, 20, ycc, []byte{0x21, 0x11, 0x11})
		w := &writer{out: []byte{0xFF, markerSOI}}
		w.tables(0)
		w.marker(markerEOI)
		want, err := decode(s.write(way), 1)
		if err != nil {
			t.Fatal(err)
		}
		way.noTables = true
		src, err := OpenTables(w.out, s.write(way), raster.Options{}, YCbCr)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := readAll(src); err != nil || !bytes.Equal(got.Pix, want.Pix) {
			t.Errorf("differs: %v", err)
		}
	}
	for _, bad := range [][]byte{{0xFF, markerSOI, 0xFF, markerDHT, 0, 4, 0, 1}, {0xFF, markerSOI, 0xFF, markerDQT, 0, 3, 0x70}} {
		if _, err := OpenTables(bad, flat(ycc, 1, 1, 1).write(writing{}), raster.Options{}, Auto); code(err) != raster.CodeCorrupt {
			t.Errorf("bad tables: %v", err)
		}
	}
}
