package jpeg

import "unsafe"

// keep says which coefficients of a block are wanted for a component that is
// shown as size x size samples of each block: those of its upper left corner.
type keep struct {
	size int
	last int // zigzag index of the last that is kept
	// place is where a coefficient goes, by zigzag index up to 63: its place in
	// rows of size coefficients, or size*size for those that are dropped.
	place [64]uint8
	kept  uint64 // a bit for each that is kept, by zigzag index
}

// zigzag is the place of each coefficient in rows of 8 (T.81 figure 5).
var zigzag = func() (z [64]uint8) {
	x, y := 0, 0
	for k := range z {
		z[k] = uint8(8*y + x)
		switch up := (x+y)&1 == 0; {
		case up && x == 7:
			y++
		case up && y == 0:
			x++
		case up:
			x, y = x+1, y-1
		case y == 7:
			x++
		case x == 0:
			y++
		default:
			x, y = x-1, y+1
		}
	}
	return z
}()

func newKeep(size int) *keep {
	k := &keep{size: size}
	for i, z := range zigzag {
		x, y := int(z&7), int(z>>3)
		k.place[i] = uint8(size * size)
		if x < size && y < size {
			k.place[i] = uint8(size*y + x)
			k.last = i
			k.kept |= 1 << i
		}
	}
	return k
}

var keeps = [9]*keep{1: newKeep(1), 2: newKeep(2), 4: newKeep(4), 8: newKeep(8)}

// block is the kept coefficients of a block and one place for those dropped.
type block [64 + 1]int16

// tables are those that one component of a sequential scan is read with.
type tables struct {
	dcCodes, acCodes *codes
	dc               *dcTable
	ac               *acTable   // nil where only the DC term is kept
	skip             *skipTable // nil where all are kept
}

// readBlock reads a block of a sequential scan (T.81 F.2.2). The kept
// coefficients of b, which the caller has cleared, are set. It is false if the
// data holds a code that is none or more than 64 coefficients.
func (r *bitReader) readBlock(b *block, t *tables, keep *keep, dc *int32) bool {
	r.refill()
	diff, ok := r.readDC(t)
	if !ok {
		return false
	}
	*dc += diff
	b[0] = int16(*dc)
	if keep.last == 0 {
		return r.skipAC(t, 1)
	}
	acc, n, p, buf, ac, last := r.acc, r.n, r.p, unsafe.SliceData(r.buf), t.ac, keep.last
	k := 1
	for k <= last {
		if n < 32 {
			acc, p, n = refilled(buf, acc, p, n)
		}
		e := ac[acc>>(64-acBits)]
		if e == 0 {
			if e = longSymbol(t.acCodes, acc); e == 0 {
				r.acc, r.n, r.p = acc, n, p
				return false
			}
		}
		acc <<= e & 63
		n -= uint(e & 63)
		k += int(e >> 8 & 255)
		if k > 64 {
			r.acc, r.n, r.p = acc, n, p
			return k > endOfBlock
		}
		b[keep.place[(k-1)&63]&127] = int16(e >> 16)
	}
	r.acc, r.n, r.p = acc, n, p
	return k > 63 || r.skipAC(t, k)
}

// readDC reads the difference of a DC term; there are at least 31 bits.
func (r *bitReader) readDC(t *tables) (diff int32, ok bool) {
	e := uint(t.dc[r.acc>>(64-dcBits)])
	length, total := e&255, e>>8
	if e == 0 {
		value, l := t.dcCodes.symbol(uint32(r.acc >> 48))
		if l == 0 || value > 15 {
			return 0, false
		}
		length, total = l, l+uint(value)
	}
	size := total - length
	v := int32(r.acc << (length & 63) >> 1 >> ((63 - size) & 63))
	r.drop(total)
	return extend(v, size&31), true
}

// longSymbol is the entry of acTable for a symbol that does not fit it; 0 if
// there is none.
func longSymbol(c *codes, acc uint64) uint32 {
	value, length := c.symbol(uint32(acc >> 48))
	advance := advance(value)
	if length == 0 || advance == 0 {
		return 0
	}
	size := uint(value & 15)
	v := int32(acc << (length & 63) >> 1 >> ((63 - size) & 63))
	return uint32(length+size) | uint32(advance)<<8 | uint32(uint16(extend(v, size)))<<16
}

// skipAC reads the coefficients of a block from the zigzag index k on, which is
// at least 1 and at most 63, and forgets them.
func (r *bitReader) skipAC(t *tables, k int) bool {
	acc, n, p, buf, skip := r.acc, r.n, r.p, unsafe.SliceData(r.buf), t.skip
	// s adds up entries: the bits taken since n was right, and the place.
	s, e := uint(k)<<8, uint(0)
	for {
		acc, p, n = refilled(buf, acc, p, n)
		e = uint(skip[acc>>(64-skipBits)])
		if s += e; s >= 64<<8 {
			break
		}
		acc <<= e & 63
		e = uint(skip[acc>>(64-skipBits)])
		if s += e; s >= 64<<8 {
			break
		}
		acc <<= e & 63
		e = uint(skip[acc>>(64-skipBits)])
		if s += e; s >= 64<<8 {
			break
		}
		acc <<= e & 63
		n -= s & 255
		s &^= 255
	}
	// A block ends at the 64th coefficient or by its code. An entry that goes
	// past the 64th began in this block and went on into the next, so the rest
	// is read symbol by symbol.
	if place := s >> 8; place == 64 || place > endOfBlock && place < endOfBlock+64 {
		r.acc, r.n, r.p = acc<<(e&63), n-s&255, p
		return true
	}
	s -= e
	r.acc, r.n, r.p = acc, n-s&255, p
	return r.skipSlowly(t, int(s>>8))
}

// skipSlowly is skipAC one symbol at a time, until tables serve again.
func (r *bitReader) skipSlowly(t *tables, k int) bool {
	r.refill()
	e := longSymbol(t.acCodes, r.acc)
	if e == 0 {
		return false
	}
	r.drop(uint(e & 63))
	k += int(e >> 8 & 255)
	if k > 63 {
		return k == 64 || k > endOfBlock
	}
	return r.skipAC(t, k)
}
