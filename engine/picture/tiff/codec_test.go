package tiff

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"testing"

	"golang.org/x/image/ccitt"
)

// texture gives bytes with runs, repeats and noise.
func texture(n int) []byte {
	b := noise(n, 7)
	for i := range b {
		switch {
		case i/40%3 == 0:
			b[i] = byte(i / 200)
		case i/40%3 == 1:
			b[i] = byte(i % 13)
		}
	}
	return b
}

func TestCompressions(t *testing.T) {
	for _, size := range [][2]int{{1, 1}, {5, 3}, {61, 47}, {300, 120}} {
		w, h := size[0], size[1]
		pixels := texture(w * h)
		want := opaque(pixels, 1)
		for _, c := range []struct {
			name   string
			number int
			encode func([]byte) []byte
		}{
			{"none", compNone, bytes.Clone},
			{"LZW", compLZW, func(b []byte) []byte { return lzwEncode(b, false) }},
			{"old LZW", compLZW, func(b []byte) []byte { return lzwEncode(b, true) }},
			{"Deflate", compDeflate, deflate},
			{"old Deflate", compDeflate2, deflate},
			{"PackBits", compPackBits, packBitsEncode},
		} {
			for _, rows := range []int{h, max(h/3, 1)} {
				var strips, turned [][]byte
				for y := 0; y < h; y += rows {
					s := c.encode(pixels[y*w : min(y+rows, h)*w])
					strips, turned = append(strips, s), append(turned, reverse(s))
				}
				name := fmt.Sprintf("%s, %d x %d, %d rows", c.name, w, h, rows)
				b := newBuilder(w, h, 8, 1, blackIsZero, nil).set(tagCompression, c.number)
				if got := mustRead(t, name, b.strips(rows, strips...).bytes()); !bytes.Equal(got, want) {
					t.Errorf("%s: pixels differ", name)
				}
				b.set(tagFillOrder, 2)
				if got := mustRead(t, name, b.strips(rows, turned...).bytes()); !bytes.Equal(got, want) {
					t.Errorf("%s, fill order 2: pixels differ", name)
				}
			}
		}
	}
}

// bilevel draws blobs, lines and noise, one bit a pixel.
func bilevel(w, h int) []byte {
	stride := (w + 7) / 8
	out := make([]byte, stride*h)
	dots := noise(w*h, 3)
	for y := range h {
		for x := range w {
			on := (x/9+y/5)%4 == 0 || y%11 == 3 || (x-y)%17 == 0 || dots[y*w+x] > 250
			if on && (w < 40 || x > 2 && x < w-3 || y%2 == 0) {
				out[y*stride+x>>3] |= 128 >> (x & 7)
			}
		}
	}
	return out
}

func TestFax(t *testing.T) {
	for _, size := range [][2]int{{1, 1}, {7, 3}, {8, 9}, {64, 30}, {333, 50}, {5300, 4}} {
		w, h := size[0], size[1]
		stride := (w + 7) / 8
		pixels := bilevel(w, h)
		for _, c := range []struct {
			name              string
			compression, t4   int
			twoD, fill, white bool
		}{
			{"modified Huffman", compFax2, 0, false, false, true},
			{"modified Huffman in words", compFax2Words, 0, false, false, true},
			{"group 3", compFax3, 0, false, false, true},
			{"group 3, filled", compFax3, 4, false, true, true},
			{"group 3 in two dimensions", compFax3, 1, true, false, true},
			{"group 3 in two dimensions, filled", compFax3, 5, true, true, false},
			{"group 4", compFax4, 0, false, false, true},
			{"group 4, black is zero", compFax4, 0, false, false, false},
		} {
			rows := max(h/2, 1)
			var strips, turned [][]byte
			for y := 0; y < h; y += rows {
				n := min(rows, h-y)
				s := faxEncode(pixels[y*stride:(y+n)*stride], w, n, c.compression, c.twoD, c.fill)
				strips, turned = append(strips, s), append(turned, reverse(s))
			}
			photometric, on := whiteIsZero, byte(0)
			if !c.white {
				photometric, on = blackIsZero, 255
			}
			var want []byte
			for y := range h {
				for x := range w {
					v := ^on
					if pixelAt(pixels[y*stride:], w, x) == 1 {
						v = on
					}
					want = append(want, v, v, v, 255)
				}
			}
			b := newBuilder(w, h, 1, 1, photometric, nil).set(tagCompression, c.compression).set(tagT4Options, c.t4)
			if got := mustRead(t, c.name, b.strips(rows, strips...).bytes()); !bytes.Equal(got, want) {
				t.Errorf("%s, %d x %d: pixels differ", c.name, w, h)
			}
			b.set(tagFillOrder, 2)
			if got := mustRead(t, c.name, b.strips(rows, turned...).bytes()); !bytes.Equal(got, want) {
				t.Errorf("%s, %d x %d, fill order 2: pixels differ", c.name, w, h)
			}
		}
	}
}

