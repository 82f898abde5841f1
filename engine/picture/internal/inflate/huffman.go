package inflate

// A table gives an entry for the next bits of the stream: the first so many
// bits index its beginning, and where codes are longer, the entry there points
// to a smaller table behind it, for the bits that follow. Entry 0 is no code.
//
//	bits 0 to 5    length of the code, or of its part in this table
//	bits 8 to 11   number of extra bits; in a pointer, of bits to look up
//	bits 12 to 14  what it is; without any, a match length or distance
//	bits 16 to 31  literal; least length or distance; place of the smaller table
const (
	lengthMask = 63
	extraShift = 8
	extraMask  = 15
	isLiteral  = 1 << 12
	isEnd      = 1 << 13
	isSub      = 1 << 14
	valueShift = 16
)

// Sizes of tables. What smaller tables take in all is known for complete codes
// of up to 15 bits: at most 294 entries behind 2048 for 288 symbols, 146 behind
// 256 for 32; incomplete ones have no long codes.
const (
	maxLength    = 15
	literalBits  = 11
	literalMore  = 294
	distanceBits = 8
	distanceMore = 146

	literalSymbols  = 288
	distanceSymbols = 32
	endSymbol       = 256
)

// literalEntries and distanceEntries are the entries without code lengths
// (RFC 1951, section 3.2.5); 0 for symbols that mean nothing.
var literalEntries, distanceEntries = entries()

func entries() (l [literalSymbols]uint32, d [distanceSymbols]uint32) {
	for i := range endSymbol {
		l[i] = uint32(i)<<valueShift | isLiteral
	}
	l[endSymbol] = isEnd
	base := 3
	for i := 0; i < 28; i++ {
		extra := max(0, i/4-1)
		l[257+i] = uint32(base)<<valueShift | uint32(extra)<<extraShift
		base += 1 << extra
	}
	l[285] = 258 << valueShift
	base = 1
	for i := range 30 {
		extra := max(0, i/2-1)
		d[i] = uint32(base)<<valueShift | uint32(extra)<<extraShift
		base += 1 << extra
	}
	return l, d
}

// build fills a table for codes of the given lengths, 0 where a symbol has
// none. Codes that do not use up all bits are refused, but for none at all and
// a lone code of one bit, as zlib does.
func build(table []uint32, primary uint, lengths []byte, entries []uint32) error {
	var count, next [maxLength + 1]int
	for _, n := range lengths {
		count[n]++
	}
	count[0] = 0
	longest, left := 0, 1
	for n := 1; n <= maxLength; n++ {
		if left = left*2 - count[n]; left < 0 {
			return ErrCorrupt
		}
		if count[n] > 0 {
			longest = n
		}
		next[n] = next[n-1] + count[n-1]
	}
	if left > 0 && longest > 1 {
		return ErrCorrupt
	}
	clear(table[:1<<primary])
	var order [literalSymbols]uint16
	total := 0
	for s, n := range lengths {
		if n > 0 {
			order[next[n]] = uint16(s)
			next[n]++
			total++
		}
	}
	t := builder{table: table, primary: primary, count: &count, longest: uint(longest), end: 1 << primary, prefix: -1}
	code := uint32(0)
	for _, s := range order[:total] {
		n := uint(lengths[s])
		t.add(code, n, entries[s])
		// The next code, its bits reversed: count down from the top bit.
		bit := uint32(1) << (n - 1)
		for code&bit != 0 {
			bit >>= 1
		}
		code = code&(max(bit, 1)-1) | bit
	}
	return nil
}

// builder fills a table with codes in order of length.
type builder struct {
	table   []uint32
	primary uint
	count   *[maxLength + 1]int // codes of each length that are still to come
	longest uint
	end     int // of the table so far
	prefix  int // of the last smaller table: its index bits before
	start   int // of it
	bits    uint
}

// add enters a code of n bits, reversed.
func (t *builder) add(code uint32, n uint, entry uint32) {
	if n <= t.primary {
		t.repeat(t.table[:1<<t.primary], int(code), n, entry)
		return
	}
	if prefix := int(code & (1<<t.primary - 1)); prefix != t.prefix {
		t.sub(prefix, n)
	}
	t.repeat(t.table[t.start:t.end], int(code>>t.primary), n-t.primary, entry)
	t.count[n]--
}

