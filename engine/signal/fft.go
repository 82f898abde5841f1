package signal

import (
	"math"
	"math/bits"

	"likeness/engine/internal/portable"
)

const pi = math.Pi

// dft is the discrete Fourier transform of n values. gonum's is not used: where
// Go fuses products and additions, as on arm64, its last bits are others, and so is
// a grey whose value lies on the edge of two. The tests compare with it.
type dft struct {
	n        int
	size     int       // of the transforms by Cooley and Tukey, a power of 2
	sin, cos []float64 // of 0..size/2-1 turns of size
	// Where n is no power of 2 (Bluestein 1970): the chirp of n, and the
	// transform of its inverse.
	chirpRe, chirpIm []float64
	backRe, backIm   []float64
	re, im           []float64
}

func newDFT(n int) *dft {
	d := &dft{n: n, size: n}
	if n&(n-1) != 0 {
		d.size = 1 << bits.Len(uint(2*n-1))
	}
	d.sin, d.cos = make([]float64, d.size/2), make([]float64, d.size/2)
	for i := range d.sin {
		d.sin[i], d.cos[i] = portable.Turn(int64(i), int64(d.size))
	}
	d.re, d.im = make([]float64, d.size), make([]float64, d.size)
	if d.size == n {
		return d
	}
	d.chirpRe, d.chirpIm = make([]float64, n), make([]float64, n)
	d.backRe, d.backIm = make([]float64, d.size), make([]float64, d.size)
	for i := range n {
		sin, cos := portable.Turn(int64(i)*int64(i), int64(2*n))
		d.chirpRe[i], d.chirpIm[i] = cos, -sin
		d.backRe[i], d.backIm[i] = cos, sin
		if i > 0 {
			d.backRe[d.size-i], d.backIm[d.size-i] = cos, sin
		}
	}
	d.transform(d.backRe, d.backIm)
	return d
}

// real transforms n real numbers; the results, until the next call, are those of
// the frequencies 0..n-1.
func (d *dft) real(x []float64) (re, im []float64) {
	re, im = d.re, d.im
	clear(re)
	clear(im)
	if d.size == d.n {
		copy(re, x)
		d.transform(re, im)
		return re, im
	}
	for i, v := range x {
		re[i], im[i] = v*d.chirpRe[i], v*d.chirpIm[i]
	}
	d.transform(re, im)
	for i := range re {
		// The transform back is that of the conjugate, conjugated.
		a, b := product(re[i], im[i], d.backRe[i], d.backIm[i])
		re[i], im[i] = a, -b
	}
	d.transform(re, im)
	for i := range d.n {
		re[i], im[i] = product(re[i]/float64(d.size), -im[i]/float64(d.size), d.chirpRe[i], d.chirpIm[i])
	}
	return re[:d.n], im[:d.n]
}

// product multiplies two complex numbers.
func product(a, b, c, d float64) (re, im float64) {
	return float64(a*c) - float64(b*d), float64(a*d) + float64(b*c)
}

// transform does size values in place (Cooley and Tukey 1965, radix 2).
func (d *dft) transform(re, im []float64) {
	shift := 64 - bits.Len(uint(d.size-1))
	for i := range re {
		if j := int(bits.Reverse64(uint64(i)) >> shift); d.size > 1 && j > i {
			re[i], re[j], im[i], im[j] = re[j], re[i], im[j], im[i]
		}
	}
	for half := 1; half < d.size; half *= 2 {
		step := d.size / 2 / half
		for from := 0; from < d.size; from += 2 * half {
			for k := range half {
				i, j := from+k, from+k+half
				a, b := product(re[j], im[j], d.cos[k*step], -d.sin[k*step])
				re[j], im[j] = re[i]-a, im[i]-b
				re[i], im[i] = re[i]+a, im[i]+b
			}
		}
	}
}
