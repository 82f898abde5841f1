package tiff

import (
	"bytes"

	"likeness/engine/picture/jpeg"
	"likeness/engine/picture/raster"
)

// compOldJPEG is JPEG as TIFF 6.0 section 22 had it, which technical note 2
// replaced.
const compOldJPEG = 6

// openOldJPEG reads the usual kind of such files: JPEGInterchangeFormat is where
// a whole JPEG stream of the picture begins. Files that keep the tables and the
// coded data apart are refused by name.
func (f *file) openOldJPEG(d directory, o raster.Options) (raster.Source, error) {
	unread := raster.Unsupported(format, unreadCompression[compOldJPEG])
	at, err := d.int(tagJPEGInterchange, 0)
	if err != nil || at <= 0 || at >= len(f.data) {
		return nil, unread
	}
	stream := f.data[at:]
	// A length may be that of the headers alone.
	if n, err := d.int(tagJPEGInterchangeLength, 0); err != nil {
		return nil, unread
	} else if n > 0 && n < len(stream) {
		stream = stream[:n]
		if !bytes.Contains(stream[max(n-16, 0):], []byte{0xff, 0xd9}) {
			return nil, unread
		}
	}
	src, err := jpeg.Open(stream, o)
	if err != nil {
		return nil, unread
	}
	w, errW := d.int(tagImageWidth, 0)
	h, errH := d.int(tagImageLength, 0)
	sw, sh := src.Size()
	if n := src.Shrink(); errW != nil || errH != nil || sw != (w+n-1)/n || sh != (h+n-1)/n {
		return nil, unread
	}
	return src, nil
}
