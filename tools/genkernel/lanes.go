package main

import "fmt"

// dwRows is how many rows a depthwise tile has: two accumulators each, beside
// two weight vectors, the activation, and in the end six constants.
const dwRows = 4

// dwUnrolled is the window whose taps are written out: 3x3.
const dwUnrolled = 9

// depthwise writes the depthwise tiles: rows outside, channels inside, so that
// each cache line of activations is used whole.
func (b *builder) depthwise() {
	for _, rows := range []int{dwRows, 1} {
		for _, taps := range []int{dwUnrolled, 0} {
			b.depthwiseTile(rows, taps)
		}
	}
}

// depthwiseTile writes depthwiseTileN, for any window, and depthwiseTileNxT for
// T taps: rows at a time, tiles times, 8 channels at a time, blocks times.
//
// Weights are stored twice, once with the odd and once with the even lanes
// zero, so that the dot product of pairs of lanes gives the products of the
// even and of the odd channels, without a shuffle. bias and scale have the even
// ones of 8 channels before the odd ones too.
func (b *builder) depthwiseTile(rows, unroll int) {
	name := fmt.Sprintf("depthwiseTile%d", rows)
	if unroll > 0 {
		name += fmt.Sprintf("x%d", unroll)
	}
	at := b.function(name, "depthwisePortable in depthwise.go",
		[]string{"out", "outStep", "in", "offsets", "tiles", "blocks", "w", "taps", "bias", "scale"}, "lo", "hi")
	var (
		out, offsets, tiles, outRow = r(0), r(1), r(2), r(3)
		w, in, block, bias, scale   = r(4), r(5), r(6), r(7), r(8)
		tap, entry, tapStep, temp   = r(9), r(10), r(11), r(12)
		w0, w1, x                   = v(2 * rows), v(2*rows + 1), v(2*rows + 2)
	)
	b.load(at["out"], out)
	b.load(at["offsets"], offsets)
	b.load(at["tiles"], tiles)
	b.op("I64Load "+at["taps"], "I64Const $2", "I64Shl", "Set "+tapStep)
	product := func(i int) {
		b.op("V128Load $0")
		b.op("Tee "+x, "Get "+w0, "I32x4DotI16x8S", "Get "+v(2*i), "I32x4Add", "Set "+v(2*i))
		b.op("Get "+x, "Get "+w1, "I32x4DotI16x8S", "Get "+v(2*i+1), "I32x4Add", "Set "+v(2*i+1))
	}
	b.loop(tiles, func() {
		b.op("Get "+out, "Set "+outRow)
		b.load(at["w"], w)
		b.load(at["in"], in)
		b.load(at["blocks"], block)
		b.load(at["bias"], bias)
		b.load(at["scale"], scale)
		b.loop(block, func() {
			for odd := range 2 {
				b.vload(bias, 16*odd)
				for i := range rows - 1 {
					b.op("Tee " + v(2*i+odd))
				}
				b.op("Set " + v(2*rows-2+odd))
			}
			if unroll > 0 {
				for t := range unroll {
					b.depthwiseWeights(w, 32*t, w0, w1)
					for i := range rows {
						b.tapAddress(offsets, 4*(i*unroll+t), in)
						product(i)
					}
				}
				b.addConst(w, 32*unroll)
			} else {
				b.op("Get "+offsets, "Set "+entry)
				b.load(at["taps"], tap)
				b.loop(tap, func() {
					b.depthwiseWeights(w, 0, w0, w1)
					b.op("Get "+entry, "Set "+temp)
					for i := range rows {
						b.tapAddress(temp, 0, in)
						product(i)
						if i < rows-1 {
							b.add(temp, tapStep)
						}
					}
					b.addConst(w, 32)
					b.addConst(entry, 4)
				})
			}
			b.depthwiseStore(rows, at, outRow, scale, temp)
			b.addConst(in, 16)
			b.addConst(outRow, 16)
			b.addConst(bias, 32)
			b.addConst(scale, 32)
		})
		for range rows {
			b.add(offsets, tapStep)
			b.op("Get "+out, "I64Load "+at["outStep"], "I64Add", "Set "+out)
		}
	})
	b.op("RET")
}

func (b *builder) depthwiseWeights(w string, offset int, w0, w1 string) {
	b.vload(w, offset)
	b.op("Set " + w0)
	b.vload(w, offset+16)
	b.op("Set " + w1)
}

