//go:build goexperiment.simd && amd64 && !nosimd

package samples

import (
	"encoding/binary"
	"simd/archsimd"
)

// columnFactors4 are those of the even sum (rows 0 and 2) in the lower half and
// of the odd sum (rows 1 and 3) in the upper half; sums 0, then 1.
var columnFactors4 = [2][16]int16{
	{factorOne, factorOne, factorOne, factorOne, factorOne, factorOne, factorOne, factorOne,
		factorOne, factorTan, factorOne, factorTan, factorOne, factorTan, factorOne, factorTan},
	{factorOne, -factorOne, factorOne, -factorOne, factorOne, -factorOne, factorOne, -factorOne,
		factorTan, -factorOne, factorTan, -factorOne, factorTan, -factorOne, factorTan, -factorOne},
}

// rowFactors4 are those of coefficients 0 and 1, then of 2 and 3, for the 4
// values of two rows.
var rowFactors4 = [2][16]int16{
	{factorOne, factorOne, factorOne, factorTan, factorOne, -factorTan, factorOne, -factorOne,
		factorOne, factorOne, factorOne, factorTan, factorOne, -factorTan, factorOne, -factorOne},
	{factorOne, factorTan, -factorOne, -factorOne, -factorOne, factorOne, factorOne, -factorTan,
		factorOne, factorTan, -factorOne, -factorOne, -factorOne, factorOne, factorOne, -factorTan},
}

// rowPlaces spread the first and the second pair of rows 0 and 1, then of 2
// and 3.
var rowPlaces = [4][8]uint32{
	{0, 0, 0, 0, 2, 2, 2, 2}, {1, 1, 1, 1, 3, 3, 3, 3}, {4, 4, 4, 4, 6, 6, 6, 6}, {5, 5, 5, 5, 7, 7, 7, 7},
}

// zip puts the words of both halves of 16 bytes side by side.
var zip = [32]int8{
	0, 1, 8, 9, 2, 3, 10, 11, 4, 5, 12, 13, 6, 7, 14, 15,
	0, 1, 8, 9, 2, 3, 10, 11, 4, 5, 12, 13, 6, 7, 14, 15,
}

func idct4(dst []byte, stride int, b *[16]int16, m *Reduced) {
	if !avx2 {
		idct4Portable(dst, stride, b, m)
		return
	}
	// Rows 0 and 2 in the lower half, 1 and 3 in the upper one, zipped.
	g := scaled(b, m, 0).SaturateToInt16ConcatGrouped(scaled(b, m, 8)).AsUint8x32().
		PermuteOrZeroGrouped(archsimd.LoadInt8x32Array(&zip)).AsInt16x16()
	s0 := g.DotProductPairs(archsimd.LoadInt16x16Array(&columnFactors4[0]))
	s1 := g.DotProductPairs(archsimd.LoadInt16x16Array(&columnFactors4[1]))
	half := archsimd.BroadcastInt32x4(halfColumn)
	e0, e1 := s0.GetLo().Add(half), s1.GetLo().Add(half)
	o0, o1 := s0.GetHi(), s1.GetHi()
	r01 := e0.Add(o0).ShiftAllRight(factorBits).SaturateToInt16Concat(e1.Add(o1).ShiftAllRight(factorBits))
	r23 := e1.Sub(o1).ShiftAllRight(factorBits).SaturateToInt16Concat(e0.Sub(o0).ShiftAllRight(factorBits))
	rows := archsimd.Int16x16{}.SetLo(r01).SetHi(r23).AsInt32x8()

	v := rows4(rows, 0).SaturateToUint16ConcatGrouped(rows4(rows, 2)).Min(archsimd.BroadcastUint16x16(255)).
		AsUint8x32().PermuteOrZeroGrouped(archsimd.LoadInt8x32Array(&lowBytes[0]))
	r02, r13 := v.GetLo().AsUint64x2().GetElem(0), v.GetHi().AsUint64x2().GetElem(0)
	archsimd.ClearAVXUpperBits()
	binary.LittleEndian.PutUint32(dst, uint32(r02))
	binary.LittleEndian.PutUint32(dst[stride:], uint32(r13))
	binary.LittleEndian.PutUint32(dst[2*stride:], uint32(r02>>32))
	binary.LittleEndian.PutUint32(dst[3*stride:], uint32(r13>>32))
}

// scaled is two rows of coefficients times their multipliers.
func scaled(b *[16]int16, m *Reduced, at int) archsimd.Int32x8 {
	v := archsimd.LoadInt16x8Array((*[8]int16)(b[at:])).ExtendToInt32().Mul(archsimd.LoadInt32x8Array((*[8]int32)(m[at:])))
	return v.Add(archsimd.BroadcastInt32x8(1 << (dropBits - 1))).ShiftAllRight(dropBits)
}

// rows4 transforms rows at and at+1.
func rows4(rows archsimd.Int32x8, at int) archsimd.Int32x8 {
	first := rows.Permute(archsimd.LoadUint32x8Array(&rowPlaces[at])).AsInt16x16()
	second := rows.Permute(archsimd.LoadUint32x8Array(&rowPlaces[at+1])).AsInt16x16()
	return first.DotProductPairs(archsimd.LoadInt16x16Array(&rowFactors4[0])).
		Add(second.DotProductPairs(archsimd.LoadInt16x16Array(&rowFactors4[1]))).
		Add(archsimd.BroadcastInt32x8(biasRow)).ShiftAllRight(factorBits + fractionBits)
}
