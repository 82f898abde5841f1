package heif

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"
)

func fixture(t testing.TB, name string) []byte {
	t.Helper()
	needPrograms(t)
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func u16(v ...int) (b []byte) {
	for _, x := range v {
		b = binary.BigEndian.AppendUint16(b, uint16(x))
	}
	return b
}

func u32(v ...int) (b []byte) {
	for _, x := range v {
		b = binary.BigEndian.AppendUint32(b, uint32(x))
	}
	return b
}

func box(kind string, parts ...[]byte) []byte {
	body := bytes.Join(parts, nil)
	return bytes.Join([][]byte{u32(8 + len(body)), []byte(kind), body}, nil)
}

func full(kind string, parts ...[]byte) []byte {
	return box(kind, append([][]byte{u32(0)}, parts...)...)
}

// find returns the body of the first box of a kind, wherever it is.
func find(t testing.TB, data []byte, kind string) []byte {
	t.Helper()
	at := bytes.Index(data, []byte(kind))
	if at < 4 {
		t.Fatalf("no box %s", kind)
	}
	return data[at+4 : at-4+int(binary.BigEndian.Uint32(data[at-4:]))]
}

// item is an image of a file to be made.
type item struct {
	kind       string
	data       []byte
	properties [][]byte // boxes, in their order
}

// container makes a file of items, numbered from 1, of which the first is the
// primary one.
func container(brand string, items []item, references ...[]byte) []byte {
	var infos, props, assoc, loc, mdat []byte
	n := 0
	for i, it := range items {
		infos = append(infos, box("infe", []byte{2, 0, 0, 0}, u16(i+1, 0), []byte(it.kind+"\x00"))...)
		assoc = append(append(assoc, u16(i+1)...), byte(len(it.properties)))
		for _, p := range it.properties {
			n++
			props, assoc = append(props, p...), append(assoc, byte(0x80|n))
		}
	}
	make := func(start int) []byte {
		loc, mdat = nil, nil
		for i, it := range items {
			loc = append(append(loc, u16(i+1, 0, 1)...), u32(start+len(mdat), len(it.data))...)
			mdat = append(mdat, it.data...)
		}
		return bytes.Join([][]byte{
			box("ftyp", []byte(brand), u32(0), []byte("mif1"), []byte(brand)),
			full("meta",
				full("hdlr", u32(0), []byte("pict"), u32(0, 0, 0), []byte{0}),
				full("pitm", u16(1)),
				full("iinf", u16(len(items)), infos),
				full("iref", bytes.Join(references, nil)),
				box("iprp", box("ipco", props), full("ipma", u32(len(items)), assoc)),
				full("iloc", u16(0x4400, len(items)), loc)),
			box("mdat", mdat),
		}, nil)
	}
	return make(len(make(0)) - len(mdat))
}

func ispe(w, h int) []byte { return full("ispe", u32(w, h)) }

// picture is the one coded image of a fixture with the size w x h, and more
// properties. The HEIC ones are 64 x 64, of which w x h at the top left is
// shown: their encoder pads so.
func picture(t testing.TB, name string, w, h int, more ...[]byte) item {
	data := fixture(t, name)
	if filepath.Ext(name) == ".avif" {
		p := [][]byte{ispe(w, h), box("av1C", find(t, data, "av1C"))}
		return item{"av01", find(t, data, "mdat"), append(p, more...)}
	}
	p := [][]byte{ispe(64, 64), box("hvcC", find(t, data, "hvcC")), clap(64, 64, w, h, 0, 0)}
	return item{"hvc1", find(t, data, "mdat"), append(p, more...)}
}

// grid is a derived image of rows x columns items.
func grid(rows, columns, w, h int, more ...[]byte) item {
	return item{"grid", append([]byte{0, 0, byte(rows - 1), byte(columns - 1)}, u16(w, h)...), append([][]byte{ispe(w, h)}, more...)}
}

// clap takes w x h pixels at (x, y) out of a picture.
func clap(width, height, w, h, x, y int) []byte {
	return box("clap", u32(w, 1, h, 1, 2*x-(width-w), 2, 2*y-(height-h), 2))
}
