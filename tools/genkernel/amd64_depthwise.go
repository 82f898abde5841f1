package main

import "fmt"

// amd64Depthwise writes avx2Depthwise3x3, 16 channels at a time, and
// avx512Depthwise3x3, 32 at a time: blocks times, for each row. Two vectors of
// activations are interleaved, so that the dot product of pairs of lanes sums
// two taps; the ninth tap goes with itself and a zero weight. The saturating
// pack at the end undoes the interleaving.
func (b *builder) amd64Depthwise(t target) {
	const taps = 9
	name := t.suffix + "Depthwise3x3"
	at := b.function(name, "depthwisePortable in depthwise.go",
		[]string{"out", "outStep", "in", "offsets", "rows", "blocks", "w", "bias", "scale"}, "lo", "hi")
	const at0, w, out, bias, scale = "SI", "DI", "AX", "BX", "CX"
	low, high, x0, x1, b0, b1, lo, hi := t.v(0), t.v(1), t.v(2), t.v(3), t.v(4), t.v(5), t.v(8), t.v(9)
	window := []string{"R8", "R9", "R10", "R11", "R12", "R13", "R14", "R15", "DX"}
	bytes := 4 * t.width // of a vector
	load := map[string]string{"Y": "VMOVDQU", "Z": "VMOVDQU32"}[t.reg]
	b.op("VBROADCASTSS "+at["lo"]+", "+lo, "VBROADCASTSS "+at["hi"]+", "+hi)
	b.op("MOVQ "+at["out"]+", "+out, "MOVQ "+at["bias"]+", "+bias, "MOVQ "+at["scale"]+", "+scale)
	b.op("MOVQ "+at["blocks"]+", "+at0, fmt.Sprintf("IMULQ $%d, %s", bytes, at0), "MOVQ "+at0+", "+at["blocks"]+" // bytes of a row")
	b.label("row")
	b.op("MOVQ " + at["offsets"] + ", " + at0)
	for t, p := range window {
		b.op(fmt.Sprintf("MOVLQSX %d(%s), %s", 4*t, at0, p), "ADDQ "+p+", "+p, "ADDQ "+at["in"]+", "+p)
	}
	b.op(fmt.Sprintf("ADDQ $%d, %s", 4*taps, at["offsets"]), "MOVQ "+at["w"]+", "+w, "XORL "+at0+", "+at0)
	b.label("block")
	for tap := 0; tap < taps; tap += 2 {
		b.line("%s (%s)(%s*1), %s", load, window[tap], at0, x0)
		second := x0
		if tap+1 < taps {
			second = x1
			b.line("%s (%s)(%s*1), %s", load, window[tap+1], at0, x1)
		}
		b.op("VPUNPCKLWD "+second+", "+x0+", "+b0, "VPUNPCKHWD "+second+", "+x0+", "+b1)
		for half, pair := range [][2]string{{b0, low}, {b1, high}} {
			weights := fmt.Sprintf("%d(%s)", bytes*(tap+half), w)
			switch {
			case tap == 0:
				b.line("VPMADDWD %s, %s, %s", weights, pair[0], pair[1])
			case t.suffix == "avx512":
				b.line("VPDPWSSD %s, %s, %s", weights, pair[0], pair[1])
			default:
				b.line("VPMADDWD %s, %s, %s", weights, pair[0], pair[0])
				b.line("VPADDD %s, %s, %s", pair[0], pair[1], pair[1])
			}
		}
	}
	b.line("ADDQ $%d, %s", bytes*(taps+1), w)
	for half, acc := range []string{low, high} {
		b.spread(t, half, bias, at0, b0, x0)
		b.spread(t, half, scale, at0, b1, x1)
		b.requantAMD64(acc, x0, x1, lo, hi)
	}
	b.op("VPACKSSDW "+high+", "+low+", "+low, fmt.Sprintf("%s %s, (%s)(%s*1)", load, low, out, at0))
	b.op(fmt.Sprintf("ADDQ $%d, %s", bytes, at0), "CMPQ "+at0+", "+at["blocks"], "JLT block")
	b.op("ADDQ "+at["outStep"]+", "+out, "DECQ "+at["rows"], "JNZ row", "VZEROUPPER", "RET")
}

// spread sets to to the constants of the low or the high half of interleaved
// channels: of every 8, the first or the last four. temp is another register.
func (b *builder) spread(t target, half int, base, index, temp, to string) {
	if t.suffix == "avx512" {
		b.line("VMOVDQU32 (%s)(%s*2), %s", base, index, temp)
		b.line("VMOVDQU32 64(%s)(%s*2), %s", base, index, to)
		b.line("VSHUFI32X4 $%#x, %s, %s, %s", []int{0x88, 0xDD}[half], to, temp, to)
		return
	}
	b.line("VMOVDQU %d(%s)(%s*2), X%s", 16*half, base, index, to[1:])
	b.line("VINSERTI128 $1, %d(%s)(%s*2), %s, %s", 16*half+32, base, index, to, to)
}
