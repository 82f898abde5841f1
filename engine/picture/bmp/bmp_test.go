package bmp

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	stdbmp "golang.org/x/image/bmp"

	"likeness/engine/picture/raster"
)

// standard reads with golang.org/x/image/bmp.
func standard(data []byte) (*raster.Pixels, error) {
	m, err := stdbmp.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	b := m.Bounds()
	px := &raster.Pixels{W: b.Dx(), H: b.Dy()}
	for y := range b.Dy() {
		for x := range b.Dx() {
			c := color.NRGBAModel.Convert(m.At(x, y)).(color.NRGBA)
			px.Pix = append(px.Pix, c.R, c.G, c.B, c.A)
		}
	}
	return px, nil
}

func noise(n int) []byte {
	rng := rand.New(rand.NewPCG(uint64(n), 2))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(rng.Uint32())
	}
	return b
}

// What x/image/bmp reads gives the same pixels.
func TestAsXImage(t *testing.T) {
	for _, size := range []int{infoHeader, v4Header, v5Header} {
		for _, bits := range []int{1, 2, 4, 8, 24, 32} {
			for _, s := range [][2]int{{1, 1}, {7, 3}, {33, 5}, {8, -4}, {13, -1}} {
				f := file{size: size, w: s[0], h: s[1], bits: bits, masks: []uint32{0xff0000, 0xff00, 0xff, 0xff000000}}
				if size == infoHeader {
					f.masks = nil
				}
				if bits <= 8 {
					f.palette = noise(4 << bits)
				}
				f.body = noise((f.w*bits + 31) / 32 * 4 * max(f.h, -f.h))
				t.Run(fmt.Sprintf("%dbytes_%dbits_%dx%d", size, bits, f.w, f.h), func(t *testing.T) {
					same(t, f.encode())
				})
			}
		}
	}
	var b bytes.Buffer
	m := image.NewNRGBA(image.Rect(0, 0, 9, 7))
	copy(m.Pix, noise(len(m.Pix)))
	if err := stdbmp.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	same(t, b.Bytes())
}

func same(t *testing.T, data []byte) {
	t.Helper()
	want, err := standard(data)
	if err != nil {
		t.Fatal("the test's picture is wrong:", err)
	}
	got, err := read(data)
	if err != nil {
		t.Fatal(err)
	}
	if got.W != want.W || got.H != want.H || !bytes.Equal(got.Pix, want.Pix) {
		t.Errorf("%d x %d: other pixels", want.W, want.H)
	}
}

func TestHeaders(t *testing.T) {
	body := []byte{0, 1, 2, 3, 4, 5, 6, 7}
	want := cs(4, 5, 6, 7, 0, 1, 2, 3)
	for _, size := range []int{16, 20, 24, 28, 32, 36, 40, 42, 46, 48, 52, 56, 60, 64, 108, 124} {
		f := file{size: size, w: 4, h: 2, bits: 8, colours: 16, palette: colours(16, 4), body: body}
		t.Run(fmt.Sprint(size), func(t *testing.T) { wantPixels(t, f.encode(), want...) })
	}
	f := file{size: 12, w: 4, h: 2, bits: 8, palette: colours(16, 3), body: body}
	wantPixels(t, f.encode(), want...)
	f.palette = colours(256, 3)
	wantPixels(t, f.encode(), want...)
	f.offset = -1
	wantPixels(t, f.encode(), want...)
	wantPixels(t, (&file{size: 12, w: 2, h: 1, bits: 24, body: []byte{1, 2, 3, 4, 5, 6, 0, 0}}).encode(), 0x030201ff, 0x060504ff)
}

func TestPalettes(t *testing.T) {
	base := file{size: 40, w: 4, h: 2, bits: 8, colours: 16, palette: colours(16, 4), body: []byte{0, 1, 2, 15, 16, 200, 255, 3}}
	want := cs(-1, -1, -1, 3, 0, 1, 2, 15)
	for name, change := range map[string]func(f *file){
		"short":              func(*file) {},
		"gap before pixels":  func(f *file) { f.palette = append(f.palette, make([]byte, 100)...) },
		"no offset":          func(f *file) { f.offset = -1 },
		"offset of palette":  func(f *file) { f.offset = 54 },
		"Windows 4":          func(f *file) { f.size = 108 },
		"surplus at the end": func(f *file) { f.body = append(f.body, 1, 2, 3) },
	} {
		t.Run(name, func(t *testing.T) {
			f := base
			f.palette, f.body = bytes.Clone(f.palette), bytes.Clone(f.body)
			change(&f)
			wantPixels(t, f.encode(), want...)
		})
	}
	// A palette of 256 colours that runs into the pixel data: colour 16 is there.
	want[0] = 0x020100ff
	for _, n := range []int{0, 1 << 30} {
		f := base
		f.colours = n
		wantPixels(t, f.encode(), want...)
	}
	f := base
	f.offset, f.palette = 54+4*6, bytes.Clone(f.palette)
	copy(f.palette[4*6:], []byte{7, 8, 6, 0, 9, 10, 7, 0})
	wantPixels(t, f.encode(), c(9), c(10), 0x070a09ff, c(0), 0x070a09ff, c(8), 0x060807ff, c(0))
	two := file{size: 40, w: 5, h: 1, bits: 2, palette: colours(4, 4), body: []byte{0x1b, 0xc0, 0, 0}}
	wantPixels(t, two.encode(), cs(0, 1, 2, 3, 3)...)
	one := file{size: 12, w: 9, h: 1, bits: 1, palette: colours(2, 3), body: []byte{0xa5, 0x80, 0, 0}}
	wantPixels(t, one.encode(), cs(1, 0, 1, 0, 0, 1, 0, 1, 1)...)
	rgb := file{size: 40, w: 1, h: 1, bits: 24, colours: 300, palette: make([]byte, 1200), body: []byte{1, 2, 3, 0}}
	wantPixels(t, rgb.encode(), 0x030201ff)
}

