package picture

import (
	"bytes"
	"image"
	"image/png"
	"io"
	"math"
	"strings"
	"testing"

	"likeness/engine/picture/look"
	"likeness/engine/picture/raster"
)

// boxed is a reader of pixels in memory that reduces by exact means, as a JPEG
// reader does.
type boxed struct {
	px     *Pixels
	shrink int
	y      int
}

func (b *boxed) Size() (w, h int) {
	return (b.px.W + b.shrink - 1) / b.shrink, (b.px.H + b.shrink - 1) / b.shrink
}
func (b *boxed) Shrink() int   { return b.shrink }
func (b *boxed) Memory() int64 { return 1000 }
func (b *boxed) ReadRow(dst []byte) error {
	w, h := b.Size()
	if b.y == h {
		return io.EOF
	}
	for x := range w {
		for c := range 4 {
			sum := 0
			for dy := range b.shrink {
				for dx := range b.shrink {
					// Beyond the edge a block repeats its last pixel.
					sx, sy := min(x*b.shrink+dx, b.px.W-1), min(b.y*b.shrink+dy, b.px.H-1)
					sum += int(b.px.Pix[4*(sy*b.px.W+sx)+c])
				}
			}
			n := b.shrink * b.shrink
			dst[4*x+c] = byte((sum + n/2) / n)
		}
	}
	b.y++
	return nil
}

// reducible is a Picture whose reader reduces as far as it may.
func reducible(px *Pixels, orientation int) *Picture {
	return &Picture{Facts: look.Facts{Format: "boxed", Width: px.W, Height: px.H, Orientation: orientation},
		open: func(_ []byte, o raster.Options) (raster.Source, error) {
			return &boxed{px: px, shrink: max(o.Shrink, 1)}, nil
		}}
}

func loaded(t testing.TB, p Preparation, pic *Picture) (*Preparer, []byte) {
	t.Helper()
	pr, err := NewPreparer(p, 1, 3)
	if err != nil {
		t.Fatal(err)
	}
	if err := pr.LoadPicture(pic); err != nil {
		t.Fatal(err)
	}
	return pr, pr.RGB()
}

