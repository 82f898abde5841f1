package heif

import (
	"bytes"
	"encoding/binary"
	"errors"

	"likeness/engine/picture/look"
	"likeness/engine/picture/raster"
)

// Colour spaces and chroma formats of libheif (heif_colorspace, heif_chroma).
const (
	spaceYCbCr = 0
	spaceRGB   = 1
	spaceMono  = 2
	chroma420  = 1
	chroma422  = 2
	chroma444  = 3
)

// planes are what libheif gives: luma and chroma, luma alone, or RGBA in y.
type planes struct {
	w, h            int
	space, chroma   uint32
	y, cb, cr       []byte
	stride, strideC int
	premultiplied   bool
}

func decodeHEIC(data []byte, f look.Facts) (*raster.Pixels, error) {
	h := f.HEIF
	data = append([]byte(nil), data...)
	for _, at := range h.MonoAt {
		data[at]++
	}
	p, err := libheif(data, f, h.Bits)
	if err != nil {
		return nil, err
	}
	if p.w != f.Width || p.h != f.Height {
		return nil, raster.Damaged(f.Format, "its sizes contradict each other")
	}
	px, err := p.pixels(h)
	if err != nil || !h.Alpha || p.space == spaceRGB {
		return px, err
	}
	// The program gives no opacity: it is decoded as if it were the picture.
	if at := data[h.PrimaryAt:]; h.PrimaryBytes == 4 {
		binary.BigEndian.PutUint32(at, h.AlphaID)
	} else {
		binary.BigEndian.PutUint16(at, uint16(h.AlphaID))
	}
	alpha, err := libheif(data, f, h.AlphaBits)
	if err != nil {
		return nil, err
	}
	if alpha.space == spaceRGB {
		return nil, errors.New("opacity of three channels")
	}
	addAlpha(px, alpha, h.Premultiplied)
	return px, nil
}

// untouched fills what libheif may write to; no sample of up to 15 bits has it
// for its upper byte.
const untouched = 0xab

// libheif runs the program's only function: first for the sizes, then for the
// planes. It gives samples of 8 bits, but for some pictures of more (4:4:4 for
// one) two bytes each, which only their amount tells.
func libheif(data []byte, f look.Facts, bits int) (*planes, error) {
	i, err := heicProgram.start(f, len(data))
	if err != nil {
		return nil, err
	}
	defer i.close()
	file, err := i.put(data)
	if err != nil {
		return nil, err
	}
	out, err := i.alloc(20)
	if err != nil {
		return nil, err
	}
	decode := func(sizesOnly, to uint32) ([]uint32, error) {
		o := uint64(out)
		ok, err := i.call("decode", uint64(file), uint64(len(data)), uint64(sizesOnly), o, o+4, o+8, o+12, o+16, uint64(to))
		if err == nil && ok == 0 {
			err = errors.New("libheif cannot decode it")
		}
		if err != nil {
			return nil, err
		}
		return i.words(out, 5)
	}
	v, err := decode(1, 0)
	if err != nil {
		return nil, err
	}
	p := &planes{w: int(v[0]), h: int(v[1]), space: v[2], chroma: v[3], premultiplied: v[4] == 1}
	if p.w <= 0 || p.h <= 0 || p.w > f.HEIF.StoredWidth*f.HEIF.StoredHeight/p.h {
		return nil, raster.Damaged(f.Format, "its sizes contradict each other")
	}
	sizeY, sizeC, err := p.layout()
	if err != nil {
		return nil, err
	}
	size := sizeY + 2*sizeC
	to, err := i.put(bytes.Repeat([]byte{untouched}, 2*size))
	if err != nil {
		return nil, err
	}
	if _, err := decode(0, to); err != nil {
		return nil, err
	}
	all, err := i.view(to, 2*size)
	if err != nil {
		return nil, err
	}
	if len(bytes.Trim(all[size:], string([]byte{untouched}))) > 0 {
		all, err = p.narrow(all, bits)
		if err != nil {
			return nil, err
		}
	}
	all = bytes.Clone(all[:size])
	p.y, p.cb, p.cr = all[:sizeY], all[sizeY:sizeY+sizeC], all[sizeY+sizeC:]
	return p, nil
}

// narrow drops the lower bits of planes of two bytes a sample. Their rows are
// padded in bytes, not in samples.
func (p *planes) narrow(wide []byte, bits int) ([]byte, error) {
	if bits <= 8 || p.space == spaceRGB {
		return nil, errors.New("samples of two bytes")
	}
	var out []byte
	plane := func(w, h, stride int) {
		from := planeStride(w, 2)
		for y := range h {
			row := make([]byte, stride)
			for x := range w {
				row[x] = byte(min(binary.LittleEndian.Uint16(wide[from*y+2*x:])>>(bits-8), 255))
			}
			out = append(out, row...)
		}
		wide = wide[from*h:]
	}
	plane(p.w, p.h, p.stride)
	if p.space == spaceYCbCr {
		w, h := p.chromaSize()
		plane(w, h, p.strideC)
		plane(w, h, p.strideC)
	}
	return out, nil
}

// chromaSize is the size of a chroma plane.
func (p *planes) chromaSize() (w, h int) {
	w, h = p.w, p.h
	if p.chroma != chroma444 {
		w = (w + 1) / 2
	}
	if p.chroma == chroma420 {
		h = (h + 1) / 2
	}
	return w, h
}

// layout sets the strides as libheif allocates its planes, and returns the
// bytes of the luma plane and of one chroma plane.
func (p *planes) layout() (sizeY, sizeC int, err error) {
	switch p.space {
	case spaceMono:
		p.stride = planeStride(p.w, 1)
		return p.stride * p.h, 0, nil
	case spaceRGB:
		p.stride = planeStride(p.w, 4)
		return p.stride * p.h, 0, nil
	case spaceYCbCr:
		if p.chroma < chroma420 || p.chroma > chroma444 {
			return 0, 0, errors.New("an unknown chroma format")
		}
		w, h := p.chromaSize()
		p.stride, p.strideC = planeStride(p.w, 1), planeStride(w, 1)
		return p.stride * p.h, p.strideC * h, nil
	}
	return 0, 0, errors.New("an unknown colour space")
}

// planeStride is the length of a row: an even width of at least 64 pixels,
// rounded up to 16 bytes.
func planeStride(w, bytes int) int {
	return (max(64, w+w&1)*bytes + 15) &^ 15
}
