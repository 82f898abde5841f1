package png

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"likeness/engine/picture/raster"
)

// FuzzOpen: no bytes make the reader panic, allocate more than it says or end
// in an error of another type; where image/png reads a picture, the pixels are
// the same.
func FuzzOpen(f *testing.F) {
	for _, d := range kinds() {
		d.w, d.h = 7, 5
		f.Add(d.encode())
		d.interlaced = true
		f.Add(d.encode())
	}
	d := smallDrawing()
	z := compress(d.raw(d.w, d.h))
	f.Add(file(d.head(), animation(), makeChunk("IDAT", z), frameControl(1, 1, 2, 2), frameData(compress(make([]byte, 14)))))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := Open(data, raster.Options{})
		if err == nil {
			w, h := s.Size()
			if s.Memory() > 1<<26 || w*h > 1<<22 {
				return
			}
			row := make([]byte, 4*w)
			for err == nil {
				err = s.ReadRow(row)
			}
		}
		if e := (*raster.Error)(nil); err != io.EOF && !errors.As(err, &e) {
			t.Fatalf("error of another type: %v", err)
		}
		if bytes.Contains(data, []byte("acTL")) || len(data) > 1<<16 {
			return
		}
		want, stdErr := standard(data)
		if stdErr != nil {
			return
		}
		if err != io.EOF {
			t.Fatalf("image/png reads it, we say %v", err)
		}
		px, err := read(data)
		if err != nil {
			t.Fatal(err)
		}
		samePixels(t, px, want)
	})
}
