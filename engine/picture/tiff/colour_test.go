package tiff

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"math"
	"os"
	"testing"

	"likeness/engine/picture/raster"
	"likeness/engine/picture/webp"
)

// pixels checks RGBA within a tolerance.
func checkPixels(t *testing.T, name string, got, want []byte, tolerance int) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d bytes, want %d", name, len(got), len(want))
	}
	for i := range want {
		if d := int(got[i]) - int(want[i]); d > tolerance || d < -tolerance {
			t.Fatalf("%s: pixel %d is %v, want %v", name, i/4, got[i&^3:][:4], want[i&^3:][:4])
		}
	}
}

func TestColours(t *testing.T) {
	grey := func(v byte) []byte { return []byte{v, v, v, 255} }
	ramp := []uint64{0, 100, 65535, 0, 200, 65535, 0, 50, 65535}            // 3 colours of 16 bits
	small := []uint64{0, 100, 255, 0, 200, 255, 0, 50, 255}                 // of 8 bits
	four := []uint64{10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 1 << 15} // 4 colours
	for _, c := range []struct {
		name string
		b    *builder
		want []byte
	}{
		{"white is zero", newBuilder(1, 1, 8, 1, whiteIsZero, []byte{10}), grey(245)},
		{"RGB", newBuilder(1, 1, 8, 3, rgb, []byte{1, 2, 3}), []byte{1, 2, 3, 255}},
		{"unassociated alpha", newBuilder(1, 1, 8, 4, rgb, []byte{1, 2, 3, 4}).set(tagExtraSamples, 2), []byte{1, 2, 3, 4}},
		{"associated alpha", newBuilder(1, 1, 8, 4, rgb, []byte{64, 0, 128, 128}).set(tagExtraSamples, 1), []byte{127, 0, 255, 128}},
		{"colour above its alpha", newBuilder(1, 1, 8, 4, rgb, []byte{64, 0, 129, 128}).set(tagExtraSamples, 1), []byte{127, 0, 255, 128}},
		{"associated alpha of zero", newBuilder(1, 1, 8, 4, rgb, []byte{64, 0, 128, 0}).set(tagExtraSamples, 1), []byte{0, 0, 0, 0}},
		{"unspecified extra sample", newBuilder(1, 1, 8, 4, rgb, []byte{1, 2, 3, 4}).set(tagExtraSamples, 0), []byte{1, 2, 3, 255}},
		{"fourth sample without a tag", newBuilder(1, 1, 8, 4, rgb, []byte{1, 2, 3, 4}), []byte{1, 2, 3, 4}},
		{"alpha after another sample", newBuilder(1, 1, 8, 5, rgb, []byte{1, 2, 3, 4, 5}).set(tagExtraSamples, 0, 2), []byte{1, 2, 3, 5}},
		{"old tag of alpha", newBuilder(1, 1, 8, 4, rgb, []byte{64, 0, 128, 128}).set(tagMatteing, 1), []byte{127, 0, 255, 128}},
		{"grey with alpha", newBuilder(1, 1, 8, 2, blackIsZero, []byte{1, 2}).set(tagExtraSamples, 2), []byte{1, 1, 1, 2}},
		{"white is zero with associated alpha", newBuilder(1, 1, 8, 2, whiteIsZero, []byte{191, 128}).set(tagExtraSamples, 1), []byte{127, 127, 127, 128}},
		{"no photometric tag", del(newBuilder(1, 1, 8, 3, 0, []byte{1, 2, 3}), tagPhotometric), []byte{1, 2, 3, 255}},
		{"no samples tag", del(newBuilder(1, 1, 8, 3, rgb, []byte{1, 2, 3}), tagSamplesPerPixel), []byte{1, 2, 3, 255}},

		{"colour map of 2 bits", withMap(newBuilder(4, 1, 2, 1, paletted, []byte{0b11_00_01_10}), four...),
			[]byte{0, 0, 128, 255, 0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 255}},
		{"colour map with alpha", withMap(newBuilder(1, 1, 4, 2, paletted, []byte{0x28}), ramp...).set(tagExtraSamples, 2), []byte{255, 255, 255, 136}},
		{"colour map of 8 bits", withMap(newBuilder(3, 1, 8, 1, paletted, []byte{1, 2, 0}), small...),
			[]byte{100, 200, 50, 255, 255, 255, 255, 255, 0, 0, 0, 255}},
		{"colour map of 16 bits", withMap(newBuilder(3, 1, 8, 1, paletted, []byte{1, 2, 0}), ramp...),
			[]byte{0, 0, 0, 255, 255, 255, 255, 255, 0, 0, 0, 255}},

		{"CMYK", newBuilder(2, 1, 8, 4, cmyk, []byte{0, 100, 255, 0, 0, 100, 255, 100}), []byte{255, 155, 0, 255, 155, 94, 0, 255}},
		{"CMYK of 16 bits", newBuilder(1, 1, 16, 4, cmyk, []byte{9, 0, 9, 100, 9, 255, 9, 100}), []byte{155, 94, 0, 255}},
		{"CMYK with its dot range", newBuilder(1, 1, 8, 4, cmyk, []byte{0, 100, 255, 0}).set(tagDotRange, 0, 255), []byte{255, 155, 0, 255}},

		{"YCbCr", newBuilder(2, 1, 8, 3, yCbCr, []byte{100, 128, 128, 76, 85, 255}).set(tagYCbCrSubSampling, 1, 1), []byte{100, 100, 100, 255, 254, 0, 0, 255}},
		{"YCbCr of limited range", withRange(newBuilder(2, 1, 8, 3, yCbCr, []byte{16, 128, 128, 235, 128, 128}).set(tagYCbCrSubSampling, 1, 1)),
			[]byte{0, 0, 0, 255, 255, 255, 255, 255}},
		{"YCbCr with coefficients", withCoefficients(newBuilder(1, 1, 8, 3, yCbCr, []byte{100, 128, 178}).set(tagYCbCrSubSampling, 1, 1)), []byte{175, 63, 100, 255}},
		{"YCbCr, chroma shared by two", newBuilder(3, 1, 8, 3, yCbCr, []byte{10, 20, 128, 128, 30, 99, 128, 255}).set(tagYCbCrSubSampling, 2, 1),
			[]byte{10, 10, 10, 255, 20, 20, 20, 255, 208, 0, 30, 255}},
		{"YCbCr, chroma shared by four", newBuilder(2, 3, 8, 3, yCbCr, []byte{10, 20, 30, 40, 128, 128, 50, 60, 70, 80, 128, 128}).set(tagYCbCrSubSampling, 2, 2),
			[]byte{10, 10, 10, 255, 20, 20, 20, 255, 30, 30, 30, 255, 40, 40, 40, 255, 50, 50, 50, 255, 60, 60, 60, 255}},

		{"CIELab white and grey", newBuilder(2, 1, 8, 3, cieLab, []byte{255, 0, 0, 137, 0, 0}), []byte{255, 255, 255, 255, 128, 128, 128, 255}},
		{"CIELab red", newBuilder(1, 1, 8, 3, cieLab, []byte{138, 81, 70}), []byte{255, 0, 0, 255}},
		{"CIELab blue, signed", newBuilder(1, 1, 8, 3, cieLab, []byte{75, 68, 0x90}).set(tagSampleFormat, 2), []byte{0, 0, 255, 255}},
		{"ICCLab blue", newBuilder(1, 1, 8, 3, iccLab, []byte{75, 196, 16}), []byte{0, 0, 255, 255}},
		{"CIELab of 16 bits", newBuilder(1, 1, 16, 3, cieLab, []byte{0, 138, 0, 81, 0, 70}), []byte{255, 0, 0, 255}},
		{"ICCLab of 16 bits", newBuilder(1, 1, 16, 3, iccLab, []byte{0, 255, 0, 128, 0, 128}), []byte{255, 255, 255, 255}},
		{"L* alone", newBuilder(1, 1, 8, 1, cieLab, []byte{137}), grey(128)},
	} {
		tolerance := 0
		if p := c.b.tags[tagPhotometric]; len(p.vals) > 0 && p.vals[0] >= cieLab {
			tolerance = 3 // the samples are rounded
		}
		checkPixels(t, c.name, mustRead(t, c.name, c.b.bytes()), c.want, tolerance)
	}
}

