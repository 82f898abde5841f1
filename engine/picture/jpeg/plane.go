package jpeg

import "likeness/engine/picture/jpeg/internal/samples"

// plane holds the samples of a component for two rows of MCUs, in a ring.
type plane struct {
	*component
	rows, stride int
	pix          []byte
	reduced      *samples.Reduced // for blocks of 2 x 2 and 4 x 4
	scratch      []byte           // an upsampled row
	up           upsampling
}

// upsampling is how a component's rows become rows of the picture.
type upsampling int

const (
	upNone      upsampling = iota
	upH2                   // triangle, along the row
	upV2                   // triangle, down the columns
	upH2V2                 // both
	upReplicate            // nearest
)

// upsampling goes by libjpeg's rules: triangles for the ratio of 2, if a block
// is shown as more than one sample and a row has more than two.
func (f *frame) upsampling(c *component) upsampling {
	h, v := c.h*c.keep.size, c.v*c.keep.size
	fullH, fullV := f.maxH*f.scale, f.maxV*f.scale
	smooth, wide := f.scale > 1, c.samplesX > 2
	switch {
	case h == fullH && v == fullV:
		return upNone
	case smooth && wide && 2*h == fullH && v == fullV:
		return upH2
	case smooth && wide && 2*h == fullH && 2*v == fullV:
		return upH2V2
	case smooth && h == fullH && 2*v == fullV:
		return upV2
	}
	return upReplicate
}

// planeBytes is the size of the plane of c, and of its scratch row.
func (f *frame) planeBytes(c *component) (pix, scratch int) {
	pix = 2 * c.v * c.keep.size * c.paddedX * c.keep.size
	if f.upsampling(c) != upNone {
		scratch = f.outW + 2*c.samplesX
	}
	return pix, scratch
}

func (f *frame) newPlane(c *component) *plane {
	pix, scratch := f.planeBytes(c)
	p := &plane{
		component: c, rows: 2 * c.v * c.keep.size, stride: c.paddedX * c.keep.size,
		pix: make([]byte, pix), scratch: make([]byte, scratch), up: f.upsampling(c),
	}
	switch c.keep.size {
	case 4:
		p.reduced = samples.NewReduced4(c.quant)
	case 2:
		p.reduced = samples.NewReduced2(c.quant)
	}
	return p
}

// offset is where the samples of the block in column x and row y go.
func (p *plane) offset(x, y int) int {
	return y*p.keep.size%p.rows*p.stride + x*p.keep.size
}

// put writes the samples of a block.
func (p *plane) put(b *block, at int) {
	dst := p.pix[at:]
	switch p.keep.size {
	case 1:
		dst[0] = samples.Mean(b[0], p.quant[0])
	case 2:
		samples.IDCT2(dst, p.stride, (*[4]int16)(b[:4]), p.reduced)
	case 4:
		samples.IDCT4(dst, p.stride, (*[16]int16)(b[:16]), p.reduced)
	case 8:
		samples.IDCT8(dst, p.stride, (*[64]int16)(b[:64]), p.quant)
	}
}

// row is the y-th row of the samples that are shown.
func (p *plane) row(y int) []byte {
	return p.pix[y%p.rows*p.stride:][:p.samplesX]
}

// near is the row of samples that row y of the picture lies in.
func (p *plane) near(f *frame, y int) int {
	return min(y*p.v*p.keep.size/(f.maxV*f.scale), p.samplesY-1)
}

// far is the row of samples on the other side of row y of the picture, for the
// ratio of 2.
func (p *plane) far(y int) int {
	return max(0, min(y>>1+y&1*2-1, p.samplesY-1))
}

// last is the last row of samples that row y of the picture needs.
func (p *plane) last(f *frame, y int) int {
	near := p.near(f, y)
	if p.up == upV2 || p.up == upH2V2 {
		return max(near, p.far(y))
	}
	return near
}

// full is row y of the picture.
func (p *plane) full(f *frame, y int) []byte {
	near := p.row(p.near(f, y))
	switch p.up {
	case upNone:
		return near[:f.outW]
	case upH2:
		samples.UpsampleH2(p.scratch, near)
	case upV2:
		samples.UpsampleV2(p.scratch, near, p.row(p.far(y)), 1+y&1)
	case upH2V2:
		samples.UpsampleH2V2(p.scratch, near, p.row(p.far(y)))
	case upReplicate:
		samples.Replicate(p.scratch[:f.outW], near, f.maxH*f.scale, p.h*p.keep.size)
	}
	return p.scratch[:f.outW]
}
