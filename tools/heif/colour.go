package heif

import (
	"likeness/engine/picture/look"
	"likeness/engine/picture/raster"
)

// weights turn YCbCr into RGB: luma is offset and scaled, and each chroma value
// added with a factor. The unit of factors is 1 << 16.
type weights struct {
	offset, scale      int32
	rCr, gCb, gCr, bCb int32
}

// Luma weights of red and blue in units of 1/10000 (ITU-T H.273 table 4).
var lumaWeights = map[int][2]float64{
	1: {2126, 722}, 4: {3000, 1100}, 5: {2990, 1140}, 6: {2990, 1140}, 7: {2120, 870}, 9: {2627, 593},
	2: {2990, 1140}, // unspecified: what the format's readers take (ISO/IEC 23000-22 section 7.3.6.4)
}

// newWeights works by fractions of integers: the rounding is the same in
// JavaScript.
func newWeights(matrix int, fullRange bool) (weights, bool) {
	k, ok := lumaWeights[matrix]
	if !ok {
		return weights{}, false
	}
	r, b := k[0], k[1]
	g := 10000 - r - b
	w := weights{scale: 1 << 16}
	unit := 65536.0
	if !fullRange {
		w.offset, w.scale = 16, round(65536.0*255, 219)
		unit = 65536.0 * 255 / 224
	}
	w.rCr = round(unit*(2*(10000-r)), 10000)
	w.bCb = round(unit*(2*(10000-b)), 10000)
	w.gCb = round(unit*(2*b*(10000-b)), 10000*g)
	w.gCr = round(unit*(2*r*(10000-r)), 10000*g)
	return w, true
}

func round(a, b float64) int32 { return int32(a/b + 0.5) }

// pixels converts to RGBA without opacity.
func (p *planes) pixels(h *look.HEIF) (*raster.Pixels, error) {
	px := &raster.Pixels{W: p.w, H: p.h, Pix: make([]byte, 4*p.w*p.h)}
	matrix := h.Matrix
	if p.space == spaceMono {
		matrix = 2
	}
	if matrix == 0 && p.space == spaceYCbCr && p.chroma == chroma444 {
		p.fromGBR(px)
		return px, nil
	}
	w, ok := newWeights(matrix, h.FullRange)
	if !ok && p.space != spaceRGB {
		return nil, raster.Unsupported("heic", "an unusual colour matrix")
	}
	cb, cr := make([]int32, p.w), make([]int32, p.w)
	for y := range p.h {
		dst := px.Pix[4*p.w*y:][:4*p.w]
		luma := p.y[p.stride*y:]
		switch p.space {
		case spaceRGB:
			copyRGBA(dst, luma, p.premultiplied)
			continue
		case spaceYCbCr:
			p.chromaRow(cb, p.cb, y)
			p.chromaRow(cr, p.cr, y)
		}
		w.row(dst, luma, cb, cr)
	}
	return px, nil
}

// row converts one row; chroma is in units of 1/16, without its offset.
func (w weights) row(dst, luma []byte, cb, cr []int32) {
	for x := range cb {
		y := (int32(luma[x])-w.offset)*w.scale<<4 + 1<<19
		dst[4*x] = clamp((y + w.rCr*cr[x]) >> 20)
		dst[4*x+1] = clamp((y - w.gCb*cb[x] - w.gCr*cr[x]) >> 20)
		dst[4*x+2] = clamp((y + w.bCb*cb[x]) >> 20)
		dst[4*x+3] = 255
	}
}

func clamp(v int32) byte { return byte(min(max(v, 0), 255)) }

// chromaRow gives the chroma of a row at full width, in units of 1/16. Where
// there is a sample for two pixels, the nearer one counts three times as much
// as the other neighbour, in each direction.
func (p *planes) chromaRow(dst []int32, plane []byte, y int) {
	near, far := plane, plane
	switch p.chroma {
	case chroma444:
		for x, v := range plane[p.strideC*y:][:p.w] {
			dst[x] = (int32(v) - 128) * 16
		}
		return
	case chroma422:
		near = plane[p.strideC*y:]
		far = near
	case chroma420:
		rows := (p.h + 1) / 2
		at := y / 2
		other := min(max(at-1+2*(y&1), 0), rows-1)
		near, far = plane[p.strideC*at:], plane[p.strideC*other:]
	}
	last := (p.w+1)/2 - 1
	for x := range dst {
		at := x / 2
		other := min(max(at-1+2*(x&1), 0), last)
		a := 3*int32(near[at]) + int32(far[at])
		b := 3*int32(near[other]) + int32(far[other])
		dst[x] = 3*a + b - 128*16
	}
}

// fromGBR takes the planes for green, blue and red (matrix 0).
func (p *planes) fromGBR(px *raster.Pixels) {
	for y := range p.h {
		for x := range p.w {
			dst := px.Pix[4*(p.w*y+x):]
			dst[0], dst[1], dst[2], dst[3] = p.cr[p.strideC*y+x], p.y[p.stride*y+x], p.cb[p.strideC*y+x], 255
		}
	}
}

func copyRGBA(dst, src []byte, premultiplied bool) {
	copy(dst, src[:len(dst)])
	for ; premultiplied && len(dst) > 0; dst = dst[4:] {
		a := uint32(dst[3])
		dst[0], dst[1], dst[2] = divide(uint32(dst[0]), a), divide(uint32(dst[1]), a), divide(uint32(dst[2]), a)
	}
}

// divide takes the opacity a out of a value v that was multiplied with it. Both
// have the same unit.
func divide(v, a uint32) byte {
	if a == 0 {
		return 0
	}
	return byte(min((v*255+a/2)/a, 255))
}

// addAlpha takes opacity from the luma of another picture, at the nearest place
// if that has another size.
func addAlpha(px *raster.Pixels, alpha *planes, premultiplied bool) {
	for y := range px.H {
		row := alpha.y[alpha.stride*(y*alpha.h/px.H):]
		for x := range px.W {
			dst := px.Pix[4*(px.W*y+x):][:4]
			a := row[x*alpha.w/px.W]
			dst[3] = a
			for c := range 3 {
				if premultiplied {
					dst[c] = divide(uint32(dst[c]), uint32(a))
				}
			}
		}
	}
}
