package main

import "fmt"

// positions is the number of products a tile of 2x2 outputs has a channel.
const positions = 16

// winogradInput writes the transformation of windows: B^T d B of tiles times
// blocks of 8 channels, each result to its position, step bytes apart.
//
// The two middle rows of the window are in registers, since they take part in
// the first sums of three rows each, beside them one row of sums.
func (b *builder) winogradInput() {
	at := b.function("winogradInputBlocks", "transformInput in winograd.go",
		[]string{"out", "step", "in", "windows", "tiles", "blocks"})
	out, windows, tiles, in, block, step, to := r(0), r(1), r(2), r(3), r(4), r(5), r(6)
	b.load(at["out"], out)
	b.load(at["windows"], windows)
	b.load(at["tiles"], tiles)
	b.load(at["step"], step)
	row1 := func(x int) string { return v(x) }
	row2 := func(x int) string { return v(4 + x) }
	sum := func(x int) string { return v(8 + x) }
	window := func(y, x int) {
		b.tapAddress(windows, 4*(4*y+x), in)
		b.op("V128Load $0")
	}
	columns := func(last bool) {
		for i, c := range [][3]string{{sum(0), sum(2), "I16x8Sub"}, {sum(1), sum(2), "I16x8Add"}, {sum(2), sum(1), "I16x8Sub"}, {sum(1), sum(3), "I16x8Sub"}} {
			b.address(to)
			b.op("Get "+c[0], "Get "+c[1], c[2], "V128Store $0")
			if !last || i < 3 {
				b.add(to, step)
			}
		}
	}
	b.loop(tiles, func() {
		b.load(at["in"], in)
		b.load(at["blocks"], block)
		b.loop(block, func() {
			b.op("Get "+out, "Set "+to)
			for x := range 4 {
				window(1, x)
				b.op("Set " + row1(x))
				window(2, x)
				b.op("Set " + row2(x))
			}
			for x := range 4 {
				window(0, x)
				b.op("Get "+row2(x), "I16x8Sub", "Set "+sum(x))
			}
			columns(false)
			for x := range 4 {
				b.op("Get "+row1(x), "Get "+row2(x), "I16x8Add", "Set "+sum(x))
			}
			columns(false)
			for x := range 4 {
				b.op("Get "+row2(x), "Get "+row1(x), "I16x8Sub", "Set "+sum(x))
			}
			columns(false)
			for x := range 4 {
				b.op("Get " + row1(x))
				window(3, x)
				b.op("I16x8Sub", "Set "+sum(x))
			}
			columns(true)
			b.addConst(out, 16)
			b.addConst(in, 16)
		})
		b.addConst(windows, 4*positions)
	})
	b.op("RET")
}

// winogradTile writes winogradTileNx8: for each position, rows x 8 products at
// a time, tiles times. Rows of in are rowStep apart, and gap more after the
// last of a position.
func (b *builder) winogradTile(rows int) {
	at := b.function(fmt.Sprintf("winogradTile%dx8", rows), "winogradPortable in winograd.go",
		[]string{"products", "in", "rowStep", "gap", "tiles", "w", "octets", "next", "ahead"})
	next, ahead := r(14), r(15)
	products, in, rowStep, position, tile, w, block, count := r(6), r(7), r(8), r(9), r(10), r(11), r(12), r(13)
	w0, w1, x := v(2*rows), v(2*rows+1), v(2*rows+2)
	b.load(at["products"], products)
	b.op("I64Load "+at["in"], fmt.Sprintf("I64Const $%d", splatBias), "I64Sub", "Set "+in)
	b.load(at["rowStep"], rowStep)
	b.load(at["ahead"], ahead)
	b.load(at["w"], w)
	b.op(fmt.Sprintf("I64Const $%d", positions), "Set "+position)
	b.loop(position, func() {
		b.op("Get "+w, "Tee "+block, "I64Load "+at["next"], "I64Add", "Set "+next)
		b.load(at["tiles"], tile)
		b.loop(tile, func() {
			for i := range rows {
				b.op("Get "+in, "Set "+r(i))
				b.add(in, rowStep)
				b.op(zero, "Set "+v(2*i), zero, "Set "+v(2*i+1))
			}
			b.op("Get "+block, "Set "+w)
			b.load(at["octets"], count)
			b.loop(count, func() {
				b.pairs(rows, 4, w, w0, w1, x)
				for i := range rows {
					b.addConst(r(i), 16)
				}
				b.addConst(w, 128)
				b.touch(next, ahead)
			})
			for i := range 2 * rows {
				b.address(products)
				b.op("Get "+v(i), "V128Store $0")
				b.addConst(products, 16)
			}
		})
		b.op("Get "+in, "I64Load "+at["gap"], "I64Add", "Set "+in)
	})
	b.op("RET")
}

