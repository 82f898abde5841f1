package jpeg

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"

	"likeness/engine/picture/raster"
)

// seg is a segment with its marker.
func seg(marker byte, content ...byte) []byte {
	w := &writer{}
	w.marker(marker, content...)
	return w.out
}

func TestRefused(t *testing.T) {
	s := newSketch(1, 20, 20, ycc, []byte{0x22, 0x11, 0x11})
	plain := s.write(writing{})
	scan := bytes.Index(plain, []byte{0xFF, markerSOS})
	frame := bytes.Index(plain, []byte{0xFF, markerSOF1})
	// with has some bytes of the plain file replaced.
	with := func(at int, b ...byte) []byte {
		d := bytes.Clone(plain)
		copy(d[at:], b)
		return d
	}
	insert := func(at int, b ...byte) []byte {
		return append(append(bytes.Clone(plain[:at]), b...), plain[at:]...)
	}
	many := make([]scriptScan, maxScans)
	for i := range many {
		many[i] = scriptScan{comps: []int{0, 1, 2}, end: 63}
	}
	many[0] = scriptScan{comps: []int{0}, end: 63}
	wide := *s
	wide.w, wide.h = 60000, 60000
	huge := wide.write(writing{})
	for _, test := range []struct {
		name string
		data []byte
		code string
		text string
	}{
		{"nothing", nil, raster.CodeEmpty, "empty"},
		{"one byte", []byte{0xFF}, raster.CodeCorrupt, "cut off"},
		{"not a JPEG", []byte("GIF89a"), raster.CodeCorrupt, "start marker"},
		{"lossless", s.write(writing{frame: 0xC3}), raster.CodeFeature, "lossless"},
		{"hierarchical", insert(2, seg(markerDHP, plain[frame+4:frame+19]...)...), raster.CodeFeature, "hierarchical"},
		{"hierarchical frame", s.write(writing{frame: 0xC5}), raster.CodeFeature, "hierarchical"},
		{"arithmetic", s.write(writing{frame: 0xC9}), raster.CodeFeature, "arithmetic"},
		{"arithmetic, progressive", s.write(writing{frame: 0xCA}), raster.CodeFeature, "arithmetic"},
		{"arithmetic, lossless", s.write(writing{frame: 0xCB}), raster.CodeFeature, "lossless"},
		{"JPEG-LS", s.write(writing{frame: 0xF7}), raster.CodeFeature, "JPEG-LS"},
		{"12 bits", with(frame+4, 12), raster.CodeFeature, "12 bits"},
		{"9 bits", with(frame+4, 9), raster.CodeCorrupt, "precision"},
		{"no height", with(frame+5, 0, 0), raster.CodeFeature, "DNL"},
		{"no width", with(frame+7, 0, 0), raster.CodeZeroSize, "0 x 20"},
		{"two components", with(frame+9, 2), raster.CodeFeature, "number of components"},
		{"no components", with(frame+9, 0), raster.CodeCorrupt, "frame header"},
		{"sampling 0", with(frame+11, 0x02), raster.CodeCorrupt, "sampling"},
		{"sampling 5", with(frame+11, 0x51), raster.CodeCorrupt, "sampling"},
		{"one name twice", with(frame+13, 1), raster.CodeCorrupt, "one name"},
		{"two frames", insert(scan, plain[frame:scan]...), raster.CodeCorrupt, "two frames"},
		{"scan before frame", append(append([]byte{0xFF, markerSOI}, plain[scan:]...), plain[2:]...), raster.CodeCorrupt, "before the frame"},
		{"no scan", append(bytes.Clone(plain[:scan]), 0xFF, markerEOI), raster.CodeCorrupt, "ends before"},
		{"end of the headers", plain[:scan], raster.CodeCorrupt, "cut off"},
		{"unknown component in a scan", with(scan+5, 9), raster.CodeCorrupt, "scan header"},
		{"component twice in a scan", with(scan+7, 1), raster.CodeCorrupt, "scan header"},
		{"Huffman table 5", with(scan+6, 0x50), raster.CodeCorrupt, "scan header"},
		{"missing Huffman table", with(scan+6, 0x20), raster.CodeCorrupt, "Huffman table is missing"},
		{"missing quantisation table", with(frame+12, 3), raster.CodeCorrupt, "quantisation table is missing"},
		{"no tables", s.write(writing{noTables: true}), raster.CodeCorrupt, "missing"},
		{"too many codes", insert(scan, seg(markerDHT, append([]byte{0, 3}, make([]byte, 18)...)...)...), raster.CodeCorrupt, "too many codes"},
		{"short Huffman table", insert(scan, seg(markerDHT, 0, 1, 2, 3)...), raster.CodeCorrupt, "too short"},
		{"Huffman class 2", insert(scan, seg(markerDHT, make([]byte, 17)...)[0:4]...), raster.CodeCorrupt, ""},
		{"short quantisation table", insert(scan, seg(markerDQT, 0, 1, 2, 3)...), raster.CodeCorrupt, "quantisation"},
		{"restart interval of 1 byte", insert(scan, seg(markerDRI, 1)...), raster.CodeCorrupt, "restart interval"},
		{"restart marker missing", insert(scan, seg(markerDRI, 0, 1)...), raster.CodeCorrupt, ""},
		{"too many scans", s.write(writing{script: append(many, many...)}), raster.CodeFeature, "64 scans"},
		{"data too short for its size", huge, raster.CodeCorrupt, "cut off"},
		{"AC before DC", s.write(writing{progressive: true, script: []scriptScan{{comps: []int{0}, start: 1, end: 5}}}), raster.CodeCorrupt, "before that of its DC"},
		{"refined before given", s.write(writing{progressive: true, script: []scriptScan{
			{comps: []int{0, 1, 2}}, {comps: []int{0}, start: 1, end: 5, high: 1}}}), raster.CodeCorrupt, "follow each other"},
		{"given twice", s.write(writing{progressive: true, script: []scriptScan{
			{comps: []int{0, 1, 2}}, {comps: []int{0, 1, 2}}}}), raster.CodeCorrupt, "follow each other"},
		{"component without a scan", s.write(writing{progressive: true, script: []scriptScan{{comps: []int{0, 1}}}}), raster.CodeCorrupt, "no scan"},
		{"sequential component without a scan", s.write(writing{script: []scriptScan{{comps: []int{0, 1}, end: 63}}}), raster.CodeCorrupt, "no scan"},
		{"the same without end marker", s.write(writing{script: []scriptScan{{comps: []int{0, 1}, end: 63}}, tail: []byte{}}), raster.CodeCorrupt, "cut off"},
		{"unfinished progression without end marker", s.write(writing{progressive: true, tail: []byte{},
			script: []scriptScan{{comps: []int{0, 1, 2}}}}), raster.CodeCorrupt, "cut off"},
	} {
		for _, shrink := range shrinks {
			_, err := decode(test.data, shrink)
			if code(err) != test.code || !strings.Contains(err.Error(), test.text) {
				t.Errorf("%s at 1/%d: %v (%s); expected %s with %q", test.name, shrink, err, code(err), test.code, test.text)
			}
		}
	}
}

