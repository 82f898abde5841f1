// Package heif decodes HEIC and AVIF pictures natively. The decoders are
// libheif 1.18.2 with libde265 1.0.15, and libavif 1.1.1 with libaom 3.10.0,
// compiled to WebAssembly and run by wazero: nothing that is installed on the
// machine is used, and the same bytes run in the page (web/lib/heif.js), so
// that pixels are the same everywhere. README.md says where they come from and
// under which licences they are.
package heif

import (
	"embed"
	"errors"

	"likeness/engine/picture/look"
	"likeness/engine/picture/raster"
)

// programs holds what `make` copies there; README.md alone, if it did not.
//
//go:embed programs
var programs embed.FS

var (
	heicProgram = &program{packed: Packed("heic")}
	avifProgram = &program{packed: Packed("avif")}
)

// Packed returns the embedded decoder of a format, "heic" or "avif", compressed
// by gzip; nil for other formats, and in a program that was built without.
func Packed(format string) []byte {
	data, err := programs.ReadFile("programs/" + format + ".wasm.gz")
	if err != nil {
		return nil
	}
	return data
}

// Memory is the most bytes that decoding takes beside the file, for a picture
// whose facts have HEIF. No decoder is given more: a file that wants more than
// its size calls for is refused.
func Memory(f look.Facts) int64 {
	perPixel := int64(24)
	if f.HEIF.Codec == "av1" {
		perPixel = 48
	}
	return 64<<20 + perPixel*int64(f.HEIF.StoredWidth)*int64(f.HEIF.StoredHeight)
}

// The most pixels that the decoders can hold in the 4 GB of a WebAssembly
// memory.
const (
	mostHEIC = 1 << 28
	mostAVIF = 1 << 27
)

// Decode decodes the primary image, turned and cropped as the file says: EXIF
// orientation must not be applied to it. Colours are as stored, opacity is not
// multiplied in. More than maxPixels pixels are refused before anything is
// decoded; 0 means what the decoders can hold. Errors are of type
// *raster.Error. It may be called by several goroutines.
//
// Decoding cannot be interrupted, and the garbage collector waits for it: some
// 200 ns a pixel. The runtime could stop a decoder at a time limit, but then
// runs it four times slower.
func Decode(data []byte, maxPixels int) (px *raster.Pixels, err error) {
	f, err := check(data)
	if err != nil {
		return nil, err
	}
	w, h := f.HEIF.StoredWidth, f.HEIF.StoredHeight
	if maxPixels > 0 && w > maxPixels/h {
		return nil, tooLarge(w, h)
	}
	// The runtime may panic where a hostile file leads the decoder astray.
	defer func() {
		if recover() != nil {
			px, err = nil, raster.Damaged(f.Format, "")
		}
	}()
	if f.HEIF.Codec == "av1" {
		px, err = decodeAVIF(data, f)
	} else {
		px, err = decodeHEIC(data, f)
	}
	var e *raster.Error
	if err != nil && !errors.As(err, &e) {
		err = raster.Errorf(raster.CodeCorrupt, err, "the %s picture is damaged: copy or download it again", f.Format)
	}
	if err == nil && (px.W != f.Width || px.H != f.Height) {
		err = raster.Damaged(f.Format, "its sizes contradict each other")
	}
	if err != nil {
		return nil, err
	}
	return px, nil
}

// check refuses what the decoders need not be started for.
func check(data []byte) (look.Facts, error) {
	f, err := look.Look(data)
	if err != nil {
		return f, err
	}
	if f.HEIF == nil {
		return f, raster.Errorf(raster.CodeFormat, nil, "this is not a HEIC or AVIF picture")
	}
	if Packed(f.Format) == nil {
		return f, raster.Errorf(raster.CodeHEIC, nil, "this program was built without a decoder for %s: build it with make, or convert the picture to JPEG or PNG", f.Format)
	}
	w, h := f.HEIF.StoredWidth, f.HEIF.StoredHeight
	if err := raster.CheckSize(w, h); err != nil {
		return f, err
	}
	most := mostHEIC
	if f.HEIF.Codec == "av1" {
		most = mostAVIF
	}
	if w > most/h {
		return f, tooLarge(w, h)
	}
	return f, nil
}

func tooLarge(w, h int) error {
	return raster.Errorf(raster.CodeTooLarge, nil, "the picture declares %d x %d pixels, more than can be decoded: make it smaller first", w, h)
}
