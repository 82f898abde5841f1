package jpeg

import (
	"unsafe"

	"likeness/engine/picture/jpeg/internal/samples"
)

// readMeans reads an MCU whose blocks are all shown as one sample, their mean.
// It is readBlock and skipAC with the reader's state in registers; a block in
// which something is out of the common is read again by those.
func (st *streamed) readMeans() bool {
	r := &st.bits
	acc, n, p, buf := r.acc, r.n, r.p, unsafe.SliceData(r.buf)
	for i := range st.units {
		u := &st.units[i]
		t := u.tables
		acc, p, n = refilled(buf, acc, p, n)
		acc0, n0, p0 := acc, n, p

		// The DC term takes at most dcBits + 15 bits; one entry fits behind it.
		e := uint(t.dc[acc>>(64-dcBits)])
		length, total := e&255, e>>8
		size := total - length
		diff := extend(int32(acc<<(length&63)>>1>>((63-size)&63)), size&31)
		acc <<= total & 63
		s := uint(1)<<8 | total
		skip := t.skip
		f := uint(skip[acc>>(64-skipBits)])
		s += f
		for {
			for s < 64<<8 {
				acc <<= f & 63
				n -= s & 255
				s &^= 255
				acc, p, n = refilled(buf, acc, p, n)
				f = uint(skip[acc>>(64-skipBits)])
				if s += f; s >= 64<<8 {
					break
				}
				acc <<= f & 63
				f = uint(skip[acc>>(64-skipBits)])
				if s += f; s >= 64<<8 {
					break
				}
				acc <<= f & 63
				f = uint(skip[acc>>(64-skipBits)])
				s += f
			}
			if f != stopSkip {
				break
			}
			// A symbol that the table is too small for.
			s -= f
			n -= s & 255
			s &^= 255
			acc, p, n = refilled(buf, acc, p, n)
			if f = uint(longSymbol(t.acCodes, acc) & 0xffff); f == 0 {
				s = stopSkip
				break
			}
			s += f
		}
		acc <<= f & 63
		n -= s & 255
		if place := s >> 8; e == 0 || place != 64 && (place <= endOfBlock || place >= endOfBlock+64) {
			r.acc, r.n, r.p = acc0, n0, p0
			if !r.readBlock(&st.block, t, u.plane.keep, u.dc) {
				return false
			}
			acc, n, p = r.acc, r.n, r.p
		} else {
			*u.dc += diff
		}
		u.plane.pix[u.at] = samples.Mean(int16(*u.dc), u.plane.quant[0])
		u.at += u.step
	}
	r.acc, r.n, r.p = acc, n, p
	return true
}
