package gif

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	stdgif "image/gif"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"likeness/engine/picture/raster"
)

// standard reads the first frame with image/gif, on its canvas.
func standard(data []byte) (*raster.Pixels, error) {
	cfg, err := stdgif.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	m, err := stdgif.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	px := &raster.Pixels{W: cfg.Width, H: cfg.Height, Pix: make([]byte, 4*cfg.Width*cfg.Height)}
	b := m.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			c := color.NRGBAModel.Convert(m.At(x, y)).(color.NRGBA)
			copy(px.Pix[4*(cfg.Width*y+x):], []byte{c.R, c.G, c.B, c.A})
		}
	}
	return px, nil
}

// noisy is a picture of n colours whose rows are partly plain, so that short and
// long strings occur and the table fills up.
func noisy(w, h, n int, seed uint64) *image.Paletted {
	rng := rand.New(rand.NewPCG(seed, 3))
	p := make(color.Palette, n)
	for i := range p {
		p[i] = color.RGBA{byte(rng.Uint32()), byte(rng.Uint32()), byte(rng.Uint32()), 255}
	}
	m := image.NewPaletted(image.Rect(0, 0, w, h), p)
	for i := range m.Pix {
		if i%97 < 60 {
			m.Pix[i] = byte(rng.IntN(n))
		} else if i > 0 {
			m.Pix[i] = m.Pix[i-1]
		}
	}
	return m
}

func TestAsStandardLibrary(t *testing.T) {
	for _, n := range []int{2, 3, 4, 16, 17, 256} {
		for i, s := range [][2]int{{1, 1}, {3, 2}, {100, 70}, {300, 200}} {
			for _, clear := range []bool{false, true} {
				m := noisy(s[0], s[1], n, uint64(i))
				if clear {
					m.Palette[1] = color.RGBA{}
				}
				var b bytes.Buffer
				if err := stdgif.Encode(&b, m, &stdgif.Options{NumColors: n}); err != nil {
					t.Fatal(err)
				}
				t.Run(fmt.Sprintf("%d_%dx%d_%t", n, s[0], s[1], clear), func(t *testing.T) { same(t, b.Bytes()) })
			}
		}
	}
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
		t.Error("other pixels")
	}
}

func TestInterlaced(t *testing.T) {
	for h := 1; h <= 20; h++ {
		pix := noisy(5, h, 4, uint64(h)).Pix
		b := append(append(descriptor(0, 0, 5, h, true, nil), 2), subBlocks(codes(2, pix...))...)
		same(t, file(screen(5, h, palette), b, trailer))
	}
}