// tapAddress pushes the address base + 2*(the int32 at table+offset).
func (b *builder) tapAddress(table string, offset int, base string) {
	b.address(table)
	b.op(fmt.Sprintf("I32Load $%d", offset), "I32Const $1", "I32Shl")
	b.address(base)
	b.op("I32Add")
}

// depthwiseStore requantises and stores 8 channels of each row: the low halves
// of the rounded sums are the results, joined as even | odd<<16.
func (b *builder) depthwiseStore(rows int, at map[string]string, outRow, scale, temp string) {
	scales := [2]string{v(2 * rows), v(2*rows + 1)}
	lo, hi, magic, mask := v(2*rows+2), v(2*rows+3), v(2*rows+4), v(2*rows+5)
	for odd := range 2 {
		b.vload(scale, 16*odd)
		b.op("Set " + scales[odd])
	}
	b.splatArg(at["lo"], lo)
	b.splatArg(at["hi"], hi)
	b.op(magicFloat, "Set "+magic)
	b.op("V128Const $0x0000FFFF0000FFFF, $0x0000FFFF0000FFFF", "Set "+mask)
	b.op("Get "+outRow, "Set "+temp)
	for i := range rows {
		b.address(temp)
		for odd := range 2 {
			b.op("Get "+v(2*i+odd), "F32x4ConvertI32x4S", "Get "+scales[odd], "F32x4Mul")
			b.op("Get "+lo, "F32x4Pmax", "Get "+hi, "F32x4Pmin", "Get "+magic, "F32x4Add")
			if odd == 0 {
				b.op("Get "+mask, "V128And")
			} else {
				b.op("I32Const $16", "I32x4Shl")
			}
		}
		b.op("V128Or", "V128Store $0")
		if i < rows-1 {
			b.op("Get "+temp, "I64Load "+at["outStep"], "I64Add", "Set "+temp)
		}
	}
}

// windows writes the loops of a pooling routine around three bodies: start
// clears the accumulators, tap takes the vector on the stack, and store turns
// the accumulators into the vector to be stored. R0 to R8 are in use.
func (b *builder) windows(at map[string]string, start, tap, store func(), nextRow func()) {
	out, offsets, rows, outRow, in, block, count, entry := r(0), r(1), r(2), r(3), r(4), r(5), r(6), r(7)
	b.load(at["out"], out)
	b.load(at["offsets"], offsets)
	b.load(at["rows"], rows)
	b.loop(rows, func() {
		b.op("Get "+out, "Set "+outRow)
		b.load(at["in"], in)
		b.load(at["blocks"], block)
		b.loop(block, func() {
			b.op("Get "+offsets, "Set "+entry)
			b.load(at["taps"], count)
			start()
			b.loop(count, func() {
				b.tapAddress(entry, 0, in)
				b.op("V128Load $0")
				tap()
				b.addConst(entry, 4)
			})
			b.address(outRow)
			store()
			b.op("V128Store $0")
			b.addConst(in, 16)
			b.addConst(outRow, 16)
		})
		b.op("Get "+entry, "Set "+offsets)
		b.op("Get "+out, "I64Load "+at["outStep"], "I64Add", "Set "+out)
		nextRow()
	})
	b.op("RET")
}

func (b *builder) maxPool() {
	at := b.function("maxPoolBlocks", "maxPoolPortable in pool.go",
		[]string{"out", "outStep", "in", "offsets", "rows", "taps", "blocks"})
	b.windows(at,
		func() { b.op("V128Const $0x8000800080008000, $0x8000800080008000", "Set V0") },
		func() { b.op("Get V0", "I16x8MaxS", "Set V0") },
		func() { b.op("Get V0") },
		func() {})
}

func (b *builder) avgPool() {
	at := b.function("avgPoolBlocks", "avgPoolPortable in pool.go",
		[]string{"out", "outStep", "in", "offsets", "rows", "taps", "blocks", "scale"})
	scale := r(8)
	b.load(at["scale"], scale)
	b.constant("V4", -32768)
	b.constant("V5", 32767)
	b.windows(at,
		func() { b.op(zero, "Set V0", zero, "Set V1") },
		func() {
			b.op("Tee V2", "I32x4ExtendLowI16x8S", "Get V0", "I32x4Add", "Set V0")
			b.op("Get V2", "I32x4ExtendHighI16x8S", "Get V1", "I32x4Add", "Set V1")
		},
		func() {
			b.address(scale)
			b.op("F32Load $0", "F32x4Splat", "Set V3")
			for _, sum := range []string{"V0", "V1"} {
				b.op("Get "+sum, "F32x4ConvertI32x4S", "Get V3", "F32x4Mul")
				b.round("V4", "V5")
			}
			b.op("I16x8NarrowI32x4S")
		},
		func() { b.addConst(scale, 4) })
}

