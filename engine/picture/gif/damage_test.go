package gif

import (
	"bytes"
	"io"
	"runtime"
	"testing"

	"likeness/engine/picture/raster"
)

const cut = "the GIF picture is cut off: copy or download it again"

func TestRefused(t *testing.T) {
	damaged := func(what string) string {
		return "the GIF picture is damaged (" + what + "): copy or download it again"
	}
	s := screen(2, 2, palette)
	plain := picture(0, 0, 2, 2, 1, 1, 1, 1)
	data := func(codeSize byte, b ...byte) []byte {
		return file(descriptor(0, 0, 2, 2, false, nil), []byte{codeSize}, subBlocks(b))
	}
	for _, r := range []struct {
		want string
		file []byte
	}{
		{damaged("it has no GIF signature"), []byte("GIF90a and more")},
		{damaged("it has no frame"), file(s, trailer)},
		{damaged("it has an unknown block"), file(s, []byte("U"), plain)},
		{damaged("it has no palette"), file(screen(2, 2, nil), plain)},
		{damaged("the pixel data has no sensible code size"), file(s, data(1, 0x44, 0x34))},
		{damaged("the pixel data has no sensible code size"), file(s, data(12, 0x44, 0x34))},
		{damaged("the pixel data has an impossible code"), file(s, data(2, 0xc4, 0x01))},
		{damaged("the pixel data has an impossible code"), file(s, data(2, 0x34))}, // a string after the clear code
		{damaged("it has too little pixel data"), file(s, data(2))},
		{damaged("it has too little pixel data"), file(s, picture(0, 0, 2, 2, 0, 1), trailer)},
		{damaged("it has too little pixel data"), file(s, plain, picture(0, 0, 2, 2, 0, 1), trailer)},
		{cut, file(s, plain, picture(0, 0, 2, 2, 0, 1, 2, 3)[:12])},
		{cut, s},
		{"the picture declares a size of 0 x 0 pixels: it is empty or damaged", file(screen(0, 0, palette), picture(0, 0, 0, 0, 1))},
	} {
		t.Run(r.want, func(t *testing.T) { wantError(t, r.file, r.want) })
	}
}

// A file that ends before its last pixel is cut off; its end code, the end of
// its sub-blocks and its trailer are not missed.
func TestCutAtEveryByte(t *testing.T) {
	for _, interlaced := range []bool{false, true} {
		m := noisy(20, 20, 4, 1)
		z := codes(2, m.Pix...)
		data := file(screen(20, 20, palette), control(0, 1), descriptor(0, 0, 20, 20, interlaced, nil), []byte{2}, subBlocks(z), trailer)
		want, err := read(data)
		if err != nil {
			t.Fatal(err)
		}
		for n := 3; n < len(data); n++ {
			px, err := read(data[:n])
			switch {
			case err != nil && (err.Error() != cut || n >= len(data)-3):
				t.Fatalf("%d of %d bytes: %v", n, len(data), err)
			case err == nil && n < len(data)-5:
				t.Fatalf("%d of %d bytes are read as a picture", n, len(data))
			case err == nil && !bytes.Equal(px.Pix, want.Pix):
				t.Fatalf("%d of %d bytes: other pixels", n, len(data))
			}
		}
	}
}

// Sizes that the file cannot fill are refused before anything is allocated.
func TestHostileSizes(t *testing.T) {
	for _, r := range []struct {
		want string
		file []byte
	}{
		{"the GIF picture is damaged (it has too little pixel data): copy or download it again", file(screen(65535, 65535, palette), picture(0, 0, 65535, 65535, 1, 2))},
		{"the GIF picture is damaged (it has too little pixel data): copy or download it again", file(screen(0, 0, palette), picture(0, 0, 65535, 65535, 1, 2))},
		{"the GIF picture is damaged (the canvas is far larger than its frame): copy or download it again", file(screen(65535, 65535, palette), picture(0, 0, 1, 1, 1))},
		{cut, file(screen(65535, 65535, palette), picture(0, 0, 65535, 65535, 1, 2)[:12])},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := Open(r.file, raster.Options{})
		runtime.ReadMemStats(&after)
		if err == nil || err.Error() != r.want {
			t.Errorf("error %v, want %s", err, r.want)
		}
		if n := after.TotalAlloc - before.TotalAlloc; n > 1<<14 {
			t.Errorf("%d bytes allocated", n)
		}
	}
}

// Reading takes as much memory as it says, and little for a lone frame.
func TestMemory(t *testing.T) {
	const w, h = 900, 700
	pix := noisy(w, h, 4, 2).Pix
	body := file([]byte{2}, subBlocks(codes(2, pix...)))
	plain := file(descriptor(0, 0, w, h, false, nil), []byte{2}, subBlocks(codes(2, make([]byte, w*h)...)))
	lone := file(screen(w, h, palette), descriptor(0, 0, w, h, false, nil), body)
	for name, r := range map[string]struct {
		file []byte
		most int64
	}{
		"lone":       {lone, 60_000},
		"interlaced": {file(screen(w, h, palette), descriptor(0, 0, w, h, true, nil), body), 4*w*h + 200_000},
		"two":        {file(screen(w, h, palette), plain, descriptor(0, 0, w, h, false, nil), body), 4*w*h + 200_000},
		"previous":   {file(screen(w, h, palette), control(3, -1), plain, plain, descriptor(0, 0, w, h, false, nil), body), 8*w*h + 200_000},
	} {
		t.Run(name, func(t *testing.T) {
			row := make([]byte, 4*w)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			s, err := Open(r.file, raster.Options{})
			for err == nil {
				err = s.ReadRow(row)
			}
			runtime.ReadMemStats(&after)
			if err != io.EOF {
				t.Fatal(err)
			}
			if s.Memory() > r.most {
				t.Errorf("Memory says %d, more than %d", s.Memory(), r.most)
			}
			// A frame's tables are garbage before the next one begins.
			if n := int64(after.TotalAlloc - before.TotalAlloc); n > s.Memory()+4<<15 {
				t.Errorf("%d bytes allocated, Memory says %d", n, s.Memory())
			}
		})
	}
}
