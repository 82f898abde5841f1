//go:build goexperiment.simd && amd64 && !nosimd

package kernel

import (
	"simd/archsimd"
	"unsafe"
)

const (
	winogradUnit  = 12 // the tallest tile
	winogradRows  = 24 // tiles
	winogradSlack = 11
)

// columns returns the widths of blocks of columns.
func columns() (wide, narrow int) {
	if body == avx512 {
		return 32, 16
	}
	return 16, 16
}

func packWinograd(w []int8, cols, kc int) *WinogradWeights {
	if body == portable {
		return packWinogradPortable(w, cols, kc)
	}
	wide, narrow := columns()
	return packWinogradTiles(w, cols, kc, wide, narrow)
}

func winogradScratch(tiles int, w *WinogradWeights) int {
	if w.pairs != nil {
		return winogradScratchPortable(tiles, w)
	}
	wide, _ := columns()
	return winogradScratchTiles(tiles, w.k, wide)
}

func winograd(out, in []int16, windows, targets []int32, scratch []int16, w *WinogradWeights, rq *Requant) {
	if w.pairs != nil {
		winogradPortable(out, in, windows, targets, scratch, w, rq)
		return
	}
	wide, narrow := columns()
	winogradTiles(out, in, windows, targets, scratch, w, rq, wide, narrow)
	archsimd.ClearAVXUpperBits()
}

// winogradInput transforms the windows of some tiles.
func winogradInput(inputs []int16, step int, in []int16, windows []int32, k int) {
	base := unsafe.Pointer(unsafe.SliceData(in))
	for at := 0; len(windows) > 0; at, windows = at+k, windows[positions:] {
		window := (*[positions]int32)(windows)
		c := 0
		for ; c+16 <= k; c += 16 {
			winogradInput16(unsafe.Pointer(&inputs[at+c]), 2*step, unsafe.Add(base, 2*c), window)
		}
		if c < k {
			winogradInput8(unsafe.Pointer(&inputs[at+c]), 2*step, unsafe.Add(base, 2*c), window)
		}
	}
}

// winogradInput16 transforms one window of 16 channels.
func winogradInput16(out unsafe.Pointer, step int, in unsafe.Pointer, window *[positions]int32) {
	store := func(a, b, c, d archsimd.Int16x16) {
		a.Sub(c).StoreArray((*[16]int16)(out))
		b.Add(c).StoreArray((*[16]int16)(unsafe.Add(out, step)))
		c.Sub(b).StoreArray((*[16]int16)(unsafe.Add(out, 2*step)))
		b.Sub(d).StoreArray((*[16]int16)(unsafe.Add(out, 3*step)))
		out = unsafe.Add(out, 4*step)
	}
	b0, b1, b2, b3 := load16(in, window[4]), load16(in, window[5]), load16(in, window[6]), load16(in, window[7])
	c0, c1, c2, c3 := load16(in, window[8]), load16(in, window[9]), load16(in, window[10]), load16(in, window[11])
	store(load16(in, window[0]).Sub(c0), load16(in, window[1]).Sub(c1), load16(in, window[2]).Sub(c2), load16(in, window[3]).Sub(c3))
	store(b0.Add(c0), b1.Add(c1), b2.Add(c2), b3.Add(c3))
	store(c0.Sub(b0), c1.Sub(b1), c2.Sub(b2), c3.Sub(b3))
	store(b0.Sub(load16(in, window[12])), b1.Sub(load16(in, window[13])), b2.Sub(load16(in, window[14])), b3.Sub(load16(in, window[15])))
}

// winogradInput8 transforms one window of 8 channels.
func winogradInput8(out unsafe.Pointer, step int, in unsafe.Pointer, window *[positions]int32) {
	var d [positions]archsimd.Int16x8
	for i, o := range window {
		d[i] = archsimd.LoadInt16x8Array((*[8]int16)(unsafe.Add(in, 2*int(o))))
	}
	for x := range 4 {
		a, b, c, e := d[x], d[4+x], d[8+x], d[12+x]
		d[x], d[4+x], d[8+x], d[12+x] = a.Sub(c), b.Add(c), c.Sub(b), b.Sub(e)
	}
	for y := 0; y < positions; y += 4 {
		a, b, c, e := d[y], d[y+1], d[y+2], d[y+3]
		for i, x := range [4]archsimd.Int16x8{a.Sub(c), b.Add(c), c.Sub(b), b.Sub(e)} {
			x.StoreArray((*[8]int16)(unsafe.Add(out, (y+i)*step)))
		}
	}
}

// winogradProduct multiplies the windows of n tiles with one block of filters,
// and returns the number of rows of its result, some of which may be waste.
func winogradProduct(products []int32, inputs []int16, step, n int, tiles []int16, k, width int) (rows int) {
	routines := avx2WinogradTiles[:]
	if width == 32 {
		routines = avx512WinogradTiles32[:]
	} else if body == avx512 {
		routines = avx512WinogradTiles16[:]
	}
	count := (n + len(routines) - 1) / len(routines)
	height := (n + count - 1) / count
	rows = count * height
	routines[height-1](&products[0], &inputs[0], 2*k, 2*(step-rows*k), count, &tiles[0], 2*k)
	return rows
}

// winogradOutput finishes cols columns of the tiles of targets, 8 at a time.
func winogradOutput(out []int16, targets []int32, products []int32, rows, width, cols int, rq *Requant, col int) {
	lo, hi := archsimd.BroadcastFloat32x8(float32(rq.Lo)), archsimd.BroadcastFloat32x8(float32(rq.Hi))
	step := 4 * rows * width
	for c := 0; c < cols; c += 8 {
		bias, scale := archsimd.LoadInt32x8(rq.Bias[col+c:]), archsimd.LoadFloat32x8(rq.Scale[col+c:])
		to := unsafe.Pointer(unsafe.SliceData(out[c:]))
		store := func(acc archsimd.Int32x8, target int32) {
			x := acc.ConvertToFloat32().Mul(scale)
			narrow(roundVector(x, lo, hi)).StoreArray((*[8]int16)(unsafe.Add(to, 2*int(target))))
		}
		for i := 0; i < len(targets); i += corners {
			from := unsafe.Pointer(&products[i/corners*width+c])
			var s, d [4]archsimd.Int32x8
			for x := range 4 {
				m0, m1 := load32(from, x*step), load32(from, (4+x)*step)
				if x == 1 {
					m1 = m1.Add(bias)
				}
				m2, m3 := load32(from, (8+x)*step), load32(from, (12+x)*step)
				s[x], d[x] = m0.Add(m1).Add(m2), m1.Sub(m2).Sub(m3)
			}
			target := targets[i:][:corners]
			store(s[0].Add(s[1]).Add(s[2]), target[0])
			store(s[1].Sub(s[2]).Sub(s[3]), target[1])
			store(d[0].Add(d[1]).Add(d[2]), target[2])
			store(d[1].Sub(d[2]).Sub(d[3]), target[3])
		}
	}
}

// load32 loads the 8 int32 some bytes after base.
func load32(base unsafe.Pointer, offset int) archsimd.Int32x8 {
	return archsimd.LoadInt32x8Array((*[8]int32)(unsafe.Add(base, offset)))
}
