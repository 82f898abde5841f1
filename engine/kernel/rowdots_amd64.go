//go:build goexperiment.simd && amd64 && !nosimd

package kernel

import "simd/archsimd"

func rowDots(out []int32, rows []int8, query []int16) {
	k := len(query)
	if k < 16 || !archsimd.X86.AVX2() {
		rowDotsPortable(out, rows, query)
		return
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
