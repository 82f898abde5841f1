package main

import "fmt"

// dotRows is how many rows share the loads of the query.
const dotRows = 4

// rowDots writes rowDots4: products of a query of int16 with rows of int8, four
// rows at a time, quads times, sixteen values at a time, blocks times, and then
// eight if half is not zero; rest is how many values of a row are left to the
// caller. lanes is room for four sums of each
// row, which are added from memory: Go's assembler encodes the extraction of a
// lane without its number (and stores of vectors without their offset).
func (b *builder) rowDots() {
	at := b.function("rowDots4", "rowDotsPortable in rowdots.go", []string{"out", "lanes", "rows", "query", "k", "blocks", "half", "rest", "quads"})
	var (
		out, quads, query, block, lanes = r(0), r(1), r(2), r(3), r(4)
		low, high                       = v(dotRows), v(dotRows + 1)
	)
	row := func(i int) string { return r(5 + i) }
	b.load(at["out"], out)
	b.load(at["quads"], quads)
	b.op("I64Load "+at["rows"], fmt.Sprintf("I64Const $%d", splatBias), "I64Sub", "Set "+row(0))
	b.loop(quads, func() {
		for i := 1; i < dotRows; i++ {
			b.op("Get "+row(i-1), "I64Load "+at["k"], "I64Add", "Set "+row(i))
		}
		b.op("I32Const $0", "I32x4Splat")
		for i := range dotRows - 1 {
			b.op("Tee " + v(i))
		}
		b.op("Set " + v(dotRows-1))
		b.load(at["query"], query)
		b.load(at["blocks"], block)
		b.ifNotZero(block, func() {
			b.loop(block, func() {
				b.vload(query, 0)
				b.op("Set " + low)
				b.vload(query, 16)
				b.op("Set " + high)
				for i := range dotRows {
					b.widen(row(i), 0)
					b.op("Get "+low, "I32x4DotI16x8S", "Get "+v(i), "I32x4Add")
					b.widen(row(i), 8)
					b.op("Get "+high, "I32x4DotI16x8S", "I32x4Add", "Set "+v(i))
					b.addConst(row(i), 16)
				}
				b.addConst(query, 32)
			})
		})
		b.load(at["half"], block)
		b.ifNotZero(block, func() {
			b.vload(query, 0)
			b.op("Set " + low)
			for i := range dotRows {
				b.widen(row(i), 0)
				b.op("Get "+low, "I32x4DotI16x8S", "Get "+v(i), "I32x4Add", "Set "+v(i))
				b.addConst(row(i), 8)
			}
		})
		b.load(at["lanes"], lanes)
		for i := range dotRows {
			b.op("Get "+lanes, "I32WrapI64", "Get "+v(i), "V128Store $0")
			b.address(out)
			for lane := range 4 {
				b.address(lanes)
				b.line("I32Load $%d", 4*lane)
				if lane > 0 {
					b.op("I32Add")
				}
			}
			b.line("I32Store $%d", 4*i)
		}
		b.addConst(out, 4*dotRows)
		b.op("Get "+row(dotRows-1), "I64Load "+at["rest"], "I64Add", "Set "+row(0))
	})
	b.op("RET")
}

// armRowDots writes rowDots4: the sums of products of a query with four rows of
// int8, 16 values at a time, step bytes from row to row.
func (b *builder) armRowDots() {
	at := b.function("rowDots4", "rowDotsPortable in rowdots.go", []string{"sums", "query", "rows", "step", "blocks"})
	const sums, in, step, blocks = "R0", "R1", "R2", "R3"
	b.armArguments(at, "sums", sums, "query", in, "rows", armPointers[0], "step", step, "blocks", blocks)
	for i := 1; i < 4; i++ {
		b.op("ADD " + step + ", " + armPointers[i-1] + ", " + armPointers[i])
	}
	acc := func(col, i int) int { return 16 + 2*col + i }
	for i := range 8 {
		b.line("VEOR V%d.B16, V%d.B16, V%d.B16", acc(0, i), acc(0, i), acc(0, i))
	}
	b.label("block")
	b.line("FLDPQ.P 32(%s), (F0, F1)", in)
	for col := range 4 {
		w := 2 + 3*col
		b.line("FMOVQ.P 16(%s), F%d", armPointers[col], w)
		b.line("VSXTL V%d.B8, V%d.H8", w, w+1)
		b.line("VSXTL2 V%d.B16, V%d.H8", w, w+2)
		for half := range 2 {
			b.line("VSMLAL V%d.H4, V%d.H4, V%d.S4", w+1+half, half, acc(col, 0))
			b.line("VSMLAL2 V%d.H8, V%d.H8, V%d.S4", w+1+half, half, acc(col, 1))
		}
	}
	b.op("SUBS $1, "+blocks, "BNE block")
	for col := range 4 {
		b.line("VADD V%d.S4, V%d.S4, V%d.S4", acc(col, 0), acc(col, 1), acc(col, 0))
	}
	b.line("VADDP V%d.S4, V%d.S4, V0.S4", acc(1, 0), acc(0, 0))
	b.line("VADDP V%d.S4, V%d.S4, V1.S4", acc(3, 0), acc(2, 0))
	b.op("VADDP V1.S4, V0.S4, V0.S4", "FMOVQ F0, ("+sums+")", "RET")
}
