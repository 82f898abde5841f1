package webp

import (
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"likeness/engine/picture/raster"
)

func testFile(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// body returns the body of the first chunk of that name.
func body(t testing.TB, file []byte, name string) []byte {
	t.Helper()
	c := chunks{rest: file[riffHeader:]}
	for k := c.next(); k.name != ""; k = c.next() {
		if k.name == name {
			return k.body
		}
	}
	t.Fatalf("no chunk %q", name)
	return nil
}

// dwebp.txt holds name, width, height and checksum of the RGBA that dwebp of
// libwebp 1.2.4 gives for pictures made by cwebp of drawn patterns.
func TestEqualsLibwebp(t *testing.T) {
	lines := strings.Split(strings.TrimSpace(string(testFile(t, "dwebp.txt"))), "\n")
	if len(lines) < 20 {
		t.Fatalf("%d lines", len(lines))
	}
	for _, line := range lines {
		var name string
		var w, h int
		var sum uint32
		if _, err := fmt.Sscanf(line, "%s %d %d %x", &name, &w, &h, &sum); err != nil {
			t.Fatal(err)
		}
		gw, gh, pix := mustRead(t, testFile(t, name))
		if gw != w || gh != h {
			t.Errorf("%s: %d x %d", name, gw, gh)
		}
		if got := crc32.ChecksumIEEE(pix); got != sum {
			t.Errorf("%s: pixels differ from dwebp's", name)
		}
	}
}

func TestLossless(t *testing.T) {
	for _, size := range [][2]int{{1, 1}, {3, 2}, {17, 9}, {300, 1}, {1, 300}} {
		for _, alpha := range []bool{true, false} {
			w, h := size[0], size[1]
			want := noise(4*w*h, 1)
			file := riff(riffChunk("VP8L", encodeVP8L(want, w, h, alpha)))
			if !alpha {
				for i := 3; i < len(want); i += 4 {
					want[i] = 255
				}
			}
			if _, _, got := mustRead(t, file); !bytes.Equal(got, want) {
				t.Errorf("%d x %d, alpha %v: pixels differ", w, h, alpha)
			}
		}
	}
}

// referenceChroma is the upsampling pixel by pixel: 9, 3, 3 and 1 sixteenths
// of the four nearest samples, which repeat beyond the borders.
func referenceChroma(plane []byte, cw, ch, x, y int) int {
	at := func(x, y int) int {
		return int(plane[min(max(y, 0), ch-1)*cw+min(max(x, 0), cw-1)])
	}
	nx, ny := x/2, y/2
	fx, fy := nx-1+2*(x&1), ny-1+2*(y&1)
	return (9*at(nx, ny) + 3*at(fx, ny) + 3*at(nx, fy) + at(fx, fy) + 8) >> 4
}

func TestConvertRow(t *testing.T) {
	for w := 1; w <= 9; w++ {
		h := 5
		cw, ch := (w+1)/2, (h+1)/2
		luma, cb, cr := noise(w*h, 1), noise(cw*ch, 2), noise(cw*ch, 3)
		for y := range h {
			near, far := y/2, min(max(y/2-1+2*(y&1), 0), ch-1)
			row := func(p []byte, k int) []byte { return p[k*cw:][:cw] }
			got := make([]byte, 4*w)
			convertRow(got, luma[y*w:][:w], row(cb, near), row(cr, near), row(cb, far), row(cr, far))
			for x := range w {
				var want [4]byte
				putRGB(want[:], int(luma[y*w+x]), referenceChroma(cb, cw, ch, x, y), referenceChroma(cr, cw, ch, x, y))
				if !bytes.Equal(got[4*x:4*x+4], want[:]) {
					t.Fatalf("width %d, pixel %d,%d: %v, want %v", w, x, y, got[4*x:4*x+4], want)
				}
			}
		}
	}
}

func TestLimitedRange(t *testing.T) {
	for _, c := range []struct {
		y, cb, cr int
		want      [4]byte
	}{
		{16, 128, 128, [4]byte{0, 0, 0, 255}},
		{235, 128, 128, [4]byte{255, 255, 255, 255}},
		{0, 128, 128, [4]byte{0, 0, 0, 255}},
		{255, 128, 128, [4]byte{255, 255, 255, 255}},
		{81, 90, 240, [4]byte{254, 0, 0, 255}},
		{145, 54, 34, [4]byte{0, 255, 1, 255}},
		{41, 240, 110, [4]byte{0, 0, 255, 255}},
	} {
		var got [4]byte
		putRGB(got[:], c.y, c.cb, c.cr)
		if got != c.want {
			t.Errorf("%d %d %d: %v, want %v", c.y, c.cb, c.cr, got, c.want)
		}
	}
}

// filterAlpha is the encoder's side of the filters, on the whole plane.
func filterAlpha(plane []byte, w int, filter byte) []byte {
	out := make([]byte, len(plane))
	for i, v := range plane {
		x, y := i%w, i/w
		left, above, corner := 0, 0, 0
		if x > 0 {
			left = int(plane[i-1])
		}
		if y > 0 {
			above = int(plane[i-w])
		}
		if x > 0 && y > 0 {
			corner = int(plane[i-w-1])
		}
		p := 0
		switch {
		case filter == filterNone || x == 0 && y == 0:
		case y == 0:
			p = left
		case x == 0:
			p = above
		case filter == filterLeft:
			p = left
		case filter == filterAbove:
			p = above
		case filter == filterGradient:
			p = min(max(left+above-corner, 0), 255)
		}
		out[i] = v - byte(p)
	}
	return out
}

func TestAlpha(t *testing.T) {
	file := testFile(t, "q100_15x17.webp")
	vp8 := body(t, file, "VP8 ")
	_, _, opaque := mustRead(t, file)
	w, h := 15, 17
	plane := noise(w*h, 9)
	for filter := range byte(4) {
		filtered := filterAlpha(plane, w, filter)
		green := make([]byte, 4*len(filtered))
		for i, v := range filtered {
			green[4*i+1] = v
		}
		for compression, values := range [][]byte{filtered, encodeVP8L(green, w, h, false)[5:]} {
			// Bits 4 and 5 tell of pre-processing, of which the reader takes no note.
			head := []byte{byte(compression) | filter<<2 | 1<<4}
			_, _, got := mustRead(t, riff(vp8x(1<<4, w, h), riffChunk("ALPH", head, values), riffChunk("VP8 ", vp8)))
			for i, v := range plane {
				want := [4]byte{opaque[4*i], opaque[4*i+1], opaque[4*i+2], v}
				if !bytes.Equal(got[4*i:4*i+4], want[:]) {
					t.Fatalf("filter %d, compression %d, pixel %d: %v, want %v", filter, compression, i, got[4*i:4*i+4], want)
				}
			}
		}
	}
}

func code(err error) string {
	var e *raster.Error
	if errors.As(err, &e) {
		return e.Code
	}
	return fmt.Sprintf("%T", err)
}

// Memory that is stated must cover what the planes alone take, and must not
// follow from sizes that the file cannot have.
func TestMemory(t *testing.T) {
	for _, c := range []struct {
		name        string
		file        []byte
		least, most int64
	}{
		{"lossy", testFile(t, "q10_65x49.webp"), 65 * 49 * 3 / 2, 120_000},
		{"alpha", testFile(t, "alpha_reduced_31x33.webp"), 31 * 33 * 5, 500_000},
		{"lossless", testFile(t, "lossless_31x33.webp"), 31 * 33 * 4, 2_000_000},
		{"huge", riff(riffChunk("VP8L", append(vp8lHeader(16384, 16384), 0))), 4 << 28, 7 << 28},
	} {
		s, err := Open(c.file, raster.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if m := s.Memory(); m < c.least || m > c.most {
			t.Errorf("%s: %d bytes", c.name, m)
		}
	}
}

// The files that are kept outside the repository, if they are there.
func TestSharedCases(t *testing.T) {
	dir := os.Getenv("LIKENESS_SHARED")
	if dir == "" {
		t.Skip("LIKENESS_SHARED is not set")
	}
	files, _ := filepath.Glob(filepath.Join(dir, "cases", "pictures", "*.webp"))
	if len(files) == 0 {
		t.Fatal("no files")
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		_, _, pix := mustRead(t, data)
		if filepath.Base(name) == "webp_black_white.webp" && (pix[0] != 0 || pix[len(pix)-2] != 255) {
			t.Errorf("black and white are %d and %d", pix[0], pix[len(pix)-2])
		}
	}
}
