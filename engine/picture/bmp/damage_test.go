package bmp

import (
	"bytes"
	"io"
	"math"
	"runtime"
	"testing"

	"likeness/engine/picture/raster"
)

const cut = "the BMP picture is cut off: copy or download it again"

func TestRefused(t *testing.T) {
	damaged := func(what string) string {
		return "the BMP picture is damaged (" + what + "): copy or download it again"
	}
	unread := func(what string) string {
		return "the BMP picture uses " + what + ", which is not read: save it again as an ordinary JPEG or PNG"
	}
	for _, r := range []struct {
		want string
		file file
	}{
		{unread("JPEG compression inside"), file{size: 40, w: 2, h: 2, compression: embeddedJPEG}},
		{unread("JPEG compression inside"), file{size: 40, w: 2, h: 2, bits: 24, compression: embeddedJPEG}},
		{unread("PNG compression inside"), file{size: 124, w: 2, h: 2, compression: embeddedPNG}},
		{unread("CMYK"), file{size: 124, w: 2, h: 2, bits: 32, compression: 11}},
		{unread("Huffman coding"), file{size: 64, w: 2, h: 2, bits: 1, compression: 3}},
		{unread("Huffman coding"), file{size: 40, w: 2, h: 2, bits: 1, compression: 3}},
		{unread("compression method 9"), file{size: 40, w: 2, h: 2, bits: 8, compression: 9}},
		{unread("compression method 6"), file{size: 64, w: 2, h: 2, bits: 32, compression: 6}},
		{unread("a header of 128 bytes"), file{size: 128, w: 2, h: 2, bits: 24}},
		{unread("a header of 66 bytes"), file{size: 66, w: 2, h: 2, bits: 24}},
		{unread("bit fields with gaps"), file{size: 40, w: 1, h: 1, bits: 16, compression: 3, masks: []uint32{0x7400, 0x3e0, 0x1f}, body: make([]byte, 4)}},
		{unread("bit fields beyond its 16 bits"), file{size: 40, w: 1, h: 1, bits: 16, compression: 3, masks: []uint32{0xffff0000, 0x3e0, 0x1f}, body: make([]byte, 4)}},
		{damaged("its compression and 3 bits per pixel do not go together"), file{size: 40, w: 2, h: 2, bits: 3}},
		{damaged("its compression and 24 bits per pixel do not go together"), file{size: 40, w: 2, h: 2, bits: 24, compression: 3, masks: []uint32{1, 2, 4}}},
		{damaged("its compression and 4 bits per pixel do not go together"), file{size: 40, w: 2, h: 2, bits: 4, compression: rle8}},
		{damaged("its compression and 8 bits per pixel do not go together"), file{size: 40, w: 2, h: 2, bits: 8, compression: rle4}},
		{damaged("the pixel data begins inside the header"), file{size: 40, w: 2, h: 2, bits: 24, offset: 53}},
		{"the picture declares a size of -5 x 2 pixels: it is empty or damaged", file{size: 40, w: -5, h: 2, bits: 24}},
		{"the picture declares a size of 2 x 0 pixels: it is empty or damaged", file{size: 40, w: 2, h: 0, bits: 24}},
		{"the picture declares 2 x 2147483647 pixels, more than 131072 along a side: cut it into parts first", file{size: 40, w: 2, h: -1 << 31, bits: 24}},
		{cut, file{size: 40, w: 2, h: 2, bits: 24, offset: 1000}},
		{cut, file{size: 40, w: 2, h: 2, bits: 8, offset: 54, palette: make([]byte, 8)}},
		{cut, file{size: 40, w: 2, h: 2, bits: 8, offset: 54, palette: colours(16, 4), body: make([]byte, 8)}},
	} {
		t.Run(r.want, func(t *testing.T) { wantError(t, r.file.encode(), r.want) })
	}
	wantError(t, []byte("not a bitmap"), damaged("it has no BMP signature"))
	f := file{size: 40, w: 2, h: 2, bits: 24}
	b := f.encode()
	b[14] = 11
	wantError(t, b, damaged("its header has no sensible length"))
}

// A file that ends before its last pixel is cut off. The padding of the last
// row, or the end mark after it, is not missed.
func TestCutAtEveryByte(t *testing.T) {
	plainFile := file{size: 40, w: 3, h: 3, bits: 24, body: noise(36)}
	fields := file{size: 40, w: 3, h: 2, bits: 16, compression: 3, masks: []uint32{0xf800, 0x7e0, 0x1f}, body: noise(16)}
	indexed := file{size: 12, w: 5, h: 3, bits: 4, palette: colours(16, 3), body: noise(12)}
	runs := file{size: 40, w: 4, h: 2, bits: 8, compression: rle8, colours: 16, palette: colours(16, 4), body: []byte{4, 1, 0, 0, 0, 4, 1, 2, 3, 4, 0, 1}}
	for _, c := range []struct {
		name   string
		file   file
		spared int
	}{{"plain", plainFile, 3}, {"fields", fields, 2}, {"indexed", indexed, 1}, {"runs", runs, 2}} {
		t.Run(c.name, func(t *testing.T) {
			data := c.file.encode()
			want, err := read(data)
			if err != nil {
				t.Fatal(err)
			}
			for n := 2; n < len(data); n++ {
				px, err := read(data[:n])
				if n < len(data)-c.spared {
					if err == nil || err.Error() != cut {
						t.Fatalf("%d of %d bytes: %v", n, len(data), err)
					}
				} else if err != nil || !bytes.Equal(px.Pix, want.Pix) {
					t.Fatalf("%d of %d bytes: %v, or other pixels", n, len(data), err)
				}
			}
		})
	}
}

// Sizes that the file cannot fill are refused before anything is allocated.
func TestHostileSizes(t *testing.T) {
	for _, f := range []file{
		{size: 40, w: 100_000, h: 100_000, bits: 24, body: make([]byte, 100)},
		{size: 40, w: 100_000, h: -100_000, bits: 1, palette: make([]byte, 8), body: make([]byte, 100)},
		{size: 40, w: 100_000, h: 100_000, bits: 8, compression: rle8, palette: make([]byte, 1024), body: []byte{0, 1}},
	} {
		data := f.encode()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := Open(data, raster.Options{})
		runtime.ReadMemStats(&after)
		if err == nil {
			t.Error("not refused")
		}
		if n := after.TotalAlloc - before.TotalAlloc; n > 1<<14 {
			t.Errorf("%d bytes allocated", n)
		}
	}
}

// Reading takes as much memory as it says.
func TestMemory(t *testing.T) {
	body := make([]byte, 0, 10_000)
	for range 5000 {
		body = append(body, 0, 0)
	}
	for _, f := range []file{
		{size: 40, w: 1000, h: 500, bits: 24, body: make([]byte, 1_500_000)},
		{size: 40, w: 100, h: 5000, bits: 8, compression: rle8, palette: make([]byte, 1024), body: body},
	} {
		data := f.encode()
		row := make([]byte, 4*f.w)
		least, told := int64(math.MaxInt64), int64(0)
		for range 5 { // the runtime allocates now and then, too
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			s, err := Open(data, raster.Options{})
			for err == nil {
				err = s.ReadRow(row)
			}
			runtime.ReadMemStats(&after)
			if err != io.EOF {
				t.Fatal(err)
			}
			least, told = min(least, int64(after.TotalAlloc-before.TotalAlloc)), s.Memory()
		}
		// Size classes of the allocator round up.
		if least > told*5/4 {
			t.Errorf("%d bytes allocated, Memory says %d", least, told)
		}
	}
}
