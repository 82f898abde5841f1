//go:build goexperiment.simd && arm64 && !nosimd

package kernel

func rowDots(out []int32, rows []int8, query []int16) {
	k := len(query)
	blocks := k / 16
	if blocks == 0 {
		rowDotsPortable(out, rows, query)
		return
	}
	var sums [dotRows]int32
	for len(out) >= dotRows {
		rowDots4(&sums, &query[0], &rows[0], k, blocks)
		copy(out, sums[:])
		rowDotsTail(out[:dotRows], rows, query, 16*blocks)
		out, rows = out[dotRows:], rows[dotRows*k:]
	}
	rowDotsPortable(out, rows, query)
}
