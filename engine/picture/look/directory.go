package look

import "encoding/binary"

// directory is an image file directory of a TIFF structure (TIFF 6.0 section 2,
// BigTIFF), which is also how EXIF is stored.
type directory struct {
	data  []byte // the whole structure, to which offsets refer
	order binary.ByteOrder
	big   bool   // BigTIFF: counts and offsets of 8 bytes
	body  []byte // the entries, as far as they are there
	next  uint64 // offset of the one after it, or 0
}

// entry is one field of a directory.
type entry struct {
	kind  uint16
	count uint64
	value []byte // its 4 or 8 bytes: the value, or where it is
}

// Field types.
const (
	typeByte   = 1
	typeShort  = 3
	typeLong   = 4
	typeSShort = 8
	typeSLong  = 9
	typeLong8  = 16
)

func firstDirectory(data []byte) (d directory, ok bool) {
	if len(data) < 8 {
		return d, false
	}
	switch string(data[:2]) {
	case "II":
		d.order = le
	case "MM":
		d.order = be
	default:
		return d, false
	}
	d.data = data
	switch d.order.Uint16(data[2:]) {
	case 42:
		return d.at(uint64(d.order.Uint32(data[4:])))
	case 43:
		if len(data) < 16 || d.order.Uint16(data[4:]) != 8 {
			return d, false
		}
		d.big = true
		return d.at(d.order.Uint64(data[8:]))
	}
	return d, false
}

// at returns the directory at an offset of the same structure.
func (d directory) at(off uint64) (directory, bool) {
	word := 2
	if d.big {
		word = 8
	}
	if off > uint64(len(d.data)-word) {
		return d, false
	}
	n, rest := uint64(0), d.data[off:]
	if d.big {
		n = d.order.Uint64(rest)
	} else {
		n = uint64(d.order.Uint16(rest))
	}
	rest, d.next = rest[word:], 0
	if n <= uint64(len(rest)/d.entrySize()) {
		end := rest[int(n)*d.entrySize():]
		rest = rest[:int(n)*d.entrySize()]
		switch {
		case d.big && len(end) >= 8:
			d.next = d.order.Uint64(end)
		case !d.big && len(end) >= 4:
			d.next = uint64(d.order.Uint32(end))
		}
	}
	d.body = rest
	return d, true
}

func (d directory) entrySize() int {
	if d.big {
		return 20
	}
	return 12
}

// find returns the first entry of a tag.
func (d directory) find(tag uint16) (e entry, ok bool) {
	for b := d.body; len(b) >= d.entrySize(); b = b[d.entrySize():] {
		if d.order.Uint16(b) != tag {
			continue
		}
		e.kind = d.order.Uint16(b[2:])
		if d.big {
			return entry{e.kind, d.order.Uint64(b[4:]), b[12:20]}, true
		}
		return entry{e.kind, uint64(d.order.Uint32(b[4:])), b[8:12]}, true
	}
	return e, false
}

// number returns the value of a tag that holds one integer, or 0. Some programs
// write signed types where unsigned ones belong.
func (d directory) number(tag uint16) uint64 {
	e, ok := d.find(tag)
	if !ok || e.count != 1 {
		return 0
	}
	switch {
	case e.kind == typeByte:
		return uint64(e.value[0])
	case e.kind == typeShort:
		return uint64(d.order.Uint16(e.value))
	case e.kind == typeLong:
		return uint64(d.order.Uint32(e.value))
	case e.kind == typeSShort:
		return uint64(max(0, int16(d.order.Uint16(e.value))))
	case e.kind == typeSLong:
		return uint64(max(0, int32(d.order.Uint32(e.value))))
	case e.kind == typeLong8 && d.big:
		return d.order.Uint64(e.value)
	}
	return 0
}

// bytes returns the value of a tag that holds bytes somewhere in the file, or
// nil. Values that would fit the entry are not looked for.
func (d directory) bytes(tag uint16) []byte {
	e, ok := d.find(tag)
	if !ok || e.kind != typeByte && e.kind != 7 || e.count <= uint64(len(e.value)) {
		return nil
	}
	at := uint64(d.order.Uint32(e.value))
	if d.big {
		at = d.order.Uint64(e.value)
	}
	if at > uint64(len(d.data)) || e.count > uint64(len(d.data))-at {
		return nil
	}
	return d.data[at : at+e.count]
}

const tagOrientation = 0x0112

// orientation returns the directory's orientation, 1 if there is none.
func (d directory) orientation() int {
	if o := d.number(tagOrientation); o >= 1 && o <= 8 {
		return int(o)
	}
	return 1
}

// exifOrientation reads the orientation of an EXIF block, which may begin with
// the six bytes that mark it in JPEG; some writers put them elsewhere too.
func exifOrientation(exif []byte) int {
	if body, ok := trimEXIF(exif); ok {
		exif = body
	}
	d, ok := firstDirectory(exif)
	if !ok || d.big {
		return 1
	}
	return d.orientation()
}

// trimEXIF cuts the mark "Exif", a zero and a padding byte of any value.
func trimEXIF(b []byte) ([]byte, bool) {
	if len(b) < 6 || string(b[:5]) != "Exif\x00" {
		return nil, false
	}
	return b[6:], true
}
