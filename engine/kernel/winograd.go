package kernel

// WinogradTile is the side of the square of outputs that [Winograd] makes at a
// time, WinogradWindow that of the inputs it reads for them.
const (
	WinogradTile   = 2
	WinogradWindow = 4

	positions = WinogradWindow * WinogradWindow
	corners   = WinogradTile * WinogradTile
)

// WinogradWeights holds the transformed filters of a 3x3 convolution in the
// order the body of [Winograd] on this machine reads.
type WinogradWeights struct {
	cols, k int     // k is the number of input channels rounded up to 8
	tiles   []int16 // fast bodies: see packWinogradTiles in winograd_tiles.go
	pairs   []pairs // portable: [col/8][position][k]
}

// Cols returns the number of output channels.
func (w *WinogradWeights) Cols() int { return w.cols }

// PackWinograd transforms filters w[n][y][x][k], n < cols, y < 3, x < 3,
// k < kc, for [Winograd].
func PackWinograd(w []int8, cols, kc int) *WinogradWeights {
	if cols <= 0 || kc <= 0 || len(w) != cols*9*kc {
		panic("kernel: PackWinograd: weights do not have cols*9*kc entries")
	}
	return packWinograd(w, cols, kc)
}

// Scratch returns how many int16 of scratch [Winograd] needs for some
// tiles.
func (w *WinogradWeights) Scratch(tiles int) int { return winogradScratch(tiles, w) }

// WinogradScratchMost bounds [WinogradWeights.Scratch] for k input channels, on
// every platform and for any number of tiles: no body has more than 64 tiles in
// work, nor blocks of more than 32 columns.
func WinogradScratchMost(k int) int { return 64 + positions*(64*Pad(k)+64) + 2*positions*64*32 }

// Winograd computes a 3x3 convolution of stride 1, 2x2 outputs at a time, with
// 16 multiplications where [Gemm] needs 36. For tile i < len(targets)/4 and
// n < cols rounded up to 8,
//
//	acc[y][x] = sum over v < 3, u < 3, k of in[windows[16i+4(y+v)+x+u]+k] * w[n][v][u][k]
//	out[targets[4i+2y+x]+n] = requantised acc[y][x], see Requant
//
// Lanes between cols and its multiple of 8 are written as requantised zero.
// Outputs that are not wanted can be pointed at a place for waste. The result
// is that of Gemm if 4*in[j] fits an int16 and 4*acc an int32; otherwise sums
// wrap around. scratch holds w.Scratch values or more, before and
// afterwards anything. out may be part of the arena in, but not where a window
// reads.
func Winograd(out, in []int16, windows, targets []int32, scratch []int16, w *WinogradWeights, rq *Requant) {
	tiles := len(targets) / corners
	if len(targets) != tiles*corners || len(windows) != tiles*positions {
		panic("kernel: Winograd: tables do not hold 16 inputs and 4 outputs a tile")
	}
	if len(scratch) < w.Scratch(tiles) {
		panic("kernel: Winograd: scratch too short")
	}
	rq.check("Winograd", w.cols)
	if tiles > 0 {
		winograd(out, in, windows, targets, scratch, w, rq)
	}
}

// transformFilter returns (2G) g (2G)^T of the filter of one channel, nine
// weights step apart. |result| <= 9*128.
//
//	2G = 2  0  0
//	     1  1  1
//	     1 -1  1
//	     0  0  2
func transformFilter(g []int8, step int) (u [positions]int16) {
	var t [4][3]int16
	for x := range 3 {
		a, b, c := int16(g[x*step]), int16(g[(3+x)*step]), int16(g[(6+x)*step])
		t[0][x], t[1][x], t[2][x], t[3][x] = 2*a, a+b+c, a-b+c, 2*c
	}
	for y, r := range t {
		u[4*y], u[4*y+1], u[4*y+2], u[4*y+3] = 2*r[0], r[0]+r[1]+r[2], r[0]-r[1]+r[2], 2*r[2]
	}
	return u
}

