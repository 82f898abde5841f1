package png

import (
	"bytes"
	"fmt"
	"testing"

	"likeness/engine/picture/raster"
)

// An animation that contains the default image begins with it.
func TestAnimationBeginsWithDefaultImage(t *testing.T) {
	d := smallDrawing()
	idat := makeChunk("IDAT", compress(d.raw(d.w, d.h)))
	other := frameData(compress(make([]byte, 9*34)))
	want := mustRead(t, d.encode())
	full := frameControl(0, 0, 11, 9)
	for i, data := range [][]byte{
		file(d.head(), animation(), full, idat, full, other),
		file(d.head(), full, animation(), idat, full, other),
	} {
		t.Run(fmt.Sprint(i), func(t *testing.T) { samePixels(t, mustRead(t, data), want) })
	}
}

// Where the default image is not part of the animation, the first frame is
// shown at its place, the rest of the canvas is transparent.
func TestAnimationWithoutDefaultImage(t *testing.T) {
	d := smallDrawing()
	idat := makeChunk("IDAT", compress(d.raw(d.w, d.h)))
	for _, interlaced := range []bool{false, true} {
		d.interlaced = interlaced
		for _, f := range []frame{{0, 0, 11, 9}, {2, 3, 5, 4}, {10, 8, 1, 1}, {0, 4, 11, 5}, {6, 0, 5, 9}} {
			sub := &drawing{header: d.header, seed: 77}
			sub.w, sub.h = f.w, f.h
			inner := mustRead(t, sub.encode())
			want := &raster.Pixels{W: 11, H: 9, Pix: make([]byte, 4*11*9)}
			for y := range f.h {
				copy(want.Pix[4*(11*(f.y+y)+f.x):], inner.Pix[4*f.w*y:][:4*f.w])
			}
			z := compress(sub.raw(f.w, f.h))
			data := file(d.head(), animation(), idat, makeChunk("tEXt", nil), frameControl(f.x, f.y, f.w, f.h),
				frameData(z[:len(z)/2]), frameData(z[len(z)/2:]), frameControl(0, 0, 11, 9), frameData(compress(nil)))
			samePixels(t, mustRead(t, data), want)
		}
	}
}

// Wrong data of the shown frame is damage as in IDAT.
func TestAnimationDamaged(t *testing.T) {
	d := smallDrawing()
	z := compress(d.raw(d.w, d.h))
	head := file(d.head(), animation(), makeChunk("IDAT", z), frameControl(0, 0, 11, 9))
	wantError(t, append(bytes.Clone(head), spoil(frameData(z))...), "the PNG picture is damaged (the pixel data has a wrong checksum): copy or download it again")
	whole := frameData(z)
	wantError(t, append(bytes.Clone(head), whole[:len(whole)-40]...), "the PNG picture is cut off: copy or download it again")
}

// A file that ends before the frame that is shown is not taken for its default
// image.
func TestAnimationCutAtEveryByte(t *testing.T) {
	d := smallDrawing()
	other := &drawing{header: d.header, seed: 77}
	data := file(d.head(), animation(), makeChunk("IDAT", compress(d.raw(d.w, d.h))), makeChunk("tEXt", []byte("hello")),
		frameControl(0, 0, 11, 9), frameData(compress(other.raw(11, 9))), makeChunk("IEND", nil))
	want := mustRead(t, data)
	for n := range data {
		px, err := read(data[:n])
		switch {
		case err == nil:
			samePixels(t, px, want)
		case n > 0 && err.Error() != raster.CutOff(format).Error():
			t.Errorf("%d bytes: %v", n, err)
		}
	}
}
