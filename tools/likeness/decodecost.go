package main

import (
	"bytes"
	"image"
	"math"
)

// decodeCost is how many bytes decoding a picture takes at most, beside the
// encoded file, judged by its header. What has no header that can be read
// costs nothing: it is refused before anything is allocated.
func decodeCost(data []byte) (n int64) {
	defer func() {
		if recover() != nil {
			n = 0
		}
	}()
	cfg, format, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil || cfg.Width <= 0 || cfg.Height <= 0 {
		return 0
	}
	// Decoded samples, RGBA, and RGBA turned upright; progressive JPEGs hold
	// all coefficients as well, four bytes each.
	perPixel := 16.0
	if format == "jpeg" {
		perPixel = 23
	}
	return int64(min(perPixel*float64(cfg.Width)*float64(cfg.Height), math.MaxInt64/4))
}
