// Package look takes one look at the bytes of an encoded picture before any
// decoder does. It tells the format by content, whatever the file's name says,
// the size, the orientation, the colour profile and whether there are more
// frames, so that the page, exact decoding and the command go by the same
// facts. It refuses by name what is not read.
//
// Only headers are read, never pixels. Damaged metadata is left out and is no
// error, as browsers have it; damage of the picture is for the readers to tell.
// Nothing is allocated beyond a bounded colour profile and what grows with the
// file's own tables.
package look

import (
	"bytes"
	"encoding/binary"

	"likeness/engine/picture/raster"
)

// Facts are what the headers of a picture say.
type Facts struct {
	// Format is one of jpeg, png, gif, webp, bmp, tiff, heic and avif.
	Format string
	// Width and Height are those of the stored pixels, before Orientation. They
	// are 0 where only a decoder can tell, and are not checked. Those of HEIC
	// and AVIF are of the picture after its own turns and crop, as its decoder
	// must give it.
	Width, Height int
	// Orientation is the EXIF orientation, 1 to 8 (EXIF 2.32 section 4.6.4A),
	// that is still to be applied. See Orientation.
	Orientation int
	// Profile is the ICC profile or nil. It may be a part of the file's bytes.
	Profile []byte
	// Coding is the colour space by code points, or nil: the cICP chunk of PNG,
	// the nclx box of HEIC and AVIF. In PNG it goes before Profile, in HEIC and
	// AVIF Profile goes first.
	Coding *Coding
	// Animated is true if the file declares more than one frame.
	Animated bool
	// HEIF says how to decode HEIC and AVIF; nil for other formats.
	HEIF *HEIF
}

// Coding names a colour space by the code points of ITU-T H.273.
type Coding struct {
	Primaries, Transfer, Matrix int
	FullRange                   bool
}

type format struct {
	name string
	is   func(data []byte) bool
	look func(data []byte, f *Facts) error
}

var formats = []format{
	{"jpeg", prefix("\xff\xd8\xff"), lookJPEG},
	{"png", prefix(pngSignature), lookPNG},
	{"gif", prefix("GIF87a", "GIF89a"), lookGIF},
	{"webp", isWebP, lookWebP},
	{"bmp", isBMP, lookBMP},
	{"tiff", prefix("II*\x00", "MM\x00*", "II+\x00", "MM\x00+"), lookTIFF},
	{"", isHEIF, lookHEIF},
}

// Look reads the headers of a picture. An error is of type *raster.Error: the
// file is empty, no picture, of a kind that is not read, or it is HEIC or AVIF
// and its table of contents is damaged or points behind the end of the file.
func Look(data []byte) (Facts, error) {
	if len(data) == 0 {
		return Facts{}, raster.Errorf(raster.CodeEmpty, nil, "the file is empty: copy or download it again")
	}
	for _, k := range formats {
		if k.is(data) {
			f := Facts{Format: k.name, Orientation: 1}
			err := k.look(data, &f)
			return f, err
		}
	}
	return Facts{}, refuse(data)
}

// Orientation returns the EXIF orientation, 1 to 8, of an encoded picture: of
// the first EXIF segment or chunk of JPEG, PNG (before or after the pixels) and
// WebP (lossy or lossless), and of the first directory of TIFF. Missing or
// damaged EXIF gives 1. XMP's tiff:Orientation is not heeded, since browsers do
// not heed it either. HEIC and AVIF are turned by their own irot and imir
// properties while being decoded and EXIF has no say there (ISO/IEC 23008-12
// section 6.5.1 and annex A), so theirs is 1.
//
// Browsers leave WebP unturned, and a PNG whose EXIF comes after its pixels;
// here both are turned.
func Orientation(data []byte) int {
	f, err := Look(data)
	if err != nil {
		return 1
	}
	return f.Orientation
}

func prefix(magic ...string) func([]byte) bool {
	return func(data []byte) bool {
		for _, m := range magic {
			if bytes.HasPrefix(data, []byte(m)) {
				return true
			}
		}
		return false
	}
}

var (
	le = binary.LittleEndian
	be = binary.BigEndian
)
