package main

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"hash/crc32"
	"image"
	"image/color/palette"
	"image/gif"
	"image/jpeg"
	"image/png"
	"path/filepath"
	"strings"
	"testing"
)

// badPicture is a file that is no picture, or one that cannot be read.
type badPicture struct {
	name string
	data []byte
	want string // parts of what is said, separated by |
}

// badPictures are made from good ones.
func badPictures(t *testing.T) []badPicture {
	t.Helper()
	m := image.NewPaletted(image.Rect(0, 0, 40, 30), palette.Plan9)
	for i := range m.Pix {
		m.Pix[i] = byte(i * 7)
	}
	var p, j, g bytes.Buffer
	if png.Encode(&p, m) != nil || jpeg.Encode(&j, m, nil) != nil || gif.Encode(&g, m, nil) != nil {
		t.Fatal("a picture cannot be made")
	}
	with := func(b []byte, at int, more ...byte) []byte {
		b = bytes.Clone(b)
		copy(b[at:], more)
		return b
	}
	be32 := func(v uint32) []byte { return binary.BigEndian.AppendUint32(nil, v) }
	head := func(at int, more ...byte) []byte { // of the PNG, with the right checksum
		b := with(p.Bytes(), at, more...)
		return with(b, 29, be32(crc32.ChecksumIEEE(b[12:29]))...)
	}
	sof := bytes.Index(j.Bytes(), []byte{0xff, 0xc0})
	sos := bytes.Index(j.Bytes(), []byte{0xff, 0xda})
	bmp := make([]byte, 54)
	copy(bmp, "BM")
	binary.LittleEndian.PutUint32(bmp[10:], 54)
	binary.LittleEndian.PutUint32(bmp[14:], 40)
	binary.LittleEndian.PutUint32(bmp[18:], 10)
	binary.LittleEndian.PutUint32(bmp[22:], 10)
	bmp[26], bmp[28] = 1, 24
	return []badPicture{
		{"empty.png", nil, "empty"},
		{"one byte.jpg", []byte{0xff}, "not a picture"},
		{"text.jpg", []byte("Dear diary, no pictures today.\n"), "not a picture"},
		{"page.png", []byte("<!doctype html><html><title>Sign in</title>"), "not a picture|web page"},
		{"drawing.png", []byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`), "SVG"},
		{"paper.jpg", []byte("%PDF-1.7\n"), "PDF"},
		{"archive.png", []byte("PK\x03\x04\x14\x00\x00\x00"), "not a picture"},
		{"zeros.bmp", make([]byte, 3000), "nothing but zeros"},
		{"signature.png", []byte("\x89PNG\r\n\x1a\n"), "PNG|cut off"},
		{"half.png", p.Bytes()[:p.Len()/2], "PNG|cut off"},
		{"checksum.png", with(p.Bytes(), 20, 9), "PNG|damaged"},
		{"no size.png", head(16, 0, 0, 0, 0), "0 x 30"},
		{"huge.png", head(16, 0x7f, 0xff, 0xff, 0xff), "along a side"},
		{"depth.png", head(24, 3), "PNG"},
		{"interlace.png", head(28, 9), "PNG"},
		{"pixels.png", with(p.Bytes(), p.Len()-40, make([]byte, 20)...), "PNG|damaged"},
		{"start.jpg", []byte{0xff, 0xd8}, "not a picture|are"},
		{"tables.jpg", j.Bytes()[:sos], "JPEG"},
		{"half.jpg", j.Bytes()[:sos+200], "JPEG|cut off"},
		{"no size.jpg", with(j.Bytes(), sof+5, 0, 0, 0, 0), "0 x 0|empty or damaged"},
		{"deep.jpg", with(j.Bytes(), sof+4, 13), "JPEG"},
		{"lossless.jpg", with(j.Bytes(), sof, 0xff, 0xc3), "JPEG|lossless"},
		{"arithmetic.jpg", with(j.Bytes(), sof, 0xff, 0xc9), "JPEG|arithmetic"},
		{"components.jpg", with(j.Bytes(), sof+9, 7), "JPEG"},
		{"sampling.jpg", with(j.Bytes(), sof+11, 0x55), "JPEG"},
		{"half.gif", g.Bytes()[:g.Len()/2], "GIF|cut off"},
		{"head.gif", g.Bytes()[:9], "GIF|cut off"},
		{"code.gif", with(g.Bytes(), bytes.IndexByte(g.Bytes()[781:], ',')+791, 77), "GIF|damaged"},
		{"half.bmp", bmp, "BMP|cut off"},
		{"bits.bmp", with(bmp, 28, 23), "BMP"},
		{"head.bmp", bmp[:20], "BMP"},
		{"head.tif", []byte("II*\x00\xff\xff\xff\x7f"), "TIFF"},
		{"nothing.tif", []byte("II*\x00\x08\x00\x00\x00\x00\x00\x00\x00\x00\x00"), "0 x 0|empty or damaged"},
		{"head.webp", []byte("RIFF\x04\x00\x00\x00WEBP"), "WebP"},
		{"lossy.webp", []byte("RIFF\x16\x00\x00\x00WEBPVP8 \x0a\x00\x00\x00\x10\x00\x00\x9d\x01\x2a\x10\x00\x10\x00"), "WebP"},
		{"head.heic", []byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00heicmif1"), "heic|damaged"},
		{"head.avif", []byte("\x00\x00\x00\x18ftypavif\x00\x00\x00\x00avifmif1"), "avif|damaged"},
		{"codestream.jpg", []byte("\x00\x00\x00\x0cjP  \r\n\x87\n\x00\x00\x00\x14ftypjp2 "), "JPEG 2000"},
		{"container.jpg", []byte("\x00\x00\x00\x0cJXL \r\n\x87\n"), "JPEG XL"},
	}
}

// TestBadPictures: each fails alone, with a line that names it and says what to
// do; the good ones beside it are done.
func TestBadPictures(t *testing.T) {
	dir, modelFile, photos := fixture(t)
	bad := badPictures(t)
	for _, b := range bad {
		writeFile(t, filepath.Join(photos, b.name), b.data)
	}
	out := filepath.Join(dir, "v.csv")
	status, stdout, stderr := likeness(t, "embed", "--json", "--model", modelFile, "--format", "csv", "-o", out, photos)
	var s struct {
		Pictures int
		Failures []struct{ File, Code, Error string }
	}
	if err := json.Unmarshal([]byte(stdout), &s); err != nil {
		t.Fatalf("%v: %s", err, stderr)
	}
	if status != exitSome || s.Pictures != 3 || len(rowNames(t, out, "csv")) != 3 {
		t.Errorf("status %d, %d pictures", status, s.Pictures)
	}
	said := map[string]string{}
	for _, f := range s.Failures {
		oneLine(t, f.Error+"\n")
		if f.Code == "" || !strings.Contains(stderr, f.File+": "+f.Error+"\n") {
			t.Errorf("%s: %s %q", f.File, f.Code, f.Error)
		}
		said[filepath.Base(f.File)] = f.Error
	}
	for _, b := range bad {
		for want := range strings.SplitSeq(b.want, "|") {
			if !strings.Contains(said[b.name], want) {
				t.Errorf("%s: %q is missing in %q", b.name, want, said[b.name])
			}
		}
		// What follows the colon, or the formats that are read.
		if !strings.Contains(said[b.name], ": ") && !strings.Contains(said[b.name], "AVIF are") {
			t.Errorf("%s: what to do is missing in %q", b.name, said[b.name])
		}
	}
}

// oneLine wants a single line of sensible length and nothing of Go's own.
func oneLine(t *testing.T, stderr string) {
	t.Helper()
	if strings.Count(stderr, "\n") != 1 || !strings.HasSuffix(stderr, "\n") || len(stderr) > maxMessage {
		t.Errorf("not one line: %q", stderr)
	}
	for _, bad := range []string{"panic", "goroutine", "runtime error", "0x", "%!", "<nil>"} {
		if strings.Contains(stderr, bad) {
			t.Errorf("%q in %s", bad, stderr)
		}
	}
}
