package main

// dotRows is how many rows share the loads of the query.
const dotRows = 4

// rowDots writes rowDots4: products of a query of int16 with rows of int8, four
// rows at a time, quads times, sixteen values at a time, blocks times; rest is how
// many values of a row are left to the caller. out has four sums of each row, since
// Go's assembler encodes the extraction of a lane without its number (and stores
// of vectors without their offset).
func (b *builder) rowDots() {
	at := b.function("rowDots4", "rowDotsPortable in rowdots.go", []string{"out", "rows", "query", "k", "blocks", "rest", "quads"})
	var (
		out, quads, query, block = r(0), r(1), r(2), r(3)
		low, high, x             = v(dotRows), v(dotRows + 1), v(dotRows + 2)
	)
	row := func(i int) string { return r(4 + i) }
	b.load(at["out"], out)
	b.load(at["quads"], quads)
	b.load(at["rows"], row(0))
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
		b.loop(block, func() {
			b.vload(query, 0)
			b.op("Set " + low)
			b.vload(query, 16)
			b.op("Set " + high)
			for i := range dotRows {
				b.vload(row(i), 0)
				b.op("Tee "+x, "I16x8ExtendLowI8x16S", "Get "+low, "I32x4DotI16x8S", "Get "+v(i), "I32x4Add")
				b.op("Get "+x, "I16x8ExtendHighI8x16S", "Get "+high, "I32x4DotI16x8S", "I32x4Add", "Set "+v(i))
				b.addConst(row(i), 16)
			}
			b.addConst(query, 32)
		})
		for i := range dotRows {
			b.op("Get "+out, "I32WrapI64", "Get "+v(i), "V128Store $0")
			b.addConst(out, 16)
		}
		b.op("Get "+row(dotRows-1), "I64Load "+at["rest"], "I64Add", "Set "+row(0))
	})
	b.op("RET")
}
