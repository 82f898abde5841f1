package png

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"math"
	"runtime"
	"strings"
	"testing"

	"likeness/engine/picture/raster"
)

func smallDrawing() *drawing {
	return &drawing{header: header{w: 11, h: 9, depth: 8, colour: rgb}, seed: 5}
}

// spoil gives a copy of a chunk with a wrong checksum.
func spoil(chunk []byte) []byte {
	c := bytes.Clone(chunk)
	c[len(c)-1] ^= 0x55
	return c
}

// What is wrong outside the picture does not matter.
func TestTolerated(t *testing.T) {
	d := smallDrawing()
	z := compress(d.raw(d.w, d.h))
	want := mustRead(t, d.encode())
	idat, iend := makeChunk("IDAT", z), makeChunk("IEND", nil)
	wrongAdler := bytes.Clone(z)
	wrongAdler[len(z)-1] ^= 1
	ihdr := d.head()
	for name, data := range map[string][]byte{
		"no IEND":                        file(ihdr, idat),
		"half an IEND":                   file(ihdr, idat, iend[:6]),
		"IEND with a wrong checksum":     file(ihdr, idat, spoil(iend)),
		"text with a wrong checksum":     file(ihdr, spoil(makeChunk("tEXt", []byte("a\x00b"))), idat, iend),
		"pHYs with a wrong checksum":     file(ihdr, spoil(makeChunk("pHYs", make([]byte, 9))), idat, iend),
		"pHYs of nonsense":               file(ihdr, makeChunk("pHYs", []byte{1}), idat, iend),
		"tRNS of a wrong length":         file(ihdr, makeChunk("tRNS", []byte{1, 2, 3}), idat, iend),
		"tRNS with a wrong checksum":     file(ihdr, spoil(makeChunk("tRNS", make([]byte, 6))), idat, iend),
		"suggested palette of nonsense":  file(ihdr, spoil(makeChunk("PLTE", []byte{1})), idat, iend),
		"unknown ancillary chunk":        file(ihdr, makeChunk("quUx", []byte("?")), idat, iend),
		"gamma and background":           file(ihdr, makeChunk("gAMA", []byte{0, 0, 10, 0}), makeChunk("bKGD", make([]byte, 6)), idat, iend),
		"wrong Adler":                    file(ihdr, makeChunk("IDAT", wrongAdler), iend),
		"no Adler":                       file(ihdr, makeChunk("IDAT", z[:len(z)-4]), iend),
		"surplus in IDAT":                file(ihdr, makeChunk("IDAT", append(bytes.Clone(z), 1, 2, 3)), iend),
		"surplus rows":                   file(ihdr, makeChunk("IDAT", compress(append(d.raw(d.w, d.h), 9, 9, 9, 9))), iend),
		"surplus IDAT, spoilt":           file(ihdr, idat, spoil(makeChunk("IDAT", []byte("more"))), iend),
		"surplus after IEND":             file(ihdr, idat, iend, []byte("anything at all")),
		"surplus in place of IEND":       file(ihdr, idat, []byte("anything at all")),
		"unknown critical chunk, later":  file(ihdr, idat, makeChunk("QUUX", nil), iend),
		"last checksum cut off":          file(ihdr, idat[:len(idat)-4]),
		"animation without frames":       file(ihdr, makeChunk("acTL", make([]byte, 8)), idat, iend),
		"animation of too many frames":   file(ihdr, makeChunk("acTL", []byte{128, 0, 0, 1, 0, 0, 0, 0}), idat, frameControl(0, 0, 1, 1), frameData(compress([]byte{0, 1, 2, 3})), iend),
		"animation of nonsense":          file(ihdr, makeChunk("acTL", []byte{1}), idat, makeChunk("fcTL", nil), makeChunk("fdAT", nil), iend),
		"a frame without an animation":   file(ihdr, idat, frameControl(0, 0, 1, 1), frameData(compress([]byte{0, 1, 2, 3})), iend),
		"a frame outside the picture":    file(ihdr, animation(), idat, frameControl(11, 0, 1, 1), frameData(compress([]byte{0, 1, 2, 3})), iend),
		"a frame control with wrong sum": file(ihdr, animation(), idat, spoil(frameControl(0, 0, 1, 1)), frameData(compress([]byte{0, 1, 2, 3})), iend),
		"frame data without control":     file(ihdr, animation(), idat, frameData(compress([]byte{0, 1, 2, 3})), iend),
		"an animation without its frame": file(ihdr, animation(), idat, frameControl(0, 0, 1, 1), iend),
	} {
		t.Run(name, func(t *testing.T) { samePixels(t, mustRead(t, data), want) })
	}
}

