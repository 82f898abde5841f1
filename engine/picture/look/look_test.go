package look

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"likeness/engine/picture/raster"
)

func TestFormatAndSize(t *testing.T) {
	bmp := func(header uint32, rest ...byte) []byte {
		return join([]byte("BM"), make([]byte, 12), le.AppendUint32(nil, header), rest, make([]byte, 20))
	}
	gifTwo := encode(t, "gif")
	gifTwo = join(gifTwo[:len(gifTwo)-1], gifTwo[bytes.IndexByte(gifTwo[781:], 0x2c)+781:])
	gifZero := bytes.Clone(encode(t, "gif"))
	copy(gifZero[6:], "\x00\x00\x00\x00")
	one := encode(t, "gif")
	gifOdd := join(one[:781], []byte("\x21\x77\x03abc\x02de\x00"), one[781:])
	apng := beforeIDAT(encode(t, "png"), chunkPNG("acTL", u32(2, 0)))
	bigTIFF := join([]byte("MM\x00\x2b\x00\x08\x00\x00"), be.AppendUint64(nil, 16), be.AppendUint64(nil, 2),
		u16(tagWidth, typeLong8), be.AppendUint64(nil, 1), be.AppendUint64(nil, 70000),
		u16(tagHeight, typeShort), be.AppendUint64(nil, 1), u16(9, 0, 0, 0))
	for _, c := range []struct {
		name, format string
		data         []byte
		w, h         int
		animated     bool
	}{
		{"jpeg", "jpeg", encode(t, "jpeg"), 6, 4, false},
		{"jpeg, only its start", "jpeg", []byte("\xff\xd8\xff\xe0"), 0, 0, false},
		{"jpeg, segment cut off", "jpeg", []byte("\xff\xd8\xff\xc0\x00\x11\x08\x00"), 0, 0, false},
		{"jpeg, garbage and fill bytes", "jpeg", afterSOI(encode(t, "jpeg"), []byte("\xff\x00\x01\xff\xd0\xff\xff\xff\x01abc")), 6, 4, false},
		{"png", "png", encode(t, "png"), 6, 4, false},
		{"png header cut off", "png", encode(t, "png")[:24], 6, 4, false},
		{"png signature", "png", encode(t, "png")[:8], 0, 0, false},
		{"apng", "png", apng, 6, 4, true},
		{"apng of one frame", "png", beforeIDAT(encode(t, "png"), chunkPNG("acTL", u32(1, 0))), 6, 4, false},
		{"apng declared too late", "png", beforeIEND(encode(t, "png"), chunkPNG("acTL", u32(2, 0))), 6, 4, false},
		{"gif", "gif", encode(t, "gif"), 6, 4, false},
		{"gif of two frames", "gif", gifTwo, 6, 4, true},
		{"gif without a screen", "gif", gifZero, 6, 4, false},
		{"gif with an unknown extension", "gif", gifOdd, 6, 4, false},
		{"gif magic", "gif", []byte("GIF89a"), 0, 0, false},
		{"webp, lossy", "webp", riff(lossy), 300, 200, false},
		{"webp, lossless", "webp", riff(lossless), 300, 200, false},
		{"webp, extended", "webp", riff(extended, lossy), 300, 200, false},
		{"webp, animated", "webp", riff(animated), 300, 200, true},
		{"webp, cut off", "webp", riff(lossy)[:30], 300, 200, false},
		{"webp magic", "webp", riff(), 0, 0, false},
		{"bmp", "bmp", bmp(40, 5, 0, 0, 0, 7, 0, 0, 0), 5, 7, false},
		{"bmp, rows from the top", "bmp", bmp(124, 5, 0, 0, 0, 0xf9, 0xff, 0xff, 0xff), 5, 7, false},
		{"bmp, height -2^31", "bmp", bmp(40, 5, 0, 0, 0, 0, 0, 0, 0x80), 5, 1<<31 - 1, false},
		{"bmp of OS/2", "bmp", bmp(12, 5, 0, 7, 0), 5, 7, false},
		{"bmp, cut off", "bmp", []byte("BM\x00\x01\x00\x00\x00\x00"), 0, 0, false},
		{"tiff", "tiff", encode(t, "tiff"), 6, 4, false},
		{"tiff magic", "tiff", []byte("II*\x00\xff\xff\xff\xff"), 0, 0, false},
		{"tiff, big", "tiff", bigTIFF, 70000, 9, false},
		{"tiff, big, cut off", "tiff", bigTIFF[:20], 0, 0, false},
		{"heic", "heic", simple("heic", "hvc1").bytes(), 300, 200, false},
		{"avif", "avif", simple("avif", "av01").bytes(), 300, 200, false},
		{"avif behind a neutral brand", "avif", simple("mif1", "av01").bytes(), 300, 200, false},
		{"avif sequence", "avif", simple("avis", "av01").bytes(), 300, 200, true},
	} {
		f, err := Look(c.data)
		if err != nil || f.Format != c.format || f.Width != c.w || f.Height != c.h || f.Animated != c.animated || f.Orientation != 1 {
			t.Errorf("%s: %+v %v", c.name, f, err)
		}
	}
}

