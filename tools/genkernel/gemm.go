package main

import "fmt"

// maxRows is the height of the largest tile: with 8 columns it takes 10
// accumulators, two weight vectors and one activation. An engine on amd64 has 15
// vector registers to give, but 6 rows, which need all of them, are a quarter
// slower in Chromium.
const maxRows = 5

// gemmTile writes gemmTileNx8: rows x 8 outputs at a time, for tiles rows, and
// in each for blocks of 8 columns. rest is the number of pairs of channels past
// the last octet; tapStep the bytes of a row's offsets; scale lies scaleAt bytes
// from bias.
//
//	for range tiles
//	    for range blocks
//	        acc = bias
//	        for range taps
//	            for each pair k, k+1: acc[i] += in[offset_i+k] * w[k] + in[offset_i+k+1] * w[k+1]
//	        out rows = requantised acc
func (b *builder) gemmTile(rows int) {
	name := fmt.Sprintf("gemmTile%dx8", rows)
	at := b.function(name, "gemmPortable in gemm.go",
		[]string{"out", "outStep", "in", "offsets", "tiles", "blocks", "w", "taps", "tapStep", "octets", "rest", "bias", "scaleAt"}, "lo", "hi")
	var (
		block, out, offsets, tiles, w = r(5), r(6), r(7), r(8), r(9)
		tap, count, bias, temp        = r(10), r(11), r(12), r(13)
		in, to                        = r(14), r(15)
		w0, w1, x                     = v(2 * rows), v(2*rows + 1), v(2*rows + 2)
	)
	step := func(pairs int) {
		b.pairs(rows, pairs, w, w0, w1, x)
		for i := range rows {
			b.addConst(r(i), 4*pairs)
		}
		b.addConst(w, 32*pairs)
	}
	nextRow := func(reg string) { b.op("Get "+reg, "I64Load "+at["tapStep"], "I64Add", "Set "+reg) }
	b.load(at["out"], out)
	b.load(at["offsets"], offsets)
	b.load(at["tiles"], tiles)
	b.op("I64Load "+at["in"], fmt.Sprintf("I64Const $%d", splatBias), "I64Sub", "Set "+in)
	b.loop(tiles, func() {
		b.load(at["w"], w)
		b.load(at["bias"], bias)
		b.load(at["blocks"], block)
		b.op("Get "+out, "Set "+to)
		b.loop(block, func() {
			for half := range 2 {
				b.vload(bias, 16*half)
				for i := range rows - 1 {
					b.op("Tee " + v(2*i+half))
				}
				b.op("Set " + v(2*rows-2+half))
			}
			b.load(at["taps"], tap)
			b.loop(tap, func() {
				b.op("Get "+offsets, "Set "+temp)
				for i := range rows {
					b.rowPointer(temp, in, r(i))
					if i < rows-1 {
						nextRow(temp)
					}
				}
				b.addConst(offsets, 4)
				b.load(at["octets"], count)
				b.ifNotZero(count, func() { b.loop(count, func() { step(4) }) })
				for _, pairs := range []int{2, 1} {
					b.op("I64Load "+at["rest"], fmt.Sprintf("I64Const $%d", pairs), "I64And", "Set "+count)
					b.ifNotZero(count, func() { step(pairs) })
				}
			})
			b.gemmStore(rows, at, to, bias, temp)
			b.op("Get "+offsets, "I64Load "+at["tapStep"], "I64Sub", "Set "+offsets)
			b.addConst(bias, 32)
			b.addConst(to, 16)
		})
		for range rows {
			nextRow(offsets)
			b.op("Get "+out, "I64Load "+at["outStep"], "I64Add", "Set "+out)
		}
	})
	b.op("RET")
}

// rowPointer sets reg to base + 2*(the int32 at table).
func (b *builder) rowPointer(table, base, reg string) {
	b.address(table)
	b.op("I64Load32S $0", "I64Const $1", "I64Shl", "Get "+base, "I64Add", "Set "+reg)
}

// pairs writes the products of some pairs of channels: for each, two vectors
// of weights, 4 columns x 2 channels each, and one pair of activations a row.
func (b *builder) pairs(rows, pairs int, w, w0, w1, x string) {
	for p := range pairs {
		b.vload(w, 32*p)
		b.op("Set " + w0)
		b.vload(w, 32*p+16)
		b.op("Set " + w1)
		for i := range rows {
			b.splat(r(i), 4*p)
			b.op("Tee "+x, "Get "+w0, "I32x4DotI16x8S", "Get "+v(2*i), "I32x4Add", "Set "+v(2*i))
			b.op("Get "+x, "Get "+w1, "I32x4DotI16x8S", "Get "+v(2*i+1), "I32x4Add", "Set "+v(2*i+1))
		}
	}
}

// gemmStore requantises the accumulators and stores them, one row after another.
func (b *builder) gemmStore(rows int, at map[string]string, out, bias, temp string) {
	rq := b.requantiser(at, v(2*rows), v(2*rows+1), v(2*rows+2), v(2*rows+3), v(2*rows+4))
	b.op("Get "+bias, "I64Load "+at["scaleAt"], "I64Add", "Set "+temp)
	for half := range 2 {
		b.vload(temp, 16*half)
		b.op("Set " + rq.scale[half])
	}
	b.op("Get "+out, "Set "+temp)
	for i := range rows {
		b.address(temp)
		b.op("Get " + v(2*i))
		rq.low(0)
		b.op("Get " + v(2*i+1))
		rq.low(1)
		rq.pack()
		b.op("V128Store $0")
		if i < rows-1 {
			b.op("Get "+temp, "I64Load "+at["outStep"], "I64Add", "Set "+temp)
		}
	}
}

// requantiser holds the constants that turn sums with their bias into int16.
type requantiser struct {
	*builder
	lo, hi string // float32x4, int16x8
	scale  [2]string
	magic  string
}

// requantiser sets its registers but for those of scales.
func (b *builder) requantiser(at map[string]string, lo, hi, scale0, scale1, magic string) requantiser {
	b.splatArg(at["lo"], lo)
	b.op("F32Load "+at["hi"], "I32TruncF32S", "I16x8Splat", "Set "+hi)
	b.op(magicFloat, "Set "+magic)
	return requantiser{b, lo, hi, [2]string{scale0, scale1}, magic}
}

// low turns the sums on the stack into int32, rounded and not less than lo. What
// is greater than 2^22 becomes some other number that does not fit an int16.
func (rq requantiser) low(half int) {
	rq.op("F32x4ConvertI32x4S", "Get "+rq.scale[half], "F32x4Mul", "Get "+rq.lo, "F32x4Pmax")
	rq.op("Get "+rq.magic, "F32x4Add", "Get "+rq.magic, "I32x4Sub")
}

// pack turns two results of low into int16 not greater than hi.
func (rq requantiser) pack() { rq.op("I16x8NarrowI32x4S", "Get "+rq.hi, "I16x8MinS") }
