package png

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
	"image/color"
	stdpng "image/png"
	"io"
	"math/rand/v2"
	"testing"

	"likeness/engine/picture/raster"
)

// drawing is a picture to be written by encode: random samples under random
// filters.
type drawing struct {
	header
	palette, transparency []byte
	seed                  uint64
}

func makeChunk(name string, body []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(body)))
	b = append(append(b, name...), body...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}

func file(chunks ...[]byte) []byte { return append([]byte(signature), bytes.Join(chunks, nil)...) }

func (d *drawing) ihdr() []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(d.w))
	b = binary.BigEndian.AppendUint32(b, uint32(d.h))
	b = append(b, byte(d.depth), byte(d.colour), 0, 0, 0)
	if d.interlaced {
		b[12] = 1
	}
	return makeChunk("IHDR", b)
}

// raw makes the filtered rows. Random bytes under every filter are a valid
// picture: undoing a filter accepts anything. Few values are used so that keyed
// colours and short palettes are met.
func (d *drawing) raw(w, h int) []byte {
	rng := rand.New(rand.NewPCG(d.seed, 1))
	var b []byte
	rows := func(w, h int) {
		for range h {
			b = append(b, byte(rng.IntN(5)))
			few := rng.IntN(3) == 0
			for range d.rowBytes(w) {
				v := byte(rng.Uint32())
				if few {
					v &= 3
				}
				b = append(b, v)
			}
		}
	}
	if !d.interlaced {
		rows(w, h)
		return b
	}
	for _, p := range adam7 {
		if pw, ph := p.size(w, h); pw > 0 {
			rows(pw, ph)
		}
	}
	return b
}

func compress(raw []byte) []byte {
	var z bytes.Buffer
	w := zlib.NewWriter(&z)
	_, _ = w.Write(raw)
	_ = w.Close()
	return z.Bytes()
}

func (d *drawing) head() []byte {
	b := d.ihdr()
	if d.palette != nil {
		b = append(b, makeChunk("PLTE", d.palette)...)
	}
	if d.transparency != nil {
		b = append(b, makeChunk("tRNS", d.transparency)...)
	}
	return b
}

func (d *drawing) encode() []byte {
	return file(d.head(), makeChunk("IDAT", compress(d.raw(d.w, d.h))), makeChunk("IEND", nil))
}

// read reads a whole picture.
func read(data []byte) (*raster.Pixels, error) {
	s, err := Open(data, raster.Options{})
	if err != nil {
		return nil, err
	}
	w, h := s.Size()
	px := &raster.Pixels{W: w, H: h, Pix: make([]byte, 4*w*h)}
	for y := range h {
		if err := s.ReadRow(px.Pix[4*w*y:][:4*w]); err != nil {
			return nil, err
		}
	}
	row := make([]byte, 4*w)
	if err := s.ReadRow(row); err != io.EOF {
		return nil, err
	}
	return px, nil
}

func mustRead(t *testing.T, data []byte) *raster.Pixels {
	t.Helper()
	px, err := read(data)
	if err != nil {
		t.Fatal(err)
	}
	return px
}

// standard reads with image/png and converts as image/color does, which is what
// the vectors of PNG pictures have been made of from the beginning.
func standard(data []byte) (*raster.Pixels, error) {
	m, err := stdpng.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	b := m.Bounds()
	px := &raster.Pixels{W: b.Dx(), H: b.Dy()}
	for y := range b.Dy() {
		for x := range b.Dx() {
			c := color.NRGBAModel.Convert(m.At(x, y)).(color.NRGBA)
			px.Pix = append(px.Pix, c.R, c.G, c.B, c.A)
		}
	}
	return px, nil
}

func samePixels(t *testing.T, got, want *raster.Pixels) {
	t.Helper()
	if got.W != want.W || got.H != want.H {
		t.Fatalf("%d x %d pixels, want %d x %d", got.W, got.H, want.W, want.H)
	}
	for i := range got.Pix {
		if got.Pix[i] != want.Pix[i] {
			p := i / 4
			t.Fatalf("pixel %d,%d is %v, want %v", p%got.W, p/got.W, got.Pix[4*p:4*p+4], want.Pix[4*p:4*p+4])
		}
	}
}

// kinds are all colour types and depths, with and without transparency.
func kinds() []drawing {
	var all []drawing
	add := func(c colourType, depth int, palette, transparency []byte) {
		all = append(all, drawing{header: header{depth: depth, colour: c}, palette: palette, transparency: transparency})
	}
	for _, depth := range []int{1, 2, 4, 8, 16} {
		add(grey, depth, nil, nil)
		add(grey, depth, nil, []byte{0, 1})
		add(grey, depth, nil, []byte{1, 0xff}) // more bits than the depth
		if depth < 16 {
			colours := 3 << depth
			p := make([]byte, colours)
			for i := range p {
				p[i] = byte(i*37 + 11)
			}
			add(indexed, depth, p, nil)
			add(indexed, depth, p, []byte{9, 0})
			add(indexed, depth, p[:max(3, colours/2/3*3)], nil) // indices beyond the palette
			add(indexed, depth, p[:3], []byte{77, 5, 200})      // and transparency beyond it
		}
		if depth >= 8 {
			add(rgb, depth, nil, nil)
			add(rgb, depth, p3(), []byte{0, 1, 0, 1, 0, 2})
			add(rgb, depth, nil, []byte{9, 1, 7, 2, 5, 3})
			add(greyAlpha, depth, nil, nil)
			add(rgbAlpha, depth, nil, nil)
		}
	}
	return all
}

// p3 is a suggested palette, of no consequence.
func p3() []byte { return []byte{1, 2, 3, 4, 5, 6} }
