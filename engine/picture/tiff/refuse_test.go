package tiff

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"likeness/engine/picture/raster"
)

// small returns a picture of 2 x 2 grey pixels.
func small() *builder { return newBuilder(2, 2, 8, 1, blackIsZero, []byte{1, 2, 3, 4}) }

func code(err error) string {
	var e *raster.Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

func TestRefusals(t *testing.T) {
	color := func(samples, photometric int) *builder {
		return newBuilder(1, 1, 8, samples, photometric, noise(8, 1))
	}
	float := func(v float32) *builder {
		return newBuilder(1, 1, 32, 1, blackIsZero, binary.LittleEndian.AppendUint32(nil, math.Float32bits(v))).set(tagSampleFormat, 3)
	}
	jpegs := func(samples, photometric int) *builder {
		return color(samples, photometric).set(tagCompression, compJPEG)
	}
	for _, c := range []struct {
		names string // what the message names
		b     *builder
	}{
		{"old-style JPEG", small().set(tagCompression, 6)},
		{"Zstandard", small().set(tagCompression, 50000)},
		{"LERC", small().set(tagCompression, 34887)},
		{"JPEG 2000", small().set(tagCompression, 34712)},
		{"JPEG XL", small().set(tagCompression, 50002)},
		{"LZMA", small().set(tagCompression, 34925)},
		{"JBIG", small().set(tagCompression, 34661)},
		{"compression number 77", small().set(tagCompression, 77)},
		{"transparency mask", small().set(tagPhotometric, 4)},
		{"ITU L*a*b*", color(3, 10)},
		{"raw data", small().set(tagPhotometric, 32803)},
		{"LogLuv", color(3, 32845)},
		{"photometric interpretation number 99", small().set(tagPhotometric, 99)},
		{"33 bits", small().set(tagBitsPerSample, 33)},
		{"0 bits", small().set(tagBitsPerSample, 0)},
		{"different sizes", color(3, rgb).set(tagBitsPerSample, 8, 8, 16)},
		{"different formats", color(3, rgb).set(tagSampleFormat, 1, 1, 3)},
		{"signed samples", small().set(tagSampleFormat, 2)},
		{"signed samples", small().set(tagDataType, 1)},
		{"complex numbers", small().set(tagSampleFormat, 6)},
		{"sample format 9", small().set(tagSampleFormat, 9)},
		{"8 bits per floating-point sample", small().set(tagSampleFormat, 3)},
		{"another range than 0 to 1", float(200)},
		{"another range than 0 to 1", float(-9999)},
		{"another range than 0 to 1", float(float32(math.Inf(1)))},
		{"samples per pixel", small().set(tagSamplesPerPixel, 2000)},
		{"several slices", small().set(tagImageDepth, 2)},
		{"other inks", color(4, cmyk).set(tagInkSet, 2)},
		{"dot range", color(4, cmyk).set(tagDotRange, 10, 255)},
		{"indexed colours", color(4, cmyk).set(tagIndexed, 1)},
		{"Decode array", color(3, cieLab).set(tagDecode, 1)},
		{"predictor number 4", small().set(tagCompression, compLZW).set(tagPredictor, 4)},
		{"predictor with 4 bits", small().set(tagBitsPerSample, 4).set(tagCompression, compLZW).set(tagPredictor, 2)},
		{"predictor with subsampled", color(3, yCbCr).set(tagCompression, compLZW).set(tagPredictor, 2)},
		{"subsampled colours in separate planes", color(3, yCbCr).set(tagPlanarConfig, 2)},
		{"subsampled colours with extra", color(4, yCbCr)},
		{"YCbCr colours of 16 bits", color(3, yCbCr).set(tagBitsPerSample, 16, 16, 16)},
		{"L*a*b* colours of 4 bits", color(3, cieLab).set(tagBitsPerSample, 4, 4, 4)},
		{"colour map with 24 bits", withMap(color(1, paletted), 1, 2, 3).set(tagBitsPerSample, 24)},
		{"JPEG compression of indices", withMap(jpegs(1, paletted), 1, 2, 3)},
		{"JPEG compression with extra samples", jpegs(4, rgb)},
		{"JPEG or WebP compression of samples that have not 8 bits", jpegs(1, blackIsZero).set(tagBitsPerSample, 16)},
		{"WebP compression of other colours", small().set(tagCompression, compWebP)},
		{"uncompressed parts", newBuilder(8, 1, 1, 1, whiteIsZero, []byte{1}).set(tagCompression, compFax3).set(tagT4Options, 2)},
		{"uncompressed parts", newBuilder(8, 1, 1, 1, whiteIsZero, []byte{1}).set(tagCompression, compFax4).set(tagT6Options, 2)},
		{"raw data of a camera", small().set(tagNewSubfileType, 1).set(tagSubIFDs, 9)},
	} {
		_, _, _, err := read(c.b.bytes())
		if code(err) != raster.CodeFeature || !strings.Contains(err.Error(), c.names) {
			t.Errorf("%s: %v", c.names, err)
		}
	}
}

func TestDamage(t *testing.T) {
	packed := func(compression int, b ...byte) *builder {
		return small().set(tagCompression, compression).strips(2, b)
	}
	fax := func(compression int, b ...byte) *builder {
		return newBuilder(16, 2, 1, 1, whiteIsZero, b).set(tagCompression, compression)
	}
	for _, c := range []struct {
		name, code string
		b          *builder
	}{
		{"no width", raster.CodeZeroSize, small().set(tagImageWidth, 0)},
		{"too wide", raster.CodeTooLarge, small().set(tagImageWidth, 1<<20)},
		{"fewer strips than rows", raster.CodeCorrupt, small().set(tagRowsPerStrip, 1)},
		{"fewer counts than strips", raster.CodeCorrupt, small().strips(1, []byte{1, 2}, []byte{3, 4}).set(tagStripByteCounts, 2)},
		{"short strip", raster.CodeCorrupt, small().strips(1, []byte{1, 2}, []byte{3})},
		{"a missing strip", raster.CodeCorrupt, small().set(tagStripOffsets, 0)},
		{"a missing tile", raster.CodeCorrupt, small().tiles(2, 2, []byte{1, 2, 3, 4}).set(tagTileByteCounts, 0).set(tagTileOffsets, 0)},
		{"offset beyond the file", raster.CodeCorrupt, small().set(tagStripOffsets, 9999)},
		{"tiles of no size", raster.CodeCorrupt, small().tiles(0, 1, []byte{1})},
		{"planar configuration", raster.CodeCorrupt, small().set(tagPlanarConfig, 3)},
		{"two samples for RGB", raster.CodeCorrupt, newBuilder(1, 1, 8, 2, rgb, []byte{1, 2})},
		{"no colour map", raster.CodeCorrupt, small().set(tagPhotometric, paletted)},
		{"uneven colour map", raster.CodeCorrupt, withMap(small().set(tagPhotometric, paletted), 1, 2, 3, 4)},
		{"index beyond the colour map", raster.CodeCorrupt, withMap(small().set(tagPhotometric, paletted), 1, 2, 3)},
		{"grey fax", raster.CodeCorrupt, small().set(tagCompression, compFax4)},
		{"float predictor of integers", raster.CodeCorrupt, small().set(tagCompression, compLZW).set(tagPredictor, 3)},
		{"odd subsampling", raster.CodeCorrupt, newBuilder(1, 1, 8, 3, yCbCr, noise(9, 1)).set(tagYCbCrSubSampling, 3, 1)},
		{"coefficients of zero", raster.CodeCorrupt, func() *builder {
			b := withCoefficients(newBuilder(1, 1, 8, 3, yCbCr, noise(9, 1)))
			b.tags[tagYCbCrCoefficients].vals[2] = 0
			return b
		}()},
		{"a rational without denominator", raster.CodeCorrupt, func() *builder {
			b := withCoefficients(newBuilder(1, 1, 8, 3, yCbCr, noise(9, 1)))
			b.tags[tagYCbCrCoefficients].vals[3] = 0
			return b
		}()},
		{"PackBits ends early", raster.CodeCorrupt, packed(compPackBits, 1, 2, 3)},
		{"LZW ends early", raster.CodeCorrupt, packed(compLZW, lzwEncode([]byte{1, 2, 3}, false)...)},
		{"LZW code not defined", raster.CodeCorrupt, packed(compLZW, 0x80, 0x7f, 0xff, 0xff)},
		{"LZW first code not a byte", raster.CodeCorrupt, packed(compLZW, 0xff, 0xff, 0xff)},
		{"Deflate header", raster.CodeCorrupt, packed(compDeflate, 1, 2, 3)},
		{"Deflate ends early", raster.CodeCorrupt, packed(compDeflate, deflate([]byte{1, 2, 3})...)},
		{"Deflate ends early with a wrong checksum", raster.CodeCorrupt, packed(compDeflate, append(deflate([]byte{1, 2, 3})[:len(deflate([]byte{1, 2, 3}))-4], 0, 0, 0, 0)...)},
		{"not a JPEG", raster.CodeCorrupt, packed(compJPEG, 1, 2, 3)},
		{"JPEG of another size", raster.CodeCorrupt, packed(compJPEG, jpegStrip(t, image.NewGray(image.Rect(0, 0, 3, 2)))...)},
		{"JPEG of fewer rows", raster.CodeCorrupt, packed(compJPEG, jpegStrip(t, image.NewGray(image.Rect(0, 0, 2, 1)))...)},
		{"unknown fax code", raster.CodeCorrupt, fax(compFax4, 0x01, 0xff, 0xff, 0xff)},
		{"fax of one row", raster.CodeCorrupt, fax(compFax4, 0x80)},
		{"fax run beyond the row", raster.CodeCorrupt, fax(compFax2, 0b11011000, 0, 0, 0, 0)},
		{"no end-of-line code in two dimensions", raster.CodeCorrupt, fax(compFax3, 0xff, 0xff, 0xff).set(tagT4Options, 1)},
		{"return to control at once", raster.CodeCorrupt, fax(compFax3, 0x00, 0x10, 0x01, 0x00, 0x10, 0x01, 0x00, 0x10, 0x01, 0, 0)},
		{"expansion that no compression has", raster.CodeCorrupt, small().set(tagImageWidth, 1e5).set(tagImageLength, 1e5).set(tagRowsPerStrip, 1e5).
			set(tagCompression, compDeflate)},
		{"strips that overlap for ever", raster.CodeCorrupt, func() *builder {
			b := newBuilder(1, 5000, 8, 1, blackIsZero, noise(2000, 1)).set(tagCompression, compPackBits).set(tagRowsPerStrip, 1)
			at, size := longs(), longs()
			for range 5000 {
				at.vals, size.vals = append(at.vals, 8), append(size.vals, 2000)
			}
			b.tags[tagStripOffsets], b.tags[tagStripByteCounts] = at, size
			return b
		}()},
	} {
		_, _, _, err := read(c.b.bytes())
		if code(err) != c.code {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	for name, file := range map[string][]byte{
		"header": []byte("II\x2b\x01abcdefghij"), "no TIFF": []byte("GIF89a, that is"), "no directory": []byte("II*\x00\x00\x00\x00\x00"),
	} {
		if _, _, _, err := read(file); code(err) != raster.CodeCorrupt {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What programs write although they should not.
func TestTolerated(t *testing.T) {
	want := opaque([]byte{1, 2, 3, 4}, 1)
	unsorted := small().bytes()
	at := binary.LittleEndian.Uint32(unsorted[4:]) + 2
	first := bytes.Clone(unsorted[at : at+12])
	copy(unsorted[at:at+12], unsorted[at+12:at+24])
	copy(unsorted[at+12:at+24], first)
	checksum := deflate([]byte{1, 2, 3, 4})
	checksum[len(checksum)-1]++
	for name, file := range map[string][]byte{
		"tags in another order":      unsorted,
		"wrong count of one strip":   small().set(tagStripByteCounts, 1).bytes(),
		"count of zero":              small().set(tagStripByteCounts, 0).bytes(),
		"rows per strip not said":    del(small(), tagRowsPerStrip).bytes(),
		"rows per strip beyond all":  small().set(tagRowsPerStrip, math.MaxUint32).bytes(),
		"rows per strip of zero":     small().set(tagRowsPerStrip, 0).bytes(),
		"predictor without meaning":  small().set(tagPredictor, 2).bytes(),
		"wrong checksum":             small().set(tagCompression, compDeflate).strips(2, checksum).bytes(),
		"no checksum":                small().set(tagCompression, compDeflate).strips(2, checksum[:len(checksum)-4]).bytes(),
		"tiles with tags of strips":  small().set(tagTileWidth, 2).set(tagTileLength, 2).bytes(),
		"undefined sample format":    small().set(tagSampleFormat, 4).bytes(),
		"surplus":                    append(small().bytes(), "surplus"...),
		"an unknown type":            func() []byte { b := small(); b.tags[999] = value{typeASCII, nil}; return b.bytes() }(),
		"planar with one sample":     small().set(tagPlanarConfig, 2).bytes(),
		"a thumbnail, nothing else":  small().set(tagNewSubfileType, 1).bytes(),
		"sizes in another type":      func() []byte { b := small(); b.tags[tagImageWidth] = value{typeLong8, []uint64{2}}; return b.bytes() }(),
		"sample format of no values": func() []byte { b := small(); b.tags[tagSampleFormat] = shorts(1, 1, 1); return b.bytes() }(),
	} {
		if got := mustRead(t, name, file); !bytes.Equal(got, want) {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// chain puts the directory of b behind that of a.
func chain(t *testing.T, a, b *builder) []byte {
	first, second := a.bytes(), b.bytes()
	at := int(binary.LittleEndian.Uint32(first[4:]))
	n := int(binary.LittleEndian.Uint16(first[at:]))
	binary.LittleEndian.PutUint32(first[at+2+12*n:], uint32(len(first)))
	// Offsets of the second are from the start of the file.
	at = int(binary.LittleEndian.Uint32(second[4:]))
	n = int(binary.LittleEndian.Uint16(second[at:]))
	for i := range n {
		e := second[at+2+12*i:]
		if binary.LittleEndian.Uint16(e) == tagStripOffsets {
			binary.LittleEndian.PutUint32(e[8:], 8+uint32(len(first)+len(second)-at))
		}
		if binary.LittleEndian.Uint32(e[4:]) > 2 {
			t.Fatal("values that are not in the directory")
		}
	}
	return append(append(first, second[at:]...), second[:at]...)
}

func TestDirectories(t *testing.T) {
	other := newBuilder(1, 1, 8, 1, blackIsZero, []byte{9})
	for _, c := range []struct {
		name string
		file []byte
		want []byte
	}{
		{"two pages", chain(t, small(), other), opaque([]byte{1, 2, 3, 4}, 1)},
		{"thumbnail first", chain(t, small().set(tagNewSubfileType, 1), other), opaque([]byte{9}, 1)},
		{"mask first", chain(t, small().set(tagNewSubfileType, 4), other), opaque([]byte{9}, 1)},
		{"old thumbnail first", chain(t, small().set(tagSubfileType, 2), other), opaque([]byte{9}, 1)},
		{"page of several", small().set(tagNewSubfileType, 2).bytes(), opaque([]byte{1, 2, 3, 4}, 1)},
	} {
		if got := mustRead(t, c.name, c.file); !bytes.Equal(got, c.want) {
			t.Errorf("%s: %v", c.name, got)
		}
	}
	// A chain that comes back to its start ends.
	loop := small().set(tagNewSubfileType, 1).bytes()
	at := binary.LittleEndian.Uint32(loop[4:])
	n := uint32(binary.LittleEndian.Uint16(loop[at:]))
	binary.LittleEndian.PutUint32(loop[at+2+12*n:], at)
	mustRead(t, "loop", loop)
}

// samples are files of every kind for the tests that break them.
func samples(t testing.TB) map[string][]byte {
	planes := newBuilder(9, 5, 8, 3, rgb, nil).set(tagPlanarConfig, 2)
	cut(planes, noise(9*5*3, 1), 9, 5, 3, image.Pt(16, 16), true)
	big := newBuilder(5, 3, 16, 1, blackIsZero, noise(30, 1))
	big.big, big.order = true, binary.BigEndian
	tiled := newBuilder(9, 5, 8, 1, blackIsZero, nil)
	cut(tiled, noise(45, 1), 9, 5, 1, image.Pt(4, 4), false)
	rows := bilevel(20, 6)
	grey := image.NewGray(image.Rect(0, 0, 16, 8))
	return map[string][]byte{
		"plain":        small().bytes(),
		"head first":   small().file(false),
		"big":          big.bytes(),
		"planes":       planes.bytes(),
		"tiles":        tiled.bytes(),
		"LZW":          newBuilder(30, 4, 8, 1, blackIsZero, nil).set(tagCompression, compLZW).set(tagPredictor, 2).strips(4, lzwEncode(texture(120), false)).bytes(),
		"old LZW":      newBuilder(30, 4, 8, 1, blackIsZero, nil).set(tagCompression, compLZW).strips(4, lzwEncode(texture(120), true)).bytes(),
		"Deflate":      newBuilder(30, 4, 8, 1, whiteIsZero, nil).set(tagCompression, compDeflate).strips(2, deflate(texture(60)), deflate(texture(60))).bytes(),
		"PackBits":     newBuilder(30, 4, 8, 1, blackIsZero, nil).set(tagCompression, compPackBits).strips(4, packBitsEncode(texture(120))).bytes(),
		"Huffman":      newBuilder(20, 6, 1, 1, whiteIsZero, nil).set(tagCompression, compFax2).strips(6, faxEncode(rows, 20, 6, compFax2, false, false)).bytes(),
		"group 3":      newBuilder(20, 6, 1, 1, whiteIsZero, nil).set(tagCompression, compFax3).set(tagT4Options, 1).strips(6, faxEncode(rows, 20, 6, compFax3, true, false)).bytes(),
		"group 4":      newBuilder(20, 6, 1, 1, whiteIsZero, nil).set(tagCompression, compFax4).strips(6, faxEncode(rows, 20, 6, compFax4, false, false)).bytes(),
		"colour map":   withMap(newBuilder(4, 1, 2, 1, paletted, []byte{0x1b}), 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 1<<15).bytes(),
		"CMYK":         newBuilder(2, 1, 8, 4, cmyk, noise(8, 1)).bytes(),
		"subsampled":   newBuilder(3, 3, 8, 3, yCbCr, noise(24, 1)).bytes(),
		"limited":      withRange(newBuilder(2, 1, 8, 3, yCbCr, noise(6, 1)).set(tagYCbCrSubSampling, 1, 1)).bytes(),
		"CIELab":       newBuilder(2, 1, 8, 3, cieLab, noise(6, 1)).bytes(),
		"float":        newBuilder(2, 1, 32, 1, blackIsZero, nil).set(tagSampleFormat, 3).set(tagCompression, compDeflate).set(tagPredictor, 3).strips(1, deflate(make([]byte, 8))).bytes(),
		"JPEG":         newBuilder(16, 8, 8, 1, blackIsZero, nil).set(tagCompression, compJPEG).strips(8, jpegStrip(t, grey)).bytes(),
		"associated":   newBuilder(1, 1, 16, 4, rgb, noise(8, 1)).set(tagExtraSamples, 1).bytes(),
		"fill order":   newBuilder(9, 2, 4, 1, blackIsZero, noise(10, 1)).set(tagFillOrder, 2).bytes(),
		"several bits": newBuilder(5, 2, 12, 1, blackIsZero, noise(16, 1)).bytes(),
	}
}

// A file that lost its end is refused at every length, unless nothing that the
// picture needs is missing.
func TestCutOff(t *testing.T) {
	for name, file := range samples(t) {
		want := mustRead(t, name, file)
		read1 := 0
		for n := range file {
			_, _, got, err := read(file[:n])
			switch {
			case err == nil && bytes.Equal(got, want):
				read1++
			case err == nil:
				t.Errorf("%s, %d of %d bytes: read as another picture", name, n, len(file))
			case err.Error() != raster.CutOff(format).Error():
				t.Errorf("%s, %d of %d bytes: %v", name, n, len(file), err)
			}
		}
		// The link to the next directory and bytes of padding can go.
		if read1 > 9 {
			t.Errorf("%s: read at %d lengths that are too short", name, read1)
		}
	}
}

func TestMemory(t *testing.T) {
	big := newBuilder(20000, 20000, 8, 3, rgb, nil).set(tagCompression, compLZW).strips(20000, make([]byte, 1<<20))
	s, err := Open(big.bytes(), raster.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if m := s.Memory(); m < 20000*3 || m > 1<<20 {
		t.Errorf("one strip: %d bytes", m)
	}
	tiles := newBuilder(1<<16, 16, 8, 1, blackIsZero, nil).set(tagCompression, compDeflate)
	tiles.tiles(16, 16, make([][]byte, 1<<12)...)
	empty := deflate(make([]byte, 256))
	for i := range tiles.segments {
		tiles.segments[i] = empty
	}
	file := tiles.bytes()
	if s, err = Open(file, raster.Options{}); err != nil {
		t.Fatal(err)
	}
	if m := s.Memory(); m < 1<<12*40<<10 {
		t.Errorf("tiles side by side: %d bytes", m)
	}
}

// The files that are kept outside the repository, if they are there.
func TestSharedCases(t *testing.T) {
	dir := os.Getenv("LIKENESS_SHARED")
	if dir == "" {
		t.Skip("LIKENESS_SHARED is not set")
	}
	files, _ := filepath.Glob(filepath.Join(dir, "cases", "pictures", "tiff_*.tif"))
	if len(files) == 0 {
		t.Fatal("no files")
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		_, _, _, err = read(data)
		if err != nil && code(err) != raster.CodeFeature {
			t.Errorf("%s: %v", filepath.Base(name), err)
		}
	}
}

func FuzzOpen(f *testing.F) {
	for _, file := range samples(f) {
		f.Add(file)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := Open(data, raster.Options{})
		if err != nil {
			if code(err) == "" {
				t.Fatal(err)
			}
			return
		}
		w, h := s.Size()
		if w <= 0 || h <= 0 || s.Memory() <= 0 {
			t.Fatalf("%d x %d, %d bytes", w, h, s.Memory())
		}
		if w*h > 1<<20 || s.Memory() > 1<<26 {
			return
		}
		row := make([]byte, 4*w)
		for range h {
			if err := s.ReadRow(row); err != nil {
				if code(err) == "" {
					t.Fatal(err)
				}
				return
			}
		}
	})
}
