package main

import "fmt"

// The amd64 tiles are assembly rather than archsimd because they live on loads
// that broadcast, which archsimd builds from an insertion and a shuffle, and on
// VPDPWSSD, which it does not have.

// target is one instruction set: its tiles are as wide as vectors full vectors
// of int32, and any height in heights.
type target struct {
	suffix  string
	reg     string // vector register prefix
	width   int    // int32 in a vector
	vectors int    // of columns
	heights []int
}

// With 12 accumulators AVX2 has two registers for weights, one for activations
// and one for products; AVX-512 has 24 and plenty.
var targets = []target{
	{"avx2", "Y", 8, 2, []int{1, 2, 3, 4, 5, 6}},
	{"avx512", "Z", 16, 2, []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}},
	{"avx512", "Z", 16, 1, []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}},
}

// pointers are the registers of rows; index and weights follow below.
var pointers = []string{"R8", "R9", "R10", "R11", "R12", "R13", "R14", "R15", "AX", "BX", "CX", "DX"}

const (
	index   = "SI"
	weights = "DI"
)

func (t target) v(i int) string { return fmt.Sprintf("%s%d", t.reg, i) }

// amd64Tile writes <suffix>GemmTile<rows>x<columns>: rows x columns outputs at a time, tiles
// times, as gemmTileNx8 does.
//
// Row pointers stand at the end of the channels and index counts up to zero in
// bytes. The frame holds what does not fit the registers: the next offsets, the
// taps left, the tiles left and the next output.
func (b *builder) amd64Tile(t target, rows int) {
	cols := t.width * t.vectors
	name := fmt.Sprintf("%sGemmTile%dx%d", t.suffix, rows, cols)
	at := map[string]string{}
	words := []string{"out", "outStep", "in", "offsets", "tiles", "w", "taps", "k", "bias", "scale", "mask"}
	for i, a := range words {
		at[a] = fmt.Sprintf("%s+%d(FP)", a, 8*i)
	}
	at["lo"], at["hi"] = fmt.Sprintf("lo+%d(FP)", 8*len(words)), fmt.Sprintf("hi+%d(FP)", 8*len(words)+4)
	fmt.Fprintf(b, "\n// %s: portable reference gemmPortable in gemm.go.\nTEXT ·%s(SB), NOSPLIT, $32-%d\n", name, name, 8*len(words)+8)
	const offsets, taps, tiles, out = "0(SP)", "8(SP)", "16(SP)", "24(SP)"
	for _, c := range [][2]string{{at["offsets"], offsets}, {at["tiles"], tiles}, {at["out"], out}} {
		b.op("MOVQ "+c[0]+", AX", "MOVQ AX, "+c[1])
	}
	b.label("tile")
	for i := range rows * t.vectors {
		b.line("VPXOR%s %s, %s, %s", map[string]string{"Y": "", "Z": "D"}[t.reg], t.v(i), t.v(i), t.v(i))
	}
	b.op("MOVQ "+at["w"]+", "+weights, "MOVQ "+at["taps"]+", "+index, "MOVQ "+index+", "+taps)
	b.label("tap")
	b.op("MOVQ " + offsets + ", " + index)
	for i, p := range pointers[:rows] {
		b.op("MOVLQSX (" + index + "), " + p)
		if i < rows-1 {
			next := pointers[i+1]
			b.op("MOVQ "+at["taps"]+", "+next, "LEAQ ("+index+")("+next+"*4), "+index)
		}
		b.op("ADDQ "+p+", "+p, "ADDQ "+at["in"]+", "+p, "ADDQ "+at["k"]+", "+p)
	}
	b.op("MOVQ "+at["k"]+", "+index, "NEGQ "+index)
	b.op("TESTQ $4, "+index, "JZ even")
	b.amd64Pairs(t, rows, 1)
	b.op("JZ done")
	b.label("even")
	b.amd64Pairs(t, rows, 2)
	b.op("JNZ even")
	b.label("done")
	b.op("ADDQ $4, "+offsets, "DECQ "+taps, "JNZ tap")
	b.amd64Store(t, rows, at, out)
	if rows > 1 {
		b.op("MOVQ "+at["taps"]+", AX", fmt.Sprintf("IMULQ $%d, AX", 4*(rows-1)), "ADDQ AX, "+offsets)
	}
	b.op("DECQ "+tiles, "JNZ tile", "VZEROUPPER", "RET")
}

func (b *builder) label(name string) { b.WriteString(name + ":\n") }

