package png

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	stdpng "image/png"
	"io"
	"os"
	"path/filepath"
	"testing"

	"likeness/engine/picture/raster"
)

// Every colour type, depth and transparency, interlaced or not, gives what
// image/png gives.
func TestEveryKindAsStandardLibrary(t *testing.T) {
	sizes := [][2]int{{1, 1}, {2, 3}, {5, 4}, {9, 1}, {1, 9}, {33, 19}, {130, 40}}
	for _, d := range kinds() {
		for _, interlaced := range []bool{false, true} {
			for i, s := range sizes {
				d.w, d.h, d.interlaced, d.seed = s[0], s[1], interlaced, uint64(i)
				t.Run(fmt.Sprintf("type%d_%dbits_trns%x_plte%d_adam7%t_%dx%d", d.colour, d.depth, d.transparency, len(d.palette), interlaced, d.w, d.h), func(t *testing.T) {
					data := d.encode()
					want, err := standard(data)
					if err != nil {
						t.Fatal("the test's picture is wrong:", err)
					}
					samePixels(t, mustRead(t, data), want)
				})
			}
		}
	}
}

// Keyed colours must really be met by the test above.
func TestTransparency(t *testing.T) {
	for _, d := range kinds() {
		if d.transparency == nil || d.colour != indexed && d.transparency[0] != 0 {
			continue
		}
		clearPixels := 0
		for seed := range uint64(20) {
			d.w, d.h, d.seed = 60, 40, seed
			raw := d.raw(d.w, d.h)
			for i := 0; i < len(raw); i += 1 + d.rowBytes(d.w) {
				raw[i] = 0
			}
			// One pixel is the keyed colour.
			switch {
			case d.colour == grey && d.depth < 8:
				raw[1] = 1 << (8 - d.depth)
			case d.colour == grey && d.depth == 8:
				raw[1] = 1
			case d.colour != indexed && d.depth == 8:
				copy(raw[1:], []byte{1, 1, 2})
			case d.colour != indexed:
				copy(raw[1:], d.transparency)
			}
			px := mustRead(t, file(d.head(), makeChunk("IDAT", compress(raw))))
			for i := 3; i < len(px.Pix); i += 4 {
				if px.Pix[i] != 255 {
					clearPixels++
				}
			}
		}
		if clearPixels == 0 {
			t.Errorf("colour type %d, %d bits: no transparent pixel", d.colour, d.depth)
		}
	}
}

// What image/png's encoder writes is read, in IDAT chunks of any size.
func TestStandardEncoder(t *testing.T) {
	m := image.NewNRGBA(image.Rect(0, 0, 200, 150))
	for y := range 150 {
		for x := range 200 {
			m.SetNRGBA(x, y, color.NRGBA{byte(x * y / 50), byte(x), byte(y), byte(x + y)})
		}
	}
	for _, level := range []stdpng.CompressionLevel{stdpng.NoCompression, stdpng.BestSpeed, stdpng.BestCompression} {
		var b bytes.Buffer
		if err := (&stdpng.Encoder{CompressionLevel: level}).Encode(&b, m); err != nil {
			t.Fatal(err)
		}
		samePixels(t, mustRead(t, b.Bytes()), &raster.Pixels{W: 200, H: 150, Pix: m.Pix})
	}
}

func TestChunksOfPixelData(t *testing.T) {
	d := drawing{header: header{w: 40, h: 30, depth: 8, colour: rgb}}
	z := compress(d.raw(40, 30))
	want := mustRead(t, d.encode())
	for _, size := range []int{1, 2, 3, 7, 100} {
		parts := [][]byte{d.head(), makeChunk("IDAT", nil)}
		for rest := z; len(rest) > 0; {
			n := min(size, len(rest))
			parts = append(parts, makeChunk("IDAT", rest[:n]), makeChunk("IDAT", nil))
			rest = rest[n:]
		}
		samePixels(t, mustRead(t, file(append(parts, makeChunk("IEND", nil))...)), want)
	}
}

// Rows are given after the end, and errors again, in the same way.
func TestEndIsFinal(t *testing.T) {
	d := drawing{header: header{w: 4, h: 3, depth: 8, colour: rgb}}
	data := d.encode()
	s, err := Open(data, raster.Options{Shrink: 8})
	if err != nil {
		t.Fatal(err)
	}
	if s.Shrink() != 1 {
		t.Error("reduced by", s.Shrink())
	}
	row := make([]byte, 16)
	for range 3 {
		if err := s.ReadRow(row); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		if err := s.ReadRow(row); err != io.EOF {
			t.Fatal(err)
		}
	}
	s, err = Open(data[:len(data)-40], raster.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var first error
	for first == nil {
		first = s.ReadRow(row)
	}
	if err := s.ReadRow(row); err != first || err == io.EOF {
		t.Errorf("%v, then %v", first, err)
	}
}

// Pictures from outside the repository, where they are at hand.
func TestSharedPictures(t *testing.T) {
	dir := os.Getenv("LIKENESS_SHARED")
	if dir == "" {
		t.Skip("LIKENESS_SHARED is not set")
	}
	names, _ := filepath.Glob(filepath.Join(dir, "cases", "pictures", "*.png"))
	if len(names) == 0 {
		t.Fatal("no pictures in", dir)
	}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(filepath.Base(name), func(t *testing.T) {
			switch filepath.Base(name) {
			case "crc_idat.png":
				wantError(t, data, "the PNG picture is damaged (the pixel data has a wrong checksum): copy or download it again")
			case "cut_60.png":
				wantError(t, data, "the PNG picture is cut off: copy or download it again")
			case "pano_21694x10847.png", "long_790x36861.png":
				readAll(t, data)
			default:
				got := mustRead(t, data)
				if want, err := standard(data); err == nil {
					samePixels(t, got, want)
				} else if w, h := got.W, got.H; w < 100 || h < 50 {
					t.Errorf("%d x %d pixels", w, h)
				}
			}
		})
	}
}

// readAll reads a large picture without keeping it.
func readAll(t *testing.T, data []byte) {
	t.Helper()
	s, err := Open(data, raster.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if m := s.Memory(); m > 1<<20 {
		t.Errorf("reading takes %d bytes", m)
	}
	w, h := s.Size()
	row := make([]byte, 4*w)
	for y := range h {
		if err := s.ReadRow(row); err != nil {
			t.Fatalf("row %d of %d: %v", y, h, err)
		}
	}
}

func wantError(t *testing.T, data []byte, want string) {
	t.Helper()
	if _, err := read(data); err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
}
