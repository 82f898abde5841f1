package jpeg

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"runtime"
	"testing"

	"likeness/engine/picture/raster"
)

var shrinks = []int{1, 2, 4, 8}

// readAll reads a whole picture.
func readAll(src raster.Source) (raster.Pixels, error) {
	w, h := src.Size()
	p := raster.Pixels{W: w, H: h, Pix: make([]byte, 4*w*h)}
	for y := range h {
		if err := src.ReadRow(p.Pix[4*w*y:][:4*w]); err != nil {
			return p, err
		}
	}
	if err := src.ReadRow(make([]byte, 4*w)); err != io.EOF {
		return p, fmt.Errorf("after the last row: %v", err)
	}
	return p, nil
}

func decode(data []byte, shrink int) (raster.Pixels, error) {
	src, err := Open(data, raster.Options{Shrink: shrink})
	if err != nil {
		return raster.Pixels{}, err
	}
	if src.Shrink() != shrink {
		return raster.Pixels{}, fmt.Errorf("shrink %d became %d", shrink, src.Shrink())
	}
	return readAll(src)
}

// code is the code of an error, or "" for none.
func code(err error) string {
	var e *raster.Error
	if err == nil {
		return ""
	}
	if !errors.As(err, &e) {
		return "another error: " + err.Error()
	}
	return e.Code
}

var (
	ycc  = []byte{1, 2, 3}
	jfif = []byte{0xFF, 0xE0, 0, 16, 'J', 'F', 'I', 'F', 0, 1, 1, 0, 0, 1, 0, 1, 0, 0}
)

func adobe(transform byte) []byte {
	return []byte{0xFF, 0xEE, 0, 14, 'A', 'd', 'o', 'b', 'e', 0, 100, 0, 0, 0, 0, transform}
}

// scripts are progressive scans for 3 components.
var scripts = map[string][]scriptScan{
	"libjpeg's": {
		{comps: []int{0, 1, 2}, low: 1},
		{comps: []int{0}, start: 1, end: 5, low: 2}, {comps: []int{2}, start: 1, end: 63, low: 1},
		{comps: []int{1}, start: 1, end: 63, low: 1}, {comps: []int{0}, start: 6, end: 63, low: 2},
		{comps: []int{0}, start: 1, end: 63, high: 2, low: 1}, {comps: []int{0, 1, 2}, high: 1},
		{comps: []int{2}, start: 1, end: 63, high: 1}, {comps: []int{1}, start: 1, end: 63, high: 1},
		{comps: []int{0}, start: 1, end: 63, high: 1},
	},
	"bands": {
		{comps: []int{0}}, {comps: []int{1, 2}},
		{comps: []int{0}, start: 1, end: 2}, {comps: []int{0}, start: 3, end: 9, low: 1}, {comps: []int{0}, start: 10, end: 63},
		{comps: []int{1}, start: 1, end: 4}, {comps: []int{1}, start: 5, end: 63},
		{comps: []int{2}, start: 1, end: 63, low: 3}, {comps: []int{2}, start: 1, end: 63, high: 3, low: 2},
		{comps: []int{0}, start: 3, end: 9, high: 1},
		{comps: []int{2}, start: 1, end: 63, high: 2, low: 1}, {comps: []int{2}, start: 1, end: 63, high: 1},
	},
}

var allSampling = [][]byte{
	{0x11, 0x11, 0x11}, {0x21, 0x11, 0x11}, {0x12, 0x11, 0x11}, {0x22, 0x11, 0x11}, {0x22, 0x21, 0x21},
	{0x22, 0x12, 0x12}, {0x41, 0x11, 0x11}, {0x14, 0x11, 0x11}, {0x42, 0x11, 0x11}, {0x31, 0x11, 0x11},
	{0x31, 0x21, 0x11}, {0x32, 0x22, 0x21}, {0x13, 0x12, 0x11}, {0x11, 0x22, 0x22}, {0x11, 0x21, 0x12},
	{0x22, 0x11, 0x21}, {0x11, 0x33, 0x11}, {0x44, 0x11, 0x11}, {0x11, 0x44, 0x22}, {0x23, 0x11, 0x32},
}

