package tiff

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"math"
	"slices"
	"testing"

	xtiff "golang.org/x/image/tiff"
)

// Where golang.org/x/image/tiff reads a file too, the values are the same.
func TestEqualsXImage(t *testing.T) {
	r := image.Rect(0, 0, 37, 29)
	n := r.Dx() * r.Dy()
	premultiplied := image.NewRGBA(r)
	for i := 0; i < 4*n; i += 4 {
		a := premultiplied.Pix[i : i+4]
		copy(a, noise(4, uint32(i)))
		a[0], a[1], a[2] = min(a[0], a[3]), min(a[1], a[3]), min(a[2], a[3])
	}
	deep := image.NewRGBA64(r)
	for i := 0; i < 8*n; i += 8 {
		p := deep.Pix[i : i+8]
		copy(p, noise(8, uint32(i)))
		for k := 0; k < 6; k += 2 {
			if bytes.Compare(p[k:k+2], p[6:8]) > 0 {
				copy(p[k:k+2], p[6:8])
			}
		}
	}
	palette := color.Palette{}
	for i := range 256 {
		palette = append(palette, color.RGBA{byte(i), byte(i * 3), byte(255 - i), 255})
	}
	for name, m := range map[string]image.Image{
		"grey":             &image.Gray{Pix: noise(n, 1), Stride: r.Dx(), Rect: r},
		"grey of 16 bits":  &image.Gray16{Pix: noise(2*n, 1), Stride: 2 * r.Dx(), Rect: r},
		"unassociated":     &image.NRGBA{Pix: noise(4*n, 1), Stride: 4 * r.Dx(), Rect: r},
		"unassociated, 16": &image.NRGBA64{Pix: noise(8*n, 1), Stride: 8 * r.Dx(), Rect: r},
		"associated":       premultiplied,
		"associated, 16":   deep,
		"palette":          &image.Paletted{Pix: noise(n, 1), Stride: r.Dx(), Rect: r, Palette: palette},
	} {
		for _, o := range []*xtiff.Options{nil, {Compression: xtiff.Deflate}} {
			var file bytes.Buffer
			if err := xtiff.Encode(&file, m, o); err != nil {
				t.Fatal(err)
			}
			theirs, err := xtiff.Decode(bytes.NewReader(file.Bytes()))
			if err != nil {
				t.Fatal(err)
			}
			got := mustRead(t, name, file.Bytes())
			for i := range n {
				at := theirs.At(i%r.Dx(), i/r.Dx())
				if deep, ok := at.(color.NRGBA64); ok {
					// The conversion would go by way of premultiplied values.
					at = color.NRGBA{byte(deep.R >> 8), byte(deep.G >> 8), byte(deep.B >> 8), byte(deep.A >> 8)}
				}
				c := color.NRGBAModel.Convert(at).(color.NRGBA)
				if want := []byte{c.R, c.G, c.B, c.A}; !bytes.Equal(got[4*i:4*i+4], want) {
					t.Fatalf("%s, pixel %d: %v, want %v", name, i, got[4*i:4*i+4], want)
				}
			}
		}
	}
}

// pack writes values of so many bits, rows padded to bytes.
func pack(values []uint64, perRow, bits int) []byte {
	var out []byte
	for len(values) > 0 {
		var s bitString
		for _, v := range values[:perRow] {
			s.put(int(v), bits)
		}
		out, values = append(out, s.b...), values[perRow:]
	}
	return out
}

func TestBitsPerSample(t *testing.T) {
	const w, h = 7, 3
	for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
		for bits := 1; bits <= 32; bits++ {
			var values []uint64
			var want []byte
			for i := range uint64(w * h) {
				v := i * 0x9e3779b9 & (1<<bits - 1)
				values = append(values, v)
				g := byte(v >> max(bits-8, 0))
				if bits < 8 {
					g = byte(v * 255 / (1<<bits - 1))
				}
				want = append(want, g, g, g, 255)
			}
			var raw []byte
			for _, v := range values {
				switch {
				case bits == 16:
					raw = order.AppendUint16(raw, uint16(v))
				case bits == 24 && order == binary.AppendByteOrder(binary.LittleEndian):
					raw = append(raw, byte(v), byte(v>>8), byte(v>>16))
				case bits == 24:
					raw = append(raw, byte(v>>16), byte(v>>8), byte(v))
				case bits == 32:
					raw = order.AppendUint32(raw, uint32(v))
				}
			}
			if raw == nil {
				raw = pack(values, w, bits)
			}
			b := newBuilder(w, h, bits, 1, blackIsZero, raw)
			b.order = order
			name := fmt.Sprintf("%d bits, %v", bits, order)
			if got := mustRead(t, name, b.bytes()); !bytes.Equal(got, want) {
				t.Errorf("%s: pixels differ", name)
			}
			b.set(tagPhotometric, whiteIsZero)
			got := mustRead(t, name, b.bytes())
			for i := range want {
				if i&3 != 3 && got[i] != 255-want[i] {
					t.Fatalf("%s, white is zero: %d, want %d", name, got[i], 255-want[i])
				}
			}
		}
	}
}

