package tiff

import (
	"bytes"
	"compress/zlib"
	"math/bits"
	"strings"
)

// Encoders for the tests, the plainest that exercise every branch of the
// decoders.

func deflate(b []byte) []byte {
	var out bytes.Buffer
	w := zlib.NewWriter(&out)
	w.Write(b)
	w.Close()
	return out.Bytes()
}

// packBitsEncode makes runs of equal bytes and literals.
func packBitsEncode(b []byte) []byte {
	out := []byte{0x80} // no operation
	for len(b) > 0 {
		n := 1
		for n < len(b) && n < 128 && b[n] == b[0] {
			n++
		}
		if n > 1 {
			out = append(out, byte(1-n), b[0])
		} else {
			for n < len(b) && n < 128 && b[n] != b[n-1] {
				n++
			}
			out = append(append(out, byte(n-1)), b[:n]...)
		}
		b = b[n:]
	}
	return out
}

// bitString collects bits, the highest of a byte first.
type bitString struct {
	b []byte
	n int
}

func (s *bitString) put(v, n int) {
	for i := n - 1; i >= 0; i-- {
		if s.n&7 == 0 {
			s.b = append(s.b, 0)
		}
		s.b[s.n>>3] |= byte(v>>i&1) << (7 - s.n&7)
		s.n++
	}
}

func (s *bitString) code(c string) {
	for _, bit := range c {
		s.put(int(bit-'0'), 1)
	}
}

// lzwEncode makes codes as TIFF or, if old, as the first programs did.
func lzwEncode(b []byte, old bool) []byte {
	var s bitString
	table := map[string]int{}
	width, next := 9, 258
	emit := func(c int) {
		if old {
			c = int(bits.Reverse16(uint16(c)) >> (16 - width))
		}
		s.put(c, width)
	}
	early := 1
	if old {
		early = 0
	}
	code := func(p []byte) int {
		if len(p) == 1 {
			return int(p[0])
		}
		return table[string(p)]
	}
	emit(lzwClear)
	var p []byte
	for _, v := range b {
		q := append(bytes.Clone(p), v)
		if _, ok := table[string(q)]; ok || len(q) == 1 {
			p = q
			continue
		}
		emit(code(p))
		table[string(q)] = next
		p = q[len(q)-1:]
		// The reader is one entry behind.
		if next++; next-1+early >= 1<<width {
			width++
		}
		if next >= 4094 {
			emit(lzwClear)
			clear(table)
			width, next = 9, 258
		}
	}
	if len(p) > 0 {
		emit(code(p))
	}
	if next+early >= 1<<width && width < 12 {
		width++
	}
	emit(lzwEnd)
	if old {
		return reverse(s.b)
	}
	return s.b
}

var runCodes = [2][]string{strings.Fields(whiteRuns + longRuns), strings.Fields(blackRuns + longRuns)}

func putRun(s *bitString, colour, n int) {
	for ; n >= 2560; n -= 2560 {
		s.code(runCodes[colour][63+40])
	}
	if n >= 64 {
		s.code(runCodes[colour][63+n/64])
	}
	s.code(runCodes[colour][n%64])
}

// pixelAt reads a packed row, white beyond its ends.
func pixelAt(row []byte, w, x int) int {
	if x < 0 || x >= w || row == nil {
		return 0
	}
	return int(row[x>>3]>>(7-x&7)) & 1
}

// nextChange is the first place from x on where the pixel differs from its left
// neighbour and, if colour is not negative, has not that colour.
func nextChange(row []byte, w, x, colour int) int {
	for ; x < w; x++ {
		if v := pixelAt(row, w, x); v != pixelAt(row, w, x-1) && v != colour {
			return x
		}
	}
	return w
}

func fax1D(s *bitString, row []byte, w int) {
	for x, colour := 0, 0; x < w; colour ^= 1 {
		end := x
		for end < w && pixelAt(row, w, end) == colour {
			end++
		}
		putRun(s, colour, end-x)
		x = end
	}
}

var verticalCodes = map[int]string{0: "1", 1: "011", 2: "000011", 3: "0000011", -1: "010", -2: "000010", -3: "0000010"}

func fax2D(s *bitString, row, above []byte, w int) {
	a0, colour := -1, 0
	for a0 < w {
		a1 := max(a0, 0)
		for a1 < w && pixelAt(row, w, a1) == colour {
			a1++
		}
		b1 := nextChange(above, w, a0+1, colour)
		b2 := nextChange(above, w, b1+1, -1)
		switch {
		case b2 < a1:
			s.code("0001")
			a0 = b2
		case a1-b1 >= -3 && a1-b1 <= 3:
			s.code(verticalCodes[a1-b1])
			a0, colour = a1, colour^1
		default:
			a2 := a1
			for a2 < w && pixelAt(row, w, a2) != colour {
				a2++
			}
			s.code("001")
			putRun(s, colour, a1-max(a0, 0))
			putRun(s, colour^1, a2-a1)
			a0 = a2
		}
	}
}

const endOfLineCode = "000000000001"

// faxEncode makes one strip of rows, packed with white as 0.
func faxEncode(packed []byte, w, h, compression int, twoD, fill bool) []byte {
	var s bitString
	stride := (w + 7) / 8
	var above []byte
	for y := range h {
		row := packed[y*stride:][:stride]
		switch compression {
		case compFax4:
			fax2D(&s, row, above, w)
		case compFax3:
			for fill && (s.n+len(endOfLineCode))%8 != 0 {
				s.put(0, 1)
			}
			s.code(endOfLineCode)
			switch {
			case !twoD:
				fax1D(&s, row, w)
			case y%4 == 0:
				s.put(1, 1)
				fax1D(&s, row, w)
			default:
				s.put(0, 1)
				fax2D(&s, row, above, w)
			}
		default:
			step := 8
			if compression == compFax2Words {
				step = 16
			}
			for s.n%step != 0 {
				s.put(0, 1)
			}
			fax1D(&s, row, w)
		}
		above = row
	}
	if compression == compFax4 {
		s.code(endOfLineCode + endOfLineCode)
	}
	return s.b
}
