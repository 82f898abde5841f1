//go:build wasm && !nosimd

package kernel

func rowDots(out []int32, rows []int8, query []int16) {
	k := len(query)
	done, quads := k&^7, len(out)/dotRows
	if done == 0 || quads == 0 {
		rowDotsPortable(out, rows, query)
		return
	}
	var lanes [4]int32
	rowDots4(&out[0], &lanes, &rows[0], &query[0], k, done/16, done%16, k-done, quads)
	whole := quads * dotRows
	rowDotsTail(out[:whole], rows, query, done)
	rowDotsPortable(out[whole:], rows[whole*k:], query)
}
