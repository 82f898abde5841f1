package tiff

import (
	"encoding/binary"
	"math"

	"likeness/engine/picture/raster"
)

// file is a TIFF file: classic, with offsets of four bytes, or BigTIFF, with
// eight.
type file struct {
	data  []byte
	order binary.ByteOrder
	big   bool
}

// Field types (TIFF 6.0, section 2; BigTIFF adds the last three).
const (
	typeByte      = 1
	typeASCII     = 2
	typeShort     = 3
	typeLong      = 4
	typeRational  = 5
	typeSByte     = 6
	typeUndefined = 7
	typeSShort    = 8
	typeSLong     = 9
	typeSRational = 10
	typeFloat     = 11
	typeDouble    = 12
	typeIFD       = 13
	typeLong8     = 16
	typeSLong8    = 17
	typeIFD8      = 18
)

var typeSize = [...]uint64{
	typeByte: 1, typeASCII: 1, typeShort: 2, typeLong: 4, typeRational: 8,
	typeSByte: 1, typeUndefined: 1, typeSShort: 2, typeSLong: 4, typeSRational: 8,
	typeFloat: 4, typeDouble: 8, typeIFD: 4, typeLong8: 8, typeSLong8: 8, typeIFD8: 8,
}

// entry is the value of a tag, in place in the file.
type entry struct {
	typ   uint16
	count int
	value []byte // count values; nil if they lie beyond the file or are of an unknown type
	order binary.ByteOrder
}

// directory holds the tags of one image that this package knows.
type directory map[uint16]entry

func openFile(data []byte) (*file, uint64, error) {
	if len(data) < 8 {
		return nil, 0, raster.CutOff(format)
	}
	f := &file{data: data, order: binary.LittleEndian}
	switch string(data[:2]) {
	case "II":
	case "MM":
		f.order = binary.BigEndian
	default:
		return nil, 0, raster.Damaged(format, "it has no header")
	}
	switch f.order.Uint16(data[2:]) {
	case 42:
		return f, uint64(f.order.Uint32(data[4:])), nil
	case 43:
		f.big = true
		if len(data) < 16 {
			return nil, 0, raster.CutOff(format)
		}
		if f.order.Uint16(data[4:]) != 8 {
			return nil, 0, raster.Unsupported(format, "offsets of another size than 8 bytes")
		}
		return f, f.order.Uint64(data[8:]), nil
	}
	return nil, 0, raster.Damaged(format, "it has no header")
}

// directory reads the directory at off and tells where the next one is, 0 for
// none.
func (f *file) directory(off uint64) (directory, uint64, error) {
	size := uint64(len(f.data))
	head, each, link := uint64(2), uint64(12), uint64(4)
	if f.big {
		head, each, link = 8, 20, 8
	}
	if off > size || size-off < head {
		return nil, 0, raster.CutOff(format)
	}
	var n uint64
	if f.big {
		n = f.order.Uint64(f.data[off:])
	} else {
		n = uint64(f.order.Uint16(f.data[off:]))
	}
	at := off + head
	if n > (size-at)/each {
		return nil, 0, raster.CutOff(format)
	}
	d := directory{}
	for range n {
		b := f.data[at : at+each]
		tag := f.order.Uint16(b)
		if _, seen := d[tag]; !seen && knownTags[tag] {
			d[tag] = f.entry(b)
		}
		at += each
	}
	// The link is the last thing in many files, and dispensable.
	var next uint64
	if size-at >= link {
		if f.big {
			next = f.order.Uint64(f.data[at:])
		} else {
			next = uint64(f.order.Uint32(f.data[at:]))
		}
	}
	return d, next, nil
}

// entry reads an entry of a directory: tag, type, count and the values or, if
// they do not fit, where they are.
func (f *file) entry(b []byte) entry {
	e := entry{typ: f.order.Uint16(b[2:]), order: f.order}
	count, in := uint64(f.order.Uint32(b[4:])), b[8:]
	if f.big {
		count, in = f.order.Uint64(b[4:]), b[12:]
	}
	if int(e.typ) >= len(typeSize) || typeSize[e.typ] == 0 {
		return e
	}
	e.count = int(min(count, math.MaxInt32))
	if count > uint64(len(f.data)) {
		return e
	}
	size := count * typeSize[e.typ]
	if size <= uint64(len(in)) {
		e.value = in[:size]
		return e
	}
	at := uint64(f.order.Uint32(in[:4]))
	if f.big {
		at = f.order.Uint64(in)
	}
	if at <= uint64(len(f.data)) && size <= uint64(len(f.data))-at {
		e.value = f.data[at : at+size]
	}
	return e
}

