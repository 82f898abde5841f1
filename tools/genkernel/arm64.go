package main

import "fmt"

// The arm64 routines live on SMLAL by element: four products of int16 weights
// with one int16 activation, added to four int32. The assembler has it for
// whole vectors only, and FCVTNS for scalars, so both are written as words; a
// test holds them against another assembler, or against a table.

// armRows is the height of the tallest tile: with 16 columns its 24
// accumulators, 6 vectors of activations and 2 of weights are all registers.
const armRows = 6

// smlal returns SMLAL, or SMLAL2 for the upper half of n, by element:
// d += n[0:4] * m[i]. It takes m from V0 to V15.
func smlal(d, n, m, i int, upper bool) (word uint32, text string) {
	word = 0x0F402000 | uint32(i&1)<<20 | uint32(i>>1&1)<<21 | uint32(i>>2)<<11 | uint32(m)<<16 | uint32(n)<<5 | uint32(d)
	if upper {
		return word | 1<<30, fmt.Sprintf("smlal2 v%d.4s, v%d.8h, v%d.h[%d]", d, n, m, i)
	}
	return word, fmt.Sprintf("smlal v%d.4s, v%d.4h, v%d.h[%d]", d, n, m, i)
}

// fcvtns returns FCVTNS, float32 to int32 with halves to even.
func fcvtns(d, n int) (word uint32, text string) {
	return 0x4E21A800 | uint32(n)<<5 | uint32(d), fmt.Sprintf("fcvtns v%d.4s, v%d.4s", d, n)
}

// word writes an instruction the assembler does not know.
func (b *builder) word(code uint32, text string) { b.line("WORD $0x%08x // %s", code, text) }

// armTile is the shape of a tile: rows by 4*vectors columns. Accumulators end
// at V31; activations begin at V0, weights follow.
type armTile struct{ rows, vectors int }

func (t armTile) cols() int          { return 4 * t.vectors }
func (t armTile) acc(row, i int) int { return 32 - t.rows*t.vectors + row*t.vectors + i }
func (t armTile) weight(i int) int   { return t.rows + i }

// armPointers are the registers of rows.
var armPointers = []string{"R19", "R20", "R21", "R22", "R23", "R24"}

// armScaleAt, armLoAt and armHiAt are the registers of where the scales are and
// of the limits.
const armScaleAt, armLoAt, armHiAt = "R25", "R15", "R26"

// armArguments loads arguments into registers.
func (b *builder) armArguments(at map[string]string, to ...string) {
	for i := 0; i < len(to); i += 2 {
		b.op("MOVD " + at[to[i]] + ", " + to[i+1])
	}
}

// armProducts writes the products of channels k of the rows, which it loads,
// and advances: 8, 4 or 2 channels.
func (b *builder) armProducts(t armTile, channels int, w string) {
	load := map[int]string{8: "FMOVQ.P 16", 4: "FMOVD.P 8", 2: "FMOVS.P 4"}[channels]
	for r := range t.rows {
		b.line("%s(%s), F%d", load, armPointers[r], r)
	}
	for k := range channels {
		// Two vectors of weights: 16 columns of one channel, or 8 of two.
		if t.vectors == 4 || k%2 == 0 {
			b.line("FLDPQ.P 32(%s), (F%d, F%d)", w, t.weight(0), t.weight(1))
		}
		for r := range t.rows {
			for i := range t.vectors {
				n := t.weight(i / 2)
				if t.vectors == 2 {
					n = t.weight(k % 2)
				}
				b.word(smlal(t.acc(r, i), n, r, k, i%2 == 1))
			}
		}
	}
}