// transformInput replaces a window d by B^T d B, modulo 2^16.
//
//	B^T = 1  0 -1  0
//	      0  1  1  0
//	      0 -1  1  0
//	      0  1  0 -1
func transformInput(d *[positions]int16) {
	for x := range 4 {
		a, b, c, e := d[x], d[4+x], d[8+x], d[12+x]
		d[x], d[4+x], d[8+x], d[12+x] = a-c, b+c, c-b, b-e
	}
	for y := 0; y < positions; y += 4 {
		a, b, c, e := d[y], d[y+1], d[y+2], d[y+3]
		d[y], d[y+1], d[y+2], d[y+3] = a-c, b+c, c-b, b-e
	}
}

// transformOutput returns A^T m A modulo 2^32: four times the accumulators of
// the four outputs. m[5] is in all of them.
//
//	A^T = 1  1  1  0
//	      0  1 -1 -1
func transformOutput(m *[positions]int32) (acc [corners]int32) {
	var s, d [4]int32
	for x := range 4 {
		s[x] = m[x] + m[4+x] + m[8+x]
		d[x] = m[4+x] - m[8+x] - m[12+x]
	}
	return [corners]int32{
		s[0] + s[1] + s[2], s[1] - s[2] - s[3],
		d[0] + d[1] + d[2], d[1] - d[2] - d[3],
	}
}

func packWinogradPortable(w []int8, cols, kc int) *WinogradWeights {
	p := &WinogradWeights{cols: cols, k: Pad(kc)}
	p.pairs = make([]pairs, Pad(cols)/lanes*positions*p.k)
	for n := range cols {
		block := p.pairs[n/lanes*positions*p.k:]
		for c := range kc {
			for at, u := range transformFilter(w[n*9*kc+c:], kc) {
				block[at*p.k+c].add(n%lanes, int(u))
			}
		}
	}
	return p
}

// winogradRowsPortable is how many tiles pass by one block of filters before
// the next.
const winogradRowsPortable = 8

// winogradScratchPortable is their transformed windows, [tile][position][k].
func winogradScratchPortable(tiles int, w *WinogradWeights) int {
	return min(tiles, winogradRowsPortable) * positions * w.k
}

func winogradPortable(out, in []int16, windows, targets []int32, scratch []int16, w *WinogradWeights, rq *Requant) {
	for len(targets) > 0 {
		tiles := min(len(targets)/corners, winogradRowsPortable)
		for i := range tiles {
			winogradInputPortable(scratch[i*positions*w.k:], in, (*[positions]int32)(windows[i*positions:]), w.k)
		}
		for n := 0; n < w.cols; n += lanes {
			filters := w.pairs[n/lanes*positions*w.k:][:positions*w.k]
			for i := range tiles {
				winogradTilePortable(out[n:], targets[i*corners:][:corners], scratch[i*positions*w.k:], filters, w.k, rq, n)
			}
		}
		windows, targets = windows[tiles*positions:], targets[tiles*corners:]
	}
}

// winogradInputPortable transforms one window of k channels.
func winogradInputPortable(to, in []int16, window *[positions]int32, k int) {
	for c := range k {
		var d [positions]int16
		for at, o := range window {
			d[at] = in[int(o)+c]
		}
		transformInput(&d)
		for at, x := range d {
			to[at*k+c] = x
		}
	}
}

// winogradTilePortable makes the outputs of one tile, 8 columns from n on.
func winogradTilePortable(out []int16, targets []int32, inputs []int16, filters []pairs, k int, rq *Requant, n int) {
	var m [lanes][positions]int32
	for at := range positions {
		s := pairSums{room: filterRoom}
		s.products(inputs[at*k:][:k], filters[at*k:][:k], filterRoom)
		for i, sum := range s.sums() {
			m[i][at] = sum
		}
	}
	for i := range m {
		for corner, acc := range transformOutput(&m[i]) {
			out[int(targets[corner])+i] = rq.apply(acc, n+i)
		}
	}
}