// Alpha counts where Chromium lets it count.
func TestAlpha(t *testing.T) {
	body := []byte{10, 20, 30, 0, 40, 50, 60, 128, 70, 80, 90, 255, 100, 110, 120, 1}
	masks := []uint32{0xff0000, 0xff00, 0xff, 0xff000000}
	opaque := []uint32{0x5a5046ff, 0x786e64ff, 0x1e140aff, 0x3c3228ff}
	alpha := []uint32{0x5a5046ff, 0x786e6401, 0x1e140a00, 0x3c322880}
	for _, r := range []struct {
		size, compression int
		masks             []uint32
		want              []uint32
	}{
		{40, plain, nil, opaque},
		{40, bitFields, masks[:3], opaque},
		{40, bitFields, masks, opaque},
		{40, alphaBitFields, masks, alpha},
		{52, bitFields, masks[:3], opaque},
		{56, bitFields, masks, alpha},
		{56, plain, masks, opaque},
		{64, plain, nil, opaque},
		{108, bitFields, masks, alpha},
		{108, plain, masks, alpha},
		{108, plain, nil, opaque},
		{108, plain, []uint32{0xff, 0xff00, 0xff0000, 0xff}, alpha}, // masks that do not count, but for being there
		{124, bitFields, masks[:3], opaque},
		{12, plain, nil, opaque},
	} {
		f := file{size: r.size, w: 2, h: 2, bits: 32, compression: r.compression, masks: r.masks, body: body}
		t.Run(fmt.Sprintf("%d_method%d_%dmasks", r.size, r.compression, len(r.masks)), func(t *testing.T) { wantPixels(t, f.encode(), r.want...) })
	}
	clear := file{size: 124, w: 1, h: 1, bits: 32, compression: bitFields, masks: masks, body: []byte{1, 2, 3, 0}}
	wantPixels(t, clear.encode(), 0x03020100)
}

func TestBitFields(t *testing.T) {
	body := []byte{0x1f, 0x80, 0xe0, 0x03, 0x00, 0xfc, 0x34, 0x12}
	for _, r := range []struct {
		size, compression int
		masks             []uint32
		want              []uint32
	}{
		{40, plain, nil, []uint32{0xff0000ff, 0x218ca5ff, 0x0000ffff, 0x00ff00ff}},
		{12, plain, nil, []uint32{0xff0000ff, 0x218ca5ff, 0x0000ffff, 0x00ff00ff}},
		{108, plain, []uint32{0x7c00, 0x3e0, 0x1f, 0x8000}, []uint32{0xff0000ff, 0x218ca5ff, 0x0000ffff, 0x00ff00ff}},
		{40, bitFields, []uint32{0xf800, 0x7e0, 0x1f}, []uint32{0xff8200ff, 0x1045a5ff, 0x8400ffff, 0x007d00ff}},
		{40, bitFields, []uint32{0x7c00, 0x7e0, 0x1f}, []uint32{0xff8200ff, 0x2145a5ff, 0x0000ffff, 0x007d00ff}},
		{40, bitFields, []uint32{0, 0, 0}, []uint32{255, 255, 255, 255}},
		{56, bitFields, []uint32{0xf00, 0xf0, 0xf, 0xf000}, []uint32{0xcc0000ff, 0x22334411, 0x0011ff88, 0x33ee0000}},
		{40, alphaBitFields, []uint32{0x7c00, 0x3e0, 0x1f, 0x8000}, []uint32{0xff0000ff, 0x218ca500, 0x0000ffff, 0x00ff0000}},
	} {
		f := file{size: r.size, w: 2, h: 2, bits: 16, compression: r.compression, masks: r.masks, body: body}
		t.Run(fmt.Sprintf("%d_%x", r.size, r.masks), func(t *testing.T) { wantPixels(t, f.encode(), r.want...) })
	}
	// More than 8 bits a sample: the upper ones count.
	deep := file{size: 40, w: 1, h: 1, bits: 32, compression: bitFields, masks: []uint32{0xffe00000, 0x1ffc00, 0x3ff}, body: []byte{0xff, 0x01, 0x18, 0x80}}
	wantPixels(t, deep.encode(), 0x80c07fff)
}

func TestTopDown(t *testing.T) {
	f := file{size: 40, w: 2, h: -2, bits: 24, body: []byte{1, 2, 3, 4, 5, 6, 0, 0, 7, 8, 9, 10, 11, 12, 0, 0}}
	wantPixels(t, f.encode(), 0x030201ff, 0x060504ff, 0x090807ff, 0x0c0b0aff)
	f.h = 2
	wantPixels(t, f.encode(), 0x090807ff, 0x0c0b0aff, 0x030201ff, 0x060504ff)
}

// Pictures from outside the repository, where they are at hand.
func TestSharedPictures(t *testing.T) {
	dir := os.Getenv("LIKENESS_SHARED")
	if dir == "" {
		t.Skip("LIKENESS_SHARED is not set")
	}
	names, _ := filepath.Glob(filepath.Join(dir, "cases", "pictures", "*.bmp"))
	if len(names) == 0 {
		t.Fatal("no pictures in", dir)
	}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if px, err := read(data); err != nil || px.W != 112 || px.H != 84 {
			t.Errorf("%s: %v", name, err)
		}
	}
}
