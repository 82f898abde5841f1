package picture

import (
	"likeness/engine/picture/bmp"
	"likeness/engine/picture/gif"
	"likeness/engine/picture/jpeg"
	"likeness/engine/picture/look"
	"likeness/engine/picture/png"
	"likeness/engine/picture/raster"
	"likeness/engine/picture/tiff"
	"likeness/engine/picture/webp"
)

// Reader opens an encoded picture of one format; see package raster.
type Reader func(data []byte, o raster.Options) (raster.Source, error)

// readers are those of the formats that this program reads.
var readers = map[string]Reader{
	"jpeg": jpeg.Open,
	"png":  png.Open,
	"webp": webp.Open,
	"gif":  gif.Open,
	"bmp":  bmp.Open,
	"tiff": tiff.Open,
}

// Register adds a reader of a format that package look knows, such as heic and
// avif, whose decoders are too large for every program. It is called before the
// first Open.
func Register(format string, r Reader) { readers[format] = r }

// readerOf returns the reader for a picture that was looked at.
func readerOf(f look.Facts) (Reader, error) {
	if r := readers[f.Format]; r != nil {
		return r, nil
	}
	return nil, raster.NoDecoder(f.Format)
}
