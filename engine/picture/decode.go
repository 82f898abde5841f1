package picture

import (
	"bytes"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"strings"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
	"golang.org/x/image/webp"
)

// Info tells what Decode found.
type Info struct {
	Format      string // jpeg, png, gif, webp, bmp or tiff
	Orientation int    // EXIF, 1..8; already applied
}

type codec struct {
	name   string
	is     func(b []byte) bool
	decode func(io.Reader) (image.Image, error)
	config func(io.Reader) (image.Config, error)
}

func prefix(magic ...string) func([]byte) bool {
	return func(b []byte) bool {
		for _, m := range magic {
			if bytes.HasPrefix(b, []byte(m)) {
				return true
			}
		}
		return false
	}
}

var codecs = []codec{
	{"jpeg", prefix("\xff\xd8\xff"), jpeg.Decode, jpeg.DecodeConfig},
	{"png", prefix("\x89PNG\r\n\x1a\n"), png.Decode, png.DecodeConfig},
	{"gif", prefix("GIF87a", "GIF89a"), gif.Decode, gif.DecodeConfig},
	{"webp", func(b []byte) bool {
		return len(b) >= 12 && string(b[:4]) == "RIFF" && string(b[8:12]) == "WEBP"
	}, webp.Decode, webp.DecodeConfig},
	{"bmp", prefix("BM"), bmp.Decode, bmp.DecodeConfig},
	{"tiff", prefix("II*\x00", "MM\x00*"), tiff.Decode, tiff.DecodeConfig},
}

// Decode reads a picture by its content, whatever its name says: JPEG (grey,
// YCbCr, CMYK), PNG, GIF (the first frame on its canvas), WebP, BMP, TIFF. The
// EXIF orientation is applied. A declared size beyond the limits is refused
// before anything is allocated, a picture that is cut off is refused rather
// than half shown.
func Decode(data []byte, lim Limits) (px *Pixels, info Info, err error) {
	c, err := sniff(data)
	if err != nil {
		return nil, info, err
	}
	info = Info{Format: c.name, Orientation: Orientation(data)}
	// Decoders outside this project meet hostile bytes here.
	defer func() {
		if r := recover(); r != nil {
			px, err = nil, errorf(CodeCorrupt, nil, "the %s picture is damaged: %v", c.name, r)
		}
	}()
	cfg, err := c.config(bytes.NewReader(data))
	if err != nil {
		return nil, info, corrupt(c.name, err)
	}
	if err := lim.check(cfg.Width, cfg.Height); err != nil {
		return nil, info, err
	}
	img, err := c.decode(bytes.NewReader(data))
	if err != nil {
		return nil, info, corrupt(c.name, err)
	}
	px = toPixels(img, cfg.Width, cfg.Height)
	return orient(px, info.Orientation), info, nil
}

func corrupt(format string, err error) error {
	// Some decoders do not wrap io.ErrUnexpectedEOF.
	if msg := err.Error(); strings.Contains(msg, "EOF") || strings.Contains(msg, "short Huffman data") {
		return errorf(CodeCorrupt, err, "the %s picture is cut off (%v): copy or download it again", format, err)
	}
	return errorf(CodeCorrupt, err, "the %s picture cannot be decoded (%v): it is damaged or uses a feature that is not read; save it again as JPEG or PNG", format, err)
}

func sniff(data []byte) (*codec, error) {
	if len(data) == 0 {
		return nil, errorf(CodeEmpty, nil, "the file is empty")
	}
	for i := range codecs {
		if codecs[i].is(data) {
			return &codecs[i], nil
		}
	}
	if len(data) >= 12 && string(data[4:8]) == "ftyp" {
		switch string(data[8:12]) {
		case "heic", "heix", "hevc", "heim", "heis", "mif1", "msf1", "avif", "avis":
			return nil, errorf(CodeHEIC, nil, "HEIC and AVIF pictures are not read here: convert it to JPEG or PNG, or open it in a browser that can show it")
		}
	}
	head := bytes.ToLower(data[:min(len(data), 1024)])
	if bytes.Contains(head, []byte("<svg")) {
		return nil, errorf(CodeFormat, nil, "SVG drawings are not read: export it as PNG")
	}
	return nil, errorf(CodeFormat, nil, "this is not a picture that can be read; JPEG, PNG, GIF, WebP, BMP and TIFF are")
}

// toPixels converts any decoded picture to a w x h canvas.
func toPixels(img image.Image, w, h int) *Pixels {
	px := &Pixels{W: w, H: h, Pix: make([]byte, 4*w*h)}
	b := img.Bounds().Intersect(image.Rect(0, 0, w, h))
	for y := b.Min.Y; y < b.Max.Y; y++ {
		dst := px.Pix[4*(y*w+b.Min.X) : 4*(y*w+b.Max.X)]
		switch m := img.(type) {
		case *image.YCbCr:
			rowYCbCr(dst, m, b, y)
		case *image.NRGBA:
			copy(dst, m.Pix[m.PixOffset(b.Min.X, y):])
		case *image.Gray:
			for i, v := range m.Pix[m.PixOffset(b.Min.X, y):][:b.Dx()] {
				dst[4*i], dst[4*i+1], dst[4*i+2], dst[4*i+3] = v, v, v, 255
			}
		default:
			rowAny(dst, img, b, y)
		}
	}
	return px
}

func rowYCbCr(dst []byte, m *image.YCbCr, b image.Rectangle, y int) {
	for i := range b.Dx() {
		yi, ci := m.YOffset(b.Min.X+i, y), m.COffset(b.Min.X+i, y)
		dst[4*i], dst[4*i+1], dst[4*i+2] = color.YCbCrToRGB(m.Y[yi], m.Cb[ci], m.Cr[ci])
		dst[4*i+3] = 255
	}
}

func rowAny(dst []byte, img image.Image, b image.Rectangle, y int) {
	for i := range b.Dx() {
		c := color.NRGBAModel.Convert(img.At(b.Min.X+i, y)).(color.NRGBA)
		dst[4*i], dst[4*i+1], dst[4*i+2], dst[4*i+3] = c.R, c.G, c.B, c.A
	}
}
