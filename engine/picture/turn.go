package picture

import "likeness/engine/picture/raster"

// turn reads all rows and turns them upright: orientation is EXIF's, 1 to 8.
func turn(src raster.Source, orientation int) (*Pixels, error) {
	w, h := src.Size()
	if int64(w)*int64(h) > maxHeld {
		return nil, tooLarge(w, h, heldBytes(src), 4*maxHeld)
	}
	px := &Pixels{W: w, H: h, Pix: make([]byte, 4*w*h)}
	if orientation <= 1 || orientation > 8 {
		for y := range h {
			if err := src.ReadRow(px.Pix[4*w*y:][:4*w]); err != nil {
				return nil, err
			}
		}
		return px, nil
	}
	if orientation >= 5 {
		px.W, px.H = h, w
	}
	row := make([]byte, 4*w)
	for y := range h {
		if err := src.ReadRow(row); err != nil {
			return nil, err
		}
		at, step := startOf(orientation, y, w, h)
		for x := range w {
			copy(px.Pix[4*(at+x*step):][:4], row[4*x:])
		}
	}
	return px, nil
}

// startOf returns where the first pixel of stored row y comes to lie in the
// upright picture, and the distance to the next of the row.
func startOf(orientation, y, w, h int) (at, step int) {
	switch orientation {
	case 2: // mirrored left to right
		return y*w + w - 1, -1
	case 3: // turned by half
		return (h-1-y)*w + w - 1, -1
	case 4: // mirrored top to bottom
		return (h - 1 - y) * w, 1
	case 5: // rows become columns
		return y, h
	case 6: // a quarter clockwise
		return h - 1 - y, h
	case 7:
		return (w-1)*h + h - 1 - y, -h
	default: // 8: a quarter anticlockwise
		return (w-1)*h + y, -h
	}
}
