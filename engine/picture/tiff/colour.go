package tiff

import (
	"likeness/engine/picture/raster"
)

// colour reads the tags that give samples their meaning.
func (l *layout) colour(d directory) error {
	def := blackIsZero
	switch {
	case l.samples >= 3:
		def = rgb
	case l.compression == compFax2, l.compression == compFax2Words, l.compression == compFax3, l.compression == compFax4:
		def = whiteIsZero
	}
	if err := d.ints(intTag{tagPhotometric, def, &l.photometric}); err != nil {
		return err
	}
	switch l.photometric {
	case whiteIsZero, blackIsZero:
		l.colours = 1
	case paletted:
		l.colours = 1
		if err := l.colourMap(d[tagColorMap]); err != nil {
			return err
		}
	case rgb:
		l.colours = 3
	case cmyk:
		l.colours = 4
	case yCbCr:
		l.colours = 3
		if err := l.yCbCrTags(d); err != nil {
			return err
		}
	case cieLab, iccLab:
		l.colours = 3
		if l.samples == 1 {
			l.colours = 1 // L* alone
		}
		if l.bits != 8 && l.bits != 16 || l.float {
			return raster.Unsupported(format, "L*a*b* colours of "+itoa(l.bits)+" bits per sample")
		}
	default:
		if name, ok := unreadPhotometric[l.photometric]; ok {
			return raster.Unsupported(format, name)
		}
		return raster.Unsupported(format, "photometric interpretation number "+itoa(l.photometric))
	}
	if l.samples < l.colours {
		return raster.Damaged(format, "it has fewer samples per pixel than its colours need")
	}
	if l.signed && l.photometric != cieLab { // whose chroma always is

		return raster.Unsupported(format, "signed samples")
	}
	return l.packedColours()
}

// packedColours refuses what JPEG and WebP cannot hold, or not as one picture.
func (l *layout) packedColours() error {
	switch l.compression {
	case compJPEG:
		switch {
		case l.planar:
		case l.photometric == paletted, l.photometric == cieLab, l.photometric == iccLab:
			return raster.Unsupported(format, "JPEG compression of indices or L*a*b* colours")
		case l.samples != l.colours:
			return raster.Unsupported(format, "JPEG compression with extra samples")
		}
	case compWebP:
		if l.planar || l.photometric != rgb || l.samples > 4 {
			return raster.Unsupported(format, "WebP compression of other colours than RGB")
		}
	}
	return nil
}

// colourMap reads all red values, then all green and all blue ones, of 16 bits.
// Some programs write 8 bits only.
func (l *layout) colourMap(e entry) error {
	if e.count == 0 || e.count%3 != 0 {
		return raster.Damaged(format, "it has no usable colour map")
	}
	if l.bits > 16 || l.float {
		return raster.Unsupported(format, "a colour map with "+itoa(l.bits)+" bits per sample")
	}
	n := e.count / 3
	l.palette = make([]rgb16, min(n, 1<<l.bits))
	small := true
	at := func(i int) uint16 {
		v, _ := e.uint(i)
		small = small && v < 256
		return uint16(v)
	}
	for i := range l.palette {
		l.palette[i] = rgb16{at(i), at(n + i), at(2*n + i)}
	}
	if small {
		for i, c := range l.palette {
			l.palette[i] = rgb16{c.r * 257, c.g * 257, c.b * 257}
		}
	}
	return nil
}

// convert turns a row of samples of 16 bits (indices as they are, if there is a
// palette) into RGBA.
func (l *layout) convert(dst []byte, s []uint16) error {
	pixel := l.pixel()
	n := l.samples
	for i := range len(s) / n {
		p := s[i*n : i*n+n]
		c, ok := pixel(p)
		if !ok {
			return raster.Damaged(format, "a colour index is beyond the colour map")
		}
		d := dst[4*i : 4*i+4]
		a := uint32(65535)
		if l.alpha >= 0 {
			a = uint32(p[l.alpha])
			if l.palette != nil {
				a = a * 65535 / (1<<l.bits - 1)
			}
		}
		if l.premultiplied && a != 65535 {
			c = unpremultiply(c, a)
		}
		d[0], d[1], d[2], d[3] = byte(c.r>>8), byte(c.g>>8), byte(c.b>>8), byte(a>>8)
	}
	return nil
}

func unpremultiply(c rgb16, a uint32) rgb16 {
	if a == 0 {
		return rgb16{}
	}
	div := func(v uint16) uint16 { return uint16(min(uint32(v)*65535/a, 65535)) }
	return rgb16{div(c.r), div(c.g), div(c.b)}
}

// pixel returns the conversion of one pixel's samples. It gives false for an
// index without a colour.
func (l *layout) pixel() func(p []uint16) (rgb16, bool) {
	switch l.photometric {
	case whiteIsZero:
		return func(p []uint16) (rgb16, bool) {
			v := 65535 - p[0]
			return rgb16{v, v, v}, true
		}
	case blackIsZero:
		return func(p []uint16) (rgb16, bool) { return rgb16{p[0], p[0], p[0]}, true }
	case paletted:
		return func(p []uint16) (rgb16, bool) {
			if int(p[0]) >= len(l.palette) {
				return rgb16{}, false
			}
			return l.palette[p[0]], true
		}
	case cmyk:
		return func(p []uint16) (rgb16, bool) {
			k := 255 - uint32(p[3]>>8)
			ink := func(v uint16) uint16 { return uint16(((255-uint32(v>>8))*k + 127) / 255 * 257) }
			return rgb16{ink(p[0]), ink(p[1]), ink(p[2])}, true
		}
	case yCbCr:
		return func(p []uint16) (rgb16, bool) {
			return l.ycc.rgb(byte(p[0]>>8), byte(p[1]>>8), byte(p[2]>>8)), true
		}
	case cieLab, iccLab:
		return l.labPixel()
	}
	return func(p []uint16) (rgb16, bool) { return rgb16{p[0], p[1], p[2]}, true }
}
