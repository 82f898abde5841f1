//go:build unix

package main

import (
	"bytes"
	"image"
	"image/jpeg"
	"math/rand/v2"
	"os"

	"golang.org/x/image/draw"

	"likeness/engine/picture"
)

const (
	photoWidth, photoHeight = 4032, 3024
	leastBytes, mostBytes   = 3_000_000, 5_000_000
)

// makePhotos enlarges small pictures to 12 megapixels and adds as much texture
// as makes files of 3 to 5 MB, what cameras write.
func makePhotos(folder string, count int) ([][]byte, error) {
	files, err := sampleFiles(folder)
	if err != nil {
		return nil, err
	}
	large := make([]*image.RGBA, min(count, len(files)))
	for i := range large {
		data, err := os.ReadFile(files[i])
		if err != nil {
			return nil, err
		}
		px, _, err := picture.Decode(data, picture.DefaultLimits)
		if err != nil {
			return nil, err
		}
		src := &image.NRGBA{Pix: px.Pix, Stride: 4 * px.W, Rect: image.Rect(0, 0, px.W, px.H)}
		large[i] = image.NewRGBA(image.Rect(0, 0, photoWidth, photoHeight))
		draw.CatmullRom.Scale(large[i], large[i].Bounds(), src, src.Bounds(), draw.Src, nil)
	}
	photos := make([][]byte, count)
	for i := range photos {
		if photos[i], err = textured(large[i%len(large)], uint64(i)); err != nil {
			return nil, err
		}
	}
	return photos, nil
}

// textured halves the range of the texture until the file's size fits.
func textured(m *image.RGBA, seed uint64) ([]byte, error) {
	least, most := 0.0, 40.0
	for {
		texture := (least + most) / 2
		rng := rand.New(rand.NewPCG(seed, 1))
		noisy := &image.RGBA{Pix: make([]byte, len(m.Pix)), Stride: m.Stride, Rect: m.Rect}
		for i := 0; i < len(m.Pix); i += 4 {
			more := texture * (rng.Float64() - 0.5)
			for c := range 3 {
				noisy.Pix[i+c] = byte(min(max(float64(m.Pix[i+c])+more, 0), 255))
			}
			noisy.Pix[i+3] = 255
		}
		var b bytes.Buffer
		if err := jpeg.Encode(&b, noisy, &jpeg.Options{Quality: 90}); err != nil {
			return nil, err
		}
		switch {
		case b.Len() < leastBytes:
			least = texture
		case b.Len() > mostBytes:
			most = texture
		default:
			return b.Bytes(), nil
		}
	}
}
