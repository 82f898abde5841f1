package heif

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"likeness/engine/picture/raster"
)

func decode(t *testing.T, data []byte) *raster.Pixels {
	t.Helper()
	px, err := Decode(data, 0)
	if err != nil {
		t.Fatal(err)
	}
	if len(px.Pix) != 4*px.W*px.H {
		t.Fatalf("%d bytes of %d x %d pixels", len(px.Pix), px.W, px.H)
	}
	return px
}

// corners names the quadrants of a picture: red, green, blue, white, from top
// left to bottom right.
func corners(t *testing.T, px *raster.Pixels) string {
	t.Helper()
	s := ""
	for i := range 4 {
		x, y := px.W/6+i%2*(px.W*2/3), px.H/6+i/2*(px.H*2/3)
		p := px.Pix[4*(y*px.W+x):]
		r, g, b := p[0] > 130, p[1] > 130, p[2] > 130
		switch [3]bool{r, g, b} {
		case [3]bool{true, false, false}:
			s += "r"
		case [3]bool{false, true, false}:
			s += "g"
		case [3]bool{false, false, true}:
			s += "b"
		case [3]bool{true, true, true}:
			s += "w"
		default:
			s += "?"
		}
	}
	return s
}

// TestBits decodes the fixtures. The sums pin the pixels to the bit, which are
// the same on every machine and in the page.
func TestBits(t *testing.T) {
	for _, c := range []struct {
		name string
		w, h int
		sum  string
	}{
		{"scene.heic", 42, 30, "044a562196990021"},
		{"odd.heic", 43, 31, "101b1f4570d35867"},
		{"tile.heic", 64, 64, "c892e42ce9967551"},
		{"chroma422.heic", 42, 30, "4fe906e790ac6f35"},
		{"rgb.heic", 42, 30, "a4db039d3861ab29"},
		{"deep.heic", 128, 96, "2bff3b8ebb9eda72"},
		{"grey.heic", 42, 30, "dc0be9afc55fe75e"},
		{"alpha.heic", 42, 30, "7096389ab7fbd7df"},
		{"scene.avif", 42, 30, "c1246a191d6b81b4"},
		{"grey.avif", 42, 30, "2f2f32f9d2b3d956"},
		{"alpha.avif", 42, 30, "f8e55120c44cfc23"},
	} {
		px := decode(t, fixture(t, c.name))
		sum := sha256.Sum256(px.Pix)
		if got := hex.EncodeToString(sum[:8]); px.W != c.w || px.H != c.h || got != c.sum {
			t.Errorf("%s: %d x %d, %s, want %s", c.name, px.W, px.H, got, c.sum)
		}
		if strings.HasPrefix(c.name, "grey") {
			continue
		}
		if got := corners(t, px); got != "rgbw" {
			t.Errorf("%s: quadrants %s", c.name, got)
		}
		near(t, c.name, px)
	}
}

// near compares the middles of the quadrants with what was drawn.
func near(t *testing.T, name string, px *raster.Pixels) {
	drawn := [4][3]int{{220, 40, 40}, {40, 200, 60}, {50, 60, 210}, {235, 235, 225}}
	for i, c := range drawn {
		x, y := px.W/4+i%2*px.W/2, px.H/4+i/2*px.H/2
		p := px.Pix[4*(y*px.W+x):]
		for k, v := range c {
			want := min(max(v+x*40/px.W-y*40/px.H, 0), 255)
			// Colours under little opacity were rounded with it.
			tolerance := 5 + 255/(4*max(int(p[3]), 1))
			if d := int(p[k]) - want; d > tolerance || d < -tolerance {
				t.Errorf("%s: the middle of quadrant %d is %v, want %d in channel %d", name, i, p[:4], want, k)
			}
		}
	}
}

func TestOpacity(t *testing.T) {
	for _, name := range []string{"alpha.heic", "alpha.avif"} {
		px := decode(t, fixture(t, name))
		for x := range px.W {
			want := 255 * (x + 1) / px.W
			if got := int(px.Pix[4*(7*px.W+x)+3]); got < want-6 || got > want+6 {
				t.Errorf("%s: opacity %d at %d, want %d", name, got, x, want)
			}
		}
	}
	// Opacity of half the size, and a picture whose colours are multiplied.
	auxC := full("auxC", []byte("urn:mpeg:hevc:2015:auxid:1\x00"))
	items := []item{picture(t, "tile.heic", 64, 64), picture(t, "grey.heic", 42, 30, auxC)}
	plain := decode(t, container("heic", items, box("auxl", u16(2, 1, 1))))
	prem := decode(t, container("heic", items, box("auxl", u16(2, 1, 1)), box("prem", u16(1, 1, 2))))
	grey := decode(t, container("heic", items[1:]))
	for i := range 64 * 64 {
		x, y := i%64, i/64
		luma, a := grey.Pix[4*(y*30/64*42+x*42/64)], plain.Pix[4*i+3]
		if luma != a || prem.Pix[4*i+3] != a {
			t.Fatalf("opacity %d at (%d, %d), want %d", a, x, y, luma)
		}
		if got, want := prem.Pix[4*i], divide(uint32(plain.Pix[4*i]), uint32(a)); got != want {
			t.Fatalf("red %d at (%d, %d), want %d", got, x, y, want)
		}
	}
}

