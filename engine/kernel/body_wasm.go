//go:build wasm && !nosimd

package kernel

import "unsafe"

//go:generate go run ../../tools/genkernel -dir .

func bodyName() string { return "wasm/simd128" }

// weightRun is how many channels PMADDWD and its kind sum at once.
const weightRun = 2

const (
	tileCols = 8
	tileRows = 5 // height of the tile used for all rows but the last few
)

// A call does some rows with some blocks of 8 columns: for each tile of rows all
// the blocks, whose weights, up to weightBytes of them, stay in the first cache
// while rows pass by; activations, rowBytes of them or minRows rows, stay in the
// second while the next blocks do.
const (
	weightBytes = 16 << 10
	rowBytes    = 64 << 10
	minRows     = 8 * tileRows
)

func packGemm(w []int8, cols, taps, kc int) *GemmWeights {
	return &GemmWeights{cols: cols, taps: taps, k: kc + kc&1,
		tiles: packTiles(w, cols, taps, kc, tileCols, tileCols)}
}

func gemm(out []int16, outStride int, in []int16, offsets []int32, rows int, w *GemmWeights, rq *Requant) {
	step := max(minRows, rowBytes/(2*w.taps*w.k)/tileRows*tileRows)
	group := max(1, weightBytes/(2*w.taps*w.k*tileCols))
	blocks := (w.cols + tileCols - 1) / tileCols
	for r := 0; r < rows; r += step {
		n := min(step, rows-r)
		for b := 0; b < blocks; b += group {
			gemmRows(out[r*outStride+b*tileCols:], outStride, in, offsets[r*w.taps:], n, w, b, min(group, blocks-b), rq)
		}
	}
}

// gemmRows computes some blocks of columns, from the first on, of some rows.
func gemmRows(out []int16, outStride int, in []int16, offsets []int32, rows int, w *GemmWeights, first, blocks int, rq *Requant) {
	col := first * tileCols
	bias := &rq.Bias[col]
	scaleAt := uintptr(unsafe.Pointer(&rq.Scale[col])) - uintptr(unsafe.Pointer(bias))
	run := func(height, row, tiles int) {
		gemmTiles[height-1](&out[row*outStride], 2*outStride, unsafe.SliceData(in), &offsets[row*w.taps], tiles, blocks, &w.tiles[col*w.taps*w.k],
			w.taps, 4*w.taps, w.k/8, w.k%8/2, bias, scaleAt, float32(rq.Lo), float32(rq.Hi))
	}
	full := rows / tileRows
	if full > 0 {
		run(tileRows, 0, full)
	}
	if row := full * tileRows; row < rows {
		run(rows-row, row, 1)
	}
}

// gemmTiles are the tiles by height less one.
var gemmTiles = [tileRows]func(out *int16, outStep int, in *int16, offsets *int32, tiles, blocks int, w *int16, taps, tapStep, octets, rest int, bias *int32, scaleAt uintptr, lo, hi float32){
	gemmTile1x8, gemmTile2x8, gemmTile3x8, gemmTile4x8, gemmTile5x8,
}

// packDepthwise stores the weights of 8 channels and one tap as 16 int16: those
// of the even channels with zeros between, then those of the odd ones:
// [block][tap][w0 0 w2 0 w4 0 w6 0 | 0 w1 0 w3 0 w5 0 w7].
func packDepthwise(w []int8, channels, taps int) *DepthwiseWeights {
	p := &DepthwiseWeights{channels: channels, taps: taps, lanes: make([]int16, Pad(channels)*taps*2)}
	for c := range channels {
		for t := range taps {
			p.lanes[(c/lanes*taps+t)*2*lanes+c%2*lanes+c%lanes] = int16(w[c*taps+t])
		}
	}
	return p
}

// depthwiseBlocks are the blocks of 8 channels of a call of a depthwise tile.
const depthwiseBlocks = 32

func depthwise(out []int16, outStride int, in []int16, offsets []int32, rows int, w *DepthwiseWeights, rq *Requant) {
	var bias [depthwiseBlocks * lanes]int32
	var scale [depthwiseBlocks * lanes]float32
	for c := 0; c < w.channels; c += len(bias) {
		n := min(len(bias), Pad(w.channels)-c)
		evenOdd(bias[:n], rq.Bias[c:])
		evenOdd(scale[:n], rq.Scale[c:])
		depthwiseRows(out[c:], outStride, in[c:], offsets, rows, n/lanes, w.lanes[2*c*w.taps:], w.taps, &bias[0], &scale[0], rq)
	}
}

// evenOdd puts the even ones of 8 entries before the odd ones.
func evenOdd[T any](to, from []T) {
	for i := range to {
		to[i&^7+i%2*4+i%8/2] = from[i]
	}
}

// depthwiseRows computes some blocks of channels of all rows. Called through a
// variable the routines would make bias and scale escape to the heap.
func depthwiseRows(out []int16, outStride int, in []int16, offsets []int32, rows, blocks int, w []int16, taps int, bias *int32, scale *float32, rq *Requant) {
	lo, hi := float32(rq.Lo), float32(rq.Hi)
	if tiles := rows / 4; tiles > 0 {
		if taps == 9 {
			depthwiseTile4x9(&out[0], 2*outStride, &in[0], &offsets[0], tiles, blocks, &w[0], taps, bias, scale, lo, hi)
		} else {
			depthwiseTile4(&out[0], 2*outStride, &in[0], &offsets[0], tiles, blocks, &w[0], taps, bias, scale, lo, hi)
		}
	}
	if r := rows &^ 3; r < rows {
		if taps == 9 {
			depthwiseTile1x9(&out[r*outStride], 2*outStride, &in[0], &offsets[r*taps], rows-r, blocks, &w[0], taps, bias, scale, lo, hi)
		} else {
			depthwiseTile1(&out[r*outStride], 2*outStride, &in[0], &offsets[r*taps], rows-r, blocks, &w[0], taps, bias, scale, lo, hi)
		}
	}
}

func maxPool(out []int16, outStride int, in []int16, offsets []int32, rows, taps, channels int) {
	if rows > 0 && channels > 0 {
		maxPoolBlocks(&out[0], 2*outStride, &in[0], &offsets[0], rows, taps, Pad(channels)/lanes)
	}
}

func avgPool(out []int16, outStride int, in []int16, offsets []int32, rows, taps, channels int, scale []float32) {
	if rows > 0 && channels > 0 {
		avgPoolBlocks(&out[0], 2*outStride, &in[0], &offsets[0], rows, taps, Pad(channels)/lanes, &scale[0])
	}
}

func addVector(out, a, b []int16, ma, mb float32, lo, hi int16) int {
	blocks := len(out) / lanes
	if blocks > 0 {
		addBlocks(&out[0], &a[0], &b[0], blocks, ma, mb, float32(lo), float32(hi))
	}
	return blocks * lanes
}

func mulVector(out, a, b []int16, m float32, lo, hi int16) int {
	blocks := len(out) / lanes
	if blocks > 0 {
		mulBlocks(&out[0], &a[0], &b[0], blocks, m, float32(lo), float32(hi))
	}
	return blocks * lanes
}

func scaleVector(out, a []int16, m float32, lo, hi int16) int {
	blocks := len(out) / lanes
	if blocks > 0 {
		scaleBlocks(&out[0], &a[0], blocks, m, float32(lo), float32(hi))
	}
	return blocks * lanes
}
