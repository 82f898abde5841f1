package main

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"

	"golang.org/x/image/font"
	"golang.org/x/image/font/inconsolata"
	"golang.org/x/image/math/fixed"
)

// pngMark is the chunk by which drawings are recognised that may be replaced
// (PNG, third edition, 11.3.3.2 tEXt).
const pngMark = "tEXtSoftware\x00likeness map"

// pngHeadLen is the signature and the first chunk, which is always IHDR.
const pngHeadLen = 8 + 12 + 13

func isMapPNG(head []byte) bool {
	return len(head) > pngHeadLen && bytes.HasPrefix(head, []byte("\x89PNG\r\n\x1a\n")) && bytes.HasPrefix(head[pngHeadLen+4:], []byte(pngMark))
}

// png draws with integers alone.
func (d *drawing) png() ([]byte, error) {
	img := image.NewRGBA(image.Rect(0, 0, d.width, d.height))
	for i := range img.Pix {
		img.Pix[i] = 255
	}
	for _, p := range d.points {
		stamp(img, p.x, p.y, d.radius, d.entryOf(p), opacity)
	}
	for i, e := range d.legend {
		y := float64(margin + lineHeight*i + lineHeight/2)
		stamp(img, d.left+6, y, 5, e, 255)
		text := font.Drawer{Dst: img, Src: image.NewUniform(color.Gray{0x22}), Face: inconsolata.Regular8x16,
			Dot: fixed.P(int(d.left)+lineHeight, int(y)+4)}
		text.DrawString(e.label)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		return nil, err
	}
	return marked(b.Bytes()), nil
}

// marked puts the mark into a PNG file.
func marked(file []byte) []byte {
	chunk := binary.BigEndian.AppendUint32(nil, uint32(len(pngMark)-4))
	chunk = append(chunk, pngMark...)
	chunk = binary.BigEndian.AppendUint32(chunk, crc32.ChecksumIEEE([]byte(pngMark)))
	return append(append(file[:pngHeadLen:pngHeadLen], chunk...), file[pngHeadLen:]...)
}

// stamp draws a disc or a square about x, y, whose edge is smoothed by 16
// samples a pixel.
func stamp(img *image.RGBA, x, y, radius float64, e entry, alpha int) {
	cx, cy, r := int(x*64), int(y*64), int(radius*64) // exact: see snap
	for py := (cy - r) >> 6; py <= (cy+r)>>6; py++ {
		for px := (cx - r) >> 6; px <= (cx+r)>>6; px++ {
			covered := 0
			for s := range 16 {
				dx, dy := px*64+s%4*16+8-cx, py*64+s/4*16+8-cy
				if e.square && max(dx, -dx) <= r && max(dy, -dy) <= r || !e.square && dx*dx+dy*dy <= r*r {
					covered++
				}
			}
			if covered == 0 || !(image.Point{px, py}).In(img.Rect) {
				continue
			}
			pix := img.Pix[img.PixOffset(px, py):][:3]
			for c := range pix {
				was := int(pix[c])
				pix[c] = byte(was + (int(e.colour[c])-was)*alpha*covered/(255*16))
			}
		}
	}
}
