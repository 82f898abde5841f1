// Package signal makes pictures of data that is none, so that it goes the same
// road as pictures: of a sound a log-mel spectrogram, of a time series a Gramian
// angular field or a recurrence plot, of a text a page, of any file a plot of its
// bytes. Parameters have the names that librosa and pyts give them, and mean the
// same.
//
// Everything is additions, products and square roots in float64, rounded one by
// one, and package portable's functions: a file gives the same bytes on every
// platform. Files are refused with an *Error, whatever their bytes.
package signal

import (
	"path"
	"slices"
	"strings"

	"likeness/engine/picture"
)

// Kinds of pictures.
const (
	Auto       = "auto" // by the file's name: mel, gaf or page
	Mel        = "mel"
	GAF        = "gaf"
	Recurrence = "recurrence"
	Page       = "page"
	Bytes      = "bytes"
)

// Kinds lists them.
var Kinds = []string{Auto, Mel, GAF, Recurrence, Page, Bytes}

// extensions of the files that each kind is made of; bytes are those of any.
var extensions = map[string][]string{
	Mel:        {".wav", ".wave"},
	GAF:        {".csv", ".tsv"},
	Recurrence: {".csv", ".tsv"},
	Page:       {".txt", ".text", ".md"},
}

// Extensions lists the endings of the names of files that o makes pictures of,
// nil for any.
func (o *Options) Extensions() []string {
	switch o.Kind {
	case Bytes:
		return nil
	case Auto:
		return slices.Concat(extensions[Mel], extensions[GAF], extensions[Page])
	}
	return extensions[o.Kind]
}

// KindOf is what o makes of a file of that name, "" for nothing. A nil o makes
// nothing.
func (o *Options) KindOf(name string) string {
	if o == nil {
		return ""
	}
	kinds := []string{o.Kind}
	if o.Kind == Auto {
		kinds = []string{Mel, GAF, Page}
	}
	ext := strings.ToLower(path.Ext(name))
	for _, k := range kinds {
		if k == Bytes || slices.Contains(extensions[k], ext) {
			return k
		}
	}
	return ""
}

// Made is the kind of picture that Render makes: the one that was asked for,
// whatever the file's name; of auto that which its name tells, or of a WAV file
// without an extension mel. "" is none.
func (o *Options) Made(name string, data []byte) string {
	if o.Kind != Auto {
		return o.Kind
	}
	if len(data) >= 12 && path.Ext(name) == "" && string(data[:4]) == "RIFF" && string(data[8:12]) == "WAVE" {
		return Mel
	}
	return o.KindOf(name)
}

// Render makes the picture of a file; name is asked by auto alone.
func (o *Options) Render(name string, data []byte) (*Gray, error) {
	if len(data) == 0 {
		return nil, refuse(CodeEmpty, "the file is empty: copy or download it again")
	}
	var g *Gray
	var err error
	switch kind := o.Made(name, data); kind {
	case Mel:
		g, err = melPicture(data, o)
	case GAF, Recurrence:
		g, err = seriesPicture(data, o, kind)
	case Page:
		return pagePicture(data, o)
	case Bytes:
		g = bytesPicture(data, o.Width)
	default:
		return nil, refuse(CodeFormat, "what picture is made of a file of this name is not known: its ending is none of %s; choose one of %s for it", strings.Join(o.Extensions(), ", "), strings.Join(Kinds[1:], ", "))
	}
	if err != nil {
		return nil, err
	}
	return g.stretched(o.Size)
}

// Memory is about how many bytes Render takes beside a file of so many.
func (o *Options) Memory(size int64) int64 {
	samples := min(2*maxSamples, size*int64(max(1, o.SR/8000)))
	cells := min(maxCells, samples/int64(o.HopLength)*int64(o.NMels))
	side := int64(max(o.ImageSize, o.Size))
	return 16<<20 + 16*samples + 13*cells + 40*side*side
}

// Gray is a picture of W x H bytes, row by row from the top; 0 is black.
type Gray struct {
	W, H int
	Pix  []byte
}

// maxCells bounds the pixels of a picture.
const maxCells = 1 << 24

func newGray(w, h int) *Gray { return &Gray{w, h, make([]byte, w*h)} }

// RGBA is the picture as the engine takes it.
func (g *Gray) RGBA() *picture.Pixels {
	p := &picture.Pixels{W: g.W, H: g.H, Pix: make([]byte, 4*len(g.Pix))}
	for i, v := range g.Pix {
		p.Pix[4*i], p.Pix[4*i+1], p.Pix[4*i+2], p.Pix[4*i+3] = v, v, v, 255
	}
	return p
}

// stretched resizes to a square of side pixels as pictures are, by Pillow's
// bilinear filter; 0 leaves it.
func (g *Gray) stretched(side int) (*Gray, error) {
	if side == 0 || g.W == side && g.H == side {
		return g, nil
	}
	p, err := picture.NewPreparer(picture.Preparation{Width: side, Height: side, Resize: picture.ResizeStretch, Interpolation: "bilinear", Order: "RGB", Std: [3]float64{1, 1, 1}}, 1, 3)
	if err != nil {
		return nil, err
	}
	if err := p.Load(g.RGBA()); err != nil {
		return nil, err
	}
	out := newGray(side, side)
	rgb := p.RGB()
	for i := range out.Pix {
		out.Pix[i] = rgb[3*i]
	}
	return out, nil
}

// level is the grey of v in 0..1.
func level(v float64) byte { return byte(float64(min(max(v, 0), 1)*255) + 0.5) }