// The same coefficients give the same pixels in whatever order they come.
func TestEveryWayOfWriting(t *testing.T) {
	for i, sampling := range allSampling {
		for _, size := range [][2]int{{1, 1}, {3, 2}, {17, 9}, {40, 33}, {61, 70}} {
			s := newSketch(uint64(i), size[0], size[1], ycc, sampling)
			one := []scriptScan{{comps: []int{0}, end: 63}, {comps: []int{2}, end: 63}, {comps: []int{1}, end: 63}}
			two := []scriptScan{{comps: []int{2, 0}, end: 63}, {comps: []int{1}, end: 63}}
			ways := map[string]writing{
				"restart 1":             {restart: 1},
				"restart 3, fill bytes": {restart: 3, fill: 2},
				"three scans":           {script: one},
				"three scans, restart":  {script: one, restart: 2},
				"two scans":             {script: two},
				"another order":         {script: []scriptScan{{comps: []int{1, 2, 0}, end: 63}}},
				"16-bit table":          {precision: 1},
				"no end marker":         {tail: []byte{}},
				"rubbish at the end":    {tail: []byte{0xFF, markerEOI, 'x', 0xFF, 0xDA, 0, 1}},
				"half a marker":         {tail: []byte{0xFF}},
			}
			for name, script := range scripts {
				ways[name] = writing{progressive: true, script: script}
				ways[name+", restart"] = writing{progressive: true, script: script, restart: 2, fill: 1}
				ways[name+", no end marker"] = writing{progressive: true, script: script, tail: []byte{}}
			}
			for _, shrink := range shrinks {
				want, err := decode(s.write(writing{}), shrink)
				if err != nil {
					t.Fatalf("%x %v at 1/%d: %v", sampling, size, shrink, err)
				}
				if want.W != ceilDiv(size[0], shrink) || want.H != ceilDiv(size[1], shrink) {
					t.Fatalf("%v at 1/%d is %d x %d", size, shrink, want.W, want.H)
				}
				for name, way := range ways {
					got, err := decode(s.write(way), shrink)
					if err != nil || !bytes.Equal(got.Pix, want.Pix) {
						t.Errorf("%s, sampling %x, %v at 1/%d differs (%v)", name, sampling, size, shrink, err)
					}
				}
			}
		}
	}
}

// Four components, some of them smaller, in three orders.
func TestEveryWayOfWritingCMYK(t *testing.T) {
	for _, sampling := range [][]byte{{0x11, 0x11, 0x11, 0x11}, {0x22, 0x11, 0x11, 0x22}} {
		s := newSketch(11, 45, 37, []byte{1, 2, 3, 4}, sampling)
		for _, shrink := range shrinks {
			want, err := decode(s.write(writing{before: adobe(2)}), shrink)
			if err != nil {
				t.Fatal(err)
			}
			for name, way := range map[string]writing{
				"two scans": {script: []scriptScan{{comps: []int{3, 0}, end: 63}, {comps: []int{1, 2}, end: 63}}},
				"progressive": {progressive: true, script: append([]scriptScan{{comps: []int{3}, low: 1},
					{comps: []int{3}, start: 1, end: 63}, {comps: []int{3}, high: 1}}, scripts["libjpeg's"]...)},
			} {
				way.before = adobe(2)
				got, err := decode(s.write(way), shrink)
				if err != nil || !bytes.Equal(got.Pix, want.Pix) {
					t.Errorf("%s, sampling %x at 1/%d differs (%v)", name, sampling, shrink, err)
				}
			}
		}
	}
}

// Reading takes no more memory than it says, and not much less.
func TestMemory(t *testing.T) {
	s := newSketch(12, 2000, 1000, ycc, []byte{0x22, 0x11, 0x11})
	for name, data := range map[string][]byte{
		"baseline":    s.write(writing{}),
		"three scans": s.write(writing{script: []scriptScan{{comps: []int{0}, end: 63}, {comps: []int{1}, end: 63}, {comps: []int{2}, end: 63}}}),
		"progressive": s.write(writing{progressive: true, script: scripts["libjpeg's"]}),
		"cut":         s.write(writing{progressive: true, script: scripts["libjpeg's"], tail: []byte{}}),
	} {
		for _, shrink := range shrinks {
			var before, after runtime.MemStats
			row := make([]byte, 4*2000)
			runtime.ReadMemStats(&before)
			src, err := Open(data, raster.Options{Shrink: shrink})
			if err != nil {
				t.Fatal(err)
			}
			runtime.ReadMemStats(&after)
			if n := after.TotalAlloc - before.TotalAlloc; n > 32<<10 {
				t.Errorf("%s at 1/%d: Open took %d bytes", name, shrink, n)
			}
			_, h := src.Size()
			for range h {
				if err := src.ReadRow(row); err != nil {
					t.Fatal(err)
				}
			}
			runtime.ReadMemStats(&after)
			n, said := int64(after.TotalAlloc-before.TotalAlloc), src.Memory()
			if n > said || n < said/2-64<<10 {
				t.Errorf("%s at 1/%d: %d bytes, said %d", name, shrink, n, said)
			}
		}
	}
}

// Pixels as libjpeg-turbo 2.1.5 has them at full size: the hashes are of its
// rows in RGB. Samplings that it refuses are left out.
func TestFullSize(t *testing.T) {
	for _, test := range fullSizeHashes {
		s := newSketch(test.seed, test.w, test.h, ycc, test.sampling)
		p, err := decode(s.write(writing{before: jfif}), 1)
		if err != nil {
			t.Fatal(err)
		}
		if got := hashRGB(p); got != test.want {
			t.Errorf("sampling %x, %d x %d: %s", test.sampling, test.w, test.h, got)
		}
	}
}

func hashRGB(p raster.Pixels) string {
	h := sha256.New()
	for i := 0; i < len(p.Pix); i += 4 {
		h.Write(p.Pix[i:][:3])
	}
	return fmt.Sprintf("%x", h.Sum(nil)[:8])
}
