// Package icc converts the colours of a picture that brings an ICC profile to
// sRGB (IEC 61966-2-1). It applies profiles that say a curve for each channel
// and a matrix (ICC.1:2022 section 8.3, version 2 and 4), which are those of
// cameras, phones and displays, and grey profiles with a curve. Others, which
// are lookup tables, are told by name and not applied.
//
// The conversion is relative colorimetric: white stays white, and colours
// outside sRGB are clipped channel by channel. The results are the same to the
// bit on every platform. It is meant for pictures that are already of the
// network's size.
package icc

import (
	"encoding/binary"
	"fmt"
)

// Unapplied says why a profile is not applied. Its text is a clause about the
// picture, for a list of problems.
type Unapplied struct {
	Name string // the profile's own, or ""
	Why  string // "is a lookup table"
}

func (e *Unapplied) Error() string {
	if e.Name == "" {
		return fmt.Sprintf("its colour profile %s, which is not applied", e.Why)
	}
	return fmt.Sprintf("its colour profile %q %s, which is not applied", e.Name, e.Why)
}

const (
	headerSize = 128
	tagSize    = 12
)

type profile struct {
	data []byte // no longer than the header says
	tags []byte // the table of tags, 12 bytes each
}

// Parse reads a profile. It returns nil for one that is sRGB within 1/255, so
// that pixels stay as they are to the bit. An error is of type *Unapplied.
func Parse(data []byte) (*Transform, error) {
	p, ok := open(data)
	if !ok {
		return nil, &Unapplied{Why: "is damaged"}
	}
	t, why := p.transform()
	if why != "" {
		return nil, &Unapplied{Name: p.name(), Why: why}
	}
	if t.isIdentity() {
		return nil, nil
	}
	return t, nil
}

// IsLab reports whether a profile is for colours that are stored as CIELAB.
func IsLab(data []byte) bool {
	p, ok := open(data)
	return ok && string(p.data[16:20]) == "Lab "
}

// open checks the header (section 7.2) and finds the tags (section 7.3).
func open(data []byte) (p profile, ok bool) {
	if len(data) < headerSize+4 || string(data[36:40]) != "acsp" {
		return p, false
	}
	if size := be.Uint32(data); uint64(size) < uint64(len(data)) {
		if size < headerSize+4 {
			return p, false
		}
		data = data[:size]
	}
	n := be.Uint32(data[headerSize:])
	rest := data[headerSize+4:]
	if uint64(n)*tagSize > uint64(len(rest)) {
		return p, false
	}
	return profile{data, rest[:n*tagSize]}, true
}

// tag returns the data of a tag, nil if it is missing or outside the profile.
func (p profile) tag(signature string) []byte {
	for t := p.tags; len(t) >= tagSize; t = t[tagSize:] {
		if string(t[:4]) != signature {
			continue
		}
		at, size := uint64(be.Uint32(t[4:])), uint64(be.Uint32(t[8:]))
		if at > uint64(len(p.data)) || size > uint64(len(p.data))-at || size < 8 {
			return nil
		}
		return p.data[at : at+size]
	}
	return nil
}

// transform builds the conversion; why says why there is none.
func (p profile) transform() (t *Transform, why string) {
	table := p.tag("A2B0") != nil || p.tag("A2B1") != nil || p.tag("A2B2") != nil
	switch space := string(p.data[16:20]); space {
	case "RGB ":
		t, why = p.matrix()
	case "GRAY":
		t, why = p.grey()
	case "CMYK":
		return nil, "is for the inks of a printer"
	case "Lab ":
		return nil, "is for CIELAB"
	default:
		return nil, "is for neither RGB nor grey"
	}
	if why != "" && table {
		why = "is a lookup table"
	}
	return t, why
}

// matrix reads a three-component matrix-based profile (section 8.3.3).
func (p profile) matrix() (*Transform, string) {
	const missing, damaged = "lacks a matrix and curves", "is damaged"
	if string(p.data[20:24]) != "XYZ " {
		return nil, missing
	}
	var m matrix
	t := &Transform{}
	for c, name := range []string{"r", "g", "b"} {
		xyz, trc := p.tag(name+"XYZ"), p.tag(name+"TRC")
		if xyz == nil || trc == nil {
			return nil, missing
		}
		if string(xyz[:4]) != "XYZ " || len(xyz) < 20 {
			return nil, damaged
		}
		for row := range 3 {
			m[row][c] = fixed(xyz[8+4*row:])
		}
		curve, ok := parseCurve(trc)
		if !ok {
			return nil, damaged
		}
		t.linear[c] = curve.table()
	}
	t.setMatrix(fromD50.times(m))
	return t, ""
}

// grey reads a monochrome profile (section 8.3.4, 8.4.4 and 8.5.3). Its curve
// leads to luminance, or to lightness if the connection space is CIELAB.
func (p profile) grey() (*Transform, string) {
	trc := p.tag("kTRC")
	if trc == nil {
		return nil, "lacks a curve"
	}
	c, ok := parseCurve(trc)
	if !ok {
		return nil, "is damaged"
	}
	if string(p.data[20:24]) == "Lab " {
		c = lightness{c}
	}
	t := &Transform{grey: true}
	table := c.table()
	t.linear = [3][256]int32{table, table, table}
	t.setMatrix(matrix{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}})
	return t, ""
}

var be = binary.BigEndian

// fixed reads an s15Fixed16Number.
func fixed(b []byte) float64 { return float64(int32(be.Uint32(b))) / 65536 }
