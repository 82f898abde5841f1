package picture

import (
	"unsafe"

	"likeness/engine/picture/raster"
)

// resize makes pr.rgb from what pr.feed gives: rows of size s of a picture of
// w x h pixels, laid on ground number attempt. again: on the next ground more
// of it may be seen.
func (pr *Preparer) resize(s size, w, h, attempt int) (again bool, err error) {
	pl := pr.p.placement(w, h)
	if err := pr.p.checkPlacement(pl, w, h); err != nil {
		return false, err
	}
	pr.place = pl
	width, height := pr.p.Width, pr.p.Height
	if pr.p.Resize == ResizeTiles {
		width, height = pl.fullW, pl.fullH
	}
	pr.rgb = grow(pr.rgb, 3*width*height)
	if pl.width != width || pl.height != height {
		pr.paintGround()
	}
	dst, stride := pr.rgb[3*(pl.y*width+pl.x):], 3*width
	switch {
	case pr.p.Resize == ResizeNone:
		pr.feed.copyTo(dst)
	case pr.p.Interpolation == "bicubic":
		pr.cubic.fit(s, pl)
		pr.cubic.run(dst, stride, &pr.feed)
	case pr.p.Interpolation == "nearest":
		pr.near.fit(s, pl)
		pr.near.run(dst, stride, &pr.feed)
	default:
		pr.linear.fit(s, pl)
		pr.linear.run(dst, stride, &pr.feed)
	}
	if err := pr.feed.finish(); err != nil {
		return false, err
	}
	empty := pr.empty()
	if empty && pr.feed.seeThrough && attempt < len(grounds)-1 {
		return true, nil
	}
	pr.noteShape(pl, w, h)
	pr.noteContent(empty)
	return false, nil
}

// checkPlacement refuses what cannot be prepared as it is asked.
func (p Preparation) checkPlacement(pl placement, w, h int) error {
	switch {
	case p.Resize == ResizeNone && (w != p.Width || h != p.Height):
		return raster.Errorf(CodeSize, nil, "the picture has %d x %d pixels; without resizing it must have the network's %d x %d: resize it first, or ask for resize shorter, stretch, fit or tiles",
			w, h, p.Width, p.Height)
	case p.Resize == ResizeTiles && int64(pl.fullW)*int64(pl.fullH) > maxTiled:
		return raster.Errorf(CodeShape, nil, "the picture is %d x %d, too long to be taken in tiles: cut it into parts, or ask for resize fit", w, h)
	}
	return nil
}

// maxTiled is the most pixels that all tiles of a picture may have.
const maxTiled = 1 << 25

func (pr *Preparer) paintGround() {
	for i := range pr.rgb {
		pr.rgb[i] = pr.ground[i%3]
	}
}

// placed gives the rows of the resized picture, without the ground about it.
func (pr *Preparer) placed(yield func(row []byte) bool) {
	pl, width := pr.place, pr.p.Width
	if pr.p.Resize == ResizeTiles {
		width = pl.fullW
	}
	for y := range pl.height {
		if !yield(pr.rgb[3*((pl.y+y)*width+pl.x):][:3*pl.width]) {
			return
		}
	}
}

// empty reports whether nothing is to be seen where the picture lies.
func (pr *Preparer) empty() bool {
	lo, hi := [3]byte{255, 255, 255}, [3]byte{}
	for row := range pr.placed {
		if !within(row, &lo, &hi) {
			return false
		}
	}
	return true
}

// Tiles is the number of network inputs that the loaded picture gives: 1, or
// for ResizeTiles as many as cover it.
func (pr *Preparer) Tiles() int { return pr.p.tiles(pr.place) }

// Tile writes network input i of the loaded picture: Height x Width pixels of
// channelStride int16, three channels in the preparation's order, then zeros.
func (pr *Preparer) Tile(dst []int16, i int) {
	if len(dst) != pr.p.Width*pr.p.Height*pr.stride {
		panic("picture: Tile: destination has the wrong length")
	}
	if pr.p.Resize != ResizeTiles {
		pr.quantise(dst, pr.rgb)
		return
	}
	x, y := pr.p.tile(pr.place, i, pr.Tiles())
	row := pr.p.Width * pr.stride
	for r := range pr.p.Height {
		pr.quantise(dst[r*row:][:row], pr.rgb[3*((y+r)*pr.place.fullW+x):][:3*pr.p.Width])
	}
}

// quantise writes pixels in the network's integers.
func (pr *Preparer) quantise(dst []int16, rgb []byte) {
	if pr.stride == 4 && uintptr(unsafe.Pointer(unsafe.SliceData(dst)))%8 == 0 {
		pr.quantise4(dst, rgb)
		return
	}
	for len(rgb) >= 3 && len(dst) >= pr.stride {
		lanes := pr.tables[0][rgb[0]] | pr.tables[1][rgb[1]] | pr.tables[2][rgb[2]]
		n := copy(dst[:pr.stride], (*[4]int16)(unsafe.Pointer(&lanes))[:])
		clear(dst[n:pr.stride])
		dst, rgb = dst[pr.stride:], rgb[3:]
	}
}

// quantise4 writes pixels of four lanes, which take 8 bytes, at once.
func (pr *Preparer) quantise4(dst []int16, rgb []byte) {
	red, green, blue := &pr.tables[0], &pr.tables[1], &pr.tables[2]
	out := unsafe.Slice((*uint64)(unsafe.Pointer(unsafe.SliceData(dst))), len(dst)/4)
	base := unsafe.Pointer(unsafe.SliceData(rgb[:3*len(out)]))
	for i := range out {
		px := (*[3]byte)(unsafe.Add(base, 3*i))
		out[i] = red[px[0]] | green[px[1]] | blue[px[2]]
	}
}

// Prepare is Load and the only tile. A preparation in tiles may have more.
func (pr *Preparer) Prepare(dst []int16, src *Pixels) error {
	if err := pr.Load(src); err != nil {
		return err
	}
	pr.Tile(dst, 0)
	return nil
}

// RGB returns the loaded picture, resized and cropped, 3 bytes a pixel, valid
// until the next call.
func (pr *Preparer) RGB() []byte { return pr.rgb }