// armGemm writes gemmTile<rows>x<cols>: rows x cols outputs at a time, tiles
// times. octets counts 8 channels of a tap, rest has the bits 4 and 2 of what
// is left.
//
//	for range tiles
//	    acc = bias
//	    for range taps
//	        for each channel k: acc[i] += in[offset_i+k] * w[k]
//	    out rows = requantised acc
func (b *builder) armGemm(t armTile) {
	at := b.function(fmt.Sprintf("gemmTile%dx%d", t.rows, t.cols()), "gemmPortable in gemm.go",
		[]string{"out", "outStep", "in", "offsets", "tiles", "w", "taps", "octets", "rest", "bias", "scale", "lo", "hi"})
	const out, step, in, offsets, tiles, w, taps, octets, rest, tap, count, temp = "R0", "R1", "R2", "R3", "R4", "R5", "R6", "R7", "R8", "R9", "R10", "R11"
	const bias = "R12"
	b.armArguments(at, "out", out, "outStep", step, "in", in, "offsets", offsets, "tiles", tiles, "taps", taps, "octets", octets, "rest", rest,
		"bias", bias, "scale", armScaleAt, "lo", armLoAt, "hi", armHiAt)
	b.label("tile")
	b.armArguments(at, "w", w)
	for r := range t.rows {
		for i := 0; i < t.vectors; i += 2 {
			b.line("FLDPQ %d(%s), (F%d, F%d)", 16*i, bias, t.acc(r, i), t.acc(r, i+1))
		}
	}
	b.op("MOVD " + taps + ", " + tap)
	b.label("tap")
	b.op("MOVD " + offsets + ", " + temp)
	for r := range t.rows {
		p := armPointers[r]
		b.op("MOVW (" + temp + "), " + p)
		if r < t.rows-1 {
			b.op("ADD " + taps + "<<2, " + temp)
		}
		b.op("ADD " + p + "<<1, " + in + ", " + p)
	}
	b.op("ADD $4, "+offsets, "MOVD "+octets+", "+count, "CBZ "+octets+", four")
	b.label("octet")
	b.armProducts(t, 8, w)
	b.op("SUBS $1, "+count, "BNE octet")
	b.label("four")
	b.op("TBZ $2, " + rest + ", two")
	b.armProducts(t, 4, w)
	b.label("two")
	b.op("TBZ $1, " + rest + ", done")
	b.armProducts(t, 2, w)
	b.label("done")
	b.op("SUBS $1, "+tap, "BNE tap")
	if t.rows > 1 {
		b.op(fmt.Sprintf("MOVD $%d, %s", 4*(t.rows-1), temp), "MADD "+temp+", "+offsets+", "+taps+", "+offsets)
	}
	b.armStore(t, out, step)
	b.op("SUBS $1, "+tiles, "BNE tile", "RET")
}

// armStore requantises the accumulators and stores them, one row after another.
// Scales take the place of activations; the limits follow.
func (b *builder) armStore(t armTile, out, step string) {
	const lo, hi = 4, 5
	for i := 0; i < t.vectors; i += 2 {
		b.line("FLDPQ %d(%s), (F%d, F%d)", 16*i, armScaleAt, i, i+1)
	}
	b.armLimits(lo, hi)
	for r := range t.rows {
		b.armRequant(t.acc(r, 0), t.vectors, 0, lo, hi)
		if t.vectors == 4 {
			b.line("FSTPQ (F%d, F%d), (%s)", t.acc(r, 0), t.acc(r, 2), out)
		} else {
			b.line("FMOVQ F%d, (%s)", t.acc(r, 0), out)
		}
		b.op("ADD " + step + ", " + out)
	}
}

// armLimits sets two vectors to the limits of the int16 results.
func (b *builder) armLimits(lo, hi int) {
	b.line("VDUP %s, V%d.H8", armLoAt, lo)
	b.line("VDUP %s, V%d.H8", armHiAt, hi)
}