// TestTurns applies every turn with every mirror, and crops, exactly once.
func TestTurns(t *testing.T) {
	for _, name := range []string{"scene.heic", "scene.avif"} {
		brand := name[len(name)-4:]
		for rotate := range 4 {
			for mirror := range 3 {
				props := [][]byte{box("irot", []byte{byte(rotate)})}
				want := [4]byte([]byte("rgbw"))
				w, h := 42, 30
				for range rotate { // anticlockwise
					want = [4]byte{want[1], want[3], want[0], want[2]}
					w, h = h, w
				}
				if mirror > 0 {
					props = append(props, box("imir", []byte{byte(mirror - 1)}))
				}
				switch mirror {
				case 1: // top and bottom
					want = [4]byte{want[2], want[3], want[0], want[1]}
				case 2:
					want = [4]byte{want[1], want[0], want[3], want[2]}
				}
				px := decode(t, container(brand, []item{picture(t, name, 42, 30, props...)}))
				if got := corners(t, px); got != string(want[:]) || px.W != w || px.H != h {
					t.Errorf("%s, %d quarters, mirror %d: %s, %d x %d, want %s", name, rotate, mirror, got, px.W, px.H, want)
				}
			}
		}
		// The crop leaves the right part of the green and white quadrants.
		px := decode(t, container(brand, []item{picture(t, name, 42, 30, clap(42, 30, 16, 20, 26, 6), box("irot", []byte{1}))}))
		if got := corners(t, px); got != "gwgw" || px.W != 20 || px.H != 16 {
			t.Errorf("%s, cropped: %s, %d x %d", name, got, px.W, px.H)
		}
	}
}

// TestColour compares the integers with ITU-T H.273 section 8.3 in floats.
func TestColour(t *testing.T) {
	weight := map[int][2]float64{1: {.2126, .0722}, 2: {.299, .114}, 5: {.299, .114}, 6: {.299, .114}, 9: {.2627, .0593}}
	clip := func(v float64) float64 { return min(max(v, 0), 255) }
	for matrix, k := range weight {
		for _, full := range []bool{false, true} {
			w, ok := newWeights(matrix, full)
			if !ok {
				t.Fatalf("matrix %d", matrix)
			}
			for i := range 16 * 16 * 16 {
				y, cb, cr := i%16*17, i/16%16*17, i/256*17
				luma, b, r := float64(y), float64(cb-128), float64(cr-128)
				if !full {
					luma, b, r = (luma-16)*255/219, b*255/224, r*255/224
				}
				red, blue := luma+2*(1-k[0])*r, luma+2*(1-k[1])*b
				green := (luma - k[0]*red - k[1]*blue) / (1 - k[0] - k[1])
				var got [4]byte
				w.row(got[:], []byte{byte(y)}, []int32{int32(cb-128) * 16}, []int32{int32(cr-128) * 16})
				for c, want := range []float64{red, green, blue} {
					if d := float64(got[c]) - clip(want); d > .51 || d < -.51 {
						t.Fatalf("matrix %d, full range %v: %d, %d, %d becomes %v, want %.2f in channel %d", matrix, full, y, cb, cr, got, want, c)
					}
				}
			}
		}
	}
	tile := picture(t, "tile.heic", 64, 64, box("colr", []byte("nclx"), u16(1, 13, 12), []byte{0x80}))
	if _, err := Decode(container("heic", []item{tile}), 0); err == nil || !strings.Contains(err.Error(), "colour matrix") {
		t.Errorf("matrix 12: %v", err)
	}
}

// TestGrid puts tiles together as phones do, cropped to the picture and turned.
func TestGrid(t *testing.T) {
	tile := picture(t, "tile.heic", 64, 64)
	items := []item{grid(2, 2, 100, 90), tile, tile, tile, tile}
	px := decode(t, container("heic", items, box("dimg", u16(1, 4, 2, 3, 4, 5))))
	if px.W != 100 || px.H != 90 {
		t.Fatalf("%d x %d", px.W, px.H)
	}
	first := &raster.Pixels{W: 64, H: 64}
	for y := range 64 {
		first.Pix = append(first.Pix, px.Pix[4*100*y:][:4*64]...)
	}
	near(t, "the first tile", first)
	// Chroma is interpolated across the edges of tiles.
	for y := 1; y < 25; y++ {
		a, b := px.Pix[4*(100*y+1):][:4*34], px.Pix[4*(100*(y+64)+65):][:4*34]
		if !bytes.Equal(a, b) {
			t.Errorf("row %d differs in the first and the last tile", y)
		}
	}
	items[0] = grid(2, 2, 128, 128, box("irot", []byte{1}))
	if px := decode(t, container("heic", items, box("dimg", u16(1, 4, 2, 3, 4, 5)))); px.W != 128 || px.H != 128 {
		t.Errorf("turned: %d x %d", px.W, px.H)
	}
}

