package gif

import "errors"

// Least and greatest number of bits of an index, before clear and end codes are
// added (GIF89a, appendix F). More than 8 are of no use, but some programs
// write them.
const (
	minCodeSize = 2
	maxCodeSize = maxWidth - 1
)

const (
	maxWidth = 12
	maxCodes = 1 << maxWidth
)

var (
	errShort = errors.New("no more codes")
	errCode  = errors.New("impossible code")
)

// lzw decompresses the sub-blocks of a frame. A full table stays as it is until
// a clear code.
type lzw struct {
	src   []byte // sub-blocks to come
	cur   []byte // rest of the current one
	acc   uint32 // bits not used yet, the next one lowest
	bits  uint   // how many
	clear int    // the clear code; the end code is the next one
	start uint   // width of codes after a clear code
	width uint
	free  int // next code of the table
	last  int // code before; -1: none

	// A code above the end code is a string: the code prefix followed by suffix.
	prefix [maxCodes]uint16
	suffix [maxCodes]byte
	head   [maxCodes]byte // first index of the string
	length [maxCodes]uint16

	spill   [maxCodes]byte
	pending []byte // of spill: pixels of a string that did not fit
}

func newLZW(src []byte, codeSize byte) *lzw {
	l := &lzw{src: src, clear: 1 << codeSize, start: uint(codeSize) + 1}
	for i := range l.clear {
		l.suffix[i], l.head[i], l.length[i] = byte(i), byte(i), 1
	}
	l.reset()
	return l
}

func (l *lzw) reset() { l.width, l.free, l.last = l.start, l.clear+2, -1 }

// code reads the next code; -1 where there is none.
func (l *lzw) code() int {
	for l.bits < l.width {
		if len(l.cur) == 0 && !l.block() {
			return -1
		}
		l.acc |= uint32(l.cur[0]) << l.bits
		l.cur = l.cur[1:]
		l.bits += 8
	}
	c := int(l.acc & (1<<l.width - 1))
	l.acc >>= l.width
	l.bits -= l.width
	return c
}

// block goes on to the next sub-block; one that is cut off gives what there is.
func (l *lzw) block() bool {
	if len(l.src) == 0 || l.src[0] == 0 {
		return false
	}
	n := min(1+int(l.src[0]), len(l.src))
	l.cur, l.src = l.src[1:n], l.src[n:]
	return len(l.cur) > 0
}

// read fills dst with indices.
func (l *lzw) read(dst []byte) error {
	n := copy(dst, l.pending)
	dst, l.pending = dst[n:], l.pending[n:]
	for len(dst) > 0 {
		c := l.code()
		switch {
		case c < 0, c == l.clear+1:
			return errShort
		case c == l.clear:
			l.reset()
			continue
		case c > l.free, c >= l.free && (l.last < 0 || l.free == maxCodes):
			return errCode
		}
		if l.last >= 0 && l.free < maxCodes {
			// The new string is the one before and the first index of this one,
			// which may be the new string itself.
			l.prefix[l.free], l.length[l.free] = uint16(l.last), l.length[l.last]+1
			l.head[l.free] = l.head[l.last]
			l.suffix[l.free] = l.head[c]
			l.free++
			if l.free == 1<<l.width && l.width < maxWidth {
				l.width++
			}
		}
		l.last = c
		dst = l.write(dst, c)
	}
	return nil
}

// write puts the string of a code at the beginning of dst and gives the rest of
// dst.
func (l *lzw) write(dst []byte, c int) []byte {
	n := int(l.length[c])
	out := dst
	if n > len(dst) {
		out = l.spill[:n]
	}
	for i := n - 1; i >= 0; i-- {
		out[i] = l.suffix[c]
		c = int(l.prefix[c])
	}
	if n <= len(dst) {
		return dst[n:]
	}
	k := copy(dst, out)
	l.pending = out[k:n]
	return nil
}
