package gif

import (
	"bytes"
	"errors"
	"io"
	"testing"

	stdgif "image/gif"

	"likeness/engine/picture/raster"
)

// FuzzOpen: no bytes make the reader panic, allocate without bound or end in an
// error of another type; where image/gif reads a file of one frame, the pixels
// are the same.
func FuzzOpen(f *testing.F) {
	s := screen(4, 3, palette)
	pix := []byte{0, 1, 2, 3, 3, 2, 1, 0, 0, 0, 0, 0}
	plain := picture(0, 0, 4, 3, make([]byte, 12)...)
	f.Add(file(s, picture(0, 0, 4, 3, pix...), trailer))
	f.Add(file(s, control(3, -1), plain, control(2, 1), plain, picture(1, 1, 2, 2, 0, 1, 2, 3), trailer))
	f.Add(file(screen(0, 0, nil), descriptor(1, 1, 4, 3, true, palette), []byte{2}, subBlocks(codes(2, pix...))))
	f.Add(file(s, descriptor(0, 0, 60, 50, false, nil), []byte{8}, subBlocks(codes(8, noisy(60, 50, 256, 1).Pix...))))
	f.Fuzz(func(t *testing.T, data []byte) {
		src, err := Open(data, raster.Options{})
		if err == nil {
			w, h := src.Size()
			if w*h > 1<<18 {
				return
			}
			row := make([]byte, 4*w)
			for err == nil {
				err = src.ReadRow(row)
			}
		}
		if e := (*raster.Error)(nil); err != io.EOF && !errors.As(err, &e) {
			t.Fatalf("error of another type: %v", err)
		}
		if len(data) < 10 || int(data[6])|int(data[7])<<8 > 1000 || int(data[8])|int(data[9])<<8 > 1000 {
			return
		}
		all, stdErr := stdgif.DecodeAll(bytes.NewReader(data))
		if stdErr != nil || len(all.Image) != 1 {
			return
		}
		want, stdErr := standard(data)
		if stdErr != nil || want.W == 0 || want.H == 0 || all.Image[0].Bounds().Empty() {
			return
		}
		if err != io.EOF {
			t.Fatalf("image/gif reads it, we say %v", err)
		}
		px, err := read(data)
		if err != nil {
			t.Fatal(err)
		}
		if px.W != want.W || px.H != want.H || !bytes.Equal(px.Pix, want.Pix) {
			t.Fatal("image/gif gives other pixels")
		}
	})
}
