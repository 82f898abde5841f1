package main

import "fmt"

// amd64Depthwise writes avx2Depthwise3x3: 16 channels at a time, blocks times,
// for each row. Two vectors of activations are interleaved, so that the dot
// product of pairs of lanes sums two taps; the ninth tap goes with itself and a
// zero weight. The saturating pack at the end undoes the interleaving.
func (b *builder) amd64Depthwise() {
	const taps = 9
	at := b.function("avx2Depthwise3x3", "depthwisePortable in depthwise.go",
		[]string{"out", "outStep", "in", "offsets", "rows", "blocks", "w", "bias", "scale"}, "lo", "hi")
	const (
		at0, w, out, bias, scale = "SI", "DI", "AX", "BX", "CX"
		low, high, b0, b1        = "Y0", "Y1", "Y4", "Y5"
		lo, hi                   = "Y8", "Y9"
	)
	window := []string{"R8", "R9", "R10", "R11", "R12", "R13", "R14", "R15", "DX"}
	b.op("VBROADCASTSS "+at["lo"]+", "+lo, "VBROADCASTSS "+at["hi"]+", "+hi)
	b.op("MOVQ "+at["out"]+", "+out, "MOVQ "+at["bias"]+", "+bias, "MOVQ "+at["scale"]+", "+scale)
	b.op("MOVQ "+at["blocks"]+", "+at0, "SHLQ $5, "+at0, "MOVQ "+at0+", "+at["blocks"]+" // bytes of a row")
	b.label("row")
	b.op("MOVQ " + at["offsets"] + ", " + at0)
	for t, p := range window {
		b.op(fmt.Sprintf("MOVLQSX %d(%s), %s", 4*t, at0, p), "ADDQ "+p+", "+p, "ADDQ "+at["in"]+", "+p)
	}
	b.op(fmt.Sprintf("ADDQ $%d, %s", 4*taps, at["offsets"]), "MOVQ "+at["w"]+", "+w, "XORL "+at0+", "+at0)
	b.label("block")
	for t := 0; t < taps; t += 2 {
		b.line("VMOVDQU (%s)(%s*1), Y2", window[t], at0)
		second := "Y2"
		if t+1 < taps {
			second = "Y3"
			b.line("VMOVDQU (%s)(%s*1), Y3", window[t+1], at0)
		}
		b.op("VPUNPCKLWD "+second+", Y2, "+b0, "VPUNPCKHWD "+second+", Y2, "+b1)
		if t == 0 {
			b.line("VPMADDWD (%s), %s, %s", w, b0, low)
			b.line("VPMADDWD 32(%s), %s, %s", w, b1, high)
			continue
		}
		b.line("VPMADDWD %d(%s), %s, %s", 32*t, w, b0, b0)
		b.line("VPMADDWD %d(%s), %s, %s", 32*t+32, w, b1, b1)
		b.op("VPADDD "+b0+", "+low+", "+low, "VPADDD "+b1+", "+high+", "+high)
	}
	b.line("ADDQ $%d, %s", 32*(taps+1), w)
	for half, acc := range []string{low, high} {
		// Lanes 0-3 and 8-11, or 4-7 and 12-15.
		b.line("VMOVDQU %d(%s)(%s*2), X2", 16*half, bias, at0)
		b.line("VINSERTI128 $1, %d(%s)(%s*2), Y2, Y2", 16*half+32, bias, at0)
		b.line("VMOVDQU %d(%s)(%s*2), X3", 16*half, scale, at0)
		b.line("VINSERTI128 $1, %d(%s)(%s*2), Y3, Y3", 16*half+32, scale, at0)
		b.requantAMD64(acc, "Y2", "Y3", lo, hi)
	}
	b.op("VPACKSSDW "+high+", "+low+", "+low, fmt.Sprintf("VMOVDQU %s, (%s)(%s*1)", low, out, at0))
	b.op("ADDQ $32, "+at0, "CMPQ "+at0+", "+at["blocks"], "JLT block")
	b.op("ADDQ "+at["outStep"]+", "+out, "DECQ "+at["rows"], "JNZ row", "VZEROUPPER", "RET")
}
