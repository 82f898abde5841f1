package jpeg

import "unsafe"

// blockBytes is more than the bytes that one block of any scan can take: 64
// symbols of at most 31 bits, and the 8 bytes of one look ahead.
const blockBytes = 256 + 8

// chunk is how much entropy-coded data is unstuffed at a time.
const chunk = 16 << 10

// bitReader gives the bits of entropy-coded segments. Its decoders look at
// bytes up to blockBytes per block behind the place where they began without
// asking, so ready is called before each MCU.
//
// acc holds the next n bits at its top; below them are either zeros or the bits
// that follow, already right.
type bitReader struct {
	acc uint64
	n   uint
	p   int // in buf, of the byte that follows the n bits

	low int // p up to which a whole MCU can be read
	end int // of the bytes in buf
	buf []byte

	src    []byte // the file
	at     int    // in src, of what comes next
	final  bool   // src[at:] is a marker or the end: behind end are zeros
	margin int
}

// open begins a scan whose MCUs have the given number of blocks. buf is kept
// from an earlier scan where it is large enough.
func (r *bitReader) open(src []byte, at, blocks int) {
	r.margin = blocks * blockBytes
	r.src, r.at = src, at
	if need := chunk + 2*r.margin; len(r.buf) < need {
		r.buf = make([]byte, need)
	}
	r.begin()
}

// begin starts a segment at src[at].
func (r *bitReader) begin() {
	r.acc, r.n, r.p, r.end, r.low, r.final = 0, 0, 0, 0, -1, false
}

// bufferBytes is the size of buf for MCUs of so many blocks.
func bufferBytes(blocks int) int { return chunk + 2*blocks*blockBytes }

// ready sees to it that a whole MCU can be read. It is false if the segment has
// ended and the MCUs read so far already took more bits than there were.
func (r *bitReader) ready() bool { return r.p <= r.low || r.more() }

// more fills buf.
func (r *bitReader) more() bool {
	if r.final {
		return !r.overrun()
	}
	r.end = copy(r.buf, r.buf[r.p:r.end])
	r.p = 0
	wrote, read, marker := unstuff(r.buf[r.end:len(r.buf)-r.margin], r.src[r.at:])
	r.end += wrote
	r.at += read
	r.low = r.end - r.margin
	if marker {
		r.final = true
		clear(r.buf[r.end : r.end+r.margin])
		// Each MCU after this one is checked.
		r.low = -1
		if r.end > 2*r.margin {
			r.low = r.end - r.margin
		}
	}
	return true
}

// overrun reports whether more bits were read than there are.
func (r *bitReader) overrun() bool { return r.final && 8*r.p-int(r.n) > 8*r.end }

// refill tops n up to at least 56.
func (r *bitReader) refill() {
	r.acc, r.p, r.n = refilled(unsafe.SliceData(r.buf), r.acc, r.p, r.n)
}

func refilled(buf *byte, acc uint64, p int, n uint) (uint64, int, uint) {
	word := load64((*[8]byte)(unsafe.Add(unsafe.Pointer(buf), p)))
	return acc | word>>(n&63), p + int((63-n)>>3), n | 56
}

// take returns the next size bits; they must be in acc, size less than 32.
func (r *bitReader) take(size uint) int32 {
	v := int32(r.acc >> 1 >> ((63 - size) & 63))
	r.drop(size)
	return v
}

func (r *bitReader) drop(size uint) {
	r.acc <<= size & 63
	r.n -= size
}

// symbol reads one code; length 0 means that it is none.
func (r *bitReader) symbol(c *codes) (value byte, length uint) {
	value, length = c.symbol(uint32(r.acc >> 48))
	r.drop(length)
	return value, length
}

// failure says why a scan cannot go on where the data gave no code or ran out.
func (r *bitReader) failure(what string) error {
	// Behind the end of a segment are zeros: a code that reached into them is
	// one that is not there.
	if !r.final || 8*r.p-int(r.n)+16 <= 8*r.end {
		return damaged(what)
	}
	i := indexMarker(r.src, r.at)
	if i < 0 || r.src[i] == markerEOI {
		return cutOff()
	}
	return damaged("a scan ends before its picture does")
}

const (
	badCode  = "its data holds a code that does not exist"
	shortage = "its data is too short"
)

// finish is called after the last MCU of a segment.
func (r *bitReader) finish() error {
	if r.overrun() {
		return r.failure(shortage)
	}
	return nil
}

// endScan is called after the last MCU of a scan. A marker follows, or the file
// ends there but for the end marker: where more bytes lie between, as in a
// download that was filled up with zeros, they were part of another picture.
func (r *bitReader) endScan() error {
	if err := r.finish(); err != nil {
		return err
	}
	if indexMarker(r.src, r.at) >= 0 {
		return nil
	}
	if left := 8*r.end - (8*r.p - int(r.n)); !r.final || left >= 16 {
		return cutOff()
	}
	return nil
}

// nextInterval goes to the restart interval behind the marker RSTn, n being
// count modulo 8. A marker that is missing or another is not mended: what comes
// behind it may belong anywhere. Bytes before the marker are left alone, as by
// other decoders.
func (r *bitReader) nextInterval(count int) error {
	if err := r.finish(); err != nil {
		return err
	}
	i := indexMarker(r.src, r.at)
	switch {
	case i < 0 || r.src[i] == markerEOI:
		return cutOff()
	case r.src[i] != markerRST0+byte(count&7):
		return damaged("a restart marker is missing or out of order")
	}
	r.at = i + 1
	r.begin()
	return nil
}