// amd64Pairs writes the products of some pairs of channels and advances; the
// flags tell whether index has reached zero.
func (b *builder) amd64Pairs(t target, rows, pairs int) {
	bytes := 4 * t.width // of a vector
	first := rows * t.vectors
	x, product := first+t.vectors, first+t.vectors+1
	load := map[string]string{"Y": "VMOVDQU", "Z": "VMOVDQU32"}[t.reg]
	for p := range pairs {
		for i := range t.vectors {
			b.line("%s %d(%s), %s", load, bytes*(p*t.vectors+i), weights, t.v(first+i))
		}
		for r := range rows {
			b.line("VPBROADCASTD %d(%s)(%s*1), %s", 4*p, pointers[r], index, t.v(x))
			for i := range t.vectors {
				acc := t.v(r*t.vectors + i)
				if t.suffix == "avx512" {
					b.line("VPDPWSSD %s, %s, %s", t.v(x), t.v(first+i), acc)
				} else {
					b.line("VPMADDWD %s, %s, %s", t.v(x), t.v(first+i), t.v(product))
					b.line("VPADDD %s, %s, %s", t.v(product), acc, acc)
				}
			}
		}
	}
	b.line("ADDQ $%d, %s", bytes*t.vectors*pairs, weights)
	b.line("ADDQ $%d, %s", 4*pairs, index)
}

// amd64Store requantises the accumulators and stores them: VCVTPS2DQ rounds half
// to even. mask has a bit for each column of the last vector that is stored.
func (b *builder) amd64Store(t target, rows int, at map[string]string, out string) {
	const step, bias, scale, mask, row = "AX", "R8", "R9", "R10", "SI"
	for _, c := range [][2]string{{"outStep", step}, {"bias", bias}, {"scale", scale}, {"mask", mask}} {
		b.op("MOVQ " + at[c[0]] + ", " + c[1])
	}
	b.op("MOVQ " + out + ", " + row)
	first := rows * t.vectors
	lo, hi := t.v(first), t.v(first+1)
	b.op("VBROADCASTSS "+at["lo"]+", "+lo, "VBROADCASTSS "+at["hi"]+", "+hi)
	if t.suffix == "avx512" {
		b.op("KXNORW K1, K1, K1", "KMOVW "+mask+", K2")
		masks := []string{"K1", "K2"}[2-t.vectors:]
		for i := range t.vectors {
			b.line("VMOVDQU32.Z %d(%s), %s, %s", 64*i, bias, masks[i], t.v(first+2+2*i))
			b.line("VMOVUPS.Z %d(%s), %s, %s", 64*i, scale, masks[i], t.v(first+3+2*i))
		}
		for r := range rows {
			for i := range t.vectors {
				acc := t.v(r*t.vectors + i)
				b.requantAMD64(acc, t.v(first+2+2*i), t.v(first+3+2*i), lo, hi)
				b.line("VPMOVSDW %s, %s, %d(%s)", acc, masks[i], 32*i, row)
			}
			b.op("ADDQ " + step + ", " + row)
		}
		b.op("MOVQ " + row + ", " + out)
		return
	}
	// Where only 8 columns are left the second vector of constants is the first.
	b.op("MOVQ "+bias+", R11", "MOVQ "+scale+", R12", "TESTQ $0x100, "+mask, "JZ narrow", "ADDQ $32, R11", "ADDQ $32, R12")
	b.label("narrow")
	for r := range rows {
		a0, a1 := t.v(2*r), t.v(2*r+1)
		b.requantAMD64(a0, "("+bias+")", "("+scale+")", lo, hi)
		b.requantAMD64(a1, "(R11)", "(R12)", lo, hi)
		b.line("VPACKSSDW %s, %s, %s", a1, a0, a0)
		b.line("VPERMQ $0xD8, %s, %s", a0, a0)
	}
	b.op("TESTQ $0x100, "+mask, "JZ store8")
	for r := range rows {
		b.line("VMOVDQU %s, (%s)", t.v(2*r), row)
		b.op("ADDQ " + step + ", " + row)
	}
	b.op("JMP stored")
	b.label("store8")
	for r := range rows {
		b.line("VMOVDQU X%d, (%s)", 2*r, row)
		b.op("ADDQ " + step + ", " + row)
	}
	b.label("stored")
	b.op("MOVQ " + row + ", " + out)
}

// requantAMD64 turns an accumulator into rounded and clamped int32.
func (b *builder) requantAMD64(acc, bias, scale, lo, hi string) {
	b.line("VPADDD %s, %s, %s", bias, acc, acc)
	b.line("VCVTDQ2PS %s, %s", acc, acc)
	b.line("VMULPS %s, %s, %s", scale, acc, acc)
	b.line("VMAXPS %s, %s, %s", lo, acc, acc)
	b.line("VMINPS %s, %s, %s", hi, acc, acc)
	b.line("VCVTPS2DQ %s, %s", acc, acc)
}