// An unfinished progression with its end marker is a picture.
func TestUnfinishedProgression(t *testing.T) {
	s := newSketch(3, 33, 30, ycc, []byte{0x22, 0x11, 0x11})
	data := s.write(writing{progressive: true, script: []scriptScan{{comps: []int{0, 1, 2}}}})
	for i := range s.comps {
		for j := range s.comps[i].blocks {
			clear(s.comps[i].blocks[j][1:])
		}
	}
	for _, shrink := range shrinks {
		want, err := decode(s.write(writing{}), shrink)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := decode(data, shrink); err != nil || !bytes.Equal(got.Pix, want.Pix) {
			t.Errorf("at 1/%d: %v", shrink, err)
		}
	}
}

// Restart markers that are wrong are refused, not mended.
func TestRestartMarkers(t *testing.T) {
	s := newSketch(4, 64, 64, ycc, []byte{0x22, 0x11, 0x11})
	data := s.write(writing{restart: 2})
	scan := bytes.Index(data, []byte{0xFF, markerSOS})
	second := scan + bytes.Index(data[scan:], []byte{0xFF, markerRST0 + 1})
	for name, bad := range map[string][]byte{
		"another number": append(append(bytes.Clone(data[:second]), 0xFF, markerRST0+2), data[second+2:]...),
		"missing":        append(bytes.Clone(data[:second]), data[second+2:]...),
		"doubled":        append(append(bytes.Clone(data[:second]), 0xFF, markerRST0+1), data[second:]...),
		"end marker":     append(append(bytes.Clone(data[:second]), 0xFF, markerEOI), data[second:]...),
	} {
		for _, shrink := range shrinks {
			if _, err := decode(bad, shrink); code(err) != raster.CodeCorrupt {
				t.Errorf("%s at 1/%d: %v", name, shrink, err)
			}
		}
	}
	// Bytes before a restart marker and behind the last MCU do no harm.
	extra := append(append(bytes.Clone(data[:second]), 0x55, 0x55), data[second:]...)
	for _, shrink := range shrinks {
		want, _ := decode(data, shrink)
		if got, err := decode(extra, shrink); err != nil || !bytes.Equal(got.Pix, want.Pix) {
			t.Errorf("extra bytes at 1/%d: %v", shrink, err)
		}
	}
}

