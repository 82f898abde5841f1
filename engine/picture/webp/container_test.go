package webp

import (
	"bytes"
	"encoding/binary"
	"testing"

	"likeness/engine/picture/raster"
)

func TestAnimation(t *testing.T) {
	w, h := 5, 3
	pix := noise(4*w*h, 4)
	lossless := riffChunk("VP8L", encodeVP8L(pix, w, h, true))
	other := riffChunk("VP8L", encodeVP8L(noise(4*w*h, 5), w, h, true))
	anim := riffChunk("ANIM", []byte{1, 2, 3, 255, 0, 0})
	file := riff(vp8x(flagAnimation, 9, 8), anim, riffChunk("ICCP", []byte{1, 2, 3}),
		anmf(4, 2, w, h, riffChunk("XXXX", []byte{1}), lossless), anmf(0, 0, w, h, other))
	gw, gh, got := mustRead(t, file)
	want := make([]byte, 4*9*8)
	for y := range h {
		copy(want[4*(9*(y+2)+4):], pix[4*w*y:][:4*w])
	}
	if gw != 9 || gh != 8 || !bytes.Equal(got, want) {
		t.Errorf("%d x %d, the first frame is not in its place", gw, gh)
	}
	// What follows the first frame may be missing.
	end := len(file) - len(anmf(0, 0, w, h, other))
	if _, _, got := mustRead(t, file[:end+20]); !bytes.Equal(got, want) {
		t.Error("cut in the second frame: pixels differ")
	}

	still := testFile(t, "alpha_reduced_31x33.webp")
	_, _, want = mustRead(t, still)
	file = riff(vp8x(flagAnimation, 31, 33), anim,
		anmf(0, 0, 31, 33, riffChunk("ALPH", body(t, still, "ALPH")), riffChunk("VP8 ", body(t, still, "VP8 "))))
	if _, _, got := mustRead(t, file); !bytes.Equal(got, want) {
		t.Error("lossy frame with alpha: pixels differ")
	}
}

