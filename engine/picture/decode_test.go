package picture

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"

	"golang.org/x/image/bmp"
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

func encode(t testing.TB, format string, m image.Image) []byte {
	var b bytes.Buffer
	var err error
	switch format {
	case "jpeg":
		err = jpeg.Encode(&b, m, &jpeg.Options{Quality: 95})
	case "png":
		err = png.Encode(&b, m)
	case "gif":
		err = gif.Encode(&b, m, nil)
	case "bmp":
		err = bmp.Encode(&b, m)
	case "tiff":
		err = tiff.Encode(&b, m, nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// exif is an APP1 segment with only an orientation.
func exif(orientation byte) []byte {
	body := []byte("Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00")
	body = append(body, orientation, 0, 0, 0, 0, 0, 0)
	return append([]byte{0xff, 0xe1, 0, byte(len(body) + 2)}, body...)
}

func withEXIF(jpg []byte, orientation byte) []byte {
	return append(append(bytes.Clone(jpg[:2]), exif(orientation)...), jpg[2:]...)
}

func TestFormats(t *testing.T) {
	for _, format := range []string{"jpeg", "png", "gif", "bmp", "tiff"} {
		px, info, err := Decode(encode(t, format, scene()), DefaultLimits)
		if err != nil {
			t.Errorf("%s: %v", format, err)
			continue
		}
		if px.W != 6 || px.H != 4 || info.Format != format {
			t.Errorf("%s: %d x %d %s", format, px.W, px.H, info.Format)
		}
		for i, want := range scene().Pix {
			// GIF quantises colours, JPEG loses some.
			if d := int(px.Pix[i]) - int(want); d > 60 || d < -60 || (d != 0 && (format == "png" || format == "bmp" || format == "tiff")) {
				t.Errorf("%s: byte %d is %d, want %d", format, i, px.Pix[i], want)
				break
			}
		}
	}
}

func TestColourModels(t *testing.T) {
	grey16 := image.NewGray16(image.Rect(0, 0, 2, 1))
	grey16.SetGray16(0, 0, color.Gray16{0x8040})
	pal := image.NewPaletted(image.Rect(0, 0, 2, 1), color.Palette{color.NRGBA{9, 8, 7, 255}, color.NRGBA{200, 100, 50, 0}})
	half := image.NewNRGBA64(image.Rect(0, 0, 2, 1))
	half.SetNRGBA64(0, 0, color.NRGBA64{0xffff, 0x8000, 0, 0x8000})
	for _, c := range []struct {
		name string
		m    image.Image
		want []byte
	}{
		{"16-bit grey", grey16, []byte{0x80, 0x80, 0x80, 255}},
		{"palette", pal, []byte{9, 8, 7, 255}},
		{"16-bit with alpha", half, []byte{255, 127, 0, 128}},
	} {
		px, _, err := Decode(encode(t, "png", c.m), DefaultLimits)
		if err != nil || !bytes.Equal(px.Pix[:4], c.want) {
			t.Errorf("%s: %v %v, want %v", c.name, err, px.Pix[:4], c.want)
		}
	}
}

func TestOrientation(t *testing.T) {
	jpg := encode(t, "jpeg", scene())
	plain, _, err := Decode(jpg, DefaultLimits)
	if err != nil {
		t.Fatal(err)
	}
	// Where the stored top left corner goes, and the stored next pixel to its right.
	for o, c := range map[byte][4]int{1: {0, 0, 1, 0}, 2: {5, 0, 4, 0}, 3: {5, 3, 4, 3}, 4: {0, 3, 1, 3},
		5: {0, 0, 0, 1}, 6: {3, 0, 3, 1}, 7: {3, 5, 3, 4}, 8: {0, 5, 0, 4}} {
		px, info, err := Decode(withEXIF(jpg, o), DefaultLimits)
		if err != nil || info.Orientation != int(o) {
			t.Fatalf("orientation %d: %v, read as %d", o, err, info.Orientation)
		}
		if wantW := map[bool]int{true: 4, false: 6}[o >= 5]; px.W != wantW {
			t.Errorf("orientation %d: width %d", o, px.W)
		}
		for i := range 2 {
			at := 4 * (c[2*i+1]*px.W + c[2*i])
			if !bytes.Equal(px.Pix[at:at+4], plain.Pix[4*i:4*i+4]) {
				t.Errorf("orientation %d: stored pixel %d is not at (%d, %d)", o, i, c[2*i], c[2*i+1])
			}
		}
	}
}

// bigPNG declares a size in an otherwise tiny file.
func bigPNG(t *testing.T, w, h uint32) []byte {
	data := bytes.Clone(encode(t, "png", scene()))
	binary.BigEndian.PutUint32(data[16:], w)
	binary.BigEndian.PutUint32(data[20:], h)
	binary.BigEndian.PutUint32(data[29:], crc32.ChecksumIEEE(data[12:29]))
	return data
}

func TestBadPictures(t *testing.T) {
	jpg, pn := encode(t, "jpeg", scene()), encode(t, "png", scene())
	for _, c := range []struct {
		name string
		data []byte
		code string
		says string
	}{
		{"empty", nil, CodeEmpty, "empty"},
		{"text", []byte("hello, this is text"), CodeFormat, "not a picture"},
		{"svg", []byte(`<?xml version="1.0"?><svg xmlns="x"></svg>`), CodeFormat, "SVG"},
		{"jpeg cut off", jpg[:len(jpg)-20], CodeCorrupt, "cut off"},
		{"jpeg header only", jpg[:20], CodeCorrupt, "cut off"},
		{"png cut off", pn[:len(pn)-30], CodeCorrupt, "cut off"},
		{"png damaged", append(append(bytes.Clone(pn[:45]), 0xff, 0xff, 0xff), pn[48:]...), CodeCorrupt, "damaged"},
		{"40,000 x 40,000 in few bytes", bigPNG(t, 40000, 40000), CodeCorrupt, "too little"},
		{"2^31 wide", bigPNG(t, 1<<31-1, 1), CodeTooLarge, "131072"},
		{"gif magic only", []byte("GIF89a"), CodeCorrupt, "cut off"},
		{"webp magic only", []byte("RIFF\x00\x00\x00\x00WEBP"), CodeCorrupt, "WebP"},
		{"tiff magic only", []byte("II*\x00\xff\xff\xff\xff"), CodeCorrupt, "TIFF"},
	} {
		_, _, err := Decode(c.data, DefaultLimits)
		var e *Error
		if !errors.As(err, &e) || e.Code != c.code || !strings.Contains(e.Msg, c.says) {
			t.Errorf("%s: %v, want %s saying %q", c.name, err, c.code, c.says)
		}
	}
	if _, _, err := Decode(encode(t, "png", image.NewGray(image.Rect(0, 0, 1, 1))), DefaultLimits); err != nil {
		t.Errorf("1 x 1: %v", err)
	}
	if _, _, err := Decode(pn, Limits{Memory: 100}); err == nil {
		t.Error("a picture of 24 pixels passed a limit of 100 bytes")
	}
}

func TestAnimationShowsFirstFrame(t *testing.T) {
	pal := color.Palette{color.NRGBA{255, 0, 0, 255}, color.NRGBA{0, 0, 255, 255}}
	first := image.NewPaletted(image.Rect(1, 1, 3, 3), pal)
	second := image.NewPaletted(image.Rect(0, 0, 4, 4), pal)
	for i := range second.Pix {
		second.Pix[i] = 1
	}
	var b bytes.Buffer
	err := gif.EncodeAll(&b, &gif.GIF{Image: []*image.Paletted{first, second}, Delay: []int{1, 1}, Config: image.Config{Width: 4, Height: 4}})
	if err != nil {
		t.Fatal(err)
	}
	px, _, err := Decode(b.Bytes(), DefaultLimits)
	if err != nil || px.W != 4 || px.H != 4 {
		t.Fatalf("%v %+v", err, px)
	}
	if px.Pix[3] != 0 || !bytes.Equal(px.Pix[4*5:4*5+4], []byte{255, 0, 0, 255}) {
		t.Error("the first frame is not on its canvas")
	}
}

func FuzzDecode(f *testing.F) {
	for _, format := range []string{"jpeg", "png", "gif", "bmp", "tiff"} {
		f.Add(encode(f, format, scene()))
	}
	f.Add(withEXIF(encode(f, "jpeg", scene()), 6))
	f.Add([]byte("RIFF\x24\x00\x00\x00WEBPVP8 "))
	f.Fuzz(func(t *testing.T, data []byte) {
		px, _, err := Decode(data, Limits{Memory: 1 << 19})
		if err == nil && len(px.Pix) != 4*px.W*px.H {
			t.Error("pixels and size do not agree")
		}
	})
}

// code returns the code of an Error, or "".
func code(err error) string {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}
