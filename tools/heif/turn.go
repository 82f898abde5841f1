package heif

import (
	"likeness/engine/picture/look"
	"likeness/engine/picture/raster"
)

// turn applies what libavif leaves to its caller.
func turn(px *raster.Pixels, steps []look.Step) *raster.Pixels {
	for _, s := range steps {
		switch {
		case s.Rotate != 0:
			for range s.Rotate {
				px = quarter(px)
			}
		case s.Mirror != 0:
			mirror(px, s.Mirror)
		default:
			px = crop(px, s.Crop)
		}
	}
	return px
}

// quarter turns anticlockwise by 90 degrees: the last column becomes the first
// row.
func quarter(px *raster.Pixels) *raster.Pixels {
	out := &raster.Pixels{W: px.H, H: px.W, Pix: make([]byte, len(px.Pix))}
	for y := range out.H {
		for x := range out.W {
			copy(out.Pix[4*(out.W*y+x):][:4], px.Pix[4*(px.W*x+px.W-1-y):])
		}
	}
	return out
}

// mirror swaps top and bottom (1) or left and right (2).
func mirror(px *raster.Pixels, axis int) {
	row := 4 * px.W
	if axis == 1 {
		keep := make([]byte, row)
		for y := range px.H / 2 {
			a, b := px.Pix[row*y:][:row], px.Pix[row*(px.H-1-y):][:row]
			copy(keep, a)
			copy(a, b)
			copy(b, keep)
		}
		return
	}
	for y := range px.H {
		r := px.Pix[row*y:][:row]
		for a, b := 0, row-4; a < b; a, b = a+4, b-4 {
			va, vb := [4]byte(r[a:]), [4]byte(r[b:])
			copy(r[a:], vb[:])
			copy(r[b:], va[:])
		}
	}
}

func crop(px *raster.Pixels, c look.Crop) *raster.Pixels {
	out := &raster.Pixels{W: c.W, H: c.H, Pix: make([]byte, 0, 4*c.W*c.H)}
	for y := range c.H {
		out.Pix = append(out.Pix, px.Pix[4*(px.W*(c.Y+y)+c.X):][:4*c.W]...)
	}
	return out
}
