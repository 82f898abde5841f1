package picture

import (
	"fmt"
	"math"
	"unsafe"

	"likeness/engine/picture/internal/rows"
)

// Preparer turns pictures into the input of one network. It reuses its
// buffers, so it is not safe for concurrent use and allocates only when a
// picture needs larger ones than those before.
type Preparer struct {
	p      Preparation
	stride int
	// tables hold, by colour and value, the four lanes of a pixel as they lie in
	// memory, those of other colours zero.
	tables [3][256]uint64
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
		lane := c
		if p.Order == "BGR" {
			lane = 2 - c
		}
		for x := range 256 {
			q := math.RoundToEven((float64(x) - p.Mean[lane]) / p.Std[lane] / float64(inputScale))
			var px [4]int16
			px[lane] = int16(min(max(q, -math.MaxInt16), math.MaxInt16))
			pr.tables[c][x] = *(*uint64)(unsafe.Pointer(&px))
		}
	}
	return pr, nil
}

// Prepare writes Height x Width pixels of channelStride int16: three channels
// in the preparation's order, then zeros.
func (pr *Preparer) Prepare(dst []int16, src *Pixels) error {
	if err := src.check(); err != nil {
		return err
	}
	if len(dst) != pr.p.Width*pr.p.Height*pr.stride {
		panic("picture: Prepare: destination has the wrong length")
	}
	bytes, step := pr.resized(src)
	if pr.stride == 4 && uintptr(unsafe.Pointer(unsafe.SliceData(dst)))%8 == 0 {
		pr.whole(dst, bytes, step)
		return nil
	}
	for len(bytes) >= step && len(dst) >= pr.stride {
		lanes := pr.tables[0][bytes[0]] | pr.tables[1][bytes[1]] | pr.tables[2][bytes[2]]
		n := copy(dst[:pr.stride], (*[4]int16)(unsafe.Pointer(&lanes))[:])
		clear(dst[n:pr.stride])
		dst, bytes = dst[pr.stride:], bytes[step:]
	}
	return nil
}

// whole writes pixels of four lanes, which take 8 bytes, at once.
func (pr *Preparer) whole(dst []int16, bytes []byte, step int) {
	red, green, blue := &pr.tables[0], &pr.tables[1], &pr.tables[2]
	out := unsafe.Slice((*uint64)(unsafe.Pointer(unsafe.SliceData(dst))), len(dst)/4)
	base := unsafe.Pointer(unsafe.SliceData(bytes[:(len(out)-1)*step+3]))
	for i := range out {
		px := (*[3]byte)(unsafe.Add(base, i*step))
		out[i] = red[px[0]] | green[px[1]] | blue[px[2]]
	}
}

// RGB returns the resized and cropped picture, 3 bytes a pixel, valid until
// the next call. A picture of the network's input size is taken as it is.
func (pr *Preparer) RGB(src *Pixels) ([]byte, error) {
	if err := src.check(); err != nil {
		return nil, err
	}
	bytes, step := pr.resized(src)
	if step == 3 {
		return bytes, nil
	}
	for rgb := pr.rgb; len(rgb) >= 3 && len(bytes) >= 4; rgb, bytes = rgb[3:], bytes[4:] {
		rgb[0], rgb[1], rgb[2] = bytes[0], bytes[1], bytes[2]
	}
	return pr.rgb, nil
}

// resized returns the picture in the network's input size, red, green and blue
// at the beginning of each step bytes.
func (pr *Preparer) resized(src *Pixels) (bytes []byte, step int) {
	switch {
	case src.W == pr.p.Width && src.H == pr.p.Height:
		if rows.Opaque(src.Pix) {
			return src.Pix, 4
		}
		pr.flat = grow(pr.flat, len(src.Pix))
		overWhite(pr.flat, src.Pix)
		return pr.flat, 4
	case pr.p.Interpolation == "bicubic":
		pr.cubic.fit(pr.p, src.W, src.H)
		pr.cubic.run(pr.rgb, src.Pix)
	default:
		pr.linear.fit(pr.p, src.W, src.H)
		pr.linear.run(pr.rgb, src.Pix)
	}
	return pr.rgb, 3
}
