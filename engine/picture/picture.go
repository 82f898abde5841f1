// Package picture turns encoded pictures or raw pixels into a network's input.
// There is one road: Open looks at the bytes, a reader gives rows at the scale
// that the network needs, and a Preparer turns them upright, resizes, crops,
// converts colours to sRGB and quantises. Every step is integer arithmetic or
// explicitly rounded floating point, so the result is the same on every
// platform. It imports nothing from the engine.
package picture

import "likeness/engine/picture/raster"

// Pixels is a picture of non-premultiplied 8-bit RGBA, row by row,
// len(Pix) == 4*W*H.
type Pixels = raster.Pixels

// Limits bound what reading one picture may take.
type Limits struct {
	// Memory is the most bytes, beside the encoded file, that a picture may
	// need while it is read and prepared. 0 means DefaultMemory.
	Memory int64
}

// DefaultMemory admits every photo that a reader takes row by row, and pictures
// that must be held whole up to 250 megapixels.
const DefaultMemory = 1 << 30

// DefaultLimits is the zero Limits.
var DefaultLimits = Limits{}

func (l Limits) memory() int64 {
	if l.Memory == 0 {
		return DefaultMemory
	}
	return l.Memory
}

// maxHeld is the most pixels of a picture that is held in memory: the offsets
// of its bytes fit int32.
const maxHeld = 1<<29 - 1

func tooLarge(w, h int, need, limit int64) error {
	return raster.Errorf(CodeTooLarge, nil, "the picture has %d x %d pixels and takes %d MB to read, more than the limit of %d MB: raise the limit, make the picture smaller, or save it as a JPEG, which is read in parts",
		w, h, need>>20+1, limit>>20)
}

// checkPixels refuses pixels whose size and number do not agree.
func checkPixels(p *Pixels) error {
	if err := raster.CheckSize(p.W, p.H); err != nil {
		return err
	}
	if int64(p.W)*int64(p.H) > maxHeld {
		return tooLarge(p.W, p.H, 4*int64(p.W)*int64(p.H), 4*maxHeld)
	}
	if len(p.Pix) != 4*p.W*p.H {
		return raster.Errorf(CodeCorrupt, nil, "the picture has %d bytes of pixels, %d x %d RGBA needs %d", len(p.Pix), p.W, p.H, 4*p.W*p.H)
	}
	return nil
}
