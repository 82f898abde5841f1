//go:build goexperiment.simd && arm64 && !nosimd

package kernel

import (
	"simd/archsimd"
	"unsafe"
)

func bodyName() string { return "arm64/neon" }

const (
	tileCols  = 16 // of a block of weights; the last may have half
	tileRows  = 6  // height of the tallest tile
	weightRun = 1  // SMLAL by element takes one channel at a time

	// rowBlock is how many bytes of activations pass by one block of columns
	// before the next: they are to stay in the second cache.
	rowBlock = 256 << 10
)

func packGemm(w []int8, cols, taps, kc int) *GemmWeights {
	return &GemmWeights{cols: cols, taps: taps, k: kc + kc&1,
		tiles: packTiles(w, cols, taps, kc, tileCols, lanes)}
}

func gemm(out []int16, outStride int, in []int16, offsets []int32, rows int, w *GemmWeights, rq *Requant) {
	step := max(tileRows, rowBlock/(2*w.taps*w.k)/tileRows*tileRows)
	for r := 0; r < rows; r += step {
		n := min(step, rows-r)
		for col := 0; col < w.cols; {
			width := blockWidth(w.cols-col, tileCols, lanes)
			gemmRows(out[r*outStride+col:], outStride, in, offsets[r*w.taps:], n, w, col, width, rq)
			col += width
		}
	}
}

// tileHeight divides rows into count tiles of equal height; the last of them
// may do rows of the one before again.
func tileHeight(rows int) (height, count int) {
	count = (rows + tileRows - 1) / tileRows
	return (rows + count - 1) / count, count
}

// gemmRows computes one block of columns of some rows.
func gemmRows(out []int16, outStride int, in []int16, offsets []int32, rows int, w *GemmWeights, col, width int, rq *Requant) {
	height, _ := tileHeight(rows)
	tile := gemmTiles[width/lanes-1][height-1]
	run := func(first, count int) {
		tile(&out[first*outStride], 2*outStride, unsafe.SliceData(in), &offsets[first*w.taps], count,
			&w.tiles[col*w.taps*w.k], w.taps, w.k/lanes, w.k%lanes, &rq.Bias[col], &rq.Scale[col], int(rq.Lo), int(rq.Hi))
	}
	run(0, rows/height)
	if rows%height != 0 {
		run(rows-height, 1)
	}
}

// packDepthwise stores blocks of 16 channels, and one of 8 at the end where
// that will do: [block][tap][width].
func packDepthwise(w []int8, channels, taps int) *DepthwiseWeights {
	p := &DepthwiseWeights{channels: channels, taps: taps, lanes: make([]int16, Pad(channels)*taps)}
	for c := range channels {
		first := c / tileCols * tileCols
		width := min(tileCols, Pad(channels)-first)
		for t := range taps {
			p.lanes[first*taps+t*width+c-first] = int16(w[c*taps+t])
		}
	}
	return p
}

func depthwise(out []int16, outStride int, in []int16, offsets []int32, rows int, w *DepthwiseWeights, rq *Requant) {
	wide, narrow := depthwise16, depthwise8
	if w.taps == 9 {
		wide, narrow = depthwise3x3x16, depthwise3x3x8
	}
	run := func(routine depthwiseRoutine, c, blocks int) {
		routine(&out[c], 2*outStride, unsafe.SliceData(in[c:]), &offsets[0], rows, blocks,
			&w.lanes[c*w.taps], w.taps, &rq.Bias[c], &rq.Scale[c], int(rq.Lo), int(rq.Hi))
	}
	if blocks := Pad(w.channels) / tileCols; blocks > 0 {
		run(wide, 0, blocks)
	}
	if Pad(w.channels)%tileCols != 0 {
		run(narrow, Pad(w.channels)-lanes, 1)
	}
}

// load8 loads the 8 numbers at an offset.
func load8(base unsafe.Pointer, offset int32) archsimd.Int16x8 {
	return archsimd.LoadInt16x8Array((*[8]int16)(unsafe.Add(base, 2*int(offset))))
}

func maxPool(out []int16, outStride int, in []int16, offsets []int32, rows, taps, channels int) {
	base := unsafe.Pointer(unsafe.SliceData(in))
	for r := range rows {
		row := out[r*outStride:][:Pad(channels)]
		window := offsets[r*taps:][:taps]
		c := 0
		for ; c+16 <= len(row); c += 16 {
			from := unsafe.Add(base, 2*c)
			a, b := load8(from, window[0]), load8(from, window[0]+8)
			for _, o := range window[1:] {
				a, b = a.Max(load8(from, o)), b.Max(load8(from, o+8))
			}
			a.Store(row[c:])
			b.Store(row[c+8:])
		}
		if c < len(row) {
			from := unsafe.Add(base, 2*c)
			best := load8(from, window[0])
			for _, o := range window[1:] {
				best = best.Max(load8(from, o))
			}
			best.Store(row[c:])
		}
	}
}

func avgPool(out []int16, outStride int, in []int16, offsets []int32, rows, taps, channels int, scale []float32) {
	base := unsafe.Pointer(unsafe.SliceData(in))
	for r := range rows {
		row := out[r*outStride:][:Pad(channels)]
		m := archsimd.BroadcastFloat32x4(scale[r])
		for c := 0; c < len(row); c += 8 {
			from := unsafe.Add(base, 2*c)
			var low, high archsimd.Int32x4
			for _, o := range offsets[r*taps:][:taps] {
				l, h := widen(load8(from, o))
				low, high = low.Add(l), high.Add(h)
			}
			narrow(low.ConvertToFloat32().Mul(m), high.ConvertToFloat32().Mul(m)).Store(row[c:])
		}
	}
}

// widen returns the lower and the upper four numbers.
func widen(x archsimd.Int16x8) (low, high archsimd.Int32x4) {
	return x.ExtendLo4ToInt32(), x.HiToLo().ExtendLo4ToInt32()
}

// narrow rounds halves to even and saturates to int16.
func narrow(low, high archsimd.Float32x4) archsimd.Int16x8 {
	a := low.Round().ConvertToInt32().SaturateToInt16().ToBits().ReshapeToUint64s()
	b := high.Round().ConvertToInt32().SaturateToInt16().ToBits().ReshapeToUint64s()
	return a.InterleaveLo(b).ReshapeToUint16s().BitsToInt16()
}
