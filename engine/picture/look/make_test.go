package look

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"testing"

	"golang.org/x/image/tiff"
)

// scene is 6 x 4 with a different colour at each corner.
func scene() *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, 6, 4))
	for y := range 4 {
		for x := range 6 {
			m.SetNRGBA(x, y, color.NRGBA{byte(x * 50), byte(y * 80), 30, 255})
		}
	}
	return m
}

func encode(t testing.TB, format string) []byte {
	t.Helper()
	var b bytes.Buffer
	var err error
	switch format {
	case "jpeg":
		err = jpeg.Encode(&b, scene(), nil)
	case "png":
		err = png.Encode(&b, scene())
	case "gif":
		err = gif.Encode(&b, scene(), nil)
	case "tiff":
		err = tiff.Encode(&b, scene(), nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// field is an entry of a directory with its 4 bytes of value.
type field struct {
	tag, kind uint16
	count     uint32
	value     [4]byte
}

// structure is a TIFF structure of one directory, with bytes behind it.
func structure(order binary.ByteOrder, tail []byte, fields ...field) []byte {
	mark := "II"
	if order == binary.ByteOrder(be) {
		mark = "MM"
	}
	b := []byte(mark + "\x00\x00\x00\x00\x00\x00")
	order.PutUint16(b[2:], 42)
	order.PutUint32(b[4:], 8)
	b = append(b, 0, 0)
	order.PutUint16(b[8:], uint16(len(fields)))
	for _, f := range fields {
		e := make([]byte, 12)
		order.PutUint16(e, f.tag)
		order.PutUint16(e[2:], f.kind)
		order.PutUint32(e[4:], f.count)
		copy(e[8:], f.value[:])
		b = append(b, e...)
	}
	return append(append(b, 0, 0, 0, 0), tail...)
}

func number(order binary.ByteOrder, kind uint16, v uint32) (b [4]byte) {
	switch kind {
	case typeByte:
		b[0] = byte(v)
	case typeShort, typeSShort:
		order.PutUint16(b[:], uint16(v))
	default:
		order.PutUint32(b[:], v)
	}
	return b
}

// exif is an EXIF block with one orientation, without the mark "Exif".
func exif(order binary.ByteOrder, kind uint16, count, v uint32) []byte {
	return structure(order, nil, field{tagOrientation, kind, count, number(order, kind, v)})
}

var six = exif(be, typeShort, 1, 6)

func segment(marker byte, body ...string) []byte {
	b := []byte{0xff, marker, 0, 0}
	for _, s := range body {
		b = append(b, s...)
	}
	be.PutUint16(b[2:], uint16(len(b)-2))
	return b
}

func app1(exif []byte) []byte { return segment(markerAPP1, "Exif\x00\x00", string(exif)) }

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

// afterSOI puts bytes behind the first marker of a JPEG.
func afterSOI(jpg []byte, more ...[]byte) []byte {
	return join(jpg[:2], join(more...), jpg[2:])
}

func chunkPNG(name string, body []byte) []byte {
	b := be.AppendUint32(nil, uint32(len(body)))
	b = append(append(b, name...), body...)
	return be.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}

// beforeIDAT puts chunks behind the header of a PNG.
func beforeIDAT(p []byte, more ...[]byte) []byte { return join(p[:33], join(more...), p[33:]) }

// beforeIEND puts chunks behind the pixels of a PNG.
func beforeIEND(p []byte, more ...[]byte) []byte {
	return join(p[:len(p)-12], join(more...), p[len(p)-12:])
}

// profile is as long as its header says; its content is not looked at here.
func profile(n int) []byte {
	b := make([]byte, n)
	be.PutUint32(b, uint32(n))
	for i := range b[4:] {
		b[4+i] = byte(i * i)
	}
	return b
}

func iccp(p []byte) []byte {
	var b bytes.Buffer
	b.WriteString("a name\x00\x00")
	w := zlib.NewWriter(&b)
	w.Write(p)
	w.Close()
	return chunkPNG("iCCP", b.Bytes())
}

func riff(parts ...[]byte) []byte {
	body := join(parts...)
	return join([]byte("RIFF"), le.AppendUint32(nil, uint32(4+len(body))), []byte("WEBP"), body)
}

func chunkWebP(name string, body []byte) []byte {
	b := le.AppendUint32([]byte(name), uint32(len(body)))
	b = append(b, body...)
	if len(body)%2 == 1 {
		b = append(b, 0)
	}
	return b
}

// The headers of pictures of 300 x 200.
var (
	lossy    = chunkWebP("VP8 ", []byte("\x10\x00\x00\x9d\x01\x2a\x2c\x01\xc8\x00"))
	lossless = chunkWebP("VP8L", join([]byte{0x2f}, le.AppendUint32(nil, 299|199<<14)))
	extended = chunkWebP("VP8X", []byte("\x08\x00\x00\x00\x2b\x01\x00\xc7\x00\x00"))
	animated = chunkWebP("VP8X", []byte("\x02\x00\x00\x00\x2b\x01\x00\xc7\x00\x00"))
)

func box(kind string, parts ...[]byte) []byte {
	body := join(parts...)
	return join(be.AppendUint32(nil, uint32(8+len(body))), []byte(kind), body)
}

// fullBox has version and flags.
func fullBox(kind string, version byte, flags uint32, parts ...[]byte) []byte {
	return box(kind, be.AppendUint32(nil, uint32(version)<<24|flags), join(parts...))
}

func u16(v ...uint16) (b []byte) {
	for _, x := range v {
		b = be.AppendUint16(b, x)
	}
	return b
}

func u32(v ...uint32) (b []byte) {
	for _, x := range v {
		b = be.AppendUint32(b, x)
	}
	return b
}

func infe(id uint16, kind string) []byte {
	return fullBox("infe", 2, 0, u16(id, 0), []byte(kind+"\x00"))
}

// heif describes a file for its maker.
type heif struct {
	brand      string
	items      [][]byte // infe boxes
	properties [][]byte
	of         [][]byte // associations, see assoc
	references [][]byte
	extents    map[uint16][2]uint32 // offset from the file's start, length
	data       []byte
}

func assoc(id uint16, properties ...byte) []byte {
	return join(u16(id), []byte{byte(len(properties))}, properties)
}

// bytes makes the file; the primary image is item 1.
func (h heif) bytes() []byte {
	loc := u16(0x4400, uint16(len(h.extents)))
	for id, e := range h.extents {
		loc = join(loc, u16(id, 0, 1), u32(e[0], e[1]))
	}
	return join(
		box("ftyp", []byte(h.brand), u32(0), []byte("mif1"), []byte(h.brand)),
		fullBox("meta", 0, 0,
			fullBox("hdlr", 0, 0, u32(0), []byte("pict"), u32(0, 0, 0), []byte{0}),
			fullBox("pitm", 0, 0, u16(1)),
			fullBox("iinf", 0, 0, u16(uint16(len(h.items))), join(h.items...)),
			fullBox("iref", 0, 0, join(h.references...)),
			box("iprp",
				box("ipco", join(h.properties...)),
				fullBox("ipma", 0, 0, u32(uint32(len(h.of))), join(h.of...))),
			fullBox("iloc", 0, 0, loc)),
		box("mdat", h.data))
}

func ispe(w, h uint32) []byte { return fullBox("ispe", 0, 0, u32(w, h)) }

func nclx(primaries, transfer, matrix uint16, full byte) []byte {
	return box("colr", []byte("nclx"), u16(primaries, transfer, matrix), []byte{full << 7})
}

// simple is one coded image of 300 x 200 with more properties.
func simple(brand, coding string, more ...[]byte) heif {
	h := heif{brand: brand, items: [][]byte{infe(1, coding)}, properties: append([][]byte{ispe(300, 200)}, more...)}
	var all []byte
	for i := range h.properties {
		all = append(all, byte(i+1))
	}
	h.of = [][]byte{assoc(1, all...)}
	return h
}
