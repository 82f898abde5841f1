package tiff

import (
	"encoding/binary"
	"io"
	"maps"
	"math"
	"slices"
	"testing"

	"likeness/engine/picture/raster"
)

// builder writes a TIFF file: header, segments, directory, values.
type builder struct {
	order    binary.AppendByteOrder
	big      bool
	tags     map[uint16]value
	segments [][]byte
	tiled    bool
}

type value struct {
	typ  uint16
	vals []uint64
}

func shorts(v ...uint64) value { return value{typeShort, v} }
func longs(v ...uint64) value  { return value{typeLong, v} }

// newBuilder begins a picture of w x h pixels of one strip.
func newBuilder(w, h, bits, samples, photometric int, strip []byte) *builder {
	b := &builder{order: binary.LittleEndian, tags: map[uint16]value{}, segments: [][]byte{strip}}
	b.set(tagImageWidth, w).set(tagImageLength, h).set(tagCompression, compNone).
		set(tagPhotometric, photometric).set(tagSamplesPerPixel, samples).set(tagRowsPerStrip, h)
	v := value{typ: typeShort}
	for range samples {
		v.vals = append(v.vals, uint64(bits))
	}
	b.tags[tagBitsPerSample] = v
	return b
}

func (b *builder) set(tag uint16, v ...int) *builder {
	val := value{typ: typeShort}
	for _, x := range v {
		if x > math.MaxUint16 {
			val.typ = typeLong
		}
		val.vals = append(val.vals, uint64(x))
	}
	b.tags[tag] = val
	return b
}

func (b *builder) strips(rows int, s ...[]byte) *builder {
	b.segments = s
	return b.set(tagRowsPerStrip, rows)
}

func (b *builder) tiles(w, h int, s ...[]byte) *builder {
	b.segments, b.tiled = s, true
	delete(b.tags, tagRowsPerStrip)
	return b.set(tagTileWidth, w).set(tagTileLength, h)
}

func (b *builder) bytes() []byte { return b.file(true) }

// file writes the header, the segments and the directory, which in the first
// file stands behind them, else before.
func (b *builder) file(last bool) []byte {
	o := b.order.(binary.ByteOrder)
	head, each, word := 8, 12, 4
	count := 2
	if b.big {
		head, each, word, count = 16, 20, 8, 8
	}
	body := 0
	for _, s := range b.segments {
		body += len(s) + len(s)&1
	}
	offsets, counts := uint16(tagStripOffsets), uint16(tagStripByteCounts)
	if b.tiled {
		offsets, counts = tagTileOffsets, tagTileByteCounts
	}
	_, keepOffsets := b.tags[offsets]
	_, keepCounts := b.tags[counts]
	n := len(b.tags)
	if !keepOffsets {
		n++
	}
	if !keepCounts {
		n++
	}
	dirSize := count + n*each + word
	dirAt, dataAt := head, head+dirSize
	if last {
		dirAt, dataAt = head+body, head
	}
	offs, sizes := value{typ: typeLong}, value{typ: typeLong}
	at := dataAt
	for _, s := range b.segments {
		offs.vals, sizes.vals = append(offs.vals, uint64(at)), append(sizes.vals, uint64(len(s)))
		at += len(s) + len(s)&1
	}
	tags := maps.Clone(b.tags)
	if !keepOffsets {
		tags[offsets] = offs
	}
	if !keepCounts {
		tags[counts] = sizes
	}
	valuesAt := head + dirSize + body
	dir, values := b.directory(tags, word, valuesAt)

	out := []byte("II*\x00")
	if o == binary.ByteOrder(binary.BigEndian) {
		out = []byte("MM\x00*")
	}
	if b.big {
		o.PutUint16(out[2:], 43)
		out = b.order.AppendUint16(out, 8)
		out = b.order.AppendUint16(out, 0)
		out = b.order.AppendUint64(out, uint64(dirAt))
	} else {
		out = b.order.AppendUint32(out, uint32(dirAt))
	}
	if !last {
		out = append(out, dir...)
	}
	for _, s := range b.segments {
		out = append(append(out, s...), make([]byte, len(s)&1)...)
	}
	if last {
		out = append(out, dir...)
	}
	return append(out, values...)
}

// directory writes the entries and the values that do not fit in them.
func (b *builder) directory(tags map[uint16]value, word, valuesAt int) (dir, values []byte) {
	if b.big {
		dir = b.order.AppendUint64(dir, uint64(len(tags)))
	} else {
		dir = b.order.AppendUint16(dir, uint16(len(tags)))
	}
	for _, tag := range slices.Sorted(maps.Keys(tags)) {
		v := tags[tag]
		raw := b.values(v)
		dir = b.order.AppendUint16(dir, tag)
		dir = b.order.AppendUint16(dir, v.typ)
		n := uint64(len(raw)) / typeSize[v.typ]
		if b.big {
			dir = b.order.AppendUint64(dir, n)
		} else {
			dir = b.order.AppendUint32(dir, uint32(n))
		}
		switch {
		case len(raw) <= word:
			dir = append(append(dir, raw...), make([]byte, word-len(raw))...)
			continue
		case b.big:
			dir = b.order.AppendUint64(dir, uint64(valuesAt+len(values)))
		default:
			dir = b.order.AppendUint32(dir, uint32(valuesAt+len(values)))
		}
		values = append(append(values, raw...), make([]byte, len(raw)&1)...)
	}
	return append(dir, make([]byte, word)...), values
}

// values writes the values of a tag; rationals are pairs.
func (b *builder) values(v value) (raw []byte) {
	for _, x := range v.vals {
		switch v.typ {
		case typeByte, typeSByte, typeUndefined:
			raw = append(raw, byte(x))
		case typeShort, typeSShort:
			raw = b.order.AppendUint16(raw, uint16(x))
		case typeLong, typeSLong, typeRational, typeSRational, typeFloat:
			raw = b.order.AppendUint32(raw, uint32(x))
		default:
			raw = b.order.AppendUint64(raw, x)
		}
	}
	return raw
}

// noise gives n reproducible bytes.
func noise(n int, seed uint32) []byte {
	b := make([]byte, n)
	for i := range b {
		seed = seed*1664525 + 1013904223
		b[i] = byte(seed >> 24)
	}
	return b
}

// read returns all rows.
func read(data []byte) (w, h int, pix []byte, err error) {
	s, err := Open(data, raster.Options{})
	if err != nil {
		return 0, 0, nil, err
	}
	w, h = s.Size()
	pix = make([]byte, 4*w*h)
	for y := range h {
		if err := s.ReadRow(pix[4*w*y:][:4*w]); err != nil {
			return w, h, pix, err
		}
	}
	if err := s.ReadRow(nil); err != io.EOF {
		return w, h, pix, err
	}
	return w, h, pix, nil
}

func mustRead(t testing.TB, name string, data []byte) []byte {
	t.Helper()
	_, _, pix, err := read(data)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return pix
}

// opaque makes RGBA of grey or RGB samples of 8 bits.
func opaque(samples []byte, channels int) []byte {
	var out []byte
	for i := 0; i < len(samples); i += channels {
		p := samples[i : i+channels]
		if channels == 1 {
			out = append(out, p[0], p[0], p[0], 255)
		} else {
			out = append(out, p[0], p[1], p[2], 255)
		}
	}
	return out
}
