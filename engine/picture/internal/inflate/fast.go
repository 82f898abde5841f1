package inflate

import "encoding/binary"

// fast decodes while there are eight bytes of input in the piece and room in
// the batch. In one round a load gives at least 56 bits: three literals take 45
// at most, a match 48.
func (r *Reader) fast() (end bool, err error) {
	in, p := r.in, 0
	acc, bits, w := r.acc, r.bits, r.write
	out := &r.out
	for p+8 <= len(in) && w < history+batch {
		acc |= binary.LittleEndian.Uint64(in[p:]) << (bits & 63)
		p += int(63-bits) >> 3
		bits |= 56
		e := r.literals[acc&(1<<literalBits-1)]
		if e&isLiteral != 0 {
			out[w] = byte(e >> valueShift)
			w++
			acc >>= e & 63
			bits -= uint(e & 63)
			if e = r.literals[acc&(1<<literalBits-1)]; e&isLiteral == 0 {
				continue
			}
			out[w] = byte(e >> valueShift)
			w++
			acc >>= e & 63
			bits -= uint(e & 63)
			if e = r.literals[acc&(1<<literalBits-1)]; e&isLiteral == 0 {
				continue
			}
			out[w] = byte(e >> valueShift)
			w++
			acc >>= e & 63
			bits -= uint(e & 63)
			continue
		}
		if e&isSub != 0 {
			acc >>= literalBits
			bits -= literalBits
			e = r.literals[e>>valueShift+uint32(acc)&(1<<(e>>extraShift&extraMask)-1)]
			if e&isLiteral != 0 {
				acc >>= e & lengthMask
				bits -= uint(e & lengthMask)
				out[w] = byte(e >> valueShift)
				w++
				continue
			}
		}
		acc >>= e & lengthMask
		bits -= uint(e & lengthMask)
		if e&isEnd != 0 || e == 0 {
			end = e != 0
			if !end {
				err = ErrCorrupt
			}
			break
		}
		extra := e >> extraShift & extraMask
		n := int(e>>valueShift) + int(acc&(1<<extra-1))
		acc >>= extra
		bits -= uint(extra)

		e = r.distances[acc&(1<<distanceBits-1)]
		if e&isSub != 0 {
			acc >>= distanceBits
			bits -= distanceBits
			e = r.distances[e>>valueShift+uint32(acc)&(1<<(e>>extraShift&extraMask)-1)]
		}
		acc >>= e & lengthMask
		bits -= uint(e & lengthMask)
		extra = e >> extraShift & extraMask
		d := int(e>>valueShift) + int(acc&(1<<extra-1))
		acc >>= extra
		bits -= uint(extra)
		if e == 0 || d > w {
			err = ErrCorrupt
			break
		}
		match(out, w, d, n)
		w += n
	}
	r.in, r.write = in[p:], w
	r.acc, r.bits = acc&(1<<bits-1), bits
	return end, err
}

// match copies n bytes to w from d before it. It may write up to seven bytes
// more, which come later anyway.
func match(out *[history + batch + slack]byte, w, d, n int) {
	if n > 32 && d >= n {
		copy(out[w:w+n], out[w-d:])
		return
	}
	if d >= 8 {
		dst, src := out[w:w+n+8], out[w-d:w-d+n+8]
		for i := 0; i < n; i += 8 {
			binary.LittleEndian.PutUint64(dst[i:], binary.LittleEndian.Uint64(src[i:]))
		}
		return
	}
	if d == 1 {
		pattern := uint64(out[w-1]) * 0x0101010101010101
		dst := out[w : w+n+8]
		for i := 0; i < n; i += 8 {
			binary.LittleEndian.PutUint64(dst[i:], pattern)
		}
		return
	}
	dst, src := out[w:w+n], out[w-d:w-d+n]
	for i := range dst {
		dst[i] = src[i]
	}
}
