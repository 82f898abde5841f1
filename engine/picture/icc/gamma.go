package icc

// FromGamma makes the conversion that the chunks gAMA and cHRM of PNG ask for
// (PNG, third edition, sections 11.3.2.1 and 11.3.2.2). gamma is 100000 times
// the exponent that leads from light to values. chroma is 100000 times the x
// and y of white, red, green and blue, or nil for those of sRGB; nonsense is
// taken for nil. It returns nil for sRGB, whose exponent is taken for its curve.
func FromGamma(gamma uint32, chroma *[8]uint32) *Transform {
	if gamma == 0 || gamma > 1<<31-1 {
		return nil
	}
	c := parametric{g: 100000 / float64(gamma), a: 1, d: -1}
	// Values from 1/2.1 to 1/2.3 are roundings of 1/2.2.
	const usual, near = 45455, 2273
	if gamma > usual-near && gamma < usual+near {
		c = sRGB
	}
	home := colorants(primariesOfSRGB, d65)
	m, ok := fromChroma(chroma)
	if !ok {
		m = home
	}
	t := &Transform{}
	t.linear[0] = c.table()
	t.linear[1], t.linear[2] = t.linear[0], t.linear[0]
	t.setMatrix(home.inverse().times(m))
	if t.isIdentity() {
		return nil
	}
	return t
}

// fromChroma returns colorants that are adapted to the white of sRGB.
func fromChroma(chroma *[8]uint32) (m matrix, ok bool) {
	if chroma == nil {
		return m, false
	}
	var points [4][2]float64
	for i := range points {
		x, y := chroma[2*i], chroma[2*i+1]
		if y < 100 || y > 100000 || x > 100000-y {
			return m, false
		}
		points[i] = [2]float64{float64(x) / 100000, float64(y) / 100000}
	}
	c := chromaticity(points[1:])
	if d := (matrix{toXYZ(c[0]), toXYZ(c[1]), toXYZ(c[2])}).determinant(); d < 1e-3 && d > -1e-3 {
		return m, false // on one line
	}
	return adapt(colorants(c, points[0]), points[0])
}

// bradford leads from XYZ to the responses in which whites are adapted
// (ICC.1:2022, annex E).
var bradford = matrix{{.8951, .2664, -.1614}, {-.7502, 1.7135, .0367}, {.0389, -.0685, 1.0296}}

// adapt turns colorants of a white into those of D65.
func adapt(m matrix, white [2]float64) (matrix, bool) {
	if white == d65 {
		return m, true
	}
	from, to := bradford.apply(toXYZ(white)), bradford.apply(toXYZ(d65))
	var scale matrix
	for i := range scale {
		if from[i] < 1e-3 {
			return m, false
		}
		scale[i][i] = to[i] / from[i]
	}
	return bradford.inverse().times(scale).times(bradford).times(m), true
}
