//go:build wasm && !nosimd

package samples

// step is the number of samples the row bodies take at a time.
const step = 8

// factors are those of idct8Block, by vectors: pairs for the columns (those of
// coefficients 0 and 4, then 2 and 6 for the even sums 0 and 1; then of 1 and 3,
// 5 and 7 for the four odd sums), then for the rows, coefficients 2p and 2p+1,
// values 0 to 3 and 4 to 7.
var factors = func() (f [20][8]int16) {
	for i, p := range [12][3]int{
		{0, 4, 0}, {2, 6, 0}, {0, 4, 1}, {2, 6, 1},
		{1, 3, 0}, {5, 7, 0}, {1, 3, 1}, {5, 7, 1}, {1, 3, 2}, {5, 7, 2}, {1, 3, 3}, {5, 7, 3},
	} {
		for j := 0; j < 8; j += 2 {
			f[i][j], f[i][j+1] = basis[p[0]][p[2]], basis[p[1]][p[2]]
		}
	}
	for i := range 8 {
		for j := range 4 {
			value := i%2*4 + j
			f[12+i][2*j], f[12+i][2*j+1] = basis[i/2*2][value], basis[i/2*2+1][value]
		}
	}
	return f
}()

// idct8Block does a block; work is scratch.
//
//go:noescape
func idct8Block(dst *byte, stride int, b *Block, q *Quant, work *[64]int16, factors *[20][8]int16)

//go:noescape
func idct4Block(dst *byte, stride int, b *[16]int16, m *Reduced, work *[16]int16)

// h2Blocks upsamples blocks of 8 samples, more than none; src is one before
// the first.
//
//go:noescape
func h2Blocks(dst, src *byte, blocks int)

//go:noescape
func h2v2Blocks(dst, near, far *byte, blocks int)

//go:noescape
func v2Blocks(dst, near, far *byte, half, blocks int)

//go:noescape
func ycbcrBlocks(dst, y, cb, cr *byte, blocks int)

func idct8(dst []byte, stride int, b *Block, q *Quant) {
	var work [64]int16
	idct8Block(&dst[0], stride, b, q, &work, &factors)
}

func idct4(dst []byte, stride int, b *[16]int16, m *Reduced) {
	var work [16]int16
	idct4Block(&dst[0], stride, b, m, &work)
}

func upsampleH2(dst, src []byte) {
	blocks := (len(src) - 2) / step
	if blocks > 0 {
		h2Blocks(&dst[2], &src[0], blocks)
	}
	upsampleH2Middle(dst, src, 1+blocks*step, len(src)-1)
	upsampleH2Ends(dst, src)
}

func upsampleH2V2(dst, near, far []byte) {
	blocks := (len(near) - 2) / step
	if blocks > 0 {
		h2v2Blocks(&dst[2], &near[0], &far[0], blocks)
	}
	upsampleH2V2Middle(dst, near, far, 1+blocks*step, len(near)-1)
	upsampleH2V2Ends(dst, near, far)
}

func upsampleV2(dst, near, far []byte, half int) {
	blocks := len(near) / step
	if blocks > 0 {
		v2Blocks(&dst[0], &near[0], &far[0], half, blocks)
	}
	done := blocks * step
	upsampleV2Portable(dst[done:], near[done:], far[done:], half)
}

func ycbcr(dst, y, cb, cr []byte) {
	blocks := len(y) / step
	if blocks > 0 {
		ycbcrBlocks(&dst[0], &y[0], &cb[0], &cr[0], blocks)
	}
	done := blocks * step
	ycbcrPortable(dst[4*done:], y[done:], cb[done:], cr[done:])
}
