package picture

import (
	"fmt"
	"math"
	"unsafe"

	"likeness/engine/picture/raster"
)

// Preparer turns pictures into the input of one network. It reuses its
// buffers, so it is not safe for concurrent use and allocates only when a
// picture needs larger ones than those before.
type Preparer struct {
	p      Preparation
	stride int
	// tables hold, by colour and value, the four lanes of a pixel as they lie in
	// memory, those of other colours zero.
	tables  [3][256]uint64
	ground  [3]byte // the network's mean colour, red, green, blue
	linear  resampler
	cubic   bicubic
	near    nearest
	feed    feeder
	place   placement
	rgb     []byte // the resized picture, or all of its tiles
	colours colours
	notes   []Note
}

// NewPreparer prepares for a network whose input integers are value/inputScale,
// with channelStride int16 a pixel (at least 3).
func NewPreparer(p Preparation, inputScale float32, channelStride int) (*Preparer, error) {
	if err := p.Validate(); err != nil {
		return nil, err
	}
	if channelStride < 3 || !(inputScale > 0) {
		return nil, fmt.Errorf("picture: input scale %g, channel stride %d", inputScale, channelStride)
	}
	pr := &Preparer{p: p, stride: channelStride}
	for c := range pr.tables {
		lane := c
		if p.Order == "BGR" {
			lane = 2 - c
		}
		pr.ground[c] = byte(math.RoundToEven(min(max(p.Mean[lane], 0), 255)))
		for x := range 256 {
			q := math.RoundToEven((float64(x) - p.Mean[lane]) / p.Std[lane] / float64(inputScale))
			var px [4]int16
			px[lane] = int16(min(max(q, -math.MaxInt16), math.MaxInt16))
			pr.tables[c][x] = *(*uint64)(unsafe.Pointer(&px))
		}
	}
	return pr, nil
}

// Preparation is what the preparer was made with.
func (pr *Preparer) Preparation() Preparation { return pr.p }

// Notes tells what there is to say of the last picture, until the next call.
func (pr *Preparer) Notes() []Note { return pr.notes }

// Load resizes pixels in memory. Tiles, Tile and RGB then give the result.
func (pr *Preparer) Load(src *Pixels) error {
	if err := checkPixels(src); err != nil {
		return err
	}
	pr.notes = pr.notes[:0]
	defer pr.feed.rest()
	return pr.loadPixels(src, wholeSize(src.W, src.H), src.W, src.H)
}

// loadPixels resizes a picture that was w x h before it was reduced to s.
func (pr *Preparer) loadPixels(src *Pixels, s size, w, h int) error {
	for i := range grounds {
		pr.feed.pixels(src.Pix, src.W, src.H, grounds[i])
		if again, err := pr.resize(s, w, h, i); err != nil || !again {
			return err
		}
	}
	return nil
}

// grounds are tried in turn while a picture with transparent parts vanishes on
// them; one that vanishes on both stays on white.
var grounds = [...]byte{white, grey, white}

// LoadPicture reads an encoded picture at the scale that the network needs,
// resizes it and converts its colours. Tiles, Tile and RGB then give the result.
func (pr *Preparer) LoadPicture(p *Picture) error {
	pr.notes = pr.notes[:0]
	defer pr.feed.rest()
	if err := pr.loadPicture(p); err != nil {
		return err
	}
	pr.colours.of(p)
	pr.convert()
	return nil
}

func (pr *Preparer) loadPicture(p *Picture) error {
	src, s, err := pr.open(p)
	if err != nil {
		return err
	}
	if err := p.check(pr.memory(p, src, s)); err != nil {
		return err
	}
	w, h := p.upright()
	if p.turned() {
		px, err := turn(src, p.Orientation)
		if err != nil {
			return err
		}
		return pr.loadPixels(px, s, w, h)
	}
	for i := range grounds {
		if i > 0 {
			if src, err = p.reader(src.Shrink()); err != nil {
				return err
			}
		}
		pr.feed.source(src, grounds[i])
		if again, err := pr.resize(s, w, h, i); err != nil || !again {
			return err
		}
	}
	return nil
}

// Memory is the most bytes that LoadPicture takes for p, beside its file.
func (pr *Preparer) Memory(p *Picture) (int64, error) {
	src, s, err := pr.open(p)
	if err != nil {
		return 0, err
	}
	return pr.memory(p, src, s), nil
}

func (pr *Preparer) memory(p *Picture, src raster.Source, s size) int64 {
	need := src.Memory()
	if p.turned() {
		return need + heldBytes(src)
	}
	w, h := p.upright()
	_, y := s.axes(pr.p.placement(w, h))
	rows := 2*int64(y.length/float64(y.size)+1)*maxReach + 4
	return need + 4*int64(s.w)*min(rows, int64(s.h))
}

// sharpness is how many times larger than the resized picture a reduced one
// must be. Measured in engine/RATIONALE.md.
const sharpness = 2

// open opens the rows at the smallest scale that is large enough, and returns
// their size as they will be shown.
func (pr *Preparer) open(p *Picture) (raster.Source, size, error) {
	w, h := p.upright()
	pl := pr.p.placement(w, h)
	shrink := 1
	for shrink < 8 && pr.p.Resize != ResizeNone && pr.p.Interpolation != "nearest" && w >= 2*shrink*sharpness*pl.fullW && h >= 2*shrink*sharpness*pl.fullH {
		shrink *= 2
	}
	src, err := p.reader(shrink)
	if err != nil {
		return nil, size{}, err
	}
	return src, p.shownSize(src), nil
}
