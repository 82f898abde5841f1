//go:build js && wasm

package main

import (
	"math"
	"syscall/js"

	"likeness/engine/picture"
	heads "likeness/engine/picture/look"
	"likeness/engine/picture/raster"
)

// decoded holds the pixels of the HEIC or AVIF picture at hand, which
// web/lib/heif.js has decoded, or nil. With them such a picture goes the way of
// all others.
var decoded *picture.Pixels

func init() {
	for _, format := range []string{"heic", "avif"} {
		picture.Register(format, func([]byte, raster.Options) (raster.Source, error) {
			if decoded == nil {
				return nil, raster.NoDecoder(format)
			}
			return raster.Rows(decoded), nil
		})
	}
}

// takeDecoded reads the option pixels: {rgba, width, height}.
func (o options) takeDecoded() error {
	decoded = nil
	v := o.get("pixels")
	if v.IsUndefined() {
		return nil
	}
	given := options{o.arguments, v}
	px := &picture.Pixels{}
	var err error
	if px.W, err = given.whole("width", 0, 1, math.MaxInt32); err != nil {
		return err
	}
	if px.H, err = given.whole("height", 0, 1, math.MaxInt32); err != nil {
		return err
	}
	rgba := given.get("rgba")
	if rgba.Type() != js.TypeObject || !rgba.InstanceOf(js.Global().Get("Uint8ClampedArray")) || rgba.Get("length").Int() != 4*px.W*px.H {
		return o.wrong("pixels", "as many bytes of RGBA as the picture has")
	}
	px.Pix = make([]byte, 4*px.W*px.H)
	js.CopyBytesToGo(px.Pix, rgba)
	decoded = px
	return nil
}

// heifToJS gives what web/lib/heif.js wants to know; its names are those of
// look.HEIF in JSON.
func heifToJS(h *heads.HEIF) any {
	if h == nil {
		return nil
	}
	steps := make([]any, len(h.Steps))
	for i, s := range h.Steps {
		steps[i] = map[string]any{"rotate": s.Rotate, "mirror": s.Mirror,
			"crop": map[string]any{"x": s.Crop.X, "y": s.Crop.Y, "w": s.Crop.W, "h": s.Crop.H}}
	}
	return map[string]any{
		"codec": h.Codec, "storedWidth": h.StoredWidth, "storedHeight": h.StoredHeight, "matrix": h.Matrix, "fullRange": h.FullRange,
		"bits": h.Bits, "alphaBits": h.AlphaBits, "steps": steps, "alpha": h.Alpha, "alphaId": float64(h.AlphaID),
		"primaryAt": h.PrimaryAt, "primaryBytes": h.PrimaryBytes, "monoAt": list(h.MonoAt), "premultiplied": h.Premultiplied,
	}
}
