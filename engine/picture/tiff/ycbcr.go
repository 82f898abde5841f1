package tiff

import (
	"math"

	"likeness/engine/picture/raster"
)

// yccTables convert YCbCr of 8 bits to RGB; the sums are in units of 2^-16.
type yccTables struct {
	y, crR, crG, cbG, cbB [256]int32
}

// yCbCrTags reads the tags of section 21 of TIFF 6.0.
func (l *layout) yCbCrTags(d directory) error {
	if l.bits != 8 || l.float {
		return raster.Unsupported(format, "YCbCr colours of "+itoa(l.bits)+" bits per sample")
	}
	if e, ok := d[tagYCbCrSubSampling]; !ok {
		l.subH, l.subV = 2, 2
	} else {
		h, ok1 := e.uint(0)
		v, ok2 := e.uint(1)
		legal := func(v uint64) bool { return v == 1 || v == 2 || v == 4 }
		if !ok1 || !ok2 || !legal(h) || !legal(v) {
			return raster.Damaged(format, "the subsampling of colours is unknown")
		}
		l.subH, l.subV = int(h), int(v)
	}
	if l.subH*l.subV > 1 && l.planar {
		return raster.Unsupported(format, "subsampled colours in separate planes")
	}
	if l.compression == compJPEG {
		// The JPEG stream has its own sampling and range.
		l.subH, l.subV = 1, 1
	}
	if l.subH*l.subV > 1 && l.samples != 3 {
		return raster.Unsupported(format, "subsampled colours with extra samples")
	}
	coef := [3]float64{.299, .587, .114}
	ref := [6]float64{0, 255, 128, 255, 128, 255}
	if err := floats(d, tagYCbCrCoefficients, coef[:]); err != nil {
		return err
	}
	if l.compression != compJPEG {
		if err := floats(d, tagReferenceBW, ref[:]); err != nil {
			return err
		}
	}
	return l.yCbCrTables(coef, ref)
}

// floats reads as many values of a tag as there is room for, if it is there.
func floats(d directory, tag uint16, to []float64) error {
	e, ok := d[tag]
	for i := 0; ok && i < len(to); i++ {
		v, valid := e.float(i)
		if !valid {
			return d.bad(tag)
		}
		to[i] = v
	}
	return nil
}

// yCbCrTables makes the tables from the luma coefficients of red, green and
// blue and from the codes of black and white of the three samples.
func (l *layout) yCbCrTables(coef [3]float64, ref [6]float64) error {
	bad := raster.Damaged(format, "the YCbCr coefficients or their range make no sense")
	for _, c := range coef {
		if !(c > 0 && c < 1) {
			return bad
		}
	}
	for i := 0; i < 6; i += 2 {
		if d := ref[i+1] - ref[i]; !(math.Abs(d) >= 1 && math.Abs(d) < 1<<16) || math.Abs(ref[i]) > 1<<16 {
			return bad
		}
	}
	red, green, blue := coef[0], coef[1], coef[2]
	toR, toB := 2-float64(2*red), 2-float64(2*blue)
	toGr, toGb := float64(red*toR)/green, float64(blue*toB)/green
	// Sums of three terms stay within int32.
	fixed := func(v float64) int32 {
		return int32(math.RoundToEven(float64(min(max(v, -4096), 4096) * 65536)))
	}
	t := new(yccTables)
	for i := range 256 {
		v := float64(i)
		t.y[i] = fixed(float64((v-ref[0])*255)/(ref[1]-ref[0])) + 1<<15
		cb := float64((v-ref[2])*127) / (ref[3] - ref[2])
		cr := float64((v-ref[4])*127) / (ref[5] - ref[4])
		t.crR[i], t.cbB[i] = fixed(float64(cr*toR)), fixed(float64(cb*toB))
		t.crG[i], t.cbG[i] = fixed(float64(cr*toGr)), fixed(float64(cb*toGb))
	}
	l.ycc = t
	return nil
}

func (t *yccTables) rgb(y, cb, cr byte) rgb16 {
	v := t.y[y]
	clip := func(v int32) uint16 { return uint16(min(max(v>>16, 0), 255)) * 257 }
	return rgb16{clip(v + t.crR[cr]), clip(v - t.crG[cr] - t.cbG[cb]), clip(v + t.cbB[cb])}
}