func TestContainer(t *testing.T) {
	pix := noise(4*6, 1)
	bits := encodeVP8L(pix, 3, 2, true)
	vp8l := riffChunk("VP8L", bits)
	tiny := body(t, testFile(t, "q75_3x3.webp"), "VP8 ")
	alpha := append([]byte{0}, noise(9, 1)...)
	set := func(b []byte, at int, v byte) []byte {
		b = bytes.Clone(b)
		b[at] = v
		return b
	}
	wrongRIFF := bytes.Clone(riff(vp8l))
	binary.LittleEndian.PutUint32(wrongRIFF[4:], 0)
	for _, c := range []struct {
		name string
		file []byte
		code string
	}{
		{"plain", riff(vp8l), ""},
		{"extended", riff(vp8x(1<<4, 3, 2), vp8l), ""},
		{"bytes after the picture", append(riff(vp8l), "surplus"...), ""},
		{"wrong RIFF size", wrongRIFF, ""},
		{"chunks before the picture", riff(vp8x(0, 3, 2), riffChunk("ICCP", []byte{1}), riffChunk("ABCD"), vp8l, riffChunk("EXIF", []byte{2})), ""},
		{"no padding at the end", riff(riffChunk("VP8L", append(bits, make([]byte, len(bits)&1^1)...)))[:12+8+len(bits)|1], ""},
		{"ALPH before VP8L is ignored", riff(vp8x(1<<4, 3, 2), riffChunk("ALPH", alpha), vp8l), ""},
		{"lossy", riff(riffChunk("VP8 ", tiny)), ""},
		{"lossy, raw alpha", riff(vp8x(1<<4, 3, 3), riffChunk("ALPH", alpha), riffChunk("VP8 ", tiny)), ""},

		{"empty", nil, raster.CodeCorrupt},
		{"not RIFF", []byte("GIF89a and some more bytes"), raster.CodeCorrupt},
		{"no picture", riff(riffChunk("EXIF", []byte{2})), raster.CodeCorrupt},
		{"no frame", riff(vp8x(flagAnimation, 3, 2), vp8l), raster.CodeCorrupt},
		{"frame beyond the canvas", riff(vp8x(flagAnimation, 3, 2), anmf(2, 0, 3, 2, vp8l)), raster.CodeCorrupt},
		{"frame of another size", riff(vp8x(flagAnimation, 9, 9), anmf(0, 0, 3, 3, vp8l)), raster.CodeCorrupt},
		{"frame without bitstream", riff(vp8x(flagAnimation, 9, 9), anmf(0, 0, 3, 2)), raster.CodeCorrupt},
		{"canvas of another size", riff(vp8x(0, 3, 3), vp8l), raster.CodeCorrupt},
		{"canvas too large", riff(vp8x(flagAnimation, 1<<24, 1), anmf(0, 0, 3, 2, vp8l)), raster.CodeTooLarge},
		{"short VP8X", riff(riffChunk("VP8X", make([]byte, 9)), vp8l), raster.CodeCorrupt},
		{"short VP8L", riff(riffChunk("VP8L", bits[:4])), raster.CodeCorrupt},
		{"VP8L ends early", riff(riffChunk("VP8L", bits[:len(bits)-1])), raster.CodeCorrupt},
		{"VP8L signature", riff(riffChunk("VP8L", set(bits, 0, 0x2e))), raster.CodeCorrupt},
		{"VP8L version", riff(riffChunk("VP8L", set(bits, 4, 0x30))), raster.CodeCorrupt},
		{"short VP8", riff(riffChunk("VP8 ", tiny[:9])), raster.CodeCorrupt},
		{"VP8 ends early", riff(riffChunk("VP8 ", tiny[:len(tiny)-4])), raster.CodeCorrupt},
		{"VP8 first partition too long", riff(riffChunk("VP8 ", set(tiny, 2, 1))), raster.CodeCorrupt},
		{"VP8 start code", riff(riffChunk("VP8 ", set(tiny, 4, 0))), raster.CodeCorrupt},
		{"VP8 interframe", riff(riffChunk("VP8 ", set(tiny, 0, tiny[0]|1))), raster.CodeCorrupt},
		{"VP8 hidden", riff(riffChunk("VP8 ", set(tiny, 0, tiny[0]&^16))), raster.CodeCorrupt},
		{"VP8 larger than its data", riff(riffChunk("VP8 ", set(set(tiny, 7, 16), 9, 16))), raster.CodeCorrupt},
		{"VP8 no width", riff(riffChunk("VP8 ", set(tiny, 6, 0))), raster.CodeZeroSize},
		{"ALPH empty", riff(vp8x(1<<4, 3, 3), riffChunk("ALPH"), riffChunk("VP8 ", tiny)), raster.CodeCorrupt},
		{"ALPH short", riff(vp8x(1<<4, 3, 3), riffChunk("ALPH", alpha[:9]), riffChunk("VP8 ", tiny)), raster.CodeCorrupt},
		{"ALPH compression", riff(vp8x(1<<4, 3, 3), riffChunk("ALPH", set(alpha, 0, 2)), riffChunk("VP8 ", tiny)), raster.CodeCorrupt},
		{"ALPH damaged", riff(vp8x(1<<4, 3, 3), riffChunk("ALPH", []byte{1, 255, 255}), riffChunk("VP8 ", tiny)), raster.CodeCorrupt},
	} {
		_, _, _, err := read(c.file)
		if got := code(err); err == nil && c.code != "" || err != nil && got != c.code {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// A file that lost its end is refused as cut off, at every length that does
// not hold the whole bitstream.
func TestCutOff(t *testing.T) {
	pix := noise(4*6, 1)
	lossless := riffChunk("VP8L", encodeVP8L(pix, 3, 2, true))
	files := map[string][]byte{
		"lossless":  riff(lossless),
		"extended":  riff(vp8x(0, 3, 2), riffChunk("ICCP", []byte{1, 2}), lossless),
		"animation": riff(vp8x(flagAnimation, 9, 8), riffChunk("ANIM", make([]byte, 6)), anmf(0, 0, 3, 2, lossless)),
		"alpha":     testFile(t, "alpha_raw_5x4.webp"),
		"lossy":     testFile(t, "q75_3x3.webp"),
	}
	for name, file := range files {
		_, _, want := mustRead(t, file)
		for n := range file {
			_, _, got, err := read(file[:n])
			if err == nil && n >= len(file)-1 && bytes.Equal(got, want) {
				continue // only padding is missing
			}
			if err == nil || err.Error() != raster.CutOff(format).Error() {
				t.Errorf("%s, %d of %d bytes: %v", name, n, len(file), err)
			}
		}
	}
}

func FuzzOpen(f *testing.F) {
	for _, name := range []string{"q75_3x3.webp", "alpha_17x15.webp", "alpha_raw_filtered_17x15.webp", "segments_31x33.webp", "near_lossless_64x48.webp", "lossless_4x5.webp"} {
		f.Add(testFile(f, name))
	}
	lossless := riffChunk("VP8L", encodeVP8L(noise(4*6, 1), 3, 2, true))
	f.Add(riff(lossless))
	f.Add(riff(vp8x(flagAnimation, 9, 8), riffChunk("ANIM", make([]byte, 6)), anmf(2, 2, 3, 2, lossless)))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := Open(data, raster.Options{})
		if err != nil {
			if _, ok := err.(*raster.Error); !ok {
				t.Fatalf("%T: %v", err, err)
			}
			return
		}
		w, h := s.Size()
		if w <= 0 || h <= 0 || s.Memory() <= 0 {
			t.Fatalf("%d x %d, %d bytes", w, h, s.Memory())
		}
		if w*h > 1<<20 {
			return
		}
		row := make([]byte, 4*w)
		for range h {
			if err := s.ReadRow(row); err != nil {
				if _, ok := err.(*raster.Error); !ok {
					t.Fatalf("%T: %v", err, err)
				}
				return
			}
		}
	})
}