func TestRefused(t *testing.T) {
	d := smallDrawing()
	raw := d.raw(d.w, d.h)
	z := compress(raw)
	idat, iend := makeChunk("IDAT", z), makeChunk("IEND", nil)
	ihdr := d.head()
	p := &drawing{header: header{w: 3, h: 2, depth: 8, colour: indexed}}
	pidat := makeChunk("IDAT", compress(p.raw(3, 2)))
	plte := makeChunk("PLTE", []byte{1, 2, 3})
	wrongFilter := bytes.Clone(raw)
	wrongFilter[1+3*d.w] = 5
	header := func(at int, v byte) []byte {
		b := bytes.Clone(ihdr[8 : len(ihdr)-4])
		b[at] = v
		return makeChunk("IHDR", b)
	}
	wrongHuffman := append(bytes.Clone(z[:2]), 0xff, 0xff, 0xff, 0xff)
	damaged := func(what string) string {
		return "the PNG picture is damaged (" + what + "): copy or download it again"
	}
	unread := func(what string) string {
		return "the PNG picture uses " + what + ", which is not read: save it again as an ordinary JPEG or PNG"
	}
	const cut = "the PNG picture is cut off: copy or download it again"
	for _, c := range []struct {
		name, want string
		data       []byte
	}{
		{"no signature", damaged("it has no PNG signature"), []byte("\x89PNX\r\n\x1a\nhello")},
		{"no header", damaged("it has no header"), file(idat, iend)},
		{"two headers", damaged("it has two headers"), file(ihdr, ihdr, idat)},
		{"header sum", damaged("the header has a wrong checksum or length"), file(spoil(ihdr), idat)},
		{"header length", damaged("the header has a wrong checksum or length"), file(makeChunk("IHDR", make([]byte, 12)), idat)},
		{"no width", "the picture declares a size of 0 x 9 pixels: it is empty or damaged", file(header(3, 0), idat)},
		{"depth", damaged("no colour type 2 with 4 bits exists"), file(header(8, 4), idat)},
		{"colour type", damaged("no colour type 5 with 8 bits exists"), file(header(9, 5), idat)},
		{"compression", unread("compression method 7"), file(header(10, 7), idat)},
		{"filter method", unread("filter method 64"), file(header(11, 64), idat)},
		{"interlace", unread("interlace method 2"), file(header(12, 2), idat)},
		{"Apple's variant", unread(`the unknown critical chunk "CgBI"`), file(makeChunk("CgBI", make([]byte, 4)), ihdr, idat)},
		{"critical chunk", unread(`the unknown critical chunk "QUUX"`), file(ihdr, makeChunk("QUUX", nil), idat)},
		{"no pixel data", damaged("it has no pixel data"), file(ihdr, iend)},
		{"pixel data sum", damaged("the pixel data has a wrong checksum"), file(ihdr, spoil(idat), iend)},
		{"chunk name", damaged("a chunk has no sensible length or name"), file(ihdr, makeChunk("a\x00cd", nil), idat)},
		{"chunk length", damaged("a chunk has no sensible length or name"), file(ihdr, []byte("\xff\xff\xff\xfftEXt"), idat)},
		{"filter", damaged("row 1 has an unknown filter"), file(ihdr, makeChunk("IDAT", compress(wrongFilter)))},
		{"zlib header", damaged("the pixel data is not compressed with zlib"), file(ihdr, makeChunk("IDAT", append([]byte{0x79, 0x9c}, z[2:]...)))},
		{"preset dictionary", damaged("the pixel data is not compressed with zlib"), file(ihdr, makeChunk("IDAT", append([]byte{0x78, 0xbb}, z[2:]...)))},
		{"Deflate", damaged("the compressed pixel data has an error"), file(ihdr, makeChunk("IDAT", wrongHuffman), iend)},
		{"too few rows", damaged("it has too little pixel data"), file(ihdr, makeChunk("IDAT", compress(raw[:200])), iend)},
		{"too few bytes", damaged("it has too little pixel data"), file(ihdr, makeChunk("IDAT", z[:50]), iend)},
		{"interrupted", damaged("it has too little pixel data"), file(ihdr, makeChunk("IDAT", z[:50]), makeChunk("tEXt", nil), makeChunk("IDAT", z[50:]), iend)},
		{"cut", cut, file(ihdr, makeChunk("IDAT", z[:50])[:58])},
		{"cut between chunks", cut, file(ihdr, makeChunk("IDAT", z[:50]))},
		{"signature only", cut, []byte(signature)},
		{"half a signature", cut, []byte(signature[:5])},
		{"palette missing", damaged("it has no palette"), file(p.head(), pidat)},
		{"palette late", damaged("it has no palette"), file(p.head(), pidat, plte)},
		{"palette sum", damaged("the palette has a wrong checksum or length"), file(p.head(), spoil(plte), pidat)},
		{"palette length", damaged("the palette has a wrong checksum or length"), file(p.head(), makeChunk("PLTE", []byte{1, 2}), pidat)},
		{"palette empty", damaged("the palette has a wrong checksum or length"), file(p.head(), makeChunk("PLTE", nil), pidat)},
		{"palette twice", damaged("the palette has a wrong checksum or length"), file(p.head(), plte, plte, pidat)},
	} {
		t.Run(c.name, func(t *testing.T) { wantError(t, c.data, c.want) })
	}
}

