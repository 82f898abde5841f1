package twins

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"likeness/engine/picture"
)

// turned makes the copy that a turn stands for, pixel by pixel, of any size.
func turned(m image.Image, t Turn) image.Image {
	b := m.Bounds()
	w, h := b.Dx(), b.Dy()
	src := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			at := x
			if t.Mirrored() {
				at = w - 1 - x
			}
			src.Set(at, y, m.At(b.Min.X+x, b.Min.Y+y))
		}
	}
	for range t.Quarters() { // clockwise: a row becomes a column, from the right
		dst := image.NewRGBA(image.Rect(0, 0, src.Bounds().Dy(), src.Bounds().Dx()))
		for y := range src.Bounds().Dy() {
			for x := range src.Bounds().Dx() {
				dst.Set(src.Bounds().Dy()-1-y, x, src.At(x, y))
			}
		}
		src = dst
	}
	return src
}

func encoded(t *testing.T, m image.Image, quality int) *picture.Picture {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: quality}); err != nil {
		t.Fatal(err)
	}
	p, err := picture.Open(b.Bytes(), picture.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func printOf(t *testing.T, m image.Image, quality int) *Print {
	t.Helper()
	out, err := Read(encoded(t, m, quality))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// scene is a picture of some rectangles.
func scene(seed uint64, w, h int) image.Image {
	r := rand.New(rand.NewPCG(seed, 1))
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for range 30 {
		c := color.RGBA{uint8(r.IntN(256)), uint8(r.IntN(256)), uint8(r.IntN(256)), 255}
		x, y := r.IntN(w), r.IntN(h)
		for yy := y; yy < min(h, y+h/3); yy++ {
			for xx := x; xx < min(w, x+w/3); xx++ {
				m.Set(xx, yy, c)
			}
		}
	}
	return m
}

// Every turn of a picture is found and named; no two scenes are taken for one.
func TestTurnsAreNamed(t *testing.T) {
	var all []*Print
	for seed := range uint64(12) {
		m := scene(seed, 200, 140)
		a := printOf(t, m, 90)
		all = append(all, a)
		for turn := range Turn(8) {
			c, got := Compare(a, printOf(t, turned(m, turn), 60))
			if c, back := Compare(printOf(t, turned(m, turn), 60), a); c < 0.98 || back != turn.Inverse() {
				t.Errorf("scene %d turned by %d: back by %d with %.3f", seed, turn, back, c)
			}
			if c < 0.98 || got != turn {
				t.Errorf("scene %d turned by %d: found %d with %.3f", seed, turn, got, c)
			}
		}
	}
	for i, a := range all {
		for _, b := range all[:i] {
			if c, _ := Compare(a, b); c >= DefaultLeast {
				t.Errorf("two scenes correlate by %.3f", c)
			}
		}
	}
}

// A picture of nearly one brightness is like no other in its pixels.
func TestFlatPrintsTellNothing(t *testing.T) {
	a, b := &Print{}, &Print{}
	for i := range a {
		a[i], b[i] = 120+uint8(i%3), 121+uint8(i%3)
	}
	if c, _ := Compare(a, b); c != 0 {
		t.Errorf("flat prints correlate by %v", c)
	}
}

func TestCandidates(t *testing.T) {
	// Two pairs at right angles, the first of one group already.
	data := []float32{1, 0, 0, 0.9, 0.1, 0, 0, 1, 0.1, 0, 1, 0}
	got, err := Candidates(data, 3, 0.5, []int32{0, 0, -1, -1}, nil)
	if err != nil || len(got) != 1 || got[0] != (Candidate{2, 3}) {
		t.Errorf("%v, %v", got, err)
	}
	if _, err := Candidates(data, 5, 0.5, []int32{0, 0, -1, -1}, nil); err == nil {
		t.Error("vectors of another length were taken")
	}
	for n := range 2 {
		if got, err := Candidates(data[:3*n], 3, 0, make([]int32, n), nil); err != nil || got != nil {
			t.Errorf("%d vectors: %v, %v", n, got, err)
		}
	}
}

// TestPhotos is where DefaultLeast comes from: all turns of photos, made smaller
// and compressed again, and all pairs of different photos.
func TestPhotos(t *testing.T) {
	files, _ := filepath.Glob("../../../shared/photos/*/*/*.jpg")
	more, _ := filepath.Glob("../../../shared/photos/imagenet/*.JPEG")
	files = append(files, more...)
	if len(files) < 100 {
		t.Skip("needs photos in ../shared/photos")
	}
	var prints []*Print
	lost, wrong := 0, 0
	for i, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		m, err := jpeg.Decode(bytes.NewReader(data))
		if err != nil {
			continue
		}
		a := printOf(t, m, 95)
		prints = append(prints, a)
		turn := Turn(i%7 + 1)
		c, got := Compare(a, printOf(t, turned(m, turn), 50))
		if c < DefaultLeast {
			lost++
		} else if got != turn {
			wrong++
		}
	}
	pairs, joined, most := 0, 0, 0.0
	for i, a := range prints {
		for _, b := range prints[:i] {
			pairs++
			c, _ := Compare(a, b)
			if most = max(most, c); c >= DefaultLeast {
				joined++
			}
		}
	}
	t.Logf("%d photos: %d turned copies not found, %d with another turn; %d of %d pairs of strangers joined, which correlate by at most %.3f", len(prints), lost, wrong, joined, pairs, most)
	if lost > len(prints)/50 || joined > 0 {
		t.Error("worse than README.md says")
	}
}
