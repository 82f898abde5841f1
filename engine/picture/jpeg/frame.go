package jpeg

import (
	"likeness/engine/picture/raster"
)

// component is one component of the frame.
type component struct {
	id       byte
	h, v     int // sampling factors, 1 to 4
	tq       byte
	quant    *[64]uint16 // in rows of 8, as it stood when the first scan began
	keep     *keep
	blocksX  int // of its own, as scans of one component go
	blocksY  int
	paddedX  int // of whole MCUs
	samplesX int // as shown: the width that upsampling goes by
	samplesY int
}

// frame is what a SOFn segment says (T.81 B.2.2).
type frame struct {
	progressive  bool
	w, h         int
	comps        []component
	maxH, maxV   int
	mcusX, mcusY int
	scale        int // samples along a block of the finest component: 8/shrink
	outW, outH   int
}

func ceilDiv(a, b int) int { return (a + b - 1) / b }

func parseFrame(marker byte, seg []byte) (*frame, error) {
	if len(seg) < 6 {
		return nil, damaged("the frame header is too short")
	}
	if seg[0] == 12 {
		return nil, unsupported("12 bits per sample")
	}
	if seg[0] != 8 {
		return nil, damaged("an unknown sample precision")
	}
	f := &frame{progressive: marker == markerSOF2, h: int(seg[1])<<8 | int(seg[2]), w: int(seg[3])<<8 | int(seg[4])}
	n := int(seg[5])
	if f.h == 0 && f.w > 0 {
		return nil, unsupported("a height given after the picture (DNL)")
	}
	if err := raster.CheckSize(f.w, f.h); err != nil {
		return nil, err
	}
	switch {
	case n == 2 || n > 4:
		return nil, unsupported("a number of components other than 1, 3 and 4")
	case n == 0 || len(seg) < 6+3*n:
		return nil, damaged("the frame header is too short")
	}
	f.comps = make([]component, n)
	for i := range f.comps {
		c := &f.comps[i]
		s := seg[6+3*i:]
		*c = component{id: s[0], h: int(s[1] >> 4), v: int(s[1] & 15), tq: s[2]}
		if c.h < 1 || c.h > 4 || c.v < 1 || c.v > 4 || c.tq > 3 {
			return nil, damaged("a component has an illegal sampling factor or table")
		}
		for _, other := range f.comps[:i] {
			if other.id == c.id {
				return nil, damaged("two components have one name")
			}
		}
	}
	if n == 1 {
		f.comps[0].h, f.comps[0].v = 1, 1 // its scans go block by block in any case
	}
	return f, nil
}

// fit settles the sizes for a reduction by shrink.
func (f *frame) fit(shrink int) {
	f.scale = 8 / shrink
	for _, c := range f.comps {
		f.maxH, f.maxV = max(f.maxH, c.h), max(f.maxV, c.v)
	}
	f.mcusX, f.mcusY = ceilDiv(f.w, 8*f.maxH), ceilDiv(f.h, 8*f.maxV)
	f.outW, f.outH = ceilDiv(f.w, shrink), ceilDiv(f.h, shrink)
	for i := range f.comps {
		c := &f.comps[i]
		c.keep = keeps[f.componentScale(c)]
		c.blocksX = ceilDiv(ceilDiv(f.w*c.h, f.maxH), 8)
		c.blocksY = ceilDiv(ceilDiv(f.h*c.v, f.maxV), 8)
		c.paddedX = f.mcusX * c.h
		c.samplesX = ceilDiv(f.w*c.h*c.keep.size, 8*f.maxH)
		c.samplesY = ceilDiv(f.h*c.v*c.keep.size, 8*f.maxV)
	}
}

// componentScale is the number of samples along a block of c: more than those
// of the finest component where that saves the upsampling. At 1/8 it is 1 for
// all: more would need coefficients, which progressive files store for the whole
// picture, for a gain that vectors do not show (README.md).
func (f *frame) componentScale(c *component) int {
	size := f.scale
	if size == 1 {
		return 1
	}
	for size < 8 && f.maxH*f.scale%(2*c.h*size) == 0 && f.maxV*f.scale%(2*c.v*size) == 0 {
		size *= 2
	}
	return size
}

// leastBytes is fewer than the bytes of entropy-coded data that the frame has:
// each block takes a bit at least, in the scan of its DC term. It keeps work
// and memory in proportion to the file.
func (f *frame) leastBytes() int {
	blocks := 0
	for i := range f.comps {
		c := &f.comps[i]
		blocks += c.blocksX * c.blocksY
	}
	return blocks / 8
}