// Every run length of both colours, as another decoder reads its codes.
func TestFaxRunCodes(t *testing.T) {
	const w = 2 * 2700
	for n := range 2700 {
		row := make([]byte, (w+7)/8)
		setBits(row, n, 2*n)
		coded := faxEncode(row, w, 1, compFax3, false, false)
		m := image.NewGray(image.Rect(0, 0, w, 1))
		if err := ccitt.DecodeIntoGray(m, bytes.NewReader(coded), ccitt.MSB, ccitt.Group3, nil); err != nil {
			t.Fatal(n, err)
		}
		for x, v := range m.Pix {
			if (v == 0) != (pixelAt(row, w, x) == 1) {
				t.Fatalf("run of %d: pixel %d differs", n, x)
			}
		}
	}
}

func TestPredictors(t *testing.T) {
	const w, h = 9, 4
	for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
		for _, samples := range []int{1, 3} {
			for _, size := range []int{1, 2, 4} {
				n := w * h * samples
				raw := noise(n*size, 5)
				b := newBuilder(w, h, 8*size, samples, []int{0, blackIsZero, 0, rgb}[samples], raw)
				b.order = order
				want := mustRead(t, "plain", b.bytes())
				for _, planar := range []bool{false, true} {
					if planar && samples == 1 {
						continue
					}
					b.strips(h, differences(raw, order, w, h, samples, size, planar)...)
					b.set(tagCompression, compDeflate).set(tagPredictor, 2).set(tagPlanarConfig, 1)
					if planar {
						b.set(tagPlanarConfig, 2)
					}
					name := fmt.Sprintf("%v, %d samples of %d bytes, planar %v", order, samples, size, planar)
					if got := mustRead(t, name, b.bytes()); !bytes.Equal(got, want) {
						t.Errorf("%s: pixels differ", name)
					}
				}
			}
		}
	}
}

// differences makes predictor 2, compressed, of chunky samples.
func differences(raw []byte, order binary.AppendByteOrder, w, h, samples, size int, planar bool) (strips [][]byte) {
	o := order.(binary.ByteOrder)
	get := func(i int) uint64 {
		switch b := raw[i*size:]; size {
		case 1:
			return uint64(b[0])
		case 2:
			return uint64(o.Uint16(b))
		default:
			return uint64(o.Uint32(b))
		}
	}
	put := func(out []byte, v uint64) []byte {
		switch size {
		case 1:
			return append(out, byte(v))
		case 2:
			return order.AppendUint16(out, uint16(v))
		default:
			return order.AppendUint32(out, uint32(v))
		}
	}
	at := func(x, y, c int) uint64 {
		if x < 0 {
			return 0
		}
		return get((y*w+x)*samples + c)
	}
	planes := make([][]byte, samples)
	var chunky []byte
	for y := range h {
		for x := range w {
			for c := range samples {
				d := at(x, y, c) - at(x-1, y, c)
				chunky, planes[c] = put(chunky, d), put(planes[c], d)
			}
		}
	}
	if !planar {
		return [][]byte{deflate(chunky)}
	}
	for _, p := range planes {
		strips = append(strips, deflate(p))
	}
	return strips
}