// One picture of red, green, blue and yellow, in files of every oddity.
func TestOddFiles(t *testing.T) {
	p := picture(0, 0, 2, 2, 0, 1, 2, 3)
	s := screen(2, 2, palette)
	all := []uint32{red, green, blue, yellow}
	at11 := []uint32{none, none, none, none, red, green, none, blue, yellow}
	plain := codes(2, 0, 1, 2, 3)
	data := func(codeSize byte, blocks []byte) []byte {
		return append(append(descriptor(0, 0, 2, 2, false, nil), codeSize), blocks...)
	}
	ext := func(label byte, body ...byte) []byte { return append([]byte{'!', label}, body...) }
	for _, r := range []struct {
		name string
		file []byte
		w    int
		want []uint32
	}{
		{"plain", file(s, p, trailer), 2, all},
		{"1987", append([]byte("GIF87a"), file(s, p, trailer)[6:]...), 2, all},
		{"no trailer", file(s, p), 2, all},
		{"no end of the sub-blocks", file(s, p[:len(p)-1]), 2, all},
		{"surplus", file(s, p, trailer, []byte("more")), 2, all},
		{"no block after the frame", file(s, p, []byte("more")), 2, all},
		{"surplus pixels", file(s, picture(0, 0, 2, 2, 0, 1, 2, 3, 1, 1, 1)), 2, all},
		{"surplus sub-blocks", file(s, data(2, append(subBlocks(plain)[:1+len(plain)], subBlocks([]byte("more"))...)), trailer), 2, all},
		{"sub-blocks of one byte", file(s, data(2, []byte{1, plain[0], 1, plain[1], 1, plain[2], 0}), trailer), 2, all},
		{"no end code", file(s, data(2, subBlocks([]byte{0x44, 0x34})), trailer), 2, all},
		{"no clear code", file(s, data(2, subBlocks([]byte{0x88, 0x06})), trailer), 2, all},
		{"8 bits", file(s, data(8, subBlocks(codes(8, 0, 1, 2, 3)))), 2, all},
		{"11 bits", file(s, data(11, subBlocks([]byte{0, 8, 0, 1, 0x20, 0, 3, 0x10, 0x80}))), 2, all},
		{"screen 0 x 0", file(screen(0, 0, palette), p), 2, all},
		{"screen 0 x 0, moved", file(screen(0, 0, palette), picture(1, 1, 2, 2, 0, 1, 2, 3)), 3, at11},
		{"screen 0 x 3", file(screen(0, 3, palette), p), 2, append(append([]uint32{}, all...), none, none)},
		{"screen too small", file(screen(1, 1, palette), p), 2, all},
		{"screen too small, moved", file(screen(2, 2, palette), picture(1, 1, 2, 2, 0, 1, 2, 3)), 3, at11},
		{"moved", file(screen(3, 3, palette), picture(1, 1, 2, 2, 0, 1, 2, 3)), 3, at11},
		{"frame 0 x 0", file(s, picture(0, 0, 0, 0, 0, 1, 2, 3)), 2, all},
		{"frame 5 x 0", file(s, picture(1, 1, 5, 0, 0, 1, 2, 3)), 2, all},
		{"local palette", file(s, append(append(descriptor(0, 0, 2, 2, false, []byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 0, 0}), 2), subBlocks(plain)...)), 2, []uint32{0x010203ff, 0x040506ff, 0x070809ff, black}},
		{"local palette alone", file(screen(2, 2, nil), append(append(descriptor(0, 0, 2, 2, false, palette), 2), subBlocks(plain)...)), 2, all},
		{"index beyond the palette", file(screen(2, 2, palette[:6]), p), 2, []uint32{red, green, black, black}},
		{"transparent", file(s, control(0, 2), p), 2, []uint32{red, green, none, yellow}},
		{"transparent beyond the palette", file(screen(2, 2, palette[:6]), control(0, 3), p), 2, []uint32{red, green, black, none}},
		{"two controls", file(s, control(0, 1), control(0, 2), p), 2, []uint32{red, green, none, yellow}},
		{"control and text", file(s, control(0, 1), ext(1, append(append([]byte{12}, make([]byte, 12)...), 1, 'a', 0)...), p), 2, []uint32{red, none, blue, yellow}},
		{"long control", file(s, ext(0xf9, 6, 1, 0, 0, 1, 0, 0, 0), p), 2, []uint32{red, none, blue, yellow}},
		{"short control", file(s, ext(0xf9, 2, 1, 0, 0), p), 2, all},
		{"empty control", file(s, ext(0xf9, 0), p), 2, all},
		{"unknown extension", file(s, ext(0x77, 3, 1, 2, 3, 2, 4, 5, 0), p), 2, all},
		{"comment and loop", file(s, ext(0xfe, 2, 'h', 'i', 0), ext(0xff, append([]byte("\x0bNETSCAPE2.0\x03\x01\x00\x00"), 0)...), p), 2, all},
		{"control of the next frame", file(s, p, control(0, 1)), 2, all},
	} {
		t.Run(r.name, func(t *testing.T) { wantPixels(t, r.file, r.w, r.want...) })
	}
}

// Pictures from outside the repository, where they are at hand.
func TestSharedPictures(t *testing.T) {
	dir := os.Getenv("LIKENESS_SHARED")
	if dir == "" {
		t.Skip("LIKENESS_SHARED is not set")
	}
	names, _ := filepath.Glob(filepath.Join(dir, "cases", "pictures", "*.gif"))
	if len(names) == 0 {
		t.Fatal("no pictures in", dir)
	}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		px, err := read(data)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if px.W < 50 || px.H < 50 || uniform(px.Pix) {
			t.Errorf("%s: %d x %d pixels, of one colour: %t", name, px.W, px.H, uniform(px.Pix))
		}
	}
}
