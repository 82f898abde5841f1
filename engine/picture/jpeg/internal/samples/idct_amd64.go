//go:build goexperiment.simd && amd64 && !nosimd

package samples

import (
	"encoding/binary"
	"simd/archsimd"
)

// rowFactors[p] has the factors of coefficients 2p and 2p+1 for the 8 values of
// a row.
var rowFactors = func() (f [4][16]int16) {
	for p := range f {
		for j := range 8 {
			f[p][2*j], f[p][2*j+1] = basis[2*p][j], basis[2*p+1][j]
		}
	}
	return f
}()

// columnFactors are pairs of factors, repeated: those of coefficients 0 and 4,
// then 2 and 6 for the even sums 0 and 1, then of 1 and 3, 5 and 7 for the four
// odd sums.
var columnFactors = func() (f [12][16]int16) {
	for i, p := range [12][3]int{
		{0, 4, 0}, {2, 6, 0}, {0, 4, 1}, {2, 6, 1},
		{1, 3, 0}, {5, 7, 0}, {1, 3, 1}, {5, 7, 1}, {1, 3, 2}, {5, 7, 2}, {1, 3, 3}, {5, 7, 3},
	} {
		for j := 0; j < 16; j += 2 {
			f[i][j], f[i][j+1] = basis[p[0]][p[2]], basis[p[1]][p[2]]
		}
	}
	return f
}()

// places[i] is i in all lanes.
var places = func() (p [8][8]uint32) {
	for i := range p {
		for j := range p[i] {
			p[i][j] = uint32(i)
		}
	}
	return p
}()

// lowBytes takes the lowest byte of 8 words to the first or to the second half
// of each 16 bytes.
var lowBytes = [2][32]int8{
	{0, 2, 4, 6, 8, 10, 12, 14, -1, -1, -1, -1, -1, -1, -1, -1, 0, 2, 4, 6, 8, 10, 12, 14, -1, -1, -1, -1, -1, -1, -1, -1},
	{-1, -1, -1, -1, -1, -1, -1, -1, 0, 2, 4, 6, 8, 10, 12, 14, -1, -1, -1, -1, -1, -1, -1, -1, 0, 2, 4, 6, 8, 10, 12, 14},
}

func idct8(dst []byte, stride int, b *Block, q *Quant) {
	if !avx2 {
		idct8Portable(dst, stride, b, q)
		return
	}
	r01, r23, r45, r67 := columns8(b, q)
	rows8(dst, stride, r01, r23)
	rows8(dst[4*stride:], stride, r45, r67)
	archsimd.ClearAVXUpperBits()
}

// rowPair puts the dequantised rows x and y of a block side by side, column by
// column, as VPMADDWD wants them.
func rowPair(b *Block, q *Quant, x, y int) archsimd.Int16x16 {
	r := archsimd.LoadInt16x8Array((*[8]int16)(b[8*x:])).Mul(archsimd.LoadUint16x8Array((*[8]uint16)(q[8*x:])).BitsToInt16())
	s := archsimd.LoadInt16x8Array((*[8]int16)(b[8*y:])).Mul(archsimd.LoadUint16x8Array((*[8]uint16)(q[8*y:])).BitsToInt16())
	return archsimd.Int16x16{}.SetLo(r.InterleaveLo(s)).SetHi(r.InterleaveHi(s))
}

func factor(i int) archsimd.Int16x16 { return archsimd.LoadInt16x16Array(&columnFactors[i]) }