// smallFiles are one of each kind.
func smallFiles() map[string][]byte {
	s := newSketch(5, 35, 27, ycc, []byte{0x22, 0x11, 0x11})
	grey := newSketch(6, 20, 19, []byte{1}, []byte{0x11})
	cmyk := newSketch(7, 18, 18, []byte{1, 2, 3, 4}, []byte{0x11, 0x11, 0x11, 0x11})
	return map[string][]byte{
		"baseline":    s.write(writing{before: jfif}),
		"restart":     s.write(writing{restart: 2}),
		"three scans": s.write(writing{script: []scriptScan{{comps: []int{0}, end: 63}, {comps: []int{1}, end: 63}, {comps: []int{2}, end: 63}}}),
		"progressive": s.write(writing{progressive: true, script: scripts["libjpeg's"]}),
		"bands":       s.write(writing{progressive: true, script: scripts["bands"], restart: 3}),
		"grey":        grey.write(writing{}),
		"CMYK":        cmyk.write(writing{before: adobe(2)}),
	}
}

// A file cut anywhere is refused as such, unless only the end marker is lost.
func TestCutAnywhere(t *testing.T) {
	for name, data := range smallFiles() {
		for n := range data {
			for _, shrink := range shrinks {
				_, err := decode(data[:n], shrink)
				switch {
				case n >= len(data)-2:
					if err != nil {
						t.Errorf("%s without its end marker at 1/%d: %v", name, shrink, err)
					}
				case n == 0:
				case code(err) != raster.CodeCorrupt || !strings.Contains(err.Error(), "cut off"):
					t.Fatalf("%s cut to %d of %d bytes at 1/%d: %v", name, n, len(data), shrink, err)
				}
			}
		}
	}
}

// A file that was cut and filled up with zeros is refused, although zeros are
// codes: here every block of them is one.
func TestFilledWithZeros(t *testing.T) {
	for name, data := range smallFiles() {
		for n := len(data) / 2; n < len(data)-2; n += 3 {
			for _, shrink := range shrinks {
				_, err := decode(append(bytes.Clone(data[:n]), make([]byte, 2*len(data))...), shrink)
				if err == nil {
					t.Fatalf("%s cut to %d of %d bytes at 1/%d: %v", name, n, len(data), shrink, err)
				}
			}
		}
	}
}

// Damage anywhere ends in an error of the project's or in a picture.
func TestDamageAnywhere(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 9))
	for name, data := range smallFiles() {
		for i := range data {
			for _, flip := range []byte{1 << rng.IntN(8), byte(rng.Uint32())} {
				bad := bytes.Clone(data)
				bad[i] ^= flip
				shrink := shrinks[rng.IntN(4)]
				src, err := Open(bad, raster.Options{Shrink: shrink})
				if err == nil {
					if src.Memory() > 1<<26 {
						continue
					}
					_, err = readAll(src)
				}
				if err != nil && !strings.HasPrefix(code(err), "picture-") {
					t.Fatalf("%s, byte %d ^ %x: %v", name, i, flip, err)
				}
			}
		}
	}
}
