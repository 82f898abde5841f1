package jpeg

import (
	"bytes"

	"likeness/engine/picture/raster"
)

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

// components is the number that a meaning goes with.
func (c Color) components() int {
	switch c {
	case Gray:
		return 1
	case YCbCr, RGB:
		return 3
	}
	return 4
}

// Open reads the headers of a JPEG file. Of a file in several scans it also
// finds where they are.
func Open(data []byte, o raster.Options) (raster.Source, error) {
	return OpenTables(nil, data, o, Auto)
}

// OpenTables reads the headers of an abbreviated stream, as in TIFF: tables, if
// not empty, is a stream that holds only quantisation and Huffman tables (the
// tag JPEGTables), read before data. c says what the components mean; with
// another number of them the picture is refused.
func OpenTables(tables, data []byte, o raster.Options, c Color) (raster.Source, error) {
	if len(data) == 0 {
		return nil, raster.Errorf(raster.CodeEmpty, nil, "the JPEG picture is empty")
	}
	if !bytes.HasPrefix(data, []byte{0xFF, markerSOI}) {
		if bytes.HasPrefix([]byte{0xFF, markerSOI}, data) {
			return nil, cutOff()
		}
		return nil, damaged("it has no start marker")
	}
	var h header
	if len(tables) > 0 {
		if err := h.readTables(tables); err != nil {
			return nil, err
		}
	}
	h.data, h.pos = data, 2
	sos, err := h.readFrame()
	if err != nil {
		return nil, err
	}
	if c == Auto {
		c = h.guessColor()
	} else if c.components() != len(h.frame.comps) {
		return nil, damaged("it has another number of components than it should")
	}
	h.frame.fit(allowedShrink(o.Shrink))
	if h.frame.leastBytes() > len(data) {
		return nil, cutOff()
	}
	first, err := h.parseScan(sos)
	if err != nil {
		return nil, err
	}
	p := &picture{header: h, color: c}
	if !h.frame.progressive && len(first.comps) == len(h.frame.comps) {
		err = p.openStreamed(first)
	} else {
		err = p.openStored(sos)
	}
	if err != nil {
		return nil, err
	}
	return p, nil
}

// allowedShrink is the largest reduction that is no more than asked for.
func allowedShrink(asked int) int {
	switch {
	case asked >= 8:
		return 8
	case asked >= 4:
		return 4
	case asked >= 2:
		return 2
	}
	return 1
}

// guessColor goes by the same signs as libjpeg, which nearly all readers use.
func (h *header) guessColor() Color {
	switch len(h.frame.comps) {
	case 1:
		return Gray
	case 4:
		if h.adobe && h.transform != 0 {
			return AdobeYCCK
		}
		return AdobeCMYK // without a marker too: browsers and others agree
	}
	names := [3]byte{h.frame.comps[0].id, h.frame.comps[1].id, h.frame.comps[2].id}
	switch {
	case h.jfif:
		return YCbCr
	case h.adobe && h.transform == 0, !h.adobe && names == [3]byte{'R', 'G', 'B'}:
		return RGB
	}
	return YCbCr
}