// constant sets a vector register to four copies of a float32.
func (b *builder) constant(reg string, x int) {
	b.op(fmt.Sprintf("F32Const $(%d.0)", x), "F32x4Splat", "Set "+reg)
}

// elementwise writes the routines over slices, 8 elements at a time, blocks
// times.
func (b *builder) elementwise() {
	extend := []string{"I32x4ExtendLowI16x8S", "I32x4ExtendHighI16x8S"}
	multiply := []string{"I32x4ExtmulLowI16x8S", "I32x4ExtmulHighI16x8S"}
	scaled := func(x, half, m string) {
		b.op("Get "+x, half, "F32x4ConvertI32x4S", "Get "+m, "F32x4Mul")
	}
	b.slices("addBlocks", "addPortable", []string{"out", "a", "b"}, []string{"ma", "mb", "lo", "hi"}, func(half int) {
		scaled("V0", extend[half], "V2")
		scaled("V1", extend[half], "V3")
		b.op("F32x4Add")
		b.round("V4", "V5")
	})
	b.slices("mulBlocks", "mulPortable", []string{"out", "a", "b"}, []string{"m", "lo", "hi"}, func(half int) {
		b.op("Get V0", "Get V1", multiply[half], "F32x4ConvertI32x4S", "Get V2", "F32x4Mul")
		b.round("V3", "V4")
	})
	b.slices("scaleBlocks", "scalePortable", []string{"out", "a"}, []string{"m", "lo", "hi"}, func(half int) {
		scaled("V0", extend[half], "V1")
		b.round("V2", "V3")
	})
}

// prelu writes preluBlocks: 8 channels at a time, each with a factor of its own for
// negative values. One of the two products is zero, so that their sum is exact.
func (b *builder) prelu() {
	at := b.function("preluBlocks", "preluPortable in prelu.go", []string{"out", "a", "negative", "blocks"}, "positive", "lo", "hi")
	out, a, negative, blocks := r(0), r(1), r(2), r(3)
	above, below, zero, positive, lo, hi := v(0), v(1), v(2), v(3), v(4), v(5)
	b.load(at["out"], out)
	b.load(at["a"], a)
	b.load(at["negative"], negative)
	b.load(at["blocks"], blocks)
	b.splatArg(at["positive"], positive)
	b.splatArg(at["lo"], lo)
	b.splatArg(at["hi"], hi)
	b.op("I32Const $0", "I32x4Splat", "Set "+zero)
	b.loop(blocks, func() {
		b.vload(a, 0)
		b.op("Tee "+above, "Get "+zero, "I16x8MinS", "Set "+below)
		b.op("Get "+above, "Get "+zero, "I16x8MaxS", "Set "+above)
		b.address(out)
		for half, extend := range []string{"I32x4ExtendLowI16x8S", "I32x4ExtendHighI16x8S"} {
			b.op("Get "+above, extend, "F32x4ConvertI32x4S", "Get "+positive, "F32x4Mul")
			b.op("Get "+below, extend, "F32x4ConvertI32x4S")
			b.vload(negative, 16*half)
			b.op("F32x4Mul", "F32x4Add")
			b.round(lo, hi)
		}
		b.op("I16x8NarrowI32x4S", "V128Store $0")
		b.addConst(out, 16)
		b.addConst(a, 16)
		b.addConst(negative, 32)
	})
	b.op("RET")
}

// slices writes a routine whose first pointer is stored to and whose others are
// loaded from, into V0 and up; the float arguments follow in the next vectors.
// result pushes the int32 results of the low (0) or the high half.
func (b *builder) slices(name, reference string, pointers, floats []string, result func(half int)) {
	at := b.function(name, reference+" in elementwise.go", append(pointers, "blocks"), floats...)
	for i, p := range append(pointers, "blocks") {
		b.load(at[p], r(i))
	}
	for i, f := range floats {
		b.splatArg(at[f], v(len(pointers)-1+i))
	}
	b.loop(r(len(pointers)), func() {
		for i := range pointers[1:] {
			b.vload(r(i+1), 0)
			b.op("Set " + v(i))
		}
		b.address(r(0))
		result(0)
		result(1)
		b.op("I16x8NarrowI32x4S", "V128Store $0")
		for i := range pointers {
			b.addConst(r(i), 16)
		}
	})
	b.op("RET")
}
