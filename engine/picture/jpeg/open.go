package jpeg

import "likeness/engine/picture/raster"

// Color says what the components of a picture mean.
type Color int

const (
	Auto      Color = iota // as the file says: JFIF, Adobe's marker, component names
	Gray                   // one component
	YCbCr                  // BT.601 full range
	RGB                    // red, green, blue
	CMYK                   // 0 is no ink, as in TIFF
	AdobeCMYK              // 255 is no ink, as in files of their own
	AdobeYCCK              // the inks of AdobeCMYK, the first three as YCbCr
)

// Open reads the headers of a JPEG file.
func Open(data []byte, o raster.Options) (raster.Source, error) {
	return OpenTables(nil, data, o, Auto)
}

// OpenTables reads the headers of an abbreviated stream, as in TIFF: tables, if
// not empty, is a stream that holds only quantisation and Huffman tables (the
// tag JPEGTables), read before data. c says what the components mean; with
// another number of them the picture is refused.
func OpenTables(tables, data []byte, o raster.Options, c Color) (raster.Source, error) {
	return nil, raster.Unsupported("JPEG", "a decoder under construction")
}
