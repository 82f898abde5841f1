package graph

import (
	"encoding/binary"
	"unsafe"
)

// One bit, and one byte of 0, 0 and 255, for each byte and pair of bytes of a word.
const (
	eachByte = 0x0101010101010101
	lowBytes = 0x00ff00ff00ff00ff
	lowPairs = 0x0000ffff0000ffff
)

// signSteps is how many words are summed before a lane of 16 bits, to which one
// adds at most 256, could be full.
const signSteps = 255

// signSums returns the sum of the positive weights, that of the others, and
// whether one is -128. It takes eight weights at a time: large models are checked
// before they run, and a branch for each weight was most of that.
func signSums(w []int8) (pos, neg int64, least bool) {
	b := unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(w))), len(w))
	for len(b) >= 8 {
		run := b[:min(len(b)&^7, 8*signSteps)]
		b = b[len(run):]
		var above, below, top uint64
		for ; len(run) >= 8; run = run[8:] {
			x := binary.LittleEndian.Uint64(run)
			sign := x >> 7 & eachByte
			mask := sign * 0xff
			p, n := x&^mask, ^x&mask+sign
			above += p&lowBytes + p>>8&lowBytes
			below += n&lowBytes + n>>8&lowBytes
			top |= n
		}
		pos += laneSum(above)
		neg -= laneSum(below)
		least = least || top&(eachByte<<7) != 0
	}
	for _, v := range b {
		pos += int64(max(int8(v), 0))
		neg += int64(min(int8(v), 0))
		least = least || v == 0x80
	}
	return pos, neg, least
}

// laneSum is the sum of the four numbers of 16 bits in a word.
func laneSum(x uint64) int64 {
	x = x&lowPairs + x>>16&lowPairs
	return int64(x&0xffffffff + x>>32)
}
