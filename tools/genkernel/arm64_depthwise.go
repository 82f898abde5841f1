package main

import "fmt"

// armDepthwise are the depthwise routines, width channels at a time. Activations
// are in V0 and V1, weights in V2 and V3, sums in V4 to V7, scales in V16 to
// V19.
type armDepthwise struct {
	*builder
	width int
}

const (
	armX, armW, armAcc, armScale = 0, 2, 4, 16
	armLo, armHi                 = 30, 31
)

// load loads the lanes at from into v and the next.
func (d armDepthwise) load(from string, v int) {
	if d.width == 16 {
		d.line("FLDPQ (%s), (F%d, F%d)", from, v, v+1)
	} else {
		d.line("FMOVQ (%s), F%d", from, v)
	}
}

// next is load, and advances from.
func (d armDepthwise) next(from string, v int) {
	if d.width == 16 {
		d.line("FLDPQ.P 32(%s), (F%d, F%d)", from, v, v+1)
	} else {
		d.line("FMOVQ.P 16(%s), F%d", from, v)
	}
}

// products adds the products of one tap.
func (d armDepthwise) products() {
	for i := range d.width / 8 {
		d.line("VSMLAL V%d.H4, V%d.H4, V%d.S4", armW+i, armX+i, armAcc+2*i)
		d.line("VSMLAL2 V%d.H8, V%d.H8, V%d.S4", armW+i, armX+i, armAcc+2*i+1)
	}
}

// constants begins the sums with the bias, and loads the scales.
func (d armDepthwise) constants(bias, scale string) {
	for i := 0; i < d.width/4; i += 2 {
		d.line("FLDPQ.P 32(%s), (F%d, F%d)", bias, armAcc+i, armAcc+i+1)
		d.line("FLDPQ.P 32(%s), (F%d, F%d)", scale, armScale+i, armScale+i+1)
	}
}

// store requantises the sums and stores them.
func (d armDepthwise) store(to string) {
	d.armRequant(armAcc, d.width/4, armScale, armLo, armHi)
	if d.width == 16 {
		d.line("FSTPQ.P (F%d, F%d), 32(%s)", armAcc, armAcc+2, to)
	} else {
		d.line("FMOVQ.P F%d, 16(%s)", armAcc, to)
	}
}

// routine writes depthwise<width>, or depthwise3x3x<width> whose 9 taps are
// written out: blocks of width channels of each row. Weights are
// [block][tap][width].
func (d armDepthwise) routine(written bool) {
	name := fmt.Sprintf("depthwise%d", d.width)
	if written {
		name = fmt.Sprintf("depthwise3x3x%d", d.width)
	}
	at := d.function(name, "depthwisePortable in depthwise.go",
		[]string{"out", "outStep", "in", "offsets", "rows", "blocks", "w", "taps", "bias", "scale", "lo", "hi"})
	const out, in, offsets, rows, w, taps, bias, scale, block, to, temp = "R0", "R1", "R2", "R3", "R4", "R5", "R6", "R7", "R8", "R9", "R10"
	d.armArguments(at, "out", out, "in", in, "offsets", offsets, "rows", rows, "taps", taps, "lo", armLoAt, "hi", armHiAt)
	d.armLimits(armLo, armHi)
	d.label("row")
	if written {
		d.windowPointers(in, offsets)
	} else {
		d.op("MOVD " + in + ", R11")
	}
	d.armArguments(at, "w", w, "bias", bias, "scale", scale, "blocks", block)
	d.op("MOVD " + out + ", " + to)
	d.label("block")
	d.constants(bias, scale)
	if written {
		for _, p := range armWindow {
			d.next(p, armX)
			d.next(w, armW)
			d.products()
		}
	} else {
		d.anyTaps(taps, offsets, w)
	}
	d.store(to)
	d.op("SUBS $1, "+block, "BNE block")
	if !written {
		d.op("ADD " + taps + "<<2, " + offsets)
	}
	d.op("MOVD "+at["outStep"]+", "+temp, "ADD "+temp+", "+out, "SUBS $1, "+rows, "BNE row", "RET")
}

// armWindow are the registers of the 9 taps.
var armWindow = []string{"R13", "R14", "R15", "R19", "R20", "R21", "R22", "R23", "R24"}

// windowPointers sets the registers of the taps, and goes on to the next row
// of offsets.
func (d armDepthwise) windowPointers(in, offsets string) {
	for _, p := range armWindow {
		d.op("MOVW.P 4(" + offsets + "), " + p)
	}
	for _, p := range armWindow {
		d.op("ADD " + p + "<<1, " + in + ", " + p)
	}
}

// anyTaps writes the loop over the taps of a block, whose first channel is at
// R11, and goes on to the next block.
func (d armDepthwise) anyTaps(taps, offsets, w string) {
	const tap, entry, from = "R12", "R13", "R14"
	d.op("MOVD "+taps+", "+tap, "MOVD "+offsets+", "+entry)
	d.label("tap")
	d.op("MOVW.P 4("+entry+"), "+from, "ADD "+from+"<<1, R11, "+from)
	d.load(from, armX)
	d.next(w, armW)
	d.products()
	d.op("SUBS $1, "+tap, "BNE tap", fmt.Sprintf("ADD $%d, R11", 2*d.width))
}
