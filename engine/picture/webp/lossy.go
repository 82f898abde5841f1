package webp

import (
	"bytes"
	"encoding/binary"
	"image"

	"golang.org/x/image/vp8"

	"likeness/engine/picture/raster"
)

// lossy is a decoded VP8 frame: planes of luma and, at half the size in both
// directions, chroma.
type lossy struct {
	img   *image.YCbCr
	alpha *alphaPlane // nil: opaque
	y     int
}

func newLossy(p *picture) (frame, error) {
	l := &lossy{}
	var err error
	if p.alpha != nil {
		if l.alpha, err = newAlpha(p.alpha, p.frameW, p.frameH); err != nil {
			return nil, err
		}
	}
	d := vp8.NewDecoder()
	d.Init(bytes.NewReader(p.bits), len(p.bits))
	if _, err = d.DecodeFrameHeader(); err != nil {
		return nil, bitstreamError(err)
	}
	if l.img, err = d.DecodeFrame(); err != nil {
		return nil, bitstreamError(err)
	}
	if l.img.Rect != image.Rect(0, 0, p.frameW, p.frameH) {
		return nil, raster.Damaged(format, "the VP8 picture has another size than its header")
	}
	return l, nil
}

// lossyMemory bounds what decoding a VP8 frame takes: of each macroblock of 16
// x 16 pixels 384 samples and 4 bytes of filter strength, and a copy of the
// bitstream. The alpha plane is decoded first, as VP8L, and one byte a pixel of
// it is kept.
func lossyMemory(p *picture) int64 {
	mbw, mbh := int64(ceil(p.frameW, 16)), int64(ceil(p.frameH, 16))
	n := mbw*mbh*(384+4) + 16*mbw + int64(len(p.bits)) + 64<<10
	if len(p.alpha) == 0 {
		return n
	}
	n += 2 * int64(p.frameW)
	if p.alpha[0]&3 == 0 {
		return n
	}
	plane := int64(p.frameW) * int64(p.frameH)
	return max(n+plane, plane+losslessMemory(p.frameW, p.frameH, len(p.alpha)))
}

func (l *lossy) row(dst []byte) {
	m := l.img
	w, h := m.Rect.Dx(), m.Rect.Dy()
	near := l.y >> 1
	far := near - 1 + l.y&1*2
	far = min(max(far, 0), (h+1)/2-1)
	cw := (w + 1) / 2
	luma := m.Y[l.y*m.YStride:][:w]
	cb, cr := m.Cb[near*m.CStride:][:cw], m.Cr[near*m.CStride:][:cw]
	cbFar, crFar := m.Cb[far*m.CStride:][:cw], m.Cr[far*m.CStride:][:cw]
	convertRow(dst, luma, cb, cr, cbFar, crFar)
	if l.alpha != nil {
		for i, a := range l.alpha.row() {
			dst[4*i+3] = a
		}
	}
	l.y++
}

// convertRow turns a row of luma, with the chroma row nearest to it and the
// next on its other side, into opaque RGBA. Chroma of a pixel is the mean of
// the four samples around it with weights 9, 3, 3 and 1; beyond the borders the
// samples repeat.
func convertRow(dst, luma, cb, cr, cbFar, crFar []byte) {
	n := len(luma)
	// b and r are the vertical means, times 4, of the current column, b0 and r0
	// those of the column before.
	b0, r0 := 3*int(cb[0])+int(cbFar[0]), 3*int(cr[0])+int(crFar[0])
	putRGB(dst, int(luma[0]), (b0+2)>>2, (r0+2)>>2)
	cr, cbFar, crFar = cr[:len(cb)], cbFar[:len(cb)], crFar[:len(cb)]
	for k := 1; k < len(cb); k++ {
		b, r := 3*int(cb[k])+int(cbFar[k]), 3*int(cr[k])+int(crFar[k])
		// An odd width ends with the second of these two pixels.
		y, d := luma[2*k-1:][:2], dst[8*k-4:][:8]
		putRGB(d[:4], int(y[0]), (3*b0+b+8)>>4, (3*r0+r+8)>>4)
		putRGB(d[4:], int(y[1]), (3*b+b0+8)>>4, (3*r+r0+8)>>4)
		b0, r0 = b, r
	}
	if n&1 == 0 {
		putRGB(dst[4*n-4:], int(luma[n-1]), (b0+2)>>2, (r0+2)>>2)
	}
}

// putRGB converts BT.601 of limited range (luma 16 to 235, chroma 16 to 240).
// The factors are 255/219 and 255/112 times the standard's, in units of 2^-14;
// products lose 8 bits, sums 6.
func putRGB(dst []byte, y, cb, cr int) {
	y = y * 19077 >> 8
	r := clip(y + cr*26149>>8 - 14234)
	g := clip(y - cb*6419>>8 - cr*13320>>8 + 8708)
	b := clip(y + cb*33050>>8 - 17685)
	binary.LittleEndian.PutUint32(dst, r|g<<8|b<<16|255<<24)
}

func clip(v int) uint32 {
	if uint(v) < 256<<6 {
		return uint32(v) >> 6
	}
	if v < 0 {
		return 0
	}
	return 255
}
