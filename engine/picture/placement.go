package picture

import "math"

// placement says where a picture comes to lie in a network's input: it is
// resized as a whole to fullW x fullH, of which width x height pixels from
// left, top on are taken and put at x, y of the input.
type placement struct {
	fullW, fullH  int
	left, top     int
	width, height int
	x, y          int
}

// placement places a picture of w x h pixels, the file's own.
func (p Preparation) placement(w, h int) placement {
	pl := placement{width: p.Width, height: p.Height}
	wide := int64(w)*int64(p.Height) > int64(h)*int64(p.Width)
	switch p.Resize {
	case ResizeNone:
		pl.fullW, pl.fullH = w, h
	case ResizeStretch:
		pl.fullW, pl.fullH = p.Width, p.Height
	case ResizeFit:
		pl.fullW, pl.fullH = p.Width, p.Height
		if wide {
			pl.fullH = max(scaled(p.Width, h, w), 1)
		} else {
			pl.fullW = max(scaled(p.Height, w, h), 1)
		}
		pl.width, pl.height = pl.fullW, pl.fullH
		pl.x, pl.y = (p.Width-pl.fullW)/2, (p.Height-pl.fullH)/2
	case ResizeTiles:
		pl.fullW, pl.fullH = p.Width, p.Height
		if wide {
			pl.fullW = max(scaled(p.Height, w, h), p.Width)
		} else {
			pl.fullH = max(scaled(p.Width, h, w), p.Height)
		}
		pl.width, pl.height = pl.fullW, pl.fullH
	default: // as torchvision's Resize and CenterCrop
		if w <= h {
			pl.fullW, pl.fullH = p.Side, int(int64(p.Side)*int64(h)/int64(w))
		} else {
			pl.fullW, pl.fullH = int(int64(p.Side)*int64(w)/int64(h)), p.Side
		}
		pl.left = int(math.RoundToEven(float64(pl.fullW-p.Width) / 2))
		pl.top = int(math.RoundToEven(float64(pl.fullH-p.Height) / 2))
	}
	return pl
}

// scaled is n*a/b rounded to the nearest.
func scaled(n, a, b int) int { return int((2*int64(n)*int64(a) + int64(b)) / (2 * int64(b))) }

// maxTiles bounds the work on one picture.
const maxTiles = 64

// tiles is the number of parts, each of the input's size, that together cover
// a picture whose resized size is pl's.
func (p Preparation) tiles(pl placement) int {
	if p.Resize != ResizeTiles {
		return 1
	}
	across := (pl.fullW + p.Width - 1) / p.Width
	down := (pl.fullH + p.Height - 1) / p.Height
	return min(max(across, down), maxTiles)
}

// tile returns the left top corner of part i of n, spread evenly along the
// longer side.
func (p Preparation) tile(pl placement, i, n int) (x, y int) {
	if n == 1 {
		return (pl.fullW - p.Width) / 2, (pl.fullH - p.Height) / 2
	}
	return i * (pl.fullW - p.Width) / (n - 1), i * (pl.fullH - p.Height) / (n - 1)
}
