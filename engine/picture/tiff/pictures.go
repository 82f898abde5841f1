package tiff

import (
	"likeness/engine/picture/jpeg"
	"likeness/engine/picture/raster"
	"likeness/engine/picture/webp"
)

// embedded tells that segments are whole pictures, which come as RGBA.
func (l *layout) embedded() bool {
	return l.compression == compJPEG || l.compression == compWebP
}

// surplusRows is how many rows more than a strip a JPEG stream may have. Some
// programs fill up the last strip.
const surplusRows = 64

// openEmbedded opens a segment that is a picture. It is as wide as the segment
// and has at least the rows of it that are in the picture.
func (l *layout) openEmbedded(data []byte, rows int) (raster.Source, error) {
	var src raster.Source
	var err error
	if l.compression == compWebP {
		src, err = webp.Open(data, raster.Options{})
	} else {
		src, err = jpeg.OpenTables(l.jpegTables, data, raster.Options{}, l.jpegColour())
	}
	if err != nil {
		return nil, err
	}
	if w, h := src.Size(); w != l.segW || h < rows || h > l.segH+surplusRows {
		return nil, raster.Damaged(format, "the picture in a strip or tile has another size")
	}
	return src, nil
}

func (l *layout) jpegColour() jpeg.Color {
	switch {
	case l.planar:
		return jpeg.Gray
	case l.photometric == rgb:
		return jpeg.RGB
	case l.photometric == yCbCr:
		return jpeg.YCbCr
	case l.photometric == cmyk:
		return jpeg.CMYK
	}
	return jpeg.Gray
}

// embeddedMemory is the most bytes that reading one of the first segments
// takes. Later ones that take much more are refused when they come.
func (l *layout) embeddedMemory() (int64, error) {
	const looked = 16
	var most int64
	planes := l.planes()
	for i := range min(looked, l.across*l.down) {
		x, y := i%l.across, i/l.across
		data, err := l.segment(x, y, planes[0])
		if err != nil {
			return 0, err
		}
		src, err := l.openEmbedded(data, l.segmentRows(y))
		if err != nil {
			return 0, err
		}
		most = max(most, src.Memory())
	}
	return 2*most + 64<<10, nil
}

// finishEmbedded turns a row of RGBA into what the photometric interpretation
// asks for.
func (l *layout) finishEmbedded(dst []byte) {
	switch {
	case l.photometric == whiteIsZero:
		for i := 0; i < len(dst); i += 4 {
			dst[i], dst[i+1], dst[i+2] = ^dst[i], ^dst[i+1], ^dst[i+2]
		}
	case l.samples == 3 || l.alpha < 0:
		for i := 3; i < len(dst); i += 4 {
			dst[i] = 255
		}
	case l.premultiplied:
		for i := 0; i < len(dst); i += 4 {
			c := rgb16{uint16(dst[i]) * 257, uint16(dst[i+1]) * 257, uint16(dst[i+2]) * 257}
			c = unpremultiply(c, uint32(dst[i+3])*257)
			dst[i], dst[i+1], dst[i+2] = byte(c.r>>8), byte(c.g>>8), byte(c.b>>8)
		}
	}
}