// A file that ends anywhere before its last checksum of the pixels, which may be
// zlib's, is cut off, one that ends later is read.
func TestCutAtEveryByte(t *testing.T) {
	for _, interlaced := range []bool{false, true} {
		d := smallDrawing()
		d.interlaced = interlaced
		z := compress(d.raw(d.w, d.h))
		head := file(d.head(), makeChunk("tEXt", []byte("k\x00v")), makeChunk("IDAT", z[:100]))
		data := append(bytes.Clone(head), append(makeChunk("IDAT", z[100:]), makeChunk("IEND", nil)...)...)
		want := mustRead(t, data)
		// From here on only the chunk's checksum and IEND are missing.
		whole := len(head) + 8 + len(z) - 100
		for n := range data {
			px, err := read(data[:n])
			switch {
			case err == nil && n < whole:
				t.Fatalf("%d of %d bytes are read as a picture", n, len(data))
			case err == nil:
				samePixels(t, px, want)
			case err.Error() != "the PNG picture is cut off: copy or download it again" || n >= whole:
				t.Fatalf("%d of %d bytes: %v", n, len(data), err)
			}
		}
	}
}

// A file that was cut off and went on with other bytes before its last chunk was
// full again has no checksum of that chunk: zlib's refuses it.
func TestCutAndGrown(t *testing.T) {
	for _, interlaced := range []bool{false, true} {
		d := smallDrawing()
		d.interlaced = interlaced
		data := d.encode()
		want := mustRead(t, data)
		wrong := 0
		for cut := len(data) - 60; cut < len(data)-16; cut++ {
			for n := 1; cut+n < len(data)-12; n++ {
				px, err := read(append(bytes.Clone(data[:cut]), data[:n]...))
				if err == nil && !bytes.Equal(px.Pix, want.Pix) {
					wrong++
				}
			}
		}
		if wrong > 0 {
			t.Errorf("interlaced %v: %d files give another picture", interlaced, wrong)
		}
	}
}