// touch reads at next, for the cache's sake, and advances it.
func (b *builder) touch(next, ahead string) {
	b.address(next)
	b.op("I32Load $0", "Drop")
	b.add(next, ahead)
}

// winogradOutput writes the last stage for 8 columns: A^T m A, requantisation
// and the store of 2x2 outputs, tiles times. Positions of products are step bytes
// apart. The bias is added to the product that is in all four sums.
func (b *builder) winogradOutput() {
	at := b.function("winogradOutputBlocks", "transformOutput in winograd.go",
		[]string{"out", "targets", "products", "step", "tiles", "bias", "scale"}, "lo", "hi")
	out, targets, products, step, tiles, bias, scale, from := r(0), r(1), r(2), r(3), r(4), r(5), r(6), r(7)
	m1 := v(14)
	upper := func(x int) string { return v(x) } // sums of the upper outputs
	lower := func(x int) string { return v(4 + x) }
	result := func(i int) string { return v(8 + i) } // of the first half
	for _, c := range [][2]string{{"out", out}, {"targets", targets}, {"products", products}, {"step", step}, {"tiles", tiles}, {"bias", bias}, {"scale", scale}} {
		b.load(at[c[0]], c[1])
	}
	rq := b.requantiser(at, v(12), v(13), m1, m1, v(15))
	b.loop(tiles, func() {
		for half := range 2 {
			b.op("Get "+products, "Set "+from)
			next := func() {
				b.vload(from, 16*half)
				b.add(from, step)
			}
			for x := range 4 { // row 0
				next()
				b.op("Set " + upper(x))
			}
			for x := range 4 {
				next()
				if x == 1 {
					b.vload(bias, 16*half)
					b.op("I32x4Add")
				}
				b.op("Tee "+lower(x), "Get "+upper(x), "I32x4Add", "Set "+upper(x))
			}
			for x := range 4 {
				next()
				b.op("Tee "+m1, "Get "+upper(x), "I32x4Add", "Set "+upper(x))
				b.op("Get "+lower(x), "Get "+m1, "I32x4Sub", "Set "+lower(x))
			}
			for x := range 4 {
				b.op("Get " + lower(x))
				next()
				b.op("I32x4Sub", "Set "+lower(x))
			}
			b.vload(scale, 16*half)
			b.op("Set " + m1)
			for i := range corners {
				s := upper
				if i >= 2 {
					s = lower
				}
				if half == 1 {
					b.tapAddress(targets, 4*i, out)
					b.op("Get " + result(i))
				}
				if i%2 == 0 {
					b.op("Get "+s(0), "Get "+s(1), "I32x4Add", "Get "+s(2), "I32x4Add")
				} else {
					b.op("Get "+s(1), "Get "+s(2), "I32x4Sub", "Get "+s(3), "I32x4Sub")
				}
				rq.low(half)
				if half == 0 {
					b.op("Set " + result(i))
				} else {
					rq.pack()
					b.op("V128Store $0")
				}
			}
		}
		b.addConst(products, 32)
		b.addConst(targets, 4*corners)
	})
	b.op("RET")
}

// corners is the number of outputs of a tile.
const corners = 4
