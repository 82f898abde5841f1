package picture

import (
	"errors"
	"image"
	"image/color"
	"io"
	"slices"
	"testing"
)

// FuzzPrepare: any bytes, prepared in any way, are refused with an Error, or
// take no more memory than was said, give values inside of the range and do so
// again.
func FuzzPrepare(f *testing.F) {
	large := image.NewNRGBA(image.Rect(0, 0, 70, 50))
	for i := range large.Pix {
		large.Pix[i] = byte(i * i / 7)
	}
	pal := image.NewPaletted(image.Rect(0, 0, 40, 9), color.Palette{color.NRGBA{9, 8, 7, 255}, color.NRGBA{0, 0, 0, 0}})
	for i, format := range []string{"jpeg", "png", "gif", "bmp", "tiff"} {
		f.Add(encode(f, format, large), uint16(i), uint8(16), uint8(12), uint8(3))
		f.Add(encode(f, format, pal), uint16(37*i), uint8(3), uint8(7), uint8(0))
	}
	f.Add(withEXIF(encode(f, "jpeg", large), 6), uint16(9), uint8(1), uint8(1), uint8(40))
	f.Fuzz(func(t *testing.T, data []byte, kind uint16, width, height, more uint8) {
		p, err := Open(data, Limits{Memory: 1 << 20})
		if err != nil {
			known(t, err)
			return
		}
		if int64(p.Width)*int64(p.Height) > 1<<20 {
			return
		}
		pre := anyPreparation(kind, width, height, more)
		if pre.Validate() != nil {
			t.Fatalf("%+v: %v", pre, pre.Validate())
		}
		first := tilesOf(t, p, pre)
		if again := tilesOf(t, p, pre); !slices.Equal(first, again) {
			t.Fatalf("%+v: not the same again", pre)
		}
		rowsOf(t, p, 1<<(kind%4))
	})
}

// known wants an Error with a code.
func known(t *testing.T, err error) {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) || e.Code == "" || e.Msg == "" {
		t.Fatalf("error of another type: %v", err)
	}
}

// anyPreparation is one of those that are valid.
func anyPreparation(kind uint16, width, height, more uint8) Preparation {
	p := Preparation{Width: 1 + int(width)%60, Height: 1 + int(height)%60, Resize: Resizes[int(kind)%len(Resizes)],
		Interpolation: []string{"bilinear", "bicubic"}[kind/8%2], Order: []string{"RGB", "BGR"}[kind/16%2],
		Mean: [3]float64{float64(more), 100, 3}, Std: [3]float64{1, 50, float64(1 + kind%300)}}
	if kind/32%4 == 3 {
		p.Interpolation = "nearest"
	}
	if p.Resize == ResizeShorter {
		p.Side = max(p.Width, p.Height) + int(more)%30
	}
	return p
}

// tilesOf are all tiles of a picture, or nothing if it is refused.
func tilesOf(t *testing.T, p *Picture, pre Preparation) (all []int16) {
	t.Helper()
	const stride = 3
	pr, err := NewPreparer(pre, 1./64, stride)
	if err != nil {
		return nil // the scale does not hold the values
	}
	if _, err := pr.Memory(p); err != nil {
		known(t, err)
		return nil
	}
	if err := pr.LoadPicture(p); err != nil {
		known(t, err)
		return nil
	}
	tile := make([]int16, stride*pre.Width*pre.Height)
	for i := range pr.Tiles() {
		pr.Tile(tile, i)
		all = append(all, tile...)
	}
	return all
}

// rowsOf reads the rows at a scale: as many as the reader says.
func rowsOf(t *testing.T, p *Picture, shrink int) {
	t.Helper()
	src, err := p.reader(shrink)
	if err != nil {
		known(t, err)
		return
	}
	w, h := src.Size()
	if s := src.Shrink(); s < 1 || s > shrink || w != (p.Width+s-1)/s || h != (p.Height+s-1)/s {
		t.Fatalf("%d x %d at 1/%d of %d x %d, 1/%d was asked for", w, h, s, p.Width, p.Height, shrink)
	}
	row := make([]byte, 4*w)
	for y := range h {
		if err := src.ReadRow(row); err != nil {
			if err == io.EOF {
				t.Fatalf("row %d of %d is not there", y, h)
			}
			known(t, err)
			return
		}
	}
	if err := src.ReadRow(row); err != io.EOF {
		t.Fatalf("after the last row: %v", err)
	}
}