// No single wrong byte in header, palette or pixel data goes unnoticed. The
// length of the last IDAT is left out: where it points beyond the file, the
// chunk counts as cut off, and all its pixels are there.
func TestEveryByteDamaged(t *testing.T) {
	d := &drawing{header: header{w: 11, h: 9, depth: 4, colour: indexed}, palette: make([]byte, 48), seed: 3}
	data := d.encode()
	end := len(data) - 12
	for i := range end {
		if length := 8 + 25 + 60; i >= length && i < length+4 {
			continue
		}
		bad := bytes.Clone(data)
		bad[i] ^= 0x10
		if _, err := read(bad); err == nil {
			t.Errorf("byte %d of %d wrong: not noticed", i, end)
		} else if e := (*raster.Error)(nil); !errors.As(err, &e) {
			t.Errorf("byte %d: error %v of another type", i, err)
		}
	}
}

// Sizes that the file cannot fill are refused before anything is allocated.
func TestHostileSizes(t *testing.T) {
	for _, interlaced := range []bool{false, true} {
		for _, c := range []colourType{grey, rgbAlpha} {
			d := drawing{header: header{w: 100_000, h: 100_000, depth: 8, colour: c, interlaced: interlaced}}
			data := file(d.head(), makeChunk("IDAT", compress(make([]byte, 50_000))), makeChunk("IEND", nil))
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := Open(data, raster.Options{})
			runtime.ReadMemStats(&after)
			if err == nil || !strings.Contains(err.Error(), "too little pixel data") {
				t.Error(err)
			}
			if n := after.TotalAlloc - before.TotalAlloc; n > 1<<16 {
				t.Errorf("%d bytes allocated", n)
			}
		}
	}
	d := drawing{header: header{w: 200_000, h: 3, depth: 1, colour: grey}}
	wantError(t, file(d.head()), "the picture declares 200000 x 3 pixels, more than 131072 along a side: cut it into parts first")
	d = drawing{header: header{w: math.MaxInt32, h: math.MaxInt32, depth: 1, colour: grey}}
	wantError(t, file(d.head()), "the picture declares 2147483647 x 2147483647 pixels, more than 131072 along a side: cut it into parts first")
}

// A large picture takes as much memory as it says, and that is little.
func TestMemory(t *testing.T) {
	for _, d := range []drawing{
		{header: header{w: 30_000, h: 4000, depth: 1, colour: grey}},
		{header: header{w: 500, h: 300, depth: 8, colour: rgb, interlaced: true}},
	} {
		var z bytes.Buffer
		zw, _ := flate.NewWriter(&z, flate.BestSpeed)
		line := make([]byte, 1+d.rowBytes(d.w))
		for range d.h * 2 { // passes have at most twice the rows
			_, _ = zw.Write(line)
		}
		_ = zw.Close()
		data := file(d.head(), makeChunk("IDAT", append([]byte{0x78, 0x01}, z.Bytes()...)))
		row := make([]byte, 4*d.w)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		s, err := Open(data, raster.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for y := range d.h {
			if err := s.ReadRow(row); err != nil {
				t.Fatalf("row %d: %v", y, err)
			}
		}
		runtime.ReadMemStats(&after)
		used := int64(after.TotalAlloc - before.TotalAlloc)
		if used > s.Memory() || used < s.Memory()/2 {
			t.Errorf("%d bytes allocated, Memory says %d", used, s.Memory())
		}
		if !d.interlaced && s.Memory() > 100_000 {
			t.Errorf("Memory says %d", s.Memory())
		}
	}
}

func animation() []byte { return makeChunk("acTL", []byte{0, 0, 0, 2, 0, 0, 0, 0}) }

func frameControl(x, y, w, h int) []byte {
	b := make([]byte, 26)
	for i, v := range []int{0, w, h, x, y} {
		binary.BigEndian.PutUint32(b[4*i:], uint32(v))
	}
	return makeChunk("fcTL", b)
}

func frameData(z []byte) []byte { return makeChunk("fdAT", append(make([]byte, 4), z...)) }
