package tiff

import (
	"likeness/engine/picture/raster"
)

// fax unpacks the compressions of ITU-T T.4 and T.6: modified Huffman, group 3
// of one and two dimensions, group 4. Runs that the codes call white become
// zeros, whatever the photometric interpretation says.
type fax struct {
	w     int
	kind  int
	twoD  bool // group 3 with rows of two dimensions among them
	align int  // rows begin at multiples of so many bits: 1, 8 or 16

	in  []byte
	pos int // the next bit

	runs *[2]runTable
	mode *[1 << modeBits]uint16
	// Places where the colour changes, from white first. Those of the row above
	// end with several times w.
	cur, ref []int32
}

// zeroRuns is how many changes more than pixels a row may have.
const zeroRuns = 64

var errFax = raster.Damaged(format, "a fax code is unknown or runs beyond the row")

func newFax(l *layout) *fax {
	f := &fax{w: l.segW, kind: l.compression, align: 1, runs: runTables(), mode: modeTable()}
	f.twoD = f.kind == compFax3 && l.t4&1 != 0
	switch f.kind {
	case compFax2:
		f.align = 8
	case compFax2Words:
		f.align = 16
	}
	f.cur = make([]int32, 0, f.w+zeroRuns+4)
	f.ref = make([]int32, 0, f.w+zeroRuns+4)
	return f
}

func (f *fax) reset(data []byte) error {
	f.in, f.pos = data, 0
	f.cur = f.cur[:0]
	return nil
}

// peek returns the next n <= 16 bits, with zeros after the end.
func (f *fax) peek(n int) int {
	var v uint32
	at := f.pos >> 3
	if at+4 <= len(f.in) {
		b := f.in[at : at+4]
		v = uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
	} else {
		for i := range 4 {
			v <<= 8
			if at+i < len(f.in) {
				v |= uint32(f.in[at+i])
			}
		}
	}
	return int(v << (f.pos & 7) >> (32 - n))
}

func (f *fax) atEnd() bool { return f.pos >= 8*len(f.in) }

// read unpacks one row.
func (f *fax) read(dst []byte) error {
	f.ref, f.cur = f.cur, f.ref[:0]
	w := int32(f.w)
	f.ref = append(f.ref, w, w, w, w)
	twoD := f.kind == compFax4
	if f.kind == compFax3 {
		var err error
		if twoD, err = f.startRow(); err != nil {
			return err
		}
	}
	f.pos = (f.pos + f.align - 1) / f.align * f.align
	if f.atEnd() {
		return errShort
	}
	row := f.row1D
	if twoD {
		row = f.row2D
	}
	if err := row(); err != nil {
		return err
	}
	if f.pos > 8*len(f.in) {
		return errShort
	}
	clear(dst)
	for i := 0; i < len(f.cur); i += 2 {
		end := f.w
		if i+1 < len(f.cur) {
			end = int(f.cur[i+1])
		}
		setBits(dst, int(f.cur[i]), end)
	}
	return nil
}

// startRow reads the end-of-line codes before a row of group 3 and tells
// whether the row has two dimensions. Some writers leave them out.
func (f *fax) startRow() (twoD bool, err error) {
	n := 0
	for f.endOfLine() {
		n++
		if f.twoD {
			twoD = f.peek(1) == 0
			f.pos++
		}
	}
	const returnToControl = 6
	if n >= returnToControl {
		return false, errShort
	}
	if n == 0 && f.twoD {
		return false, errFax
	}
	return twoD, nil
}

// endOfLine skips an end-of-line code, eleven zeros or more and a one, if it
// comes next.
func (f *fax) endOfLine() bool {
	const zeros = 11
	if f.peek(zeros) != 0 {
		return false
	}
	for p := f.pos + zeros; p < 8*len(f.in); p++ {
		if f.in[p>>3] == 0 && p&7 == 0 {
			p += 7
			continue
		}
		if f.in[p>>3]>>(7-p&7)&1 == 1 {
			f.pos = p + 1
			return true
		}
	}
	return false
}

// change notes that the colour changes at a place. Runs of no length stay in
// the list, since writers that make them take the next row's places from it, as
// libtiff does.
func (f *fax) change(at int) error {
	switch {
	case at == f.w:
		return nil
	case at > f.w || len(f.cur) == f.w+zeroRuns:
		return errFax
	}
	f.cur = append(f.cur, int32(at))
	return nil
}

// run reads a run: codes of multiples of 64 and one below 64.
func (f *fax) run(colour int) (int, error) {
	t := &f.runs[colour]
	for total := 0; ; {
		c := t[f.peek(faxBits)]
		if c == 0 {
			return 0, f.wrong()
		}
		f.pos += int(c & 15)
		run := int(c >> 4)
		total += run
		if total > f.w {
			return 0, errFax
		}
		if run < 64 {
			return total, nil
		}
	}
}

// wrong is the error for bits that are no code.
func (f *fax) wrong() error {
	if f.pos+faxBits > 8*len(f.in) || f.peek(11) == 0 {
		return errShort
	}
	return errFax
}

func (f *fax) row1D() error {
	for at, colour := 0, 0; at < f.w; colour ^= 1 {
		run, err := f.run(colour)
		if err != nil {
			return err
		}
		at += run
		if err := f.change(at); err != nil {
			return err
		}
	}
	return nil
}

// row2D reads a row against the one above (T.4, section 4.2; the names are
// those used there).
func (f *fax) row2D() error {
	a0, colour, b := -1, 0, 0
	for a0 < f.w {
		m := f.mode[f.peek(modeBits)]
		if m == 0 {
			return f.wrong()
		}
		f.pos += int(m & 15)
		// b1 is the first change above, right of a0, to the other colour.
		for b > 0 && int(f.ref[b-1]) > a0 {
			b--
		}
		for int(f.ref[b]) <= a0 {
			b++
		}
		if b&1 != colour {
			b++
		}
		switch mode := int(m >> 4); mode {
		case modePass:
			a0 = int(f.ref[b+1])
		case modeHorizontal:
			a0 = max(a0, 0)
			for range 2 {
				run, err := f.run(colour)
				if err != nil {
					return err
				}
				a0 += run
				if err := f.change(a0); err != nil {
					return err
				}
				colour ^= 1
			}
		default:
			a1 := int(f.ref[b]) + mode - modeVertical
			if a1 < max(a0, 0) {
				return errFax
			}
			if err := f.change(a1); err != nil {
				return err
			}
			a0 = a1
			colour ^= 1
		}
	}
	return nil
}

// setBits sets bits from to to-1, the highest bit of a byte being the first.
func setBits(row []byte, from, to int) {
	first, last := from>>3, to>>3
	head, tail := byte(0xff>>(from&7)), ^byte(0xff>>(to&7))
	if first == last {
		row[first] |= head & tail
		return
	}
	row[first] |= head
	for i := first + 1; i < last; i++ {
		row[i] = 0xff
	}
	if tail != 0 {
		row[last] |= tail
	}
}
