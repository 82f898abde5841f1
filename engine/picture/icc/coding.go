package icc

import "fmt"

// FromCoding makes the conversion of a colour space that is named by the code
// points of ITU-T H.273, as the cICP chunk of PNG and the nclx box of HEIC and
// AVIF do. It returns nil for sRGB and for code points that leave it open. An
// error is of type *Unapplied.
//
// The transfer functions of television (1, 6, 14, 15) are taken for that of
// sRGB, since such pictures are made and looked at on the same displays.
func FromCoding(primaries, transfer int) (*Transform, error) {
	var c parametric
	switch transfer {
	case 0, 1, 2, 6, 13, 14, 15:
		c = sRGB
	case 4:
		c = parametric{g: 2.2, a: 1, d: -1}
	case 5:
		c = parametric{g: 2.8, a: 1, d: -1}
	case 8:
		c = parametric{g: 1, a: 1, d: -1}
	case 16, 18:
		return nil, &Unapplied{Name: map[int]string{16: "PQ", 18: "HLG"}[transfer], Why: "is for high dynamic range"}
	default:
		return nil, &Unapplied{Name: fmt.Sprintf("H.273 transfer %d", transfer), Why: "is not known"}
	}
	m, ok := named(primaries)
	if !ok {
		return nil, &Unapplied{Name: fmt.Sprintf("H.273 primaries %d", primaries), Why: "is not known"}
	}
	t := &Transform{}
	for i := range t.linear {
		t.linear[i] = c.table()
	}
	home, _ := named(1)
	t.setMatrix(home.inverse().times(m))
	if t.isIdentity() {
		return nil, nil
	}
	return t, nil
}

// chromaticity is that of red, green, blue: x and y each.
type chromaticity [3][2]float64

// named returns the colorants of H.273 table 2 that have the white of sRGB,
// D65.
func named(primaries int) (m matrix, ok bool) {
	var c chromaticity
	switch primaries {
	case 0, 1, 2:
		c = primariesOfSRGB
	case 5:
		c = chromaticity{{.64, .33}, {.29, .60}, {.15, .06}}
	case 6, 7:
		c = chromaticity{{.63, .34}, {.31, .595}, {.155, .07}}
	case 9:
		c = chromaticity{{.708, .292}, {.170, .797}, {.131, .046}}
	case 12:
		c = chromaticity{{.680, .320}, {.265, .690}, {.150, .060}}
	default:
		return m, false
	}
	return colorants(c, d65), true
}

var primariesOfSRGB = chromaticity{{.64, .33}, {.30, .60}, {.15, .06}}

// d65 is the chromaticity of sRGB's white.
var d65 = [2]float64{.3127, .3290}

// colorants leads from linear channels to XYZ, with channels of 1 to white.
func colorants(c chromaticity, white [2]float64) (m matrix) {
	for i, xy := range c {
		v := toXYZ(xy)
		m[0][i], m[1][i], m[2][i] = v[0], v[1], v[2]
	}
	scale := m.inverse().apply(toXYZ(white))
	for r := range m {
		for i := range m[r] {
			m[r][i] = float64(m[r][i] * scale[i])
		}
	}
	return m
}

// toXYZ returns the colour of a chromaticity whose luminance is 1.
func toXYZ(xy [2]float64) [3]float64 {
	return [3]float64{xy[0] / xy[1], 1, (1 - xy[0] - xy[1]) / xy[1]}
}