// columns8 is the pass over the columns. Its rows come in pairs: columns 0 to 3
// of both, then columns 4 to 7 of both.
func columns8(b *Block, q *Quant) (r01, r23, r45, r67 archsimd.Int16x16) {
	half := archsimd.BroadcastInt32x8(1 << (firstShift - 1))
	in04, in26, in13, in57 := rowPair(b, q, 0, 4), rowPair(b, q, 2, 6), rowPair(b, q, 1, 3), rowPair(b, q, 5, 7)

	t0, t3 := in04.DotProductPairs(factor(0)).Add(half), in26.DotProductPairs(factor(1))
	t1, t2 := in04.DotProductPairs(factor(2)).Add(half), in26.DotProductPairs(factor(3))
	e0, e3, e1, e2 := t0.Add(t3), t0.Sub(t3), t1.Add(t2), t1.Sub(t2)
	o0 := in13.DotProductPairs(factor(4)).Add(in57.DotProductPairs(factor(5)))
	o1 := in13.DotProductPairs(factor(6)).Add(in57.DotProductPairs(factor(7)))
	o2 := in13.DotProductPairs(factor(8)).Add(in57.DotProductPairs(factor(9)))
	o3 := in13.DotProductPairs(factor(10)).Add(in57.DotProductPairs(factor(11)))

	r01 = narrow(e0.Add(o0), e1.Add(o1))
	r23 = narrow(e2.Add(o2), e3.Add(o3))
	r45 = narrow(e3.Sub(o3), e2.Sub(o2))
	r67 = narrow(e1.Sub(o1), e0.Sub(o0))
	return r01, r23, r45, r67
}

func narrow(a, b archsimd.Int32x8) archsimd.Int16x16 {
	return a.ShiftAllRight(firstShift).SaturateToInt16ConcatGrouped(b.ShiftAllRight(firstShift))
}

// rows8 is the pass over four rows, given in pairs as by columns8.
func rows8(dst []byte, stride int, r01, r23 archsimd.Int16x16) {
	a, b := r01.AsInt32x8(), r23.AsInt32x8()
	x := row8(a, 0).SaturateToUint16ConcatGrouped(row8(a, 2))
	y := row8(b, 0).SaturateToUint16ConcatGrouped(row8(b, 2))
	most := archsimd.BroadcastUint16x16(255)
	bytes := x.Min(most).AsUint8x32().PermuteOrZeroGrouped(archsimd.LoadInt8x32Array(&lowBytes[0])).
		Or(y.Min(most).AsUint8x32().PermuteOrZeroGrouped(archsimd.LoadInt8x32Array(&lowBytes[1]))).AsInt32x8()
	// Each half of bytes has 4 columns of the 4 rows.
	upper := bytes.GetLo().InterleaveLo(bytes.GetHi()).AsUint64x2()
	lower := bytes.GetLo().InterleaveHi(bytes.GetHi()).AsUint64x2()
	binary.LittleEndian.PutUint64(dst, upper.GetElem(0))
	binary.LittleEndian.PutUint64(dst[stride:], upper.GetElem(1))
	binary.LittleEndian.PutUint64(dst[2*stride:], lower.GetElem(0))
	binary.LittleEndian.PutUint64(dst[3*stride:], lower.GetElem(1))
}

// row8 transforms a row: the sum of 4 pairs of coefficients, each spread over
// all lanes, times their factors.
func row8(pairs archsimd.Int32x8, at int) archsimd.Int32x8 {
	sum := archsimd.BroadcastInt32x8(128<<secondShift + 1<<(secondShift-1))
	sum = sum.Add(spread(pairs, at).DotProductPairs(archsimd.LoadInt16x16Array(&rowFactors[0])))
	sum = sum.Add(spread(pairs, at+1).DotProductPairs(archsimd.LoadInt16x16Array(&rowFactors[1])))
	sum = sum.Add(spread(pairs, at+4).DotProductPairs(archsimd.LoadInt16x16Array(&rowFactors[2])))
	sum = sum.Add(spread(pairs, at+5).DotProductPairs(archsimd.LoadInt16x16Array(&rowFactors[3])))
	return sum.ShiftAllRight(secondShift)
}

func spread(pairs archsimd.Int32x8, i int) archsimd.Int16x16 {
	return pairs.Permute(archsimd.LoadUint32x8Array(&places[i])).AsInt16x16()
}
