//go:build goexperiment.simd && amd64 && !nosimd

package kernel

import (
	"simd/archsimd"
	"unsafe"
)

// weightRun is how many channels PMADDWD and its kind sum at once.
const weightRun = 2

// body is the one in use, chosen at start by what the processor has.
var body = detect()

type bodyKind int

const (
	portable bodyKind = iota
	avx2
	avx512 // with VNNI
)

func detect() bodyKind {
	switch {
	case archsimd.X86.AVX512() && archsimd.X86.AVX512VNNI():
		return avx512
	case archsimd.X86.AVX2():
		return avx2
	}
	return portable
}

func bodyName() string { return [...]string{"portable", "amd64/avx2", "amd64/avx512"}[body] }

// rowBlock is how many bytes of activations pass by one block of columns before
// the next: they are to stay in the second cache.
const rowBlock = 256 << 10

func packGemm(w []int8, cols, taps, kc int) *GemmWeights {
	if body == portable {
		return packGemmPortable(w, cols, taps, kc)
	}
	wide := 16
	if body == avx512 {
		wide = 32
	}
	return &GemmWeights{cols: cols, taps: taps, k: kc + kc&1,
		tiles: packTiles(w, cols, taps, kc, wide, 16)}
}

func gemm(out []int16, outStride int, in []int16, offsets []int32, rows int, w *GemmWeights, rq *Requant) {
	if w.pairs != nil {
		gemmPortable(out, outStride, in, offsets, rows, w, rq)
		return
	}
	wide, tallest := 16, len(avx2GemmTiles)
	if body == avx512 {
		wide, tallest = 32, len(avx512GemmTiles32)
	}
	step := max(tallest, rowBlock/(2*w.taps*w.k)/tallest*tallest)
	for r := 0; r < rows; r += step {
		n := min(step, rows-r)
		for col := 0; col < w.cols; {
			width := blockWidth(w.cols-col, wide, 16)
			tiles := avx2GemmTiles[:]
			if width == 32 {
				tiles = avx512GemmTiles32[:]
			} else if body == avx512 {
				tiles = avx512GemmTiles16[:]
			}
			gemmRows(tiles, out[r*outStride+col:], outStride, in, offsets[r*w.taps:], n, w, col, width, rq)
			col += width
		}
	}
}

// gemmRows computes one block of columns of some rows, with tiles of equal
// height; the last of them may do rows of the one before again.
func gemmRows(tiles []tileAMD64, out []int16, outStride int, in []int16, offsets []int32, rows int, w *GemmWeights, col, width int, rq *Requant) {
	count := (rows + len(tiles) - 1) / len(tiles)
	height := (rows + count - 1) / count
	// The last vector is 8 or 16 columns wide, of which 8 may be padding.
	mask := 0xffff
	if Pad(w.cols-col)&15 == 8 && w.cols-col <= width {
		mask = 0xff
	}
	run := func(first, count int) {
		tiles[height-1](&out[first*outStride], 2*outStride, unsafe.SliceData(in), &offsets[first*w.taps], count,
			&w.tiles[col*w.taps*w.k], w.taps, 2*w.k, &rq.Bias[col], &rq.Scale[col], mask, float32(rq.Lo), float32(rq.Hi))
	}
	run(0, rows/height)
	if rows%height != 0 {
		run(rows-height, 1)
	}
}

func maxPool(out []int16, outStride int, in []int16, offsets []int32, rows, taps, channels int) {
	if body == portable {
		maxPoolPortable(out, outStride, in, offsets, rows, taps, channels)
		return
	}
	for r := range rows {
		row := out[r*outStride:][:Pad(channels)]
		window := offsets[r*taps:][:taps]
		c := 0
		for ; c+16 <= len(row); c += 16 {
			best := archsimd.LoadInt16x16(in[int(window[0])+c:])
			for _, o := range window[1:] {
				best = best.Max(archsimd.LoadInt16x16(in[int(o)+c:]))
			}
			best.Store(row[c:])
		}
		if c < len(row) {
			best := archsimd.LoadInt16x8(in[int(window[0])+c:])
			for _, o := range window[1:] {
				best = best.Max(archsimd.LoadInt16x8(in[int(o)+c:]))
			}
			best.Store(row[c:])
		}
	}
	archsimd.ClearAVXUpperBits()
}

func avgPool(out []int16, outStride int, in []int16, offsets []int32, rows, taps, channels int, scale []float32) {
	if body == portable {
		avgPoolPortable(out, outStride, in, offsets, rows, taps, channels, scale)
		return
	}
	lo, hi := archsimd.BroadcastFloat32x8(-32768), archsimd.BroadcastFloat32x8(32767)
	for r := range rows {
		row := out[r*outStride:][:Pad(channels)]
		m := archsimd.BroadcastFloat32x8(scale[r])
		for c := 0; c < len(row); c += 8 {
			var sum archsimd.Int32x8
			for _, o := range offsets[r*taps:][:taps] {
				sum = sum.Add(archsimd.LoadInt16x8(in[int(o)+c:]).ExtendToInt32())
			}
			narrow(roundVector(sum.ConvertToFloat32().Mul(m), lo, hi)).Store(row[c:])
		}
	}
	archsimd.ClearAVXUpperBits()
}

// roundVector is roundClamp on 8 numbers.
func roundVector(x, lo, hi archsimd.Float32x8) archsimd.Int32x8 {
	return x.Max(lo).Min(hi).Round().ConvertToInt32()
}

// narrow packs 8 int32 in the range of int16.
func narrow(x archsimd.Int32x8) archsimd.Int16x8 {
	return x.GetLo().SaturateToInt16Concat(x.GetHi())
}
