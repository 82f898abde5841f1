// Package raster holds what all readers of encoded pictures share: how a
// reader gives its rows, what it is asked for, and the errors that it may end
// in. It imports nothing from the engine; the readers (jpeg, png, gif, webp,
// bmp, tiff) import it and nothing else of package picture.
//
// A reader has one entry:
//
//	func Open(data []byte, o Options) (Source, error)
//
// Open looks at headers only: it allocates nothing that grows with the
// picture. What is wrong in the rows is told by ReadRow.
package raster

// Source is a picture that is being read, row by row from the top, as it is
// stored: orientation and colour profile are left to the caller. It is used by
// one goroutine.
type Source interface {
	// Size is the width and height in pixels of the rows to come: those stored
	// in the file, or smaller ones as Options.Shrink allows.
	Size() (w, h int)
	// Shrink is by how much the file's size was divided: 1, 2, 4 or 8. The last
	// column and row may cover less than that of the file's pixels.
	Shrink() int
	// Memory is the most bytes that reading takes at any time, beside the
	// encoded file and the caller's row. It is known before the first row.
	Memory() int64
	// ReadRow writes the next row, 4*w bytes of RGBA, not premultiplied. After
	// the last row it returns io.EOF. An error is of type *Error and final.
	ReadRow(dst []byte) error
}

// Options say what a reader is asked for.
type Options struct {
	// Shrink is the largest reduction that the caller accepts: 1, 2, 4 or 8; 0
	// means 1. Readers that cannot reduce ignore it. A reduced pixel is the mean
	// of the file's pixels that it covers, as far as the format allows.
	Shrink int
}

// Pixels is a picture of non-premultiplied 8-bit RGBA, row by row,
// len(Pix) == 4*W*H.
type Pixels struct {
	W, H int
	Pix  []byte
}

// MaxSide is the largest width or height of any picture: it keeps every
// product of a side and a pixel's bytes within int32.
const MaxSide = 1 << 17

// CheckSize refuses sizes that no reader needs to think about: none at all,
// and sides above MaxSide.
func CheckSize(w, h int) error {
	switch {
	case w <= 0 || h <= 0:
		return Errorf(CodeZeroSize, nil, "the picture declares a size of %d x %d pixels: it is empty or damaged", w, h)
	case w > MaxSide || h > MaxSide:
		return Errorf(CodeTooLarge, nil, "the picture declares %d x %d pixels, more than %d along a side: cut it into parts first", w, h, MaxSide)
	}
	return nil
}