func turnedPixels(t testing.TB, px *Pixels, orientation int) *Pixels {
	t.Helper()
	out, err := turn(&boxed{px: px, shrink: 1}, orientation)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Rows that come one by one give what the whole picture gives, to the bit.
func TestRowsEqualPixels(t *testing.T) {
	for _, interpolation := range Interpolations {
		for _, resize := range []string{ResizeShorter, ResizeStretch, ResizeFit, ResizeTiles} {
			p := preparation(resize, interpolation, 24, 20, 28)
			for i, kind := range []string{"noise", "alpha", "glass", "white"} {
				for orientation := 1; orientation <= 8; orientation++ {
					px := pattern(kind, 31+7*i, 47-9*i)
					_, got := loaded(t, p, reducible(px, orientation))
					if want := prepared(t, p, turnedPixels(t, px, orientation)); !bytes.Equal(got, want) {
						t.Errorf("%s %s %s, orientation %d: rows and pixels differ", interpolation, resize, kind, orientation)
					}
				}
			}
		}
	}
}

// A reduced picture lies where the whole one would: for sizes that are no
// multiple of the reduction too, and turned.
func TestReducedPicturesLieWhereWholeOnesDo(t *testing.T) {
	p := preparation(ResizeShorter, "bilinear", 14, 14, 16)
	for orientation := 1; orientation <= 8; orientation++ {
		for _, s := range [][2]int{{400, 300}, {407, 301}, {261, 399}} {
			px := pattern("smooth", s[0], s[1])
			src, _, err := (&Preparer{p: p}).open(reducible(px, orientation))
			if err != nil || src.Shrink() != 8 {
				t.Fatalf("%v: reduced by %d: %v", s, src.Shrink(), err)
			}
			_, got := loaded(t, p, reducible(px, orientation))
			want := prepared(t, p, turnedPixels(t, px, orientation))
			if d := farthest(got, want); d > 1 {
				t.Errorf("%v, orientation %d: reduced differs by %d of 255", s, orientation, d)
			}
		}
	}
}

func TestReductionLeavesEnough(t *testing.T) {
	pr := &Preparer{p: preparation(ResizeShorter, "bilinear", 224, 224, 256)}
	for _, c := range []struct{ w, h, want int }{
		{4000, 3000, 4}, {8192, 4096, 8}, {4096, 4095, 4}, {1024, 1024, 2}, {1023, 2000, 1}, {100, 100, 1},
	} {
		src, _, err := pr.open(reducible(&Pixels{W: c.w, H: c.h}, 1))
		if err != nil || src.Shrink() != c.want {
			t.Errorf("%d x %d is reduced by %d, want %d: %v", c.w, c.h, src.Shrink(), c.want, err)
		}
	}
}

func flat(w, h int, v ...byte) *Pixels { return &Pixels{W: w, H: h, Pix: bytes.Repeat(v, w*h)} }

func TestFitTakesThePictureWhole(t *testing.T) {
	p := preparation(ResizeFit, "bilinear", 40, 40, 0)
	p.Order, p.Mean = "BGR", [3]float64{10, 20, 30}
	for _, c := range []struct{ w, h, x0, y0, x1, y1 int }{
		{200, 100, 0, 10, 40, 30}, {10, 40, 15, 0, 25, 40}, {40, 40, 0, 0, 40, 40}, {1, 5000, 19, 0, 20, 40},
	} {
		rgb := prepared(t, p, flat(c.w, c.h, 200, 100, 50, 255))
		for y := range 40 {
			for x := range 40 {
				want := []byte{30, 20, 10}
				if x >= c.x0 && x < c.x1 && y >= c.y0 && y < c.y1 {
					want = []byte{200, 100, 50}
				}
				if got := rgb[3*(40*y+x):][:3]; !bytes.Equal(got, want) {
					t.Fatalf("%d x %d: pixel (%d, %d) is %v, want %v", c.w, c.h, x, y, got, want)
				}
			}
		}
	}
}

// The tiles of a long picture cover it from end to end.
func TestTilesCoverThePicture(t *testing.T) {
	p := preparation(ResizeTiles, "bilinear", 10, 10, 0)
	pr, err := NewPreparer(p, 1, 3)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ w, h, tiles int }{{10, 10, 1}, {35, 10, 4}, {10, 21, 3}, {30, 30, 1}, {10000, 10, maxTiles}} {
		px := pattern("smooth", c.w, c.h)
		if err := pr.Load(px); err != nil {
			t.Fatal(err)
		}
		if pr.Tiles() != c.tiles {
			t.Errorf("%d x %d: %d tiles, want %d", c.w, c.h, pr.Tiles(), c.tiles)
			continue
		}
		first, last := make([]int16, 300), make([]int16, 300)
		pr.Tile(first, 0)
		pr.Tile(last, c.tiles-1)
		none, _ := NewPreparer(preparation(ResizeNone, "bilinear", 10, 10, 0), 1, 3)
		for _, e := range []struct {
			name string
			got  []int16
			x, y int
		}{{"first", first, 0, 0}, {"last", last, pr.place.fullW - 10, pr.place.fullH - 10}} {
			crop := &Pixels{W: 10, H: 10, Pix: make([]byte, 400)}
			for i := range 100 {
				at := 3 * ((e.y+i/10)*pr.place.fullW + e.x + i%10)
				copy(crop.Pix[4*i:], pr.RGB()[at:at+3])
				crop.Pix[4*i+3] = 255
			}
			want := make([]int16, 300)
			if err := none.Prepare(want, crop); err != nil {
				t.Fatal(err)
			}
			for i := range want {
				if e.got[i] != want[i] {
					t.Fatalf("%d x %d: the %s tile is not at its end", c.w, c.h, e.name)
				}
			}
		}
	}
	wide, _ := NewPreparer(preparation(ResizeTiles, "bilinear", 224, 224, 0), 1, 3)
	if got := code(wide.Load(&Pixels{W: 1, H: raster.MaxSide, Pix: make([]byte, 4*raster.MaxSide)})); got != CodeShape {
		t.Errorf("a picture too long for tiles: %q", got)
	}
}

func TestNotes(t *testing.T) {
	p := preparation(ResizeShorter, "bilinear", 32, 32, 36)
	logo := flat(60, 60, 255, 255, 255, 0)
	for i := 60 * 20; i < 60*40; i++ {
		logo.Pix[4*i+3] = 255 // white on transparency
	}
	dim := pattern("noise", 50, 50)
	for i := range dim.Pix {
		if i%4 < 3 {
			dim.Pix[i] = 100 + dim.Pix[i]%(blankRange+1)
		}
	}
	for _, c := range []struct {
		name string
		px   *Pixels
		want string
	}{
		{"photo", pattern("noise", 90, 70), ""},
		{"one colour", flat(90, 70, 7, 8, 9, 255), NoteBlank},
		{"noise of a flat picture", dim, NoteBlank},
		{"nothing but transparency", flat(20, 20, 0, 0, 0, 0), NoteBlank},
		{"black on transparency", pattern("alpha", 60, 60), ""},
		{"white on transparency", logo, NoteGround},
		{"long", pattern("noise", 20, 300), NoteShape},
		{"5 to 2", pattern("noise", 250, 100), ""},
	} {
		pr, err := NewPreparer(p, 1, 3)
		if err != nil {
			t.Fatal(err)
		}
		for _, way := range []string{"pixels", "rows"} {
			load := func() error { return pr.Load(c.px) }
			if way == "rows" {
				load = func() error { return pr.LoadPicture(reducible(c.px, 1)) }
			}
			if err := load(); err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, n := range pr.Notes() {
				got = append(got, n.Code)
			}
			if s := strings.Join(got, " "); s != c.want {
				t.Errorf("%s as %s: noted %q, want %q", c.name, way, s, c.want)
			}
		}
		if c.name == "white on transparency" {
			if rgb := pr.RGB(); rgb[0] != grey || rgb[len(rgb)/2] != 255 {
				t.Errorf("the logo lies on %d and is %d", rgb[0], rgb[len(rgb)/2])
			}
		}
	}
}

