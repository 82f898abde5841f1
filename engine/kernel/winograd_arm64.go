//go:build goexperiment.simd && arm64 && !nosimd

package kernel

import (
	"simd/archsimd"
	"unsafe"
)

const (
	winogradUnit  = 12 // two tiles of six rows
	winogradRows  = 24 // tiles
	winogradSlack = tileRows - 1
)

func packWinograd(w []int8, cols, kc int) *WinogradWeights {
	return packWinogradTiles(w, cols, kc, tileCols, lanes)
}

func winogradScratch(tiles int, w *WinogradWeights) int {
	return winogradScratchTiles(tiles, w.k, tileCols)
}

func winograd(out, in []int16, windows, targets []int32, scratch []int16, w *WinogradWeights, rq *Requant) {
	winogradTiles(out, in, windows, targets, scratch, w, rq, tileCols, lanes)
}

// winogradInput transforms the windows of some tiles.
func winogradInput(inputs []int16, step int, in []int16, windows []int32, k int) {
	base := unsafe.Pointer(unsafe.SliceData(in))
	for at := 0; len(windows) > 0; at, windows = at+k, windows[positions:] {
		window := (*[positions]int32)(windows)
		for c := 0; c < k; c += 8 {
			winogradInput8(unsafe.Pointer(&inputs[at+c]), 2*step, unsafe.Add(base, 2*c), window)
		}
	}
}

// winogradInput8 transforms one window of 8 channels.
func winogradInput8(out unsafe.Pointer, step int, in unsafe.Pointer, window *[positions]int32) {
	store := func(a, b, c, d archsimd.Int16x8) {
		a.Sub(c).StoreArray((*[8]int16)(out))
		b.Add(c).StoreArray((*[8]int16)(unsafe.Add(out, step)))
		c.Sub(b).StoreArray((*[8]int16)(unsafe.Add(out, 2*step)))
		b.Sub(d).StoreArray((*[8]int16)(unsafe.Add(out, 3*step)))
		out = unsafe.Add(out, 4*step)
	}
	b0, b1, b2, b3 := load8(in, window[4]), load8(in, window[5]), load8(in, window[6]), load8(in, window[7])
	c0, c1, c2, c3 := load8(in, window[8]), load8(in, window[9]), load8(in, window[10]), load8(in, window[11])
	store(load8(in, window[0]).Sub(c0), load8(in, window[1]).Sub(c1), load8(in, window[2]).Sub(c2), load8(in, window[3]).Sub(c3))
	store(b0.Add(c0), b1.Add(c1), b2.Add(c2), b3.Add(c3))
	store(c0.Sub(b0), c1.Sub(b1), c2.Sub(b2), c3.Sub(b3))
	store(b0.Sub(load8(in, window[12])), b1.Sub(load8(in, window[13])), b2.Sub(load8(in, window[14])), b3.Sub(load8(in, window[15])))
}

// winogradProduct multiplies the windows of n tiles with one block of filters,
// and returns the number of rows of its result, some of which may be waste.
func winogradProduct(products []int32, inputs []int16, step, n int, tiles []int16, k, width int) (rows int) {
	height, count := tileHeight(n)
	rows = count * height
	winogradProducts[width/lanes-1][height-1](&products[0], &inputs[0], 2*k, 2*(step-rows*k), count, &tiles[0], k/lanes)
	return rows
}

// winogradOutput finishes cols columns of the tiles of targets, 8 at a time.
func winogradOutput(out []int16, targets []int32, products []int32, rows, width, cols int, rq *Requant, col int) {
	clamp, step := newLimits(rq.Lo, rq.Hi), 4*rows*width
	for c := 0; c < cols; c += 8 {
		bias0, bias1 := archsimd.LoadInt32x4(rq.Bias[col+c:]), archsimd.LoadInt32x4(rq.Bias[col+c+4:])
		scale0, scale1 := archsimd.LoadFloat32x4(rq.Scale[col+c:]), archsimd.LoadFloat32x4(rq.Scale[col+c+4:])
		to := unsafe.Pointer(unsafe.SliceData(out[c:]))
		store := func(low, high archsimd.Int32x4, target int32) {
			clamp.round(low.ConvertToFloat32().Mul(scale0), high.ConvertToFloat32().Mul(scale1)).
				StoreArray((*[8]int16)(unsafe.Add(to, 2*int(target))))
		}
		for i := 0; i < len(targets); i += corners {
			from := unsafe.Pointer(&products[i/corners*width+c])
			l0, l1, l2, l3 := winogradSums(from, step, bias0)
			h0, h1, h2, h3 := winogradSums(unsafe.Add(from, 16), step, bias1)
			target := targets[i:][:corners]
			store(l0, h0, target[0])
			store(l1, h1, target[1])
			store(l2, h2, target[2])
			store(l3, h3, target[3])
		}
	}
}

// winogradSums is transformOutput of four columns with their bias.
func winogradSums(from unsafe.Pointer, step int, bias archsimd.Int32x4) (y0, y1, y2, y3 archsimd.Int32x4) {
	column := func(x int) (s, d archsimd.Int32x4) {
		m0, m1 := load4(from, x*step), load4(from, (4+x)*step)
		m2, m3 := load4(from, (8+x)*step), load4(from, (12+x)*step)
		if x == 1 {
			m1 = m1.Add(bias)
		}
		return m0.Add(m1).Add(m2), m1.Sub(m2).Sub(m3)
	}
	s0, d0 := column(0)
	s1, d1 := column(1)
	s2, d2 := column(2)
	s3, d3 := column(3)
	return s0.Add(s1).Add(s2), s1.Sub(s2).Sub(s3), d0.Add(d1).Add(d2), d1.Sub(d2).Sub(d3)
}

// load4 loads the 4 int32 some bytes after base.
func load4(base unsafe.Pointer, offset int) archsimd.Int32x4 {
	return archsimd.LoadInt32x4Array((*[4]int32)(unsafe.Add(base, offset)))
}