// repeat enters a code at every index that begins with it. Symbols that mean
// nothing stay 0.
func (t *builder) repeat(part []uint32, code int, n uint, entry uint32) {
	if entry == 0 {
		return
	}
	for i := code; i < len(part); i += 1 << n {
		part[i] = entry | uint32(n)
	}
}

// sub begins a smaller table, large enough for all codes with this prefix, the
// first of which has n bits.
func (t *builder) sub(prefix int, n uint) {
	t.bits = n - t.primary
	for left := 1 << t.bits; t.bits+t.primary < t.longest; t.bits++ {
		if left -= t.count[t.bits+t.primary]; left <= 0 {
			break
		}
		left <<= 1
	}
	t.prefix, t.start = prefix, t.end
	t.end += 1 << t.bits
	clear(t.table[t.start:t.end])
	t.table[prefix] = uint32(t.start)<<valueShift | isSub | uint32(t.bits)<<extraShift | uint32(t.primary)
}

// fixedCodes sets the codes of RFC 1951, section 3.2.6.
func (r *Reader) fixedCodes() error {
	var l [literalSymbols]byte
	for i := range l {
		switch {
		case i < 144, i >= 280:
			l[i] = 8
		case i < 256:
			l[i] = 9
		default:
			l[i] = 7
		}
	}
	if err := build(r.literals[:], literalBits, l[:], literalEntries[:]); err != nil {
		return err
	}
	var d [distanceSymbols]byte
	for i := range d {
		d[i] = 5
	}
	return build(r.distances[:], distanceBits, d[:], distanceEntries[:])
}

// lengthOrder is the order in which the lengths of the codes for code lengths
// are stored.
var lengthOrder = [19]byte{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}

// dynamicCodes reads the codes of a block (RFC 1951, section 3.2.7).
func (r *Reader) dynamicCodes() error {
	v, err := r.take(14)
	if err != nil {
		return err
	}
	literals, distances := v&31+257, v>>5&31+1
	if literals > 286 || distances > 30 {
		return ErrCorrupt
	}
	var meta [19]byte
	for _, i := range lengthOrder[:v>>10+4] {
		n, err := r.take(3)
		if err != nil {
			return err
		}
		meta[i] = byte(n)
	}
	var lengths [286 + 30]byte
	if err := r.codeLengths(lengths[:literals+distances], &meta); err != nil {
		return err
	}
	if lengths[endSymbol] == 0 {
		return ErrCorrupt // the block could not end
	}
	if err := build(r.literals[:], literalBits, lengths[:literals], literalEntries[:]); err != nil {
		return err
	}
	return build(r.distances[:], distanceBits, lengths[literals:literals+distances], distanceEntries[:])
}

// codeLengths reads code lengths, themselves coded by codes of lengths meta.
func (r *Reader) codeLengths(dst []byte, meta *[19]byte) error {
	const tableBits = 7
	var entries [19]uint32
	for i := range entries {
		entries[i] = uint32(i)<<valueShift | isLiteral
	}
	var table [1 << tableBits]uint32
	if err := build(table[:], tableBits, meta[:], entries[:]); err != nil {
		return err
	}
	for i := 0; i < len(dst); {
		e, err := r.symbol(table[:], tableBits)
		if err != nil {
			return err
		}
		s := byte(e >> valueShift)
		if s < 16 {
			dst[i] = s
			i++
			continue
		}
		repeat := [3]struct {
			bits uint
			base int
		}{{2, 3}, {3, 3}, {7, 11}}[s-16]
		n, err := r.take(repeat.bits)
		if err != nil {
			return err
		}
		n += repeat.base
		if n > len(dst)-i || s == 16 && i == 0 {
			return ErrCorrupt
		}
		for range n {
			if s == 16 {
				dst[i] = dst[i-1]
			}
			i++
		}
	}
	return nil
}
