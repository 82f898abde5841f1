package picture

import (
	"fmt"
	"math"
)

// Preparer turns pictures into the input of one network. It reuses its
// buffers, so it is not safe for concurrent use.
type Preparer struct {
	p      Preparation
	stride int
	tables [3][256]int16 // by lane
	source [3]int        // RGB channel of each lane
	resize *resampler    // for the last picture size
	rgb    []byte
	flat   []byte // the picture over white, when it is not opaque
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
	pr := &Preparer{p: p, stride: channelStride, rgb: make([]byte, 3*p.Width*p.Height), source: [3]int{0, 1, 2}}
	if p.Order == "BGR" {
		pr.source = [3]int{2, 1, 0}
	}
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
	for i := range pr.p.Width * pr.p.Height {
		d, s := dst[i*pr.stride:][:pr.stride], rgb[3*i:][:3]
		d[0] = pr.tables[0][s[pr.source[0]]]
		d[1] = pr.tables[1][s[pr.source[1]]]
		d[2] = pr.tables[2][s[pr.source[2]]]
		clear(d[3:])
	}
	return nil
}

// RGB returns the resized and cropped picture, 3 bytes a pixel, valid until
// the next call. A picture of the network's input size is taken as it is.
func (pr *Preparer) RGB(src *Pixels) ([]byte, error) {
	if err := src.check(); err != nil {
		return nil, err
	}
	pix := pr.overWhite(src.Pix)
	if src.W == pr.p.Width && src.H == pr.p.Height {
		for i := range src.W * src.H {
			copy(pr.rgb[3*i:][:3], pix[4*i:])
		}
		return pr.rgb, nil
	}
	if pr.resize == nil || pr.resize.w != src.W || pr.resize.h != src.H {
		pr.resize = newResampler(pr.p, src.W, src.H)
	}
	pr.resize.run(pr.rgb, pix)
	return pr.rgb, nil
}

// overWhite composites over white; an opaque picture is returned as it is.
func (pr *Preparer) overWhite(pix []byte) []byte {
	opaque := true
	for i := 3; i < len(pix) && opaque; i += 4 {
		opaque = pix[i] == 255
	}
	if opaque {
		return pix
	}
	if cap(pr.flat) < len(pix) {
		pr.flat = make([]byte, len(pix))
	}
	flat := pr.flat[:len(pix)]
	for i := 0; i < len(pix); i += 4 {
		a := uint32(pix[i+3])
		for c := range 3 {
			flat[i+c] = byte((uint32(pix[i+c])*a + 255*(255-a) + 127) / 255)
		}
	}
	return flat
}
