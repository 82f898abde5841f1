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

// tan is the tangent of pi/8 times 1<<tanBits. Wider, it could overflow where
// a picture's own coefficients do not.
const (
	tan     = 53
	tanBits = 7
)

// IDCT4 turns the 4 x 4 coefficients at the beginning of b, in rows of 4, into
// 4 x 4 samples, each the mean of 2 x 2 samples of the block but for aliases.
// Sums and products wrap in 32 bits.
func IDCT4(dst []byte, stride int, b *[16]int16, m *Reduced) {
	if stride < 4 || len(dst) < 3*stride+4 {
		panic("samples: IDCT4: destination too short")
	}
	idct4(dst, stride, b, m)
}

func idct4Portable(dst []byte, stride int, b *[16]int16, m *Reduced) {
	var work [16]int32
	for x := range 4 {
		g0, g1 := int32(b[x])*m[x], int32(b[4+x])*m[4+x]
		g2, g3 := int32(b[8+x])*m[8+x], int32(b[12+x])*m[12+x]
		e0, e1 := g0+g2, g0-g2
		o0, o1 := g1+(g3*tan)>>tanBits, (g1*tan)>>tanBits-g3
		work[x], work[12+x] = e0+o0, e0-o0
		work[4+x], work[8+x] = e1+o1, e1-o1
	}
	for y := range 4 {
		w := (*[4]int32)(work[4*y:])
		d := (*[4]byte)(dst[y*stride:])
		const bias = 128<<reducedBits + 1<<(reducedBits-1)
		e0, e1 := w[0]+w[2]+bias, w[0]-w[2]+bias
		o0, o1 := w[1]+(w[3]*tan)>>tanBits, (w[1]*tan)>>tanBits-w[3]
		d[0], d[3] = clamp((e0+o0)>>reducedBits), clamp((e0-o0)>>reducedBits)
		d[1], d[2] = clamp((e1+o1)>>reducedBits), clamp((e1-o1)>>reducedBits)
	}
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