func TestResizeNoneRefusesOtherSizes(t *testing.T) {
	pr, _ := NewPreparer(preparation(ResizeNone, "bilinear", 32, 24, 0), 1, 3)
	for _, s := range [][2]int{{24, 32}, {32, 25}, {320, 240}} {
		if got := code(pr.Load(pattern("noise", s[0], s[1]))); got != CodeSize {
			t.Errorf("%v: %q", s, got)
		}
	}
	px := pattern("noise", 32, 24)
	_, got := loaded(t, pr.p, reducible(px, 1))
	for i := range 32 * 24 {
		if !bytes.Equal(got[3*i:3*i+3], px.Pix[4*i:4*i+3]) {
			t.Fatalf("pixel %d changed", i)
		}
	}
}

// A picture that needs more than the limit is refused before it is read, with
// both numbers; one that is read row by row is not.
func TestMemoryLimit(t *testing.T) {
	px := pattern("noise", 500, 400)
	p := preparation(ResizeShorter, "bilinear", 32, 32, 36)
	pr, _ := NewPreparer(p, 1, 3)
	upright, turned := reducible(px, 1), reducible(px, 6)
	upright.limits.Memory, turned.limits.Memory = 90_000, 90_000
	p.Interpolation = "bicubic"
	if err := pr.LoadPicture(upright); err != nil {
		t.Errorf("row by row: %v", err)
	}
	// Turned it is held, at a quarter of its size: 125 x 100 pixels.
	need, err := pr.Memory(turned)
	if err != nil || need != 1000+4*125*100 {
		t.Errorf("turned: %d bytes, %v", need, err)
	}
	turned.limits.Memory = need - 1
	if err := pr.LoadPicture(turned); code(err) != CodeTooLarge || !strings.Contains(err.Error(), "500 x 400") {
		t.Errorf("turned: %v", err)
	}
}

// What the limit is compared with is what loading really takes.
func TestMemoryIsWhatIsTaken(t *testing.T) {
	for _, s := range [][2]int{{1500, 300}, {300, 1500}, {40, 40}} {
		var b bytes.Buffer
		if err := png.Encode(&b, image.NewRGBA(image.Rect(0, 0, s[0], s[1]))); err != nil {
			t.Fatal(err)
		}
		for _, interpolation := range Interpolations {
			pic, err := Open(b.Bytes(), DefaultLimits)
			if err != nil {
				t.Fatal(err)
			}
			pr, _ := loaded(t, preparation(ResizeShorter, interpolation, 32, 32, 36), pic)
			src, size, err := pr.open(pic)
			if err != nil {
				t.Fatal(err)
			}
			if ring, told := int64(cap(pr.feed.ring)), pr.memory(pic, src, size)-src.Memory(); ring > told {
				t.Errorf("%v %s: %d bytes of rows are held, %d were told", s, interpolation, ring, told)
			}
		}
	}
}

func TestPlacementNeverDegenerates(t *testing.T) {
	for _, resize := range Resizes {
		if resize == ResizeNone {
			continue // checkPlacement has the sizes
		}
		p := preparation(resize, "bilinear", 20, 30, 34)
		for _, s := range [][2]int{{1, 1}, {1, raster.MaxSide}, {raster.MaxSide, 1}, {raster.MaxSide, raster.MaxSide}, {3, 2}} {
			pl := p.placement(s[0], s[1])
			if pl.width < 1 || pl.height < 1 || pl.fullW < pl.width || pl.fullH < pl.height || pl.left < 0 || pl.top < 0 ||
				int64(pl.fullW) > math.MaxInt32 || int64(pl.fullH) > math.MaxInt32 {
				t.Errorf("%s of %v: %+v", resize, s, pl)
			}
		}
	}
}

// TestNothingIsKept: once a picture is prepared, neither its reader nor the
// rows of a giant stay.
func TestNothingIsKept(t *testing.T) {
	pre, err := Preset("tf")
	if err != nil {
		t.Fatal(err)
	}
	pr, err := NewPreparer(pre, 1, 3)
	if err != nil {
		t.Fatal(err)
	}
	for _, side := range []int{300, 9000} {
		p, err := Open(encode(t, "png", image.NewGray(image.Rect(0, 0, side, side))), DefaultLimits)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := pr.LoadPicture(p); err != nil {
				t.Fatal(err)
			}
			if pr.feed.src != nil || pr.feed.pix != nil || cap(pr.feed.ring) > maxRest {
				t.Errorf("%d pixels: %d bytes of rows are kept, and %v", side, cap(pr.feed.ring), pr.feed.src)
			}
		}
	}
	if err := pr.Load(&Pixels{Pix: make([]byte, 4*300*300), W: 300, H: 300}); err != nil || pr.feed.pix != nil {
		t.Errorf("%v, %d bytes of pixels are kept", err, len(pr.feed.pix))
	}
}
