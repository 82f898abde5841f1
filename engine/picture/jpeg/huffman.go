package jpeg

// codes is a Huffman code as a DHT segment gives it (T.81 annex C).
type codes struct {
	// limit[l] is one more than the last code of l bits or fewer, put to the
	// left of 16 bits; it is at most 1<<16.
	limit [17]uint32
	// first[l] is the index in values of the first code of l bits, less that code.
	first  [17]int32
	values [256]byte
	count  int
}

// newCodes reads the counts and values of one table and returns the rest of
// the segment.
func newCodes(segment []byte) (c *codes, rest []byte, err error) {
	if len(segment) < 16 {
		return nil, nil, damaged("a Huffman table is too short")
	}
	c = new(codes)
	code := uint32(0)
	for l := 1; l <= 16; l++ {
		n := int(segment[l-1])
		c.first[l] = int32(c.count) - int32(code)
		c.count += n
		code += uint32(n)
		if c.count > len(c.values) || code > 1<<l {
			return nil, nil, damaged("a Huffman table has too many codes")
		}
		c.limit[l] = code << (16 - l)
		code <<= 1
	}
	segment = segment[16:]
	if len(segment) < c.count {
		return nil, nil, damaged("a Huffman table is too short")
	}
	copy(c.values[:], segment[:c.count])
	return c, segment[c.count:], nil
}

// symbol finds the code that the 16 bits begin with. length is 0 if there is
// none.
func (c *codes) symbol(bits uint32) (value byte, length uint) {
	l := uint(1)
	if bits >= c.limit[skipBits] { // as most are that the tables do not hold
		l = skipBits + 1
	}
	for ; l <= 16; l++ {
		if bits < c.limit[l] {
			return c.values[uint8(int32(bits>>(16-l))+c.first[l])], l
		}
	}
	return 0, 0
}

// each calls f for the codes of at most max bits: the code, its length, its value.
func (c *codes) each(max uint, f func(code uint32, length uint, value byte)) {
	code, k := uint32(0), 0
	for l := uint(1); l <= max; l++ {
		for ; code < c.limit[l]>>(16-l); code++ {
			f(code, l, c.values[k])
			k++
		}
		code <<= 1
	}
}

// extend is the signed value of size extra bits (T.81 F.2.2.1, EXTEND); size
// is less than 32. Half of all values are negative, so there is no branch to
// guess.
func extend(v int32, size uint) int32 {
	negative := (v - 1<<size>>1) >> 31
	return v + negative&(-1<<size+1)
}

// Widths of the tables' indices. A table of 4096 skipped symbols is 8 KiB, one
// of 1024 values 4 KiB: luma's and chroma's fit the first cache together.
const (
	dcBits   = 9
	acBits   = 10
	skipBits = 12
)

// dcTable gives for the next bits the length of the code and of the code with
// its extra bits: length | total<<8; 0 where the code is longer than the index
// or none.
type dcTable [1 << dcBits]uint16

func (c *codes) dcTable() *dcTable {
	t := new(dcTable)
	c.each(dcBits, func(code uint32, length uint, value byte) {
		if value > 15 {
			return
		}
		first := code << (dcBits - length)
		for i := range t[first:][:1<<(dcBits-length)] {
			t[int(first)+i] = uint16(length | (length+uint(value))<<8)
		}
	})
	return t
}

// endOfBlock is added to the place of the last coefficient by an end-of-block
// code: more than 64, so that it ends the loop, and far enough from 64 that the
// place stays known.
const endOfBlock = 128

// acTable gives for the next bits a whole symbol with its extra bits:
//
//	bits 0 to 7    how many bits it takes
//	bits 8 to 15   how many places it goes on: run + 1, or endOfBlock
//	bits 16 to 31  the value, signed
//
// It is 0 where the symbol is longer than the index or none.
type acTable [1 << acBits]uint32

func (c *codes) acTable() *acTable {
	t := new(acTable)
	c.each(acBits, func(code uint32, length uint, value byte) {
		size, advance := uint(value&15), advance(value)
		if length+size > acBits || advance == 0 {
			return
		}
		spare := acBits - length - size
		first := code << (acBits - length)
		for extra := range int32(1) << size {
			e := uint32(length+size) | uint32(advance)<<8 | uint32(uint16(extend(extra, size)))<<16
			for i := range uint32(1) << spare {
				t[first+uint32(extra)<<spare+i] = e
			}
		}
	})
	return t
}

// advance is how many places a symbol of a sequential scan goes on: run + 1,
// endOfBlock, or 0 for the symbols that T.81 does not define.
func advance(value byte) int {
	switch {
	case value == 0:
		return endOfBlock
	case value&15 == 0 && value != 0xF0:
		return 0
	}
	return int(value>>4) + 1
}

// skipTable gives for the next bits as many whole symbols as their codes fit
// the index; the extra bits of the last may lie beyond it.
//
//	bits 0 to 7   how many bits they take, at most maxSkip
//	bits 8 to 15  how many places they go on, endOfBlock included
//
// Where there is no code, or a single symbol takes more bits, it is stopSkip.
type skipTable [1 << skipBits]uint16

const (
	maxSkip  = 18 // three entries take no more bits than a refill gives
	stopSkip = 0xFF00
)

func (c *codes) skipTable() *skipTable {
	t := new(skipTable)
	for i := range t {
		t[i] = stopSkip
	}
	// One symbol an entry, and the length of its code.
	var lengths [1 << skipBits]uint8
	c.each(skipBits, func(code uint32, length uint, value byte) {
		total, advance := length+uint(value&15), advance(value)
		if total > maxSkip || advance == 0 {
			return
		}
		first := code << (skipBits - length)
		for i := range uint32(1) << (skipBits - length) {
			t[first+i] = uint16(total | uint(advance)<<8)
			lengths[first+i] = uint8(length)
		}
	})
	single := *t
	for i := range t {
		e := uint(single[i])
		if e == stopSkip {
			continue
		}
		total, places := e&255, e>>8
		for places < endOfBlock && total < skipBits {
			rest := uint(i) << total & (1<<skipBits - 1)
			next := uint(single[rest])
			// The bits beyond the index are not known: the code must end before.
			if next == stopSkip || total+uint(lengths[rest]) > skipBits || total+next&255 > maxSkip {
				break
			}
			if next>>8 < endOfBlock && places+next>>8 > 63 {
				break
			}
			total += next & 255
			places += next >> 8
		}
		t[i] = uint16(total | places<<8)
	}
	return t
}
