package main

import "fmt"

// amd64Winograd writes <suffix>WinogradNxM: the products of transformed windows
// and filters, rows x columns at a time, tiles times, for each position. It
// uses the registers of amd64Tile; counters are in the frame.
func (b *builder) amd64Winograd(t target, rows int) {
	cols := t.width * t.vectors
	name := fmt.Sprintf("%sWinogradTile%dx%d", t.suffix, rows, cols)
	at := map[string]string{}
	words := []string{"products", "in", "rowStep", "gap", "tiles", "w", "k"}
	for i, a := range words {
		at[a] = fmt.Sprintf("%s+%d(FP)", a, 8*i)
	}
	fmt.Fprintf(b, "\n// %s: portable reference winogradPortable in winograd.go.\nTEXT ·%s(SB), NOSPLIT, $40-%d\n", name, name, 8*len(words))
	const position, tiles, in, block, out = "0(SP)", "8(SP)", "16(SP)", "24(SP)", "32(SP)"
	first, last := pointers[0], pointers[rows-1]
	b.op(fmt.Sprintf("MOVQ $%d, %s", positions, position))
	for _, c := range [][2]string{{at["in"], in}, {at["w"], block}, {at["products"], out}} {
		b.op("MOVQ "+c[0]+", "+weights, "MOVQ "+weights+", "+c[1])
	}
	b.label("position")
	b.op("MOVQ "+at["tiles"]+", "+index, "MOVQ "+index+", "+tiles)
	b.label("tile")
	b.op("MOVQ "+in+", "+first, "ADDQ "+at["k"]+", "+first)
	for i, p := range pointers[1:rows] {
		b.op("MOVQ "+pointers[i]+", "+p, "ADDQ "+at["rowStep"]+", "+p)
	}
	b.op("MOVQ "+last+", "+index, "SUBQ "+at["k"]+", "+index, "ADDQ "+at["rowStep"]+", "+index, "MOVQ "+index+", "+in)
	for i := range rows * t.vectors {
		b.line("VPXOR%s %s, %s, %s", map[string]string{"Y": "", "Z": "D"}[t.reg], t.v(i), t.v(i), t.v(i))
	}
	b.op("MOVQ "+block+", "+weights, "MOVQ "+at["k"]+", "+index, "NEGQ "+index)
	b.label("pairs")
	b.amd64Pairs(t, rows, 4)
	b.op("JNZ pairs", "MOVQ "+out+", "+index)
	store := map[string]string{"Y": "VMOVDQU", "Z": "VMOVDQU32"}[t.reg]
	for i := range rows * t.vectors {
		b.line("%s %s, %d(%s)", store, t.v(i), 4*t.width*i, index)
	}
	b.op(fmt.Sprintf("ADDQ $%d, %s", 4*cols*rows, out), "DECQ "+tiles, "JNZ tile")
	b.op("MOVQ "+weights+", "+block, "MOVQ "+at["gap"]+", "+index, "ADDQ "+index+", "+in)
	b.op("DECQ "+position, "JNZ position", "VZEROUPPER", "RET")
}
