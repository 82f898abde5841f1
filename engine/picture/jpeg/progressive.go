package jpeg

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

// band reads AC scans of a progressive file (T.81 G.1.2.2 and G.1.2.3).
type band struct {
	bits       *bitReader
	codes      *codes
	symbols    *symbolTable
	start, end int
	low        uint
	run        int // blocks to come that have nothing new in the band
}

// symbol reads one code; ok is false if there is none.
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

// first reads the upper bits of a band. Symbols take at most 16 + 15 bits.
func (d *band) first(_ int, b []int16) bool {
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
		b[zigzag[k]] = int16(extend(d.bits.take(size), size) << d.low)
	}
	return true
}

// refine reads one more bit of each coefficient of a band.
func (d *band) refine(_ int, b []int16) bool {
	k := d.start
	if d.run == 0 {
		for k <= d.end {
			run, size, ok := d.symbol()
			if !ok || size > 1 {
				return false
			}
			var value int16
			if size == 0 {
				if run < 15 {
					d.endOfBand(run)
					break
				}
			} else {
				value = int16(2*d.bits.take(1)-1) << d.low
			}
			k = d.correct(b, k, run)
			if k > d.end {
				if size == 1 {
					return false
				}
				break
			}
			if size == 1 {
				b[zigzag[k]] = value
			}
			k++
		}
	}
	if d.run > 0 {
		d.correct(b, k, 64)
		d.run--
	}
	return true
}

// correct reads a bit for each coefficient from index k on that is not zero,
// and returns the index of the zero that comes after so many others.
func (d *band) correct(b []int16, k, zeros int) int {
	r := d.bits
	for ; k <= d.end; k++ {
		v := &b[zigzag[k]]
		if *v == 0 {
			if zeros == 0 {
				return k
			}
			zeros--
			continue
		}
		if r.n < 1 {
			r.refill()
		}
		if r.take(1) == 0 {
			continue
		}
		bit := int16(1) << d.low
		if *v < 0 {
			bit = -bit
		}
		*v += bit
	}
	return k
}
