package tiff

import (
	"sort"
	"sync"
)

// labPixel converts CIE L*a*b* of illuminant D50 to sRGB, adapted by Bradford's
// method. In CIELab a* and b* are signed, in ICCLab they have an offset; the
// latter's L* of 16 bits is 100 at FF00 (TIFF 6.0 section 23, TIFF technical
// note 4).
func (l *layout) labPixel() func(p []uint16) (rgb16, bool) {
	scale := 100.0 / 65535
	if l.photometric == iccLab && l.bits == 16 {
		scale = 100.0 / 65280
	}
	// Samples of 8 bits come as 257 times their value.
	chroma := func(v uint16) float64 {
		switch {
		case l.photometric == iccLab && l.bits == 8:
			return float64(int(v>>8) - 128)
		case l.photometric == iccLab:
			return float64(int(v)-32768) / 256
		case l.bits == 8:
			return float64(int8(v >> 8))
		}
		return float64(int16(v)) / 256
	}
	return func(p []uint16) (rgb16, bool) {
		light := float64(float64(p[0]) * scale)
		if l.colours == 1 {
			return labToRGB(light, 0, 0), true
		}
		return labToRGB(light, chroma(p[1]), chroma(p[2])), true
	}
}

// D50 of the profile connection space, and XYZ of D50 to linear sRGB.
var (
	whiteD50  = [3]float64{.9642, 1, .8249}
	xyzToSRGB = [3][3]float64{
		{3.1338561, -1.6168667, -.4906146},
		{-.9787684, 1.9161415, .0334540},
		{.0719453, -.2289914, 1.4052427},
	}
)

// labToRGB rounds each product, so that the result is the same where the
// processor fuses it with a sum.
func labToRGB(light, a, b float64) rgb16 {
	fy := (light + 16) / 116
	f := [3]float64{fy + a/500, fy, fy - b/200}
	var xyz [3]float64
	for i, t := range f {
		const bend = 6.0 / 29
		if t > bend {
			xyz[i] = float64(float64(t*t) * t)
		} else {
			xyz[i] = float64(3 * bend * bend * (t - 4.0/29))
		}
		xyz[i] = float64(xyz[i] * whiteD50[i])
	}
	var out [3]uint16
	for i, m := range xyzToSRGB {
		v := float64(m[0]*xyz[0]) + float64(m[1]*xyz[1])
		out[i] = encodeSRGB(v+float64(m[2]*xyz[2])) * 257
	}
	return rgb16{out[0], out[1], out[2]}
}

// srgbSteps holds the light at which the value of sRGB, of 8 bits, rounds to
// the next one.
var srgbSteps = sync.OnceValue(func() []float64 {
	steps := make([]float64, 255)
	for i := range steps {
		v := (float64(i) + .5) / 255
		if v <= .04045 {
			steps[i] = v / 12.92
			continue
		}
		// x^2.4 is x^2 times the fifth root of x^2.
		x := (v + .055) / 1.055
		square := float64(x * x)
		steps[i] = float64(square * fifthRoot(square))
	}
	return steps
})

// fifthRoot is by Newton's method, for v from 0 to 1.
func fifthRoot(v float64) float64 {
	r := 1.0
	for range 64 {
		r2 := float64(r * r)
		r = float64(.2 * (float64(4*r) + v/float64(r2*r2)))
	}
	return r
}

func encodeSRGB(light float64) uint16 {
	steps := srgbSteps()
	return uint16(sort.Search(len(steps), func(i int) bool { return light < steps[i] }))
}
