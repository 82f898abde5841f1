package picture

import "likeness/engine/picture/raster"

// Upright turns decoded pixels upright: orientation is EXIF's, 1 to 8. Pixels
// that need no turn are returned as they are.
func Upright(px *Pixels, orientation int) (*Pixels, error) {
	if err := checkPixels(px); err != nil {
		return nil, err
	}
	if orientation <= 1 || orientation > 8 {
		return px, nil
	}
	return turn(raster.Rows(px), orientation)
}
