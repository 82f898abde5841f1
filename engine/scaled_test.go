package engine_test

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"golang.org/x/image/draw"

	"likeness/engine"
	"likeness/engine/picture"
)

// Bars for the cosine between the vectors of a JPEG decoded at a reduced scale
// and decoded whole.
const (
	scaledMean  = 0.999
	scaledLeast = 0.997
)

// drawn makes a large picture that is hard to reduce: edges of every direction
// and colour, thin lines, and noise at every scale.
func drawn(kind string, w, h int) *image.RGBA {
	rng := rand.New(rand.NewPCG(uint64(w), uint64(len(kind))))
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.Draw(m, m.Bounds(), image.NewUniform(color.RGBA{uint8(rng.IntN(256)), 90, 120, 255}), image.Point{}, draw.Src)
	for range 900 {
		c := color.RGBA{uint8(rng.IntN(256)), uint8(rng.IntN(256)), uint8(rng.IntN(256)), 255}
		x, y, r := rng.IntN(w), rng.IntN(h), 3+rng.IntN(90)
		switch kind {
		case "boxes":
			draw.Draw(m, image.Rect(x-r, y-r/2, x+r, y+r/2), image.NewUniform(c), image.Point{}, draw.Src)
		case "discs":
			for dy := -r; dy <= r; dy++ {
				half := int(math.Sqrt(float64(r*r - dy*dy)))
				draw.Draw(m, image.Rect(x-half, y+dy, x+half, y+dy+1), image.NewUniform(c), image.Point{}, draw.Src)
			}
		case "lines":
			dx, dy := rng.NormFloat64(), rng.NormFloat64()
			for i := range 12 * r {
				m.SetRGBA(x+int(float64(i)*dx), y+int(float64(i)*dy), c)
				m.SetRGBA(x+int(float64(i)*dx)+1, y+int(float64(i)*dy), c)
			}
		}
	}
	if kind == "boxes" {
		for i := range m.Pix {
			if i%4 < 3 {
				m.Pix[i] = uint8(min(max(float64(m.Pix[i])+12*rng.NormFloat64(), 0), 255))
			}
		}
	}
	return m
}

// scaledCosine compares the vectors of an encoded picture by both ways.
func scaledCosine(t *testing.T, s *engine.Session, data []byte) float64 {
	t.Helper()
	px, pic, err := picture.Decode(data, picture.DefaultLimits)
	if err != nil {
		t.Fatal(err)
	}
	vector := func(err error) []float32 {
		if err != nil {
			t.Fatal(err)
		}
		v, err := s.Vector("", engine.PoolAvg, true)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	whole := vector(s.Run(px))
	scaled := vector(s.RunPicture(pic))
	sum := 0.0
	for i := range whole {
		sum += float64(whole[i]) * float64(scaled[i])
	}
	return sum
}

func checkScaled(t *testing.T, cosines []float64) {
	t.Helper()
	mean, least := 0.0, 1.0
	for _, c := range cosines {
		mean, least = mean+c/float64(len(cosines)), min(least, c)
	}
	t.Logf("%d pictures: cosine of reduced and whole decoding %.5f mean, %.5f least", len(cosines), mean, least)
	if mean < scaledMean || least < scaledLeast {
		t.Errorf("bars are %g and %g", scaledMean, scaledLeast)
	}
}

func defaultSession(t *testing.T) *engine.Session {
	t.Helper()
	data, err := os.ReadFile("../models/likeness_v1.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	n, err := engine.Load(data)
	if err != nil {
		t.Fatal(err)
	}
	s, err := n.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestReducedDecodingKeepsVectors(t *testing.T) {
	if runtime.GOOS == "js" {
		t.Skip("slow there, and the bits are those of the other platforms")
	}
	s := defaultSession(t)
	var cosines []float64
	for _, kind := range []string{"boxes", "discs", "lines"} {
		for _, size := range [][2]int{{3001, 2003}, {1100, 1500}} {
			var b bytes.Buffer
			if err := jpeg.Encode(&b, drawn(kind, size[0], size[1]), &jpeg.Options{Quality: 92}); err != nil {
				t.Fatal(err)
			}
			cosines = append(cosines, scaledCosine(t, s, b.Bytes()))
		}
	}
	checkScaled(t, cosines)
}

// The reference photos, enlarged to 12 megapixels.
func TestReducedDecodingOnPhotos(t *testing.T) {
	shared := os.Getenv("LIKENESS_SHARED")
	if shared == "" || os.Getenv("LIKENESS_SLOW") == "" {
		t.Skip("set LIKENESS_SLOW=1 and LIKENESS_SHARED to the folder that holds photos/")
	}
	files, _ := filepath.Glob(filepath.Join(shared, "photos", "*", "*.JPEG"))
	more, _ := filepath.Glob(filepath.Join(shared, "photos", "*", "*", "*.jpg"))
	s := defaultSession(t)
	var cosines []float64
	for _, file := range append(files, more...) {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		px, _, err := picture.Decode(data, picture.DefaultLimits)
		if err != nil {
			t.Fatal(err)
		}
		src := &image.NRGBA{Pix: px.Pix, Stride: 4 * px.W, Rect: image.Rect(0, 0, px.W, px.H)}
		by := math.Sqrt(12e6 / float64(px.W*px.H))
		large := image.NewRGBA(image.Rect(0, 0, int(by*float64(px.W)), int(by*float64(px.H))))
		draw.CatmullRom.Scale(large, large.Bounds(), src, src.Bounds(), draw.Src, nil)
		var b bytes.Buffer
		if err := jpeg.Encode(&b, large, &jpeg.Options{Quality: 92}); err != nil {
			t.Fatal(err)
		}
		cosines = append(cosines, scaledCosine(t, s, b.Bytes()))
	}
	checkScaled(t, cosines)
}