// armRequant turns vectors accumulators from acc on into int16, 8 in each even
// one of them; scales are in as many vectors from scale on. FCVTNS and SQXTN
// saturate, so rounding may come before clamping.
func (b *builder) armRequant(acc, vectors, scale, lo, hi int) {
	for i := range vectors {
		b.line("VSCVTF V%d.S4, V%d.S4", acc+i, acc+i)
	}
	for i := range vectors {
		b.line("VFMUL V%d.S4, V%d.S4, V%d.S4", scale+i, acc+i, acc+i)
	}
	for i := range vectors {
		b.word(fcvtns(acc+i, acc+i))
	}
	for i := 0; i < vectors; i += 2 {
		b.line("VSQXTN V%d.S4, V%d.H4", acc+i, acc+i)
	}
	for i := 0; i < vectors; i += 2 {
		b.line("VSQXTN2 V%d.S4, V%d.H8", acc+i+1, acc+i)
	}
	for i := 0; i < vectors; i += 2 {
		b.line("VSMAX V%d.H8, V%d.H8, V%d.H8", lo, acc+i, acc+i)
	}
	for i := 0; i < vectors; i += 2 {
		b.line("VSMIN V%d.H8, V%d.H8, V%d.H8", hi, acc+i, acc+i)
	}
}

// armWinograd writes winogradTile<rows>x<cols>: the products of transformed
// windows and filters, rows x cols at a time, tiles times, for each position.
// Rows of in are rowStep apart, and gap more after the last of a position.
func (b *builder) armWinograd(t armTile) {
	at := b.function(fmt.Sprintf("winogradTile%dx%d", t.rows, t.cols()), "winogradPortable in winograd.go",
		[]string{"products", "in", "rowStep", "gap", "tiles", "w", "octets"})
	const products, in, step, gap, tiles, w, octets, position, tile, block, count = "R0", "R1", "R2", "R3", "R4", "R5", "R6", "R7", "R8", "R9", "R10"
	b.armArguments(at, "products", products, "in", in, "rowStep", step, "gap", gap, "tiles", tiles, "w", block, "octets", octets)
	b.op(fmt.Sprintf("MOVD $%d, %s", positions, position))
	b.label("position")
	b.op("MOVD " + tiles + ", " + tile)
	b.label("tile")
	for _, p := range armPointers[:t.rows] {
		b.op("MOVD "+in+", "+p, "ADD "+step+", "+in)
	}
	for r := range t.rows {
		for i := range t.vectors {
			b.line("VEOR V%d.B16, V%d.B16, V%d.B16", t.acc(r, i), t.acc(r, i), t.acc(r, i))
		}
	}
	b.op("MOVD "+block+", "+w, "MOVD "+octets+", "+count)
	b.label("octet")
	b.armProducts(t, 8, w)
	b.op("SUBS $1, "+count, "BNE octet")
	for r := range t.rows {
		for i := 0; i < t.vectors; i += 2 {
			b.line("FSTPQ.P (F%d, F%d), 32(%s)", t.acc(r, i), t.acc(r, i+1), products)
		}
	}
	b.op("SUBS $1, "+tile, "BNE tile")
	b.op("MOVD "+w+", "+block, "ADD "+gap+", "+in, "SUBS $1, "+position, "BNE position", "RET")
}

// arm64Files returns the text of each file of routines for arm64 by name.
func arm64Files() map[string][]byte {
	const simd = "goexperiment.simd && arm64 && !nosimd"
	var gemm, lanes, winograd, dots builder
	for _, b := range []*builder{&gemm, &lanes, &winograd, &dots} {
		b.header(simd)
	}
	for _, vectors := range []int{4, 2} {
		for rows := 1; rows <= armRows; rows++ {
			gemm.armGemm(armTile{rows, vectors})
			winograd.armWinograd(armTile{rows, vectors})
		}
		d := armDepthwise{&lanes, 4 * vectors}
		d.routine(true)
		d.routine(false)
	}
	dots.armRowDots()
	return map[string][]byte{
		"gemm_arm64.s":     gemm.Bytes(),
		"lanes_arm64.s":    lanes.Bytes(),
		"winograd_arm64.s": winograd.Bytes(),
		"rowdots_arm64.s":  dots.Bytes(),
	}
}