// uint returns value i, or false for what is not a whole number from 0 on.
func (e *entry) uint(i int) (uint64, bool) {
	if i < 0 || i >= e.count || e.value == nil {
		return 0, false
	}
	b := e.value[uint64(i)*typeSize[e.typ]:]
	switch e.typ {
	case typeByte, typeUndefined:
		return uint64(b[0]), true
	case typeShort:
		return uint64(e.order.Uint16(b)), true
	case typeLong, typeIFD:
		return uint64(e.order.Uint32(b)), true
	case typeLong8, typeIFD8:
		return e.order.Uint64(b), true
	case typeSByte:
		return uint64(b[0]), b[0] < 1<<7
	case typeSShort:
		v := e.order.Uint16(b)
		return uint64(v), v < 1<<15
	case typeSLong:
		v := e.order.Uint32(b)
		return uint64(v), v < 1<<31
	case typeSLong8:
		v := e.order.Uint64(b)
		return v, v < 1<<63
	}
	return 0, false
}

// float returns value i, whatever its type.
func (e *entry) float(i int) (float64, bool) {
	if v, ok := e.uint(i); ok {
		return float64(v), true
	}
	if i < 0 || i >= e.count || e.value == nil {
		return 0, false
	}
	b := e.value[uint64(i)*typeSize[e.typ]:]
	v := math.NaN()
	switch e.typ {
	case typeRational:
		v = float64(e.order.Uint32(b)) / float64(e.order.Uint32(b[4:]))
	case typeSRational:
		v = float64(int32(e.order.Uint32(b))) / float64(int32(e.order.Uint32(b[4:])))
	case typeFloat:
		v = float64(math.Float32frombits(e.order.Uint32(b)))
	case typeDouble:
		v = math.Float64frombits(e.order.Uint64(b))
	}
	return v, !math.IsNaN(v) && !math.IsInf(v, 0)
}

// int returns the first value of a tag, or def if the tag is missing. Values
// beyond any that a tag can have are cut to 2^31-1.
func (d directory) int(tag uint16, def int) (int, error) {
	e, ok := d[tag]
	if !ok {
		return def, nil
	}
	v, ok := e.uint(0)
	if !ok {
		return 0, d.bad(tag)
	}
	return int(min(v, math.MaxInt32)), nil
}

// bad is the error for a tag whose value is needed and not there.
func (d directory) bad(tag uint16) error {
	if e := d[tag]; e.value == nil && e.count > 0 {
		return raster.CutOff(format)
	}
	return raster.Damaged(format, "tag "+itoa(int(tag))+" has no usable value")
}

// maxDirectories bounds the search for the picture in a file of many.
const maxDirectories = 64

// pick returns the first directory that holds a picture at full resolution. A
// thumbnail or a mask may stand before it.
func (f *file) pick(off uint64) (directory, error) {
	var first directory
	seen := map[uint64]bool{}
	for off != 0 && !seen[off] && len(seen) < maxDirectories {
		seen[off] = true
		d, next, err := f.directory(off)
		if err != nil && first == nil {
			return nil, err
		}
		if err != nil {
			break
		}
		if d.full() {
			return d, nil
		}
		if first == nil {
			first = d
		}
		off = next
	}
	switch _, raw := first[tagSubIFDs]; {
	case first == nil:
		return nil, raster.Damaged(format, "it has no image directory")
	case raw:
		return nil, raster.Unsupported(format, "a reduced picture beside the raw data of a camera")
	}
	return first, nil
}

// full tells that a directory holds a whole picture, not a reduced one or a
// mask.
func (d directory) full() bool {
	const reduced, mask = 1, 4
	kind, _ := d.int(tagNewSubfileType, 0)
	old, _ := d.int(tagSubfileType, 1)
	_, size := d[tagImageWidth]
	return kind&(reduced|mask) == 0 && old != 2 && size
}
