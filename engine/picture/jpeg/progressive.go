package jpeg

import "math/bits"

// symbolTable gives for the next bits the length and value of a code:
// length | value<<8, or 0.
type symbolTable [1 << acBits]uint16

func (c *codes) symbolTable() *symbolTable {
	t := new(symbolTable)
	c.each(acBits, func(code uint32, length uint, value byte) {
		first := code << (acBits - length)
		for i := range uint32(1) << (acBits - length) {
			t[first+i] = uint16(length) | uint16(value)<<8
		}
	})
	return t
}

// band reads AC scans of a progressive file (T.81 G.1.2.2 and G.1.2.3). Of the
// coefficients that are not kept only whether they are zero is remembered,
// since how the later bits are read depends on it.
type band struct {
	bits       *bitReader
	codes      *codes
	symbols    *symbolTable
	keep       *keep
	start, end int
	low        uint
	run        int // blocks to come that have nothing new in the band
}

// symbol reads one code; ok is false if there is none. There are 40 bits left.
func (d *band) symbol() (run int, size uint, ok bool) {
	r := d.bits
	r.refill()
	if e := uint(d.symbols[r.acc>>(64-acBits)]); e != 0 {
		r.drop(e & 255)
		return int(e >> 12), e >> 8 & 15, true
	}
	value, length := r.symbol(d.codes)
	return int(value >> 4), uint(value & 15), length != 0
}

// endOfBand reads how many blocks, this one included, have nothing more.
func (d *band) endOfBand(run int) {
	d.run = 1<<run + int(d.bits.take(uint(run)))
}

// first reads the upper bits of a band of the block with the coefficients b;
// nonzero has a bit for each that is not zero, by zigzag index.
func (d *band) first(b []int16, nonzero *uint64) bool {
	if d.run > 0 {
		d.run--
		return true
	}
	for k := d.start; k <= d.end; k++ {
		run, size, ok := d.symbol()
		switch {
		case !ok:
			return false
		case size == 0 && run < 15:
			d.endOfBand(run)
			d.run--
			return true
		}
		k += run
		if size == 0 {
			continue
		}
		if k > d.end {
			return false
		}
		d.set(b, nonzero, k, int16(extend(d.bits.take(size), size)<<d.low))
	}
	return true
}

// set gives coefficient k its first bits.
func (d *band) set(b []int16, nonzero *uint64, k int, v int16) {
	*nonzero |= 1 << k
	if place := int(d.keep.place[k&63]); place < len(b) {
		b[place] = v
	}
}

// refine reads one more bit of each coefficient of a band.
func (d *band) refine(b []int16, nonzero *uint64) bool {
	k := d.start
	for d.run == 0 && k <= d.end {
		run, size, ok := d.symbol()
		if !ok || size > 1 {
			return false
		}
		if size == 0 && run < 15 {
			d.endOfBand(run)
			break
		}
		var value int16
		if size == 1 {
			value = int16(2*d.bits.take(1)-1) << d.low
		}
		zero := d.nthZero(*nonzero, k, run)
		d.correct(b, *nonzero, k, zero)
		k = zero + 1
		if size == 1 {
			if zero > d.end {
				return false
			}
			d.set(b, nonzero, zero, value)
		}
	}
	if d.run > 0 {
		d.correct(b, *nonzero, k, d.end+1)
		d.run--
	}
	return true
}

// nthZero is the index of the zero coefficient that comes after n others from
// index k on, or one more than the last of the band.
func (d *band) nthZero(nonzero uint64, k, n int) int {
	zeros := ^nonzero >> k << k
	for range n {
		zeros &= zeros - 1
	}
	return min(bits.TrailingZeros64(zeros), d.end+1)
}

// correct reads a bit for each coefficient from index k up to end, without it,
// that is not zero.
func (d *band) correct(b []int16, nonzero uint64, k, end int) {
	r := d.bits
	which := nonzero >> k << k & (1<<end - 1)
	for which != 0 {
		r.refill()
		if which&d.keep.kept == 0 {
			n := uint(bits.OnesCount64(which))
			r.drop(min(n, 48))
			if n > 48 {
				r.refill()
				r.drop(n - 48)
			}
			return
		}
		acc, n := r.acc, uint(0)
		for ; which != 0 && n < 56; n++ {
			k := bits.TrailingZeros64(which)
			which &= which - 1
			if place := int(d.keep.place[k]); place < len(b) {
				// Away from zero: v>>15|1 is the sign.
				b[place] += int16(acc>>63) * (b[place]>>15 | 1) << d.low
			}
			acc <<= 1
		}
		r.drop(n)
	}
}
