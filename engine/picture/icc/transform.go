package icc

import (
	"math"
	"sync"
)

// Transform converts pixels to sRGB. It may be used by several goroutines.
type Transform struct {
	linear [3][256]int32 // linear light of each channel's values, 0 to full
	m      [3][3]int64   // to linear sRGB, 1 << matrixShift is 1
	grey   bool
	encode *[full + 1]byte
}

// Grey tells that the profile is for grey pictures, whose pixels have three
// equal channels here.
func (t *Transform) Grey() bool { return t.grey }

// Convert converts in place pixels of step bytes each, of which the first three
// are red, green and blue: step is 3, or 4 where opacity follows.
func (t *Transform) Convert(pix []byte, step int) {
	for ; len(pix) >= step; pix = pix[step:] {
		pix[0], pix[1], pix[2] = t.pixel(pix[0], pix[1], pix[2])
	}
}

func (t *Transform) pixel(r, g, b byte) (byte, byte, byte) {
	x, y, z := int64(t.linear[0][r]), int64(t.linear[1][g]), int64(t.linear[2][b])
	return t.row(0, x, y, z), t.row(1, x, y, z), t.row(2, x, y, z)
}

func (t *Transform) row(c int, x, y, z int64) byte {
	m := &t.m[c]
	v := (m[0]*x + m[1]*y + m[2]*z + 1<<(matrixShift-1)) >> matrixShift
	return t.encode[min(max(v, 0), full)]
}

const matrixShift = 24

// setMatrix rounds the matrix to integers. Its elements may be as large as a
// hostile profile's fixed-point numbers make them and are held to 2^19: with linear light
// the products are below 2^61.
func (t *Transform) setMatrix(m matrix) {
	const most = 1 << 19
	for r := range m {
		for c := range m[r] {
			v := min(max(m[r][c], -most), most)
			t.m[r][c] = int64(math.Floor(float64(v*(1<<matrixShift)) + 0.5))
		}
	}
	t.encode = encoding()
}

// isIdentity tells whether no value of a channel alone, no grey and no colour
// of a lattice changes by more than 1.
func (t *Transform) isIdentity() bool {
	same := func(r, g, b int) bool {
		x, y, z := t.pixel(byte(r), byte(g), byte(b))
		near := func(v byte, want int) bool { return int(v)-want <= 1 && want-int(v) <= 1 }
		return near(x, r) && near(y, g) && near(z, b)
	}
	for v := range 256 {
		if !same(v, v, v) || !t.grey && !(same(v, 0, 0) && same(0, v, 0) && same(0, 0, v)) {
			return false
		}
	}
	for r := 0; r < 256 && !t.grey; r += 17 {
		for g := 0; g < 256; g += 17 {
			for b := 0; b < 256; b += 17 {
				if !same(r, g, b) {
					return false
				}
			}
		}
	}
	return true
}

// encoding is the table from linear light to the values of sRGB, rounded to
// the nearest value.
var encoding = sync.OnceValue(func() *[full + 1]byte {
	var t [full + 1]byte
	i := 0
	for v := range 256 {
		// The value v ends where v + 1/2 begins.
		end := full + 1
		if v < 255 {
			end = int(math.Ceil(float64(sRGB.at((float64(v)+0.5)/255) * full)))
		}
		for ; i < end; i++ {
			t[i] = byte(v)
		}
	}
	return &t
})

// matrix leads from linear channels to XYZ or back.
type matrix [3][3]float64

func (m matrix) times(n matrix) (p matrix) {
	for r := range p {
		for c := range p[r] {
			p[r][c] = float64(m[r][0]*n[0][c]) + float64(m[r][1]*n[1][c]) + float64(m[r][2]*n[2][c])
		}
	}
	return p
}

func (m matrix) apply(v [3]float64) (p [3]float64) {
	for r := range p {
		p[r] = float64(m[r][0]*v[0]) + float64(m[r][1]*v[1]) + float64(m[r][2]*v[2])
	}
	return p
}

// inverse divides the adjugate by the determinant, which must not be 0.
func (m matrix) inverse() (p matrix) {
	minor := func(r, c int) float64 {
		r1, r2, c1, c2 := (r+1)%3, (r+2)%3, (c+1)%3, (c+2)%3
		return float64(m[r1][c1]*m[r2][c2]) - float64(m[r1][c2]*m[r2][c1])
	}
	det := m.determinant()
	for r := range p {
		for c := range p[r] {
			p[r][c] = minor(c, r) / det
		}
	}
	return p
}

func (m matrix) determinant() float64 {
	minor := func(c1, c2 int) float64 { return float64(m[1][c1]*m[2][c2]) - float64(m[1][c2]*m[2][c1]) }
	return float64(m[0][0]*minor(1, 2)) + float64(m[0][1]*minor(2, 0)) + float64(m[0][2]*minor(0, 1))
}

// fromD50 leads from XYZ of the profile connection space to linear sRGB. The
// columns of its inverse are the colorants of the published sRGB profile, which
// are those of IEC 61966-2-1 adapted to the illuminant D50.
var fromD50 = matrix{
	{0x6fa2 / 65536.0, 0x6299 / 65536.0, 0x24a0 / 65536.0},
	{0x38f5 / 65536.0, 0xb785 / 65536.0, 0x0f84 / 65536.0},
	{0x0390 / 65536.0, 0x18da / 65536.0, 0xb6cf / 65536.0},
}.inverse()
