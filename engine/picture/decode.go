package picture

import (
	"bytes"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"slices"
	"strings"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
	"golang.org/x/image/webp"

	"likeness/engine/picture/raster"
)

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

func corrupt(format string, err error) error {
	// Some decoders do not wrap io.ErrUnexpectedEOF.
	if msg := err.Error(); strings.Contains(msg, "EOF") || strings.Contains(msg, "short Huffman data") {
		return raster.Errorf(CodeCorrupt, err, "the %s picture is cut off (%v): copy or download it again", format, err)
	}
	return raster.Errorf(CodeCorrupt, err, "the %s picture cannot be decoded (%v): it is damaged or uses a feature that is not read; save it again as JPEG or PNG", format, err)
}

type heldSource struct {
	c    *codec
	data []byte
	w, h int
	px   *Pixels
	y    int
}

func (s *heldSource) Size() (w, h int) { return s.w, s.h }
func (s *heldSource) Shrink() int      { return 1 }
func (s *heldSource) Memory() int64    { return 8 * int64(s.w) * int64(s.h) }
func (s *heldSource) ReadRow(dst []byte) (err error) {
	if s.px == nil {
		defer func() {
			if r := recover(); r != nil {
				err = raster.Damaged(s.c.name, "")
			}
		}()
		img, err := s.c.decode(bytes.NewReader(s.data))
		if err != nil {
			return corrupt(s.c.name, err)
		}
		s.px = toPixels(img, s.w, s.h)
	}
	copy(dst, s.px.Pix[4*s.w*s.y:][:4*s.w])
	s.y++
	return nil
}

func held(name string) Reader {
	c := &codecs[slices.IndexFunc(codecs, func(c codec) bool { return c.name == name })]
	return func(data []byte, o raster.Options) (raster.Source, error) {
		cfg, err := c.config(bytes.NewReader(data))
		if err != nil {
			return nil, corrupt(c.name, err)
		}
		return &heldSource{c: c, data: data, w: cfg.Width, h: cfg.Height}, nil
	}
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
