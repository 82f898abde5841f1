//go:build wasm && !nosimd

package kernel

func rowDots(out []int32, rows []int8, query []int16) {
	k := len(query)
	blocks := k / 16
	if blocks == 0 {
		rowDotsPortable(out, rows, query)
		return
	}
	const atOnce = 64 // quads of rows
	var lanes [atOnce * 16]int32
	to, from := out, rows
	for len(to) >= 4 {
		quads := min(len(to)/4, atOnce)
		rowDots4(&lanes[0], &from[0], &query[0], k, blocks, k-16*blocks, quads)
		for i := range 4 * quads {
			s := lanes[4*i:][:4]
			to[i] = s[0] + s[1] + s[2] + s[3]
		}
		rowDotsTail(to[:4*quads], from, query, 16*blocks)
		to, from = to[4*quads:], from[4*quads*k:]
	}
	rowDotsPortable(to, from, query)
}
