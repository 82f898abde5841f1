package heif

import (
	"encoding/binary"
	"errors"

	"likeness/engine/picture/look"
	"likeness/engine/picture/raster"
)

// undone is written where libavif writes the duration of a frame once it has
// decoded one: the program itself reports success even if it has not.
const undone = 0xfff8dead

func decodeAVIF(data []byte, f look.Facts) (*raster.Pixels, error) {
	i, err := avifProgram.start(f, len(data))
	if err != nil {
		return nil, err
	}
	defer i.close()
	file, err := i.put(data)
	if err != nil {
		return nil, err
	}
	out, err := i.alloc(24)
	if err != nil {
		return nil, err
	}
	mark := binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(nil, undone), undone)
	if !i.module.Memory().Write(out+16, mark) {
		return nil, errors.New("write")
	}
	decode := func(sizesOnly, to uint32) error {
		o := uint64(out)
		ok, err := i.call("decode", uint64(file), uint64(len(data)), uint64(sizesOnly), 0, o, o+4, o+8, o+12, o+16, uint64(to))
		if err == nil && ok == 0 {
			err = errors.New("libavif cannot decode it")
		}
		return err
	}
	if err := decode(1, 0); err != nil {
		return nil, err
	}
	v, err := i.words(out, 3)
	if err != nil {
		return nil, err
	}
	w, h, size := int(v[0]), int(v[1]), 4
	if v[2] > 8 {
		size = 8
	}
	if w <= 0 || h <= 0 || w != f.HEIF.StoredWidth || h != f.HEIF.StoredHeight {
		return nil, raster.Damaged(f.Format, "its sizes contradict each other")
	}
	to, err := i.alloc(uint64(w * h * size))
	if err != nil {
		return nil, err
	}
	if err := decode(0, to); err != nil {
		return nil, err
	}
	done, err := i.words(out+16, 2)
	if err != nil {
		return nil, err
	}
	if done[0] == undone && done[1] == undone {
		return nil, errors.New("libavif gave no frame")
	}
	b, err := i.view(to, w*h*size)
	if err != nil {
		return nil, err
	}
	px := &raster.Pixels{W: w, H: h, Pix: make([]byte, 4*w*h)}
	if size == 4 {
		copyRGBA(px.Pix, b, true)
	} else {
		fromRGBA64(px.Pix, b)
	}
	return turn(px, f.HEIF.Steps), nil
}

// fromRGBA64 rounds 16-bit little-endian values, multiplied with opacity, to 8
// bits.
func fromRGBA64(dst, src []byte) {
	for ; len(dst) >= 4; dst, src = dst[4:], src[8:] {
		a := uint32(binary.LittleEndian.Uint16(src[6:]))
		for c := range 3 {
			dst[c] = divide(uint32(binary.LittleEndian.Uint16(src[2*c:])), a)
		}
		dst[3] = byte((a*255 + 32767) / 65535)
	}
}
