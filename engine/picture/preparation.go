package picture

import (
	"fmt"
	"slices"
	"strings"
)

// Preparation says how a picture becomes a network's input. It is stored in
// the model file.
type Preparation struct {
	Width  int `json:"width"`  // network input width in pixels
	Height int `json:"height"` // network input height in pixels
	// Resize is one of the constants below. Model files hold shorter or stretch;
	// the others are asked for by whoever has the pictures.
	Resize        string     `json:"resize"`
	Side          int        `json:"side,omitempty"`
	Interpolation string     `json:"interpolation"` // "bilinear" (antialiased triangle), "bicubic" (antialiased too) or "nearest" (one pixel each)
	Order         string     `json:"order"`         // "RGB" or "BGR"
	Mean          [3]float64 `json:"mean"`          // in 0..255 units, in Order
	Std           [3]float64 `json:"std"`           // value = (x - mean) / std
}

// Values of Preparation.Resize.
const (
	ResizeShorter = "shorter" // short side to Side pixels, then the centre crop
	ResizeStretch = "stretch" // the whole picture to Width x Height
	// ResizeFit takes the whole picture, as large as fits into Width x Height,
	// on a ground of the network's mean colour.
	ResizeFit = "fit"
	// ResizeTiles takes the picture in parts of Width x Height along its longer
	// side, as many as cover it (at most 64); the vector is the mean of theirs.
	ResizeTiles = "tiles"
	// ResizeNone takes a picture that has been prepared elsewhere and is exactly
	// Width x Height; others are refused.
	ResizeNone = "none"
)

// Resizes lists the values of Preparation.Resize.
var Resizes = []string{ResizeShorter, ResizeStretch, ResizeFit, ResizeTiles, ResizeNone}

// Resized is p with another way of bringing pictures to the network's size, one
// of Resizes; it is checked where it is used.
func (p Preparation) Resized(resize string) Preparation {
	p.Resize = resize
	if resize == ResizeShorter && p.Side == 0 {
		p.Side = max(p.Width, p.Height) * 8 / 7
	}
	return p
}

// Interpolations lists the values of Preparation.Interpolation.
var Interpolations = []string{"bilinear", "bicubic", "nearest"}

// Preset returns the preparation named torch, tf, caffe or unit for a
// 224 x 224 input: short side to 256, centre crop.
func Preset(name string) (Preparation, error) {
	p := Preparation{Width: 224, Height: 224, Resize: ResizeShorter, Side: 256, Interpolation: "bilinear", Order: "RGB"}
	switch name {
	case "tf":
		p.Mean, p.Std = [3]float64{127.5, 127.5, 127.5}, [3]float64{127.5, 127.5, 127.5}
	case "torch":
		p.Mean, p.Std = [3]float64{123.675, 116.28, 103.53}, [3]float64{58.395, 57.12, 57.375}
	case "caffe":
		p.Order = "BGR"
		p.Mean, p.Std = [3]float64{103.939, 116.779, 123.68}, [3]float64{1, 1, 1}
	case "unit":
		p.Std = [3]float64{255, 255, 255}
	default:
		return p, fmt.Errorf("picture: unknown preparation preset %q: use torch, tf, caffe or unit", name)
	}
	return p, nil
}

// maxSide bounds network inputs; the largest published CNN inputs are below 1000.
const maxSide = 4096

// Validate refuses a preparation that cannot be carried out.
func (p Preparation) Validate() error {
	switch {
	case p.Width < 1 || p.Height < 1 || p.Width > maxSide || p.Height > maxSide:
		return fmt.Errorf("picture: input size %d x %d is outside 1..%d", p.Width, p.Height, maxSide)
	case !slices.Contains(Resizes, p.Resize):
		return fmt.Errorf("picture: unknown resize %q: use one of %s", p.Resize, strings.Join(Resizes, ", "))
	case p.Resize == ResizeShorter && (p.Side < max(p.Width, p.Height) || p.Side > maxSide):
		return fmt.Errorf("picture: side %d is outside %d..%d", p.Side, max(p.Width, p.Height), maxSide)
	case !slices.Contains(Interpolations, p.Interpolation):
		return fmt.Errorf("picture: unknown interpolation %q: use one of %s", p.Interpolation, strings.Join(Interpolations, ", "))
	case p.Order != "RGB" && p.Order != "BGR":
		return fmt.Errorf("picture: unknown channel order %q: use RGB or BGR", p.Order)
	}
	for i, s := range p.Std {
		if !(s > 1e-6 && s < 1e6) || !(p.Mean[i] > -1e6 && p.Mean[i] < 1e6) {
			return fmt.Errorf("picture: mean %v, std %v: std must be positive and both finite", p.Mean, p.Std)
		}
	}
	return nil
}

// Enlarged prepares the same part of a picture k times as large, for people to
// look at. ResizeNone, which takes one size only, becomes ResizeStretch.
func (p Preparation) Enlarged(k int) Preparation {
	p.Width, p.Height, p.Side = k*p.Width, k*p.Height, k*p.Side
	if p.Resize == ResizeNone {
		p.Resize = ResizeStretch
	}
	return p
}
