//go:build goexperiment.simd && amd64 && !nosimd

package kernel

import "simd/archsimd"

func rowDots(out []int32, rows []int8, query []int16) {
	k := len(query)
	if body == portable || k < 16 {
		rowDotsPortable(out, rows, query)
		return
	}
	for len(out) >= dotRows {
		rowDots4(out, rows, query)
		out, rows = out[dotRows:], rows[dotRows*k:]
	}
	whole := k &^ 15
	for i := range out {
		row, q := rows[i*k:][:whole], query[:whole]
		var sum archsimd.Int32x8
		for len(row) >= 16 && len(q) >= 16 {
			sum = sum.Add(archsimd.LoadInt8x16(row).ExtendToInt16().DotProductPairs(archsimd.LoadInt16x16(q)))
			row, q = row[16:], q[16:]
		}
		var lanes [8]int32
		sum.StoreArray(&lanes)
		out[i] = lanes[0] + lanes[1] + lanes[2] + lanes[3] + lanes[4] + lanes[5] + lanes[6] + lanes[7]
	}
	archsimd.ClearAVXUpperBits()
	rowDotsTail(out, rows, query, whole)
}

// rowDots4 multiplies the query, of at least 16 values, with four rows, which
// share its loads.
func rowDots4(out []int32, rows []int8, query []int16) {
	var s0, s1, s2, s3 archsimd.Int32x8
	k := len(query)
	r0, r1, r2, r3 := rows[:k], rows[k:][:k], rows[2*k:][:k], rows[3*k:][:k]
	i := 0
	for ; i+16 <= k; i += 16 {
		x := archsimd.LoadInt16x16(query[i:])
		s0 = s0.Add(x.DotProductPairs(archsimd.LoadInt8x16(r0[i:]).ExtendToInt16()))
		s1 = s1.Add(x.DotProductPairs(archsimd.LoadInt8x16(r1[i:]).ExtendToInt16()))
		s2 = s2.Add(x.DotProductPairs(archsimd.LoadInt8x16(r2[i:]).ExtendToInt16()))
		s3 = s3.Add(x.DotProductPairs(archsimd.LoadInt8x16(r3[i:]).ExtendToInt16()))
	}
	s := s0.ConcatAddPairsGrouped(s1).ConcatAddPairsGrouped(s2.ConcatAddPairsGrouped(s3))
	s.GetLo().Add(s.GetHi()).Store(out)
	rowDotsTail(out[:dotRows], rows, query, i)
}