func TestOrientation(t *testing.T) {
	jpg, pn := encode(t, "jpeg"), encode(t, "png")
	xmp := segment(markerAPP1, "http://ns.adobe.com/xap/1.0/\x00<x:xmpmeta tiff:Orientation=\"3\"/>")
	jfif := segment(0xe0, "JFIF\x00\x01\x02\x00\x00\x01\x00\x01\x00\x00")
	inner := afterSOI(jpg, app1(exif(be, typeShort, 1, 8)))
	thumbnail := segment(markerAPP1, "Exif\x00\x00", string(structure(be, inner)))
	damaged := chunkPNG("eXIf", six)
	damaged[len(damaged)-1]++
	for _, c := range []struct {
		name string
		data []byte
		want int
	}{
		{"jpeg", afterSOI(jpg, app1(six)), 6},
		{"jpeg, after APP0", afterSOI(jpg, jfif, app1(six)), 6},
		{"jpeg, after XMP", afterSOI(jpg, xmp, app1(six)), 6},
		{"jpeg, only XMP", afterSOI(jpg, xmp), 1},
		{"jpeg, fill bytes", afterSOI(jpg, []byte{0xff}, app1(six)), 6},
		{"jpeg, many fill bytes", afterSOI(jpg, jfif, bytes.Repeat([]byte{0xff}, 999), app1(six)), 6},
		{"jpeg, the mark's padding is not zero", afterSOI(jpg, segment(markerAPP1, "Exif\x00\xff", string(six))), 6},
		{"jpeg, two blocks", afterSOI(jpg, app1(six), app1(exif(le, typeShort, 1, 3))), 6},
		{"jpeg, the thumbnail's own", afterSOI(jpg, thumbnail), 1},
		{"jpeg, in the entropy-coded data", join(jpg, app1(six)), 1},
		{"jpeg, behind the frame header", join(jpg[:len(jpg)-300], app1(six)), 1},
		{"jpeg, length beyond the end", afterSOI(jpg[:2], []byte{0xff, 0xe1, 0xff, 0xff}), 1},
		{"jpeg, length 1", afterSOI(jpg[:2], []byte{0xff, 0xe1, 0, 1, 0xff, 0xe1}), 1},
		{"png, before the pixels", beforeIDAT(pn, chunkPNG("eXIf", six)), 6},
		{"png, behind the pixels", beforeIEND(pn, chunkPNG("eXIf", six)), 6},
		{"png, with the mark of JPEG", beforeIDAT(pn, chunkPNG("eXIf", join([]byte("Exif\x00\x00"), six))), 6},
		{"png, wrong checksum", beforeIDAT(pn, damaged), 1},
		{"png, wrong checksum, then another", beforeIDAT(pn, damaged, chunkPNG("eXIf", six)), 6},
		{"png, behind the end", join(pn, chunkPNG("eXIf", six)), 1},
		{"webp, lossy", riff(extended, lossy, chunkWebP("EXIF", six)), 6},
		{"webp, lossless", riff(extended, lossless, chunkWebP("EXIF", six)), 6},
		{"webp, without extended header", riff(lossless, chunkWebP("EXIF", six)), 6},
		{"webp, with the mark of JPEG", riff(extended, lossy, chunkWebP("EXIF", join([]byte("Exif\x00\x00"), six))), 6},
		{"webp, EXIF first", riff(extended, chunkWebP("EXIF", six), lossy), 6},
		{"webp, odd chunk between", riff(extended, chunkWebP("XMP ", []byte("odd")), chunkWebP("EXIF", six)), 6},
		{"tiff", six, 6},
		{"tiff, little-endian", exif(le, typeShort, 1, 6), 6},
		{"heic", simple("heic", "hvc1", box("irot", []byte{1})).bytes(), 1},
		{"gif", encode(t, "gif"), 1},
		{"empty", nil, 1},
		{"not a picture", []byte("text"), 1},
	} {
		if got := Orientation(c.data); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
}

func TestOrientationTypes(t *testing.T) {
	jpg := encode(t, "jpeg")
	for _, order := range []binary.ByteOrder{le, be} {
		for _, kind := range []uint16{typeByte, typeShort, typeLong, typeSShort, typeSLong} {
			for v := range uint32(300) {
				want := 1
				if v <= 8 && v > 0 {
					want = int(v)
				}
				if kind == typeByte && v > 255 {
					continue
				}
				if got := Orientation(afterSOI(jpg, app1(exif(order, kind, 1, v)))); got != want {
					t.Errorf("%v, type %d, value %d: %d", order, kind, v, got)
				}
			}
		}
		for name, block := range map[string][]byte{
			"negative":         exif(order, typeSLong, 1, 1<<32-6),
			"a fraction":       exif(order, 5, 1, 6),
			"two values":       exif(order, typeShort, 2, 6),
			"no value":         exif(order, typeShort, 0, 6),
			"64 bits":          exif(order, typeLong8, 1, 6),
			"2^16 + 6":         exif(order, typeLong, 1, 1<<16+6),
			"cut off":          exif(order, typeShort, 1, 6)[:20],
			"another number":   join([]byte("IIxx"), exif(order, typeShort, 1, 6)[4:]),
			"directory beyond": join(exif(order, typeShort, 1, 6)[:4], []byte{255, 255, 255, 255}),
		} {
			if got := Orientation(afterSOI(jpg, app1(block))); got != 1 {
				t.Errorf("%v, %s: %d", order, name, got)
			}
		}
	}
	many := structure(le, nil, field{1, 3, 1, [4]byte{}}, field{tagOrientation, 3, 1, [4]byte{5}}, field{tagOrientation, 3, 1, [4]byte{7}})
	le.PutUint16(many[8:], 60000)
	if got := Orientation(afterSOI(jpg, app1(many))); got != 5 {
		t.Errorf("more entries declared than there are: %d", got)
	}
}

func TestProfile(t *testing.T) {
	p := profile(500)
	piece := func(number, count byte, b []byte) []byte {
		return segment(markerAPP2, "ICC_PROFILE\x00", string([]byte{number, count}), string(b))
	}
	jpg, pn := encode(t, "jpeg"), encode(t, "png")
	late := iccp(p)
	damaged := bytes.Clone(late)
	damaged[20]++
	adler := bytes.Clone(iccp(p))
	adler[len(adler)-5]++
	be.PutUint32(adler[len(adler)-4:], be.Uint32(chunkPNG("iCCP", adler[8:len(adler)-4])[len(adler)-4:]))
	inTIFF := structure(le, p, field{tagICC, 7, 500, number(le, typeLong, 8+2+12+4)})
	for _, c := range []struct {
		name string
		data []byte
		want []byte
	}{
		{"jpeg", afterSOI(jpg, piece(1, 1, p)), p},
		{"jpeg, in pieces out of order", afterSOI(jpg, piece(2, 3, p[100:300]), piece(3, 3, p[300:]), piece(1, 3, p[:100])), p},
		{"jpeg, a piece missing", afterSOI(jpg, piece(1, 2, p[:100])), nil},
		{"jpeg, a piece twice", afterSOI(jpg, piece(1, 1, p), piece(1, 1, profile(300))), p},
		{"jpeg, piece 0", afterSOI(jpg, piece(0, 1, p)), nil},
		{"jpeg, counts differ", afterSOI(jpg, piece(1, 2, p[:100]), piece(2, 3, p[100:])), nil},
		{"jpeg, another APP2", afterSOI(jpg, segment(markerAPP2, "MPF\x00")), nil},
		{"png", beforeIDAT(pn, iccp(p)), p},
		{"png, behind the pixels", beforeIEND(pn, late), nil},
		{"png, wrong checksum", beforeIDAT(pn, damaged), nil},
		{"png, wrong sum of the stream", beforeIDAT(pn, adler), p},
		{"png, stream cut off", beforeIDAT(pn, chunkPNG("iCCP", iccp(p)[8:60])), nil},
		{"png, surplus behind the profile", beforeIDAT(pn, iccp(append(profile(500), 1, 2, 3))), p},
		{"png, declared too long", beforeIDAT(pn, iccp(append(u32(maxProfile+1), p[4:]...))), nil},
		{"png, shorter than declared", beforeIDAT(pn, iccp(append(u32(501), p[4:]...))), nil},
		{"png, no name", beforeIDAT(pn, chunkPNG("iCCP", []byte("\x00\x00abc"))), nil},
		{"png, no end of the name", beforeIDAT(pn, chunkPNG("iCCP", bytes.Repeat([]byte("a"), 90))), nil},
		{"webp", riff(extended, chunkWebP("ICCP", p), lossy), p},
		{"tiff", inTIFF, p},
		{"tiff, cut off", inTIFF[:len(inTIFF)-1], nil},
		{"heic", simple("heic", "hvc1", box("colr", []byte("prof"), p)).bytes(), p},
		{"avif, restricted", simple("avif", "av01", nclx(1, 13, 6, 1), box("colr", []byte("rICC"), p)).bytes(), p},
	} {
		f, err := Look(c.data)
		if err != nil || !bytes.Equal(f.Profile, c.want) {
			t.Errorf("%s: %d bytes, want %d (%v)", c.name, len(f.Profile), len(c.want), err)
		}
	}
}

func TestCoding(t *testing.T) {
	f, _ := Look(beforeIDAT(encode(t, "png"), chunkPNG("cICP", []byte{12, 13, 0, 1})))
	if f.Coding == nil || *f.Coding != (Coding{12, 13, 0, true}) {
		t.Errorf("cICP: %+v", f.Coding)
	}
}

// TestRefused names what is not read.
func TestRefused(t *testing.T) {
	raw := func(fields ...field) []byte { return structure(le, []byte("NIKON CORPORATION\x00"), fields...) }
	for _, c := range []struct{ name, data, code, says string }{
		{"empty", "", raster.CodeEmpty, "empty"},
		{"svg", `<?xml version="1.0"?><svg xmlns="x"></svg>`, raster.CodeFormat, "SVG drawings are not read: export it as PNG"},
		{"svg, bare", `<svg>`, raster.CodeFormat, "SVG"},
		{"jxl", "\xff\x0a\xfa", raster.CodeFormat, "JPEG XL"},
		{"jxl in boxes", "\x00\x00\x00\x0cJXL \r\n\x87\n", raster.CodeFormat, "JPEG XL"},
		{"jp2", "\x00\x00\x00\x0cjP  \r\n\x87\n", raster.CodeFormat, "JPEG 2000"},
		{"jpeg 2000 stream", "\xff\x4f\xff\x51", raster.CodeFormat, "JPEG 2000"},
		{"psd", "8BPS\x00\x01", raster.CodeFormat, "Photoshop"},
		{"cr2", "II*\x00\x10\x00\x00\x00CR\x02\x00", raster.CodeFormat, "camera raw files (CR2)"},
		{"dng", string(raw(field{tagDNGVersion, 1, 4, [4]byte{1, 4, 0, 0}})), raster.CodeFormat, "(DNG)"},
		{"nef", string(raw(field{tagSubfileType, 4, 1, [4]byte{1}}, field{271, 2, 18, [4]byte{50}}, field{tagSubIFDs, 4, 1, [4]byte{8}})), raster.CodeFormat, "(NEF)"},
		{"raw of no name", string(raw(field{tagSubfileType, 4, 1, [4]byte{1}}, field{tagSubIFDs, 4, 1, [4]byte{8}})), raster.CodeFormat, "(of a camera)"},
		{"cr3", "\x00\x00\x00\x18ftypcrx \x00\x00\x00\x01crx isom", raster.CodeFormat, "(CR3)"},
		{"raf", "FUJIFILMCCD-RAW 0201", raster.CodeFormat, "(RAF)"},
		{"ico", "\x00\x00\x01\x00\x01\x00\x10\x10\x00\x00\x01\x00\x20\x00\x68\x04\x00\x00\x16\x00\x00\x00", raster.CodeFormat, "icons"},
		{"pdf", "%PDF-1.7\n", raster.CodeFormat, "PDF"},
		{"eps", "%!PS-Adobe-3.0 EPSF-3.0", raster.CodeFormat, "PostScript"},
		{"mp4", "\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2", raster.CodeFormat, "a video"},
		{"mov", "\x00\x00\x00\x08wide\x00\x00\x00\x00mdat", raster.CodeFormat, "a video"},
		{"webm", "\x1a\x45\xdf\xa3", raster.CodeFormat, "a video"},
		{"html", "\xef\xbb\xbf \n<!DOCTYPE html><title>403</title><svg>", raster.CodeFormat, "web page, not a picture"},
		{"html behind a comment", "<!-- x --><HTML>", raster.CodeFormat, "web page"},
		{"json", `{"error": "no such picture"}`, raster.CodeFormat, "this is text"},
		{"text that begins as a bitmap", "BMW, Audi and other makers of cars", raster.CodeFormat, "this is text"},
		{"long text in UTF-8", strings.Repeat("ä", 400), raster.CodeFormat, "this is text"},
		{"long text in UTF-8, odd", "x" + strings.Repeat("ä", 400), raster.CodeFormat, "this is text"},
		{"git lfs", "version https://git-lfs.github.com/spec/v1\noid", raster.CodeFormat, "Git LFS"},
		{"zip", "PK\x03\x04", raster.CodeFormat, "archive"},
		{"side file", "\x00\x05\x16\x07\x00\x02", raster.CodeFormat, "\"._\""},
		{"zeros", strings.Repeat("\x00", 4000), raster.CodeFormat, "zeros"},
		{"netpbm", "P6\n2 2\n255\n", raster.CodeFormat, "Netpbm"},
		{"emf", "\x01\x00\x00\x00" + strings.Repeat("\x00", 36) + " EMF", raster.CodeFormat, "metafiles"},
		{"unknown", "\x93\x01\x02\x03", raster.CodeFormat, "JPEG, PNG, GIF, WebP, BMP, TIFF, HEIC and AVIF are"},
		{"vvc", string(simple("mif1", "vvc1").bytes()), raster.CodeFeature, "VVC coding"},
		{"jpeg in heif", string(simple("mif1", "jpeg").bytes()), raster.CodeFeature, "JPEG coding inside HEIF"},
		{"grid of nothing", string(simple("heic", "grid").bytes()), raster.CodeFeature, "without its parts"},
	} {
		_, err := Look([]byte(c.data))
		var e *raster.Error
		if !errors.As(err, &e) || e.Code != c.code || !strings.Contains(e.Msg, c.says) {
			t.Errorf("%s: %v, want %s saying %q", c.name, err, c.code, c.says)
		}
	}
}

// TestSharedCases looks at pictures that are not in the repository.
func TestSharedCases(t *testing.T) {
	shared := os.Getenv("LIKENESS_SHARED")
	if shared == "" {
		t.Skip("LIKENESS_SHARED names no folder")
	}
	files, _ := filepath.Glob(filepath.Join(shared, "cases", "pictures", "*.*"))
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Base(file)
		if name == "README.md" {
			continue
		}
		f, err := Look(data)
		turned := strings.HasPrefix(name, "orient_")
		if err != nil || f.Width == 0 || f.Height == 0 || turned != (f.Orientation == 6) || strings.HasPrefix(name, "icc_") && f.Profile == nil {
			t.Errorf("%s: %s, %d x %d, orientation %d, %v", name, f.Format, f.Width, f.Height, f.Orientation, err)
		}
	}
}

