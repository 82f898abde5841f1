package icc

// curve leads from a channel's value, 0 to 1, to linear light, 0 to 1.
type curve interface {
	table() [256]int32
}

// full is linear light 1 in tables.
const full = 65535

// parseCurve reads curveType or parametricCurveType (sections 10.6, 10.18).
func parseCurve(b []byte) (curve, bool) {
	if len(b) < 12 {
		return nil, false
	}
	switch string(b[:4]) {
	case "curv":
		return parseSampled(b)
	case "para":
		return parseParametric(b)
	}
	return nil, false
}

func parseSampled(b []byte) (curve, bool) {
	n := uint64(be.Uint32(b[8:]))
	b = b[12:]
	if n*2 > uint64(len(b)) {
		return nil, false
	}
	switch n {
	case 0:
		return parametric{g: 1, a: 1, d: -1}, true
	case 1: // a gamma, u8Fixed8Number
		return parametric{g: float64(be.Uint16(b)) / 256, a: 1, d: -1}, true
	}
	return sampled(b[:2*n]), true
}

// sampled is a table of big-endian uint16 at equal distances, at least two.
type sampled []byte

func (s sampled) at(i int) int64 { return int64(be.Uint16(s[2*i:])) }

// table interpolates between the two nearest samples, rounded to nearest.
func (s sampled) table() (t [256]int32) {
	n := len(s)/2 - 1
	for i := range t {
		p := int64(i) * int64(n)
		at, part := int(p/255), p%255
		v := s.at(at) * 255
		if part > 0 {
			v += (s.at(at+1) - s.at(at)) * part
		}
		t[i] = int32((v + 127) / 255)
	}
	return t
}

// parametric is (a*x + b)^g + e for x >= d, c*x + f below.
type parametric struct{ g, a, b, c, d, e, f float64 }

// parametricSizes are the numbers of parameters of the functions 0 to 4.
var parametricSizes = []int{1, 3, 4, 5, 7}

func parseParametric(b []byte) (curve, bool) {
	kind := int(be.Uint16(b[8:]))
	if kind >= len(parametricSizes) || len(b) < 12+4*parametricSizes[kind] {
		return nil, false
	}
	var v [7]float64
	for i := range parametricSizes[kind] {
		v[i] = fixed(b[12+4*i:])
	}
	p := parametric{g: v[0], a: 1, d: -1}
	switch kind {
	case 1, 2:
		if v[1] == 0 {
			return nil, false
		}
		p.a, p.b, p.d = v[1], v[2], -v[2]/v[1]
		p.e, p.f = v[3], v[3]
	case 3, 4:
		p.a, p.b, p.c, p.d, p.e, p.f = v[1], v[2], v[3], v[4], v[5], v[6]
	}
	return p, p.g >= 0
}

func (p parametric) at(x float64) float64 {
	if x < p.d {
		return float64(p.c*x) + p.f
	}
	return pow(float64(p.a*x)+p.b, p.g) + p.e
}

func (p parametric) table() (t [256]int32) {
	for i := range t {
		t[i] = toTable(p.at(float64(i) / 255))
	}
	return t
}

func toTable(v float64) int32 {
	return int32(float64(min(max(v, 0), 1)*full) + 0.5)
}

// lightness turns a curve that leads to CIE lightness into one that leads to
// luminance (CIE 15 section 8.2.1).
type lightness struct{ curve }

func (l lightness) table() (t [256]int32) {
	for i, v := range l.curve.table() {
		lightness := float64(v) / full * 100
		y := lightness / (24389.0 / 27)
		if lightness > 8 {
			f := (lightness + 16) / 116
			y = float64(float64(f*f) * f)
		}
		t[i] = toTable(y)
	}
	return t
}

// sRGB is the curve of IEC 61966-2-1.
var sRGB = parametric{g: 2.4, a: 1 / 1.055, b: 0.055 / 1.055, c: 1 / 12.92, d: 0.04045}
