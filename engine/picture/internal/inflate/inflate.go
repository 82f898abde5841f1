// Package inflate decompresses Deflate streams (RFC 1951) whose bytes are in
// memory, in one or more pieces. Against package compress/flate it saves a call
// for each byte of input and copies matches eight bytes at a time.
package inflate

import (
	"errors"
	"io"
)

// ErrCorrupt is the error for data that is no Deflate stream.
var ErrCorrupt = errors.New("inflate: corrupt data")

// Source gives the stream piece by piece; the error is io.EOF after the last.
// A piece is asked for when a bit of it is needed, not before.
type Source interface {
	Next() ([]byte, error)
}

const (
	history = 32 << 10 // farthest match
	batch   = 32 << 10 // decompressed at a time
	slack   = 300      // three literals, a match of 258 and seven bytes beyond it
)

// Memory is the size of a Reader in bytes, rounded up.
const Memory = 80 << 10

// Reader is an io.Reader of the decompressed bytes. Bytes before an error are
// given first. A stream that breaks off ends in io.ErrUnexpectedEOF.
type Reader struct {
	src   Source
	in    []byte // rest of the piece
	acc   uint64 // bits taken from it but not used, the next one lowest; others 0
	bits  uint   // how many
	state state
	final bool // the block is the last one
	left  int  // bytes to come of a stored block
	read  int  // out[read:write] is to be given to the caller
	write int
	err   error // final, once all is given

	literals  [1<<literalBits + literalMore]uint32
	distances [1<<distanceBits + distanceMore]uint32
	out       [history + batch + slack]byte
}

type state byte

const (
	atHeader state = iota
	inStored
	inBlock
)

// NewReader reads the stream from src.
func NewReader(src Source) *Reader { return &Reader{src: src} }

func (r *Reader) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if r.read == r.write {
		if r.err == nil {
			r.fill()
		}
		if r.read == r.write {
			return 0, r.err
		}
	}
	n := copy(p, r.out[r.read:r.write])
	r.read += n
	return n, nil
}

// Trailer reads bytes that follow the stream, which Read has ended with io.EOF;
// a format's checksum stands there.
func (r *Reader) Trailer(p []byte) error {
	r.drop(r.bits & 7)
	for i := range p {
		b, err := r.take(8)
		if err != nil {
			return err
		}
		p[i] = byte(b)
	}
	return nil
}

// fill decompresses another batch.
func (r *Reader) fill() {
	if r.write > history {
		copy(r.out[:history], r.out[r.write-history:r.write])
		r.write = history
	}
	r.read = r.write
	for r.err == nil && r.write < history+batch {
		switch r.state {
		case atHeader:
			if r.final {
				r.err = io.EOF
			} else {
				r.err = r.header()
			}
		case inStored:
			r.err = r.stored()
		case inBlock:
			r.err = r.block()
		}
	}
}

// more adds a byte to acc, which must have room for it.
func (r *Reader) more() error {
	for len(r.in) == 0 {
		b, err := r.src.Next()
		if err == io.EOF {
			return io.ErrUnexpectedEOF
		}
		if err != nil {
			return err
		}
		r.in = b
	}
	r.acc |= uint64(r.in[0]) << r.bits
	r.in = r.in[1:]
	r.bits += 8
	return nil
}

// take reads n bits, at most 16.
func (r *Reader) take(n uint) (int, error) {
	for r.bits < n {
		if err := r.more(); err != nil {
			return 0, err
		}
	}
	v := int(r.acc & (1<<n - 1))
	r.drop(n)
	return v, nil
}

func (r *Reader) drop(n uint) {
	r.acc >>= n
	r.bits -= n
}

// header begins a block.
func (r *Reader) header() error {
	v, err := r.take(3)
	if err != nil {
		return err
	}
	r.final = v&1 != 0
	switch v >> 1 {
	case 0:
		return r.storedHeader()
	case 1:
		r.state = inBlock
		return r.fixedCodes()
	case 2:
		r.state = inBlock
		return r.dynamicCodes()
	}
	return ErrCorrupt
}

func (r *Reader) storedHeader() error {
	r.drop(r.bits & 7)
	n, err := r.take(16)
	if err != nil {
		return err
	}
	inverse, err := r.take(16)
	if err != nil {
		return err
	}
	if n != inverse^0xffff {
		return ErrCorrupt
	}
	r.state, r.left = inStored, n
	return nil
}

// stored copies bytes of a stored block, first those that acc holds.
func (r *Reader) stored() error {
	for r.left > 0 && r.write < history+batch {
		if r.bits == 0 && len(r.in) > 0 {
			n := copy(r.out[r.write:history+batch], r.in[:min(r.left, len(r.in))])
			r.in = r.in[n:]
			r.write += n
			r.left -= n
			continue
		}
		b, err := r.take(8)
		if err != nil {
			return err
		}
		r.out[r.write] = byte(b)
		r.write++
		r.left--
	}
	if r.left == 0 {
		r.state = atHeader
	}
	return nil
}

// block decompresses codes until the batch or the block ends.
func (r *Reader) block() error {
	for r.write < history+batch {
		if len(r.in) >= 8 {
			end, err := r.fast()
			if err != nil {
				return err
			}
			if end {
				r.state = atHeader
				return nil
			}
			continue
		}
		end, err := r.slow()
		if err != nil {
			return err
		}
		if end {
			r.state = atHeader
			return nil
		}
	}
	return nil
}

// slow decodes one literal or match with no more input than it needs.
func (r *Reader) slow() (end bool, err error) {
	e, err := r.symbol(r.literals[:], literalBits)
	if err != nil {
		return false, err
	}
	if e&isLiteral != 0 {
		r.out[r.write] = byte(e >> valueShift)
		r.write++
		return false, nil
	}
	if e&isEnd != 0 {
		return true, nil
	}
	extra, err := r.take(uint(e >> extraShift & extraMask))
	if err != nil {
		return false, err
	}
	n := int(e>>valueShift) + extra
	if e, err = r.symbol(r.distances[:], distanceBits); err != nil {
		return false, err
	}
	if extra, err = r.take(uint(e >> extraShift & extraMask)); err != nil {
		return false, err
	}
	d := int(e>>valueShift) + extra
	if d > r.write {
		return false, ErrCorrupt
	}
	for ; n > 0; n-- {
		r.out[r.write] = r.out[r.write-d]
		r.write++
	}
	return false, nil
}

// symbol decodes a code.
func (r *Reader) symbol(table []uint32, primary uint) (uint32, error) {
	for {
		e := table[r.acc&(1<<primary-1)]
		n := uint(e & lengthMask)
		if e&isSub != 0 {
			e = table[e>>valueShift+uint32(r.acc>>primary)&(1<<(e>>extraShift&extraMask)-1)]
			n += uint(e & lengthMask)
		}
		if e != 0 && n <= r.bits {
			r.drop(n)
			return e, nil
		}
		if r.bits >= maxLength {
			return 0, ErrCorrupt
		}
		if err := r.more(); err != nil {
			return 0, err
		}
	}
}