func del(b *builder, tag uint16) *builder {
	delete(b.tags, tag)
	return b
}

func withMap(b *builder, v ...uint64) *builder {
	b.tags[tagColorMap] = shorts(v...)
	return b
}

func withRange(b *builder) *builder {
	b.tags[tagReferenceBW] = value{typeRational, []uint64{16, 1, 235, 1, 128, 1, 240, 1, 128, 1, 240, 1}}
	return b
}

func withCoefficients(b *builder) *builder {
	b.tags[tagYCbCrCoefficients] = value{typeRational, []uint64{1, 4, 1, 2, 1, 4}}
	return b
}

func TestSRGBSteps(t *testing.T) {
	for i, step := range srgbSteps() {
		v := (float64(i) + .5) / 255
		want := v / 12.92
		if v > .04045 {
			want = math.Pow((v+.055)/1.055, 2.4)
		}
		if math.Abs(step-want) > 1e-14 {
			t.Errorf("step %d: %g, want %g", i, step, want)
		}
	}
}

// jpegStrip encodes with the standard library, whose streams hold tables and
// YCbCr of 4:2:0, or grey.
func jpegStrip(t testing.TB, m image.Image) []byte {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// tables splits a stream into one of tables and one without them.
func tables(t testing.TB, stream []byte) (tables, rest []byte) {
	t.Helper()
	tables, rest = []byte{0xff, 0xd8}, []byte{0xff, 0xd8}
	for at := 2; ; {
		size := 2 + int(stream[at+2])<<8 + int(stream[at+3])
		switch marker := stream[at+1]; marker {
		case 0xdb, 0xc4:
			tables = append(tables, stream[at:at+size]...)
		case 0xda:
			return append(tables, 0xff, 0xd9), append(rest, stream[at:]...)
		default:
			rest = append(rest, stream[at:at+size]...)
		}
		at += size
	}
}

func TestJPEG(t *testing.T) {
	const w, h = 40, 32
	grey := image.NewGray(image.Rect(0, 0, w, h))
	colours := image.NewRGBA(grey.Rect)
	for y := range h {
		for x := range w {
			grey.SetGray(x, y, color.Gray{byte(x*3 + y*2)})
			colours.SetRGBA(x, y, color.RGBA{byte(x * 4), byte(y * 5), 90, 255})
		}
	}
	part := func(m interface {
		SubImage(image.Rectangle) image.Image
	}, y0, y1 int) []byte {
		return jpegStrip(t, m.SubImage(image.Rect(0, y0, w, y1)))
	}
	top, bottom := part(grey, 0, 16), part(grey, 16, h)
	tab, first := tables(t, top)
	_, second := tables(t, bottom)
	abbreviated := newBuilder(w, h, 8, 1, blackIsZero, nil).set(tagCompression, compJPEG).strips(16, first, second)
	abbreviated.tags[tagJPEGTables] = value{typeUndefined, nil}
	for _, v := range tab {
		abbreviated.tags[tagJPEGTables] = value{typeUndefined, append(abbreviated.tags[tagJPEGTables].vals, uint64(v))}
	}
	inverse := bytes.Clone(grey.Pix)
	for i := range inverse {
		inverse[i] = ^inverse[i]
	}
	tall := part(grey, 0, 24)
	plain := func(p int) *builder {
		return newBuilder(w, h, 8, 1, p, nil).set(tagCompression, compJPEG).strips(16, top, bottom)
	}
	threeGrey := newBuilder(w, h, 8, 3, rgb, nil).set(tagCompression, compJPEG).set(tagPlanarConfig, 2).
		strips(16, top, bottom, top, bottom, top, bottom)
	var rgbs []byte
	for i := 0; i < len(colours.Pix); i += 4 {
		rgbs = append(rgbs, colours.Pix[i:i+3]...)
	}
	for _, c := range []struct {
		name      string
		b         *builder
		want      []byte
		tolerance int
	}{
		{"grey", plain(blackIsZero), opaque(grey.Pix, 1), 4},
		{"white is zero", plain(whiteIsZero), opaque(inverse, 1), 4},
		{"tables apart", abbreviated, opaque(grey.Pix, 1), 4},
		{"planes", threeGrey, opaque(grey.Pix, 1), 4},
		{"last strip as tall as the others", newBuilder(w, 40, 8, 1, blackIsZero, nil).set(tagCompression, compJPEG).strips(24, tall, tall),
			opaque(append(bytes.Clone(grey.Pix[:w*24]), grey.Pix[:w*16]...), 1), 4},
		{"one strip, filled up", newBuilder(w, 20, 8, 1, blackIsZero, nil).set(tagCompression, compJPEG).strips(20, tall), opaque(grey.Pix[:w*20], 1), 4},
		{"YCbCr", newBuilder(w, h, 8, 3, yCbCr, nil).set(tagCompression, compJPEG).strips(16, part(colours, 0, 16), part(colours, 16, h)),
			opaque(rgbs, 3), 12},
	} {
		checkPixels(t, c.name, mustRead(t, c.name, c.b.bytes()), c.want, c.tolerance)
	}
}

func TestWebP(t *testing.T) {
	file, err := os.ReadFile("../webp/testdata/alpha_raw_5x4.webp")
	if err != nil {
		t.Fatal(err)
	}
	src, err := webp.Open(file, raster.Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := make([]byte, 4*5*4)
	for y := range 4 {
		if err := src.ReadRow(want[20*y:][:20]); err != nil {
			t.Fatal(err)
		}
	}
	b := newBuilder(5, 4, 8, 4, rgb, nil).set(tagExtraSamples, 2).set(tagCompression, compWebP).strips(4, file)
	checkPixels(t, "alpha", mustRead(t, "alpha", b.bytes()), want, 0)
	b.set(tagExtraSamples, 1)
	got := mustRead(t, "associated", b.bytes())
	for i := 0; i < len(want); i += 4 {
		a := int(want[i+3])
		for k := range 3 {
			v := 0
			if a > 0 { // as package image/color divides
				v = min(int(want[i+k])*65535/a, 65535) >> 8
			}
			if int(got[i+k]) != v {
				t.Fatalf("associated alpha, pixel %d: %v, want %d", i/4, got[i:i+4], v)
			}
		}
	}
	for i := 3; i < len(want); i += 4 {
		want[i] = 255
	}
	b.set(tagSamplesPerPixel, 3).set(tagExtraSamples, 0)
	checkPixels(t, "three samples", mustRead(t, "three samples", b.bytes()), want, 0)
	b.tiles(16, 16, file)
	if _, _, _, err := read(b.bytes()); code(err) != raster.CodeCorrupt {
		t.Errorf("a tile of another size: %v", err)
	}
}

func ExampleOpen() {
	file := newBuilder(2, 1, 8, 1, blackIsZero, []byte{10, 20}).bytes()
	_, _, pix, err := read(file)
	fmt.Println(pix, err)
	// Output: [10 10 10 255 20 20 20 255] <nil>
}
