// Package picture turns encoded pictures or raw pixels into a network's input:
// decode, orient, resize, crop, quantise. Every step is integer arithmetic or
// explicitly rounded floating point, so the result is the same on every
// platform. It imports nothing from the engine.
package picture

// Pixels is a picture of non-premultiplied 8-bit RGBA, row by row,
// len(Pix) == 4*W*H.
type Pixels struct {
	W, H int
	Pix  []byte
}

// Limits bound what Decode accepts.
type Limits struct {
	// MaxPixels is the largest declared width x height. 0 means DefaultMaxPixels.
	MaxPixels int64
}

// DefaultMaxPixels admits the largest phone cameras (108 megapixels); decoding
// takes about 6 bytes a pixel.
const DefaultMaxPixels = 120_000_000

// DefaultLimits is the zero Limits.
var DefaultLimits = Limits{}

// maxDim keeps every product of a dimension and a pixel size within int32.
const maxDim = 1 << 17

func (l Limits) check(w, h int) error {
	limit := l.MaxPixels
	if limit == 0 {
		limit = DefaultMaxPixels
	}
	switch {
	case w <= 0 || h <= 0:
		return errorf(CodeZeroSize, nil, "the picture declares a size of %d x %d pixels: it is empty or damaged", w, h)
	case w > maxDim || h > maxDim || int64(w)*int64(h) > limit:
		return errorf(CodeTooLarge, nil, "the picture declares %d x %d pixels, more than the limit of %d megapixels: make it smaller first", w, h, limit/1_000_000)
	}
	return nil
}

func (p *Pixels) check() error {
	if err := (Limits{}).check(p.W, p.H); err != nil {
		return err
	}
	if len(p.Pix) != 4*p.W*p.H {
		return errorf(CodeCorrupt, nil, "the picture has %d bytes of pixels, %d x %d RGBA needs %d", len(p.Pix), p.W, p.H, 4*p.W*p.H)
	}
	return nil
}
