package samples

// Reduced are the multipliers of a reduced transform: the quantisation table
// times what the mean over 2 x 2 or 4 x 4 samples makes of each basis
// function, times 1<<reducedBits. Coefficients beyond the upper left corner,
// which such means hold only as aliases, are left out.
type Reduced = [16]int32

const reducedBits = 12

// The mean over two neighbours turns the cosine of frequency u into cos(u pi/16)
// times a cosine of the transform of 4 points; the mean over four turns that of
// frequency 1 into (cos(pi/16) + cos(3 pi/16) + cos(5 pi/16) + cos(7 pi/16)) / 4.
// Each number below is that, times the transform's own factor (1/sqrt(8) for
// u = 0, else 1/2), times cos(pi/8), cos(pi/4), cos(pi/8) for u = 1, 2, 3 of
// four, which saves these products later; all times 1<<14.
var (
	means4 = [4]int64{5793, 7423, 5352, 6293}
	means2 = [2]int64{5793, 5249}
)

// NewReduced4 makes the multipliers of IDCT4.
func NewReduced4(q *Quant) *Reduced { return newReduced(q, means4[:]) }

// NewReduced2 makes the multipliers of IDCT2: the first 4 are used.
func NewReduced2(q *Quant) *Reduced { return newReduced(q, means2[:]) }

func newReduced(q *Quant, means []int64) *Reduced {
	r := new(Reduced)
	n := len(means)
	for y, a := range means {
		for x, b := range means {
			const shift = 14 + 14 - reducedBits
			r[n*y+x] = int32((int64(q[8*y+x])*a*b + 1<<(shift-1)) >> shift)
		}
	}
	return r
}

// Between the passes of IDCT4 values have fractionBits below the point; its
// factors are times 1<<factorBits.
const (
	fractionBits = 4
	factorBits   = 12
	dropBits     = reducedBits - fractionBits
	factorOne    = 1 << factorBits
	factorTan    = 1697 // the tangent of pi/8
	halfColumn   = 1 << (factorBits - 1)
	biasRow      = 128<<(factorBits+fractionBits) + 1<<(factorBits+fractionBits-1)
)

// IDCT4 turns the 4 x 4 coefficients at the beginning of b, in rows of 4, into
// 4 x 4 samples, each the mean of 2 x 2 samples of the block but for aliases.
// Products with the multipliers wrap in 32 bits, they and what is between the
// passes are clamped to 16 bits, and the rest cannot overflow.
func IDCT4(dst []byte, stride int, b *[16]int16, m *Reduced) {
	if stride < 4 || len(dst) < 3*stride+4 {
		panic("samples: IDCT4: destination too short")
	}
	idct4(dst, stride, b, m)
}

func idct4Portable(dst []byte, stride int, b *[16]int16, m *Reduced) {
	var g [16]int32
	for i, v := range b {
		g[i] = int32(clamp16((int32(v)*m[i] + 1<<(dropBits-1)) >> dropBits))
	}
	for x := range 4 {
		v := line4(g[x], g[4+x], g[8+x], g[12+x], halfColumn)
		for i, w := range v {
			g[4*i+x] = int32(clamp16(w >> factorBits))
		}
	}
	for y := range 4 {
		v := line4(g[4*y], g[4*y+1], g[4*y+2], g[4*y+3], biasRow)
		d := (*[4]byte)(dst[y*stride:])
		for i, w := range v {
			d[i] = clamp(w >> (factorBits + fractionBits))
		}
	}
}

// line4 is the transform of one row or column with half added to each value.
func line4(g0, g1, g2, g3, half int32) [4]int32 {
	e0, e1 := (g0+g2)*factorOne+half, (g0-g2)*factorOne+half
	o0, o1 := g1*factorOne+g3*factorTan, g1*factorTan-g3*factorOne
	return [4]int32{e0 + o0, e1 + o1, e1 - o1, e0 - o0}
}

// IDCT2 turns the 2 x 2 coefficients at the beginning of b, in rows of 2, into
// 2 x 2 samples, each the mean of 4 x 4 samples of the block but for aliases.
func IDCT2(dst []byte, stride int, b *[4]int16, m *Reduced) {
	if stride < 2 || len(dst) < stride+2 {
		panic("samples: IDCT2: destination too short")
	}
	const bias = 128<<reducedBits + 1<<(reducedBits-1)
	g0, g1 := int32(b[0])*m[0]+bias, int32(b[1])*m[1]
	g2, g3 := int32(b[2])*m[2], int32(b[3])*m[3]
	a, c := g0+g2, g0-g2
	e, f := g1+g3, g1-g3
	dst[0], dst[1] = clamp((a+e)>>reducedBits), clamp((a-e)>>reducedBits)
	dst[stride], dst[stride+1] = clamp((c+f)>>reducedBits), clamp((c-f)>>reducedBits)
}
