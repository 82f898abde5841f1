package picture

import (
	"fmt"
	"math"

	"likeness/engine/picture/internal/rows"
)

// Preparer turns pictures into the input of one network. It reuses its
// buffers, so it is not safe for concurrent use and allocates only when a
// picture needs larger ones than those before.
type Preparer struct {
	p      Preparation
	stride int
	tables [3][256]int16 // by lane
	linear resampler
	cubic  bicubic
	rgb    []byte
	flat   []byte // a picture of the input's size, over white
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
	pr := &Preparer{p: p, stride: channelStride, rgb: make([]byte, 3*p.Width*p.Height)}
	for c := range pr.tables {
		for x := range 256 {
			q := math.RoundToEven((float64(x) - p.Mean[c]) / p.Std[c] / float64(inputScale))
			pr.tables[c][x] = int16(min(max(q, -math.MaxInt16), math.MaxInt16))
		}
	}
	return pr, nil
}

// Prepare writes Height x Width pixels of channelStride int16: three channels
// in the preparation's order, then zeros.
func (pr *Preparer) Prepare(dst []int16, src *Pixels) error {
	rgb, err := pr.RGB(src)
	if err != nil {
		return err
	}
	if len(dst) != pr.p.Width*pr.p.Height*pr.stride {
		panic("picture: Prepare: destination has the wrong length")
	}
	// tables by colour, so that the loop does not look at the order
	red, green, blue := &pr.tables[0], &pr.tables[1], &pr.tables[2]
	r, b := 0, 2
	if pr.p.Order == "BGR" {
		red, blue, r, b = blue, red, 2, 0
	}
	for len(rgb) >= 3 && len(dst) >= pr.stride {
		d := dst[:pr.stride]
		d[r], d[1], d[b] = red[rgb[0]], green[rgb[1]], blue[rgb[2]]
		for i := 3; i < len(d); i++ {
			d[i] = 0
		}
		dst, rgb = dst[pr.stride:], rgb[3:]
	}
	return nil
}

// RGB returns the resized and cropped picture, 3 bytes a pixel, valid until
// the next call. A picture of the network's input size is taken as it is.
func (pr *Preparer) RGB(src *Pixels) ([]byte, error) {
	if err := src.check(); err != nil {
		return nil, err
	}
	switch {
	case src.W == pr.p.Width && src.H == pr.p.Height:
		pix := src.Pix
		if !rows.Opaque(pix) {
			pr.flat = grow(pr.flat, len(pix))
			overWhite(pr.flat, pix)
			pix = pr.flat
		}
		for rgb := pr.rgb; len(rgb) >= 3 && len(pix) >= 4; rgb, pix = rgb[3:], pix[4:] {
			rgb[0], rgb[1], rgb[2] = pix[0], pix[1], pix[2]
		}
	case pr.p.Interpolation == "bicubic":
		pr.cubic.fit(pr.p, src.W, src.H)
		pr.cubic.run(pr.rgb, src.Pix)
	default:
		pr.linear.fit(pr.p, src.W, src.H)
		pr.linear.run(pr.rgb, src.Pix)
	}
	return pr.rgb, nil
}