// floatBits writes v as a float of a sign, exponent and mantissa of so many
// bits; v is 0 or a normal number that they hold.
func floatBits(v float64, exponent, mantissa int) uint64 {
	b := math.Float64bits(v)
	if v == 0 {
		return 0
	}
	e := int(b>>52&0x7ff) - 1023 + 1<<(exponent-1) - 1
	return b>>63<<(exponent+mantissa) | uint64(e)<<mantissa | b>>(52-mantissa)&(1<<mantissa-1)
}

func TestFloats(t *testing.T) {
	values := []float64{0, 1, .5, .25, .75, 1.0 / 1024, -1, 1.5, 16, .40625}
	var want []byte
	for _, v := range values {
		g := byte(math.RoundToEven(min(max(v, 0), 1) * 255))
		want = append(want, g, g, g, 255)
	}
	for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
		for _, f := range [][3]int{{16, 5, 10}, {24, 7, 16}, {32, 8, 23}, {64, 11, 52}} {
			var raw []byte
			for _, v := range values {
				b := binary.BigEndian.AppendUint64(nil, floatBits(v, f[1], f[2]))[8-f[0]/8:]
				if order == binary.AppendByteOrder(binary.LittleEndian) {
					slices.Reverse(b)
				}
				raw = append(raw, b...)
			}
			b := newBuilder(5, 2, f[0], 1, blackIsZero, raw).set(tagSampleFormat, 3)
			b.order = order
			name := fmt.Sprintf("%d bits, %v", f[0], order)
			if got := mustRead(t, name, b.bytes()); !bytes.Equal(got, want) {
				t.Errorf("%s: %v, want %v", name, got, want)
			}
			b.set(tagCompression, compLZW).set(tagPredictor, 3).strips(2, lzwEncode(floatDifferences(raw, order, 5, f[0]/8), false))
			if got := mustRead(t, name, b.bytes()); !bytes.Equal(got, want) {
				t.Errorf("%s, predictor: %v, want %v", name, got, want)
			}
		}
	}
}

// floatDifferences makes predictor 3 of rows of w samples of so many bytes.
func floatDifferences(raw []byte, order binary.AppendByteOrder, w, size int) (out []byte) {
	for len(raw) > 0 {
		row := make([]byte, w*size)
		for i := range w {
			for b := range size {
				from := b
				if order == binary.AppendByteOrder(binary.LittleEndian) {
					from = size - 1 - b
				}
				row[b*w+i] = raw[i*size+from]
			}
		}
		for i := len(row) - 1; i > 0; i-- {
			row[i] -= row[i-1]
		}
		out, raw = append(out, row...), raw[w*size:]
	}
	return out
}

func TestNotANumber(t *testing.T) {
	raw := binary.LittleEndian.AppendUint32(nil, math.Float32bits(float32(math.NaN())))
	file := newBuilder(1, 1, 32, 1, blackIsZero, raw).set(tagSampleFormat, 3).bytes()
	if got := mustRead(t, "NaN", file); got[0] != 0 {
		t.Error(got)
	}
}

// One picture in many layouts.
func TestLayouts(t *testing.T) {
	const w, h = 37, 21
	for _, samples := range []int{1, 3, 4} {
		pixels := texture(w * h * samples)
		photometric := map[int]int{1: blackIsZero, 3: rgb, 4: rgb}[samples]
		plain := newBuilder(w, h, 8, samples, photometric, pixels).set(tagExtraSamples, 2)
		want := mustRead(t, "plain", plain.bytes())
		for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
			for _, big := range []bool{false, true} {
				for _, planar := range []bool{false, true} {
					for _, tile := range []image.Point{{}, {16, 16}, {64, 32}, {5, 3}} {
						b := newBuilder(w, h, 8, samples, photometric, nil).set(tagExtraSamples, 2)
						b.order, b.big = order, big
						if planar {
							b.set(tagPlanarConfig, 2)
						}
						cut(b, pixels, w, h, samples, tile, planar)
						name := fmt.Sprintf("%d samples, %v, big %v, planar %v, tiles %v", samples, order, big, planar, tile)
						for _, last := range []bool{false, true} {
							if got := mustRead(t, name, b.file(last)); !bytes.Equal(got, want) {
								t.Errorf("%s: pixels differ", name)
							}
						}
					}
				}
			}
		}
	}
}

// cut makes tiles, or strips of four rows if tile is zero, of chunky pixels.
func cut(b *builder, pixels []byte, w, h, samples int, tile image.Point, planar bool) {
	tw, th := tile.X, tile.Y
	if tw == 0 {
		tw, th = w, 4
	}
	var segments [][]byte
	channels := []int{-1}
	if planar && samples > 1 {
		channels = []int{0, 1, 2, 3}[:samples]
	}
	for _, c := range channels {
		for y := 0; y < h; y += th {
			for x := 0; x < w; x += tw {
				var s []byte
				for yy := y; yy < y+th && (tile.X > 0 || yy < h); yy++ {
					for xx := x; xx < x+tw; xx++ {
						p := noise(samples, uint32(xx)) // beyond the picture
						if xx < w && yy < h {
							p = pixels[(yy*w+xx)*samples:][:samples]
						}
						if c >= 0 {
							p = p[c : c+1]
						}
						s = append(s, p...)
					}
				}
				segments = append(segments, s)
			}
		}
	}
	if tile.X > 0 {
		b.tiles(tw, th, segments...)
	} else {
		b.strips(th, segments...)
	}
}