// What is told of a TIFF file is of the directory whose pixels are read.
func TestTIFFDirectories(t *testing.T) {
	short := func(tag uint16, v byte) field { return field{tag, typeShort, 1, [4]byte{v}} }
	page := func(kind, orientation byte) []field {
		return []field{short(tagSubfileType, kind), short(tagWidth, 10+orientation), short(tagHeight, 5), short(tagOrientation, orientation)}
	}
	// chain puts the directory of fields behind a file whose last directory begins at at.
	chain := func(file []byte, at int, fields []field) []byte {
		le.PutUint32(file[at+2+12*int(le.Uint16(file[at:])):], uint32(len(file)))
		return append(file, structure(le, nil, fields...)[8:]...)
	}
	thumbnail := structure(le, nil, page(1, 3)...)
	for name, c := range map[string]struct {
		file []byte
		want int
	}{
		"thumbnail first": {chain(bytes.Clone(thumbnail), 8, page(0, 6)), 6},
		"mask first":      {chain(structure(le, nil, page(4, 3)...), 8, page(2, 6)), 6},
		"thumbnail only":  {thumbnail, 3},
		"picture first":   {chain(structure(le, nil, page(0, 5)...), 8, page(0, 6)), 5},
		"thumbnails only": {chain(bytes.Clone(thumbnail), 8, page(1, 6)), 3},
		"next beyond the end": {func() []byte {
			b := bytes.Clone(thumbnail)
			le.PutUint32(b[len(b)-4:], 1<<31)
			return b
		}(), 3},
	} {
		f, err := Look(c.file)
		if err != nil || f.Orientation != c.want || f.Width != 10+c.want {
			t.Errorf("%s: orientation %d, width %d, %v", name, f.Orientation, f.Width, err)
		}
	}
	loop := bytes.Clone(thumbnail)
	le.PutUint32(loop[len(loop)-4:], 8)
	if got := Orientation(loop); got != 3 {
		t.Errorf("a loop: %d", got)
	}
}
