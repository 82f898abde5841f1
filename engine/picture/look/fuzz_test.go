package look

import (
	"errors"
	"testing"

	"likeness/engine/picture/raster"
)

// check holds what is true of any bytes.
func check(t *testing.T, data []byte) Facts {
	t.Helper()
	f, err := Look(data)
	var e *raster.Error
	if err != nil && !errors.As(err, &e) {
		t.Errorf("an error of another type: %v", err)
	}
	if f.Orientation < 0 || f.Orientation > 8 || err == nil && (f.Orientation == 0 || f.Format == "") {
		t.Errorf("%+v", f)
	}
	if f.Width < 0 || f.Height < 0 || len(f.Profile) > max(maxProfile, len(data)) {
		t.Errorf("%d x %d, a profile of %d bytes", f.Width, f.Height, len(f.Profile))
	}
	if h := f.HEIF; h != nil && h.Alpha && (h.PrimaryAt+h.PrimaryBytes > len(data) || h.PrimaryBytes == 0) {
		t.Errorf("%+v of %d bytes", h, len(data))
	}
	return f
}

func FuzzEXIF(f *testing.F) {
	f.Add(six)
	f.Add(exif(le, typeLong, 1, 3))
	f.Add([]byte("Exif\x00\x00MM\x00*\x00\x00\x00\x08\xff\xff"))
	f.Fuzz(func(t *testing.T, data []byte) {
		o := exifOrientation(data)
		if o < 1 || o > 8 {
			t.Errorf("orientation %d", o)
		}
		if len(data) > 60000 {
			return
		}
		jpg := join([]byte("\xff\xd8"), app1(data))
		if trimmed, ok := trimEXIF(data); ok {
			o = exifOrientation(trimmed)
		}
		if got := Orientation(jpg); len(data) >= 5 && string(data[:5]) != "Exif\x00" && got != o {
			t.Errorf("%d in JPEG, %d alone", got, o)
		}
	})
}

func fuzzWalk(f *testing.F, seeds ...[]byte) {
	for _, s := range seeds {
		f.Add(s)
		f.Add(s[:len(s)/2])
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 1<<16 {
			return
		}
		check(t, data)
	})
}

func FuzzJPEG(f *testing.F) {
	jpg := encode(f, "jpeg")
	fuzzWalk(f, jpg, afterSOI(jpg, app1(six), segment(markerAPP2, "ICC_PROFILE\x00\x01\x01", string(profile(200)))))
}

func FuzzPNG(f *testing.F) {
	p := encode(f, "png")
	fuzzWalk(f, p, beforeIDAT(p, chunkPNG("eXIf", six), iccp(profile(300)), chunkPNG("cICP", []byte{1, 13, 0, 1}), chunkPNG("acTL", u32(2, 0))))
}

func FuzzWebP(f *testing.F) {
	fuzzWalk(f, riff(lossless), riff(extended, chunkWebP("ICCP", profile(132)), lossy, chunkWebP("EXIF", six)))
}

func FuzzGIF(f *testing.F) { fuzzWalk(f, encode(f, "gif")) }

func FuzzTIFF(f *testing.F) {
	fuzzWalk(f, encode(f, "tiff"), six, structure(be, profile(200), field{tagICC, 7, 200, number(be, typeLong, 26)}))
}

func FuzzHEIF(f *testing.F) {
	fuzzWalk(f, simple("heic", "hvc1", hvcc(sps(0, "0", ue(0), "0"))).bytes(), phone().bytes(),
		simple("avif", "av01", nclx(1, 13, 6, 1), box("clap", u32(10, 1, 10, 1, 0, 1, 0, 1)), box("irot", []byte{1})).bytes())
}

// FuzzAny finds which formats take the bytes, and that text is told.
func FuzzAny(f *testing.F) {
	for _, s := range []string{"", "BM", "<svg", "<html", "\x00\x00\x01\x00", "RIFF\x00\x00\x00\x00WEBPVP8 ", "II*\x00\x08\x00\x00\x00\x01\x00"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) { check(t, data) })
}
