package tiff

import (
	"likeness/engine/picture/raster"
)

// lzwDecoder unpacks TIFF's LZW (TIFF 6.0, section 13): codes of 9 to 12 bits,
// the highest bit first, that grow one code early. Files of old programs have
// the lowest bit first and do not grow early.
type lzwDecoder struct {
	in    []byte
	old   bool
	acc   uint64
	nAcc  int
	width int
	next  int // the code that is defined next
	last  int // the code before, or -1

	prefix [4096]uint16
	suffix [4096]byte
	first  [4096]byte
	length [4096]uint16

	rest []byte // of a string, what did not fit in the row
	buf  [4096]byte
}

const (
	lzwClear = 256
	lzwEnd   = 257
)

func (d *lzwDecoder) reset(data []byte) error {
	d.in, d.acc, d.nAcc, d.rest = data, 0, 0, nil
	// A clear code comes first: 9 bits that begin with 1, or, the lowest bit
	// first, eight zeros and a 1.
	d.old = len(data) >= 2 && data[0] == 0 && data[1]&1 == 1
	if d.length[0] == 0 {
		for i := range 256 {
			d.suffix[i], d.first[i], d.length[i] = byte(i), byte(i), 1
		}
	}
	d.clear()
	return nil
}

func (d *lzwDecoder) clear() { d.width, d.next, d.last = 9, 258, -1 }

// code returns the next code, lzwEnd at the end of the data.
func (d *lzwDecoder) code() int {
	for d.nAcc < d.width {
		if len(d.in) == 0 {
			return lzwEnd
		}
		if d.old {
			d.acc |= uint64(d.in[0]) << d.nAcc
		} else {
			d.acc = d.acc<<8 | uint64(d.in[0])
		}
		d.in = d.in[1:]
		d.nAcc += 8
	}
	d.nAcc -= d.width
	if d.old {
		c := int(d.acc & (1<<d.width - 1))
		d.acc >>= d.width
		return c
	}
	return int(d.acc>>d.nAcc) & (1<<d.width - 1)
}

func (d *lzwDecoder) read(dst []byte) error {
	n := copy(dst, d.rest)
	d.rest, dst = d.rest[n:], dst[n:]
	for len(dst) > 0 {
		c := d.code()
		switch {
		case c == lzwClear:
			d.clear()
			continue
		case c == lzwEnd:
			return errShort
		case c > d.next || d.last < 0 && c > 255 || c == d.next && d.next > 4095:
			return raster.Damaged(format, "an LZW code is not defined")
		}
		if d.last >= 0 && d.next < 4096 {
			d.define(c)
		}
		d.last = c
		if size := int(d.length[c]); size <= len(dst) {
			d.put(dst[:size], c)
			dst = dst[size:]
		} else {
			d.put(d.buf[:size], c)
			n := copy(dst, d.buf[:size])
			d.rest, dst = d.buf[n:size], dst[n:]
		}
	}
	return nil
}

// define adds the string of the last code and the first byte of code c's, which
// may be the string that is being defined.
func (d *lzwDecoder) define(c int) {
	k := d.next
	d.prefix[k] = uint16(d.last)
	d.first[k] = d.first[d.last]
	d.length[k] = d.length[d.last] + 1
	d.suffix[k] = d.first[c]
	d.next++
	early := 1
	if d.old {
		early = 0
	}
	if d.next+early >= 1<<d.width && d.width < 12 {
		d.width++
	}
}

// put writes the string of a code, whose length dst has.
func (d *lzwDecoder) put(dst []byte, c int) {
	for i := len(dst) - 1; i >= 0; i-- {
		dst[i] = d.suffix[c]
		c = int(d.prefix[c])
	}
}