// TestRefused has files that contradict themselves, want too much, or end early.
func TestRefused(t *testing.T) {
	needPrograms(t)
	scene, avif := fixture(t, "scene.heic"), fixture(t, "scene.avif")
	noise := picture(t, "scene.heic", 42, 30)
	noise.data = bytes.Repeat([]byte{0, 0, 0, 4, 38, 1, 255, 255}, 20)
	dust := picture(t, "scene.avif", 42, 30)
	dust.data = append(bytes.Clone(dust.data[:20]), make([]byte, len(dust.data)-20)...)
	odd := picture(t, "tile.heic", 64, 64)
	odd.properties[0] = ispe(100, 30)
	for _, c := range []struct {
		name string
		data []byte
		most int
		code string
	}{
		{"too many pixels", scene, 42*30 - 1, raster.CodeTooLarge},
		{"a limit that is just enough", scene, 42 * 30, ""},
		{"a huge size", container("avif", []item{picture(t, "scene.avif", 100000, 100000)}), 0, raster.CodeTooLarge},
		{"a side too long", container("avif", []item{picture(t, "scene.avif", 1<<20, 1)}), 0, raster.CodeTooLarge},
		{"another size", container("heic", []item{odd}), 0, raster.CodeCorrupt},
		{"cut off, heic", scene[:len(scene)-9], 0, raster.CodeCorrupt},
		{"cut off, avif", avif[:len(avif)-9], 0, raster.CodeCorrupt},
		{"noise, heic", container("heic", []item{noise}), 0, raster.CodeCorrupt},
		{"noise, avif", container("avif", []item{dust}), 0, raster.CodeCorrupt},
		{"no size", container("heic", []item{{"hvc1", nil, nil}}), 0, raster.CodeZeroSize},
		{"a png", []byte("\x89PNG\r\n\x1a\n"), 0, raster.CodeFormat},
		{"nothing", nil, 0, raster.CodeEmpty},
	} {
		_, err := Decode(c.data, c.most)
		var e *raster.Error
		switch {
		case c.code == "" && err == nil:
		case !errors.As(err, &e) || e.Code != c.code:
			t.Errorf("%s: %v, want %s", c.name, err, c.code)
		}
	}
}

// TestParallel decodes at the same time.
func TestParallel(t *testing.T) {
	for i := range 4 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			for _, name := range []string{"scene.heic", "scene.avif"} {
				if got := corners(t, decode(t, fixture(t, name))); got != "rgbw" {
					t.Errorf("%s: %s", name, got)
				}
			}
		})
	}
}

func FuzzDecode(f *testing.F) {
	for _, name := range []string{"scene.heic", "alpha.heic", "grey.heic", "deep.heic", "scene.avif", "alpha.avif"} {
		f.Add(fixture(f, name))
	}
	tile := picture(f, "tile.heic", 64, 64)
	f.Add(container("heic", []item{grid(1, 2, 100, 60), tile, tile}, box("dimg", u16(1, 2, 2, 3))))
	f.Fuzz(func(t *testing.T, data []byte) {
		px, err := Decode(data, 1<<14)
		var e *raster.Error
		if err != nil && !errors.As(err, &e) || err == nil && len(px.Pix) != 4*px.W*px.H {
			t.Errorf("%v", err)
		}
	})
}

// The rows of the reader are those of the decoded picture, and what it says of
// the size before decoding holds.
func TestOpen(t *testing.T) {
	for _, name := range []string{"scene.heic", "scene.avif", "alpha.heic"} {
		data := fixture(t, name)
		want := decode(t, data)
		s, err := Open(data, raster.Options{Shrink: 8})
		if err != nil {
			t.Fatal(err)
		}
		w, h := s.Size()
		if w != want.W || h != want.H || s.Shrink() != 1 || s.Memory() < int64(len(want.Pix)) {
			t.Fatalf("%s: %d x %d, shrink %d, %d bytes", name, w, h, s.Shrink(), s.Memory())
		}
		row := make([]byte, 4*w)
		for y := range h {
			if err := s.ReadRow(row); err != nil || !bytes.Equal(row, want.Pix[4*w*y:][:4*w]) {
				t.Fatalf("%s: row %d: %v", name, y, err)
			}
		}
		if err := s.ReadRow(row); err != io.EOF {
			t.Errorf("%s: after the last row: %v", name, err)
		}
	}
}
