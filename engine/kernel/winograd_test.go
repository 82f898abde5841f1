package kernel

import (
	"fmt"
	"testing"
)

// winogradCase is one convolution: tiles of outputs, channels in and out.
type winogradCase struct{ tiles, cols, k int }

func (c winogradCase) String() string {
	return fmt.Sprintf("tiles=%d cols=%d k=%d", c.tiles, c.cols, c.k)
}

// winogradCases has every number of tiles about the edges of blocks with every
// number of columns for a few depths, and every depth for a few of those.
func winogradCases() (all []winogradCase) {
	for tiles := 1; tiles <= 50; tiles++ {
		for cols := 1; cols <= 66; cols += 1 + (tiles*5+cols)%7 {
			all = append(all, winogradCase{tiles, cols, 1 + (tiles*3+cols)%27})
		}
	}
	for k := 1; k <= 70; k++ {
		all = append(all, winogradCase{1 + k%13, 1 + k*7%40, k})
	}
	return append(all, winogradCase{200, 9, 8}, winogradCase{17, 33, 1000}, winogradCase{16, 8, 1024})
}

// operands makes tables and slices for a case: outputs lie apart, in an order
// of their own, some of them lost in the last place.
func (c winogradCase) operands(rnd source) (in []int16, windows, targets []int32, outLen int, rq *Requant) {
	in = rnd.int16s(20*Pad(c.k) + 3)
	windows = rnd.offsets(positions*c.tiles, Pad(c.k), len(in))
	width := Pad(c.cols) + 8*rnd.IntN(2)
	for _, at := range rnd.Perm(corners * c.tiles) {
		if rnd.IntN(9) == 0 {
			at = corners * c.tiles
		}
		targets = append(targets, int32(at*width))
	}
	return in, windows, targets, corners*c.tiles*width + Pad(c.cols), rnd.requant(c.cols, 9*c.k)
}

func TestWinograd(t *testing.T) {
	eachBody(t, func(t *testing.T) {
		for i, c := range winogradCases() {
			rnd := newSource(uint64(i))
			in, windows, targets, n, rq := c.operands(rnd)
			w := rnd.int8s(c.cols * 9 * c.k)
			waste := n - Pad(c.cols)
			want := make([]int16, n)
			for i := range want {
				want[i] = guard
			}
			winogradReference(want, in, windows, targets, w, c, rq)
			got, check := guarded(n)
			fast := PackWinograd(w, c.cols, c.k)
			size := fast.Scratch(c.tiles)
			scratch, checkScratch := guarded(size)
			for j := range scratch {
				scratch[j] = int16(j * 7919) // anything
			}
			Winograd(got, in, windows, targets, scratch, fast, rq)
			check(t, n, 1, n)
			checkScratch(t, size, 1, size)
			for j := range waste {
				if got[j] != want[j] {
					t.Fatalf("%v: element %d: got %d, want %d", c, j, got[j], want[j])
				}
			}
		}
	})
}

// Within its bounds Winograd is the convolution itself.
func TestWinogradIsConvolution(t *testing.T) {
	eachBody(t, func(t *testing.T) {
		for i, c := range []winogradCase{{1, 8, 8}, {5, 9, 3}, {7, 16, 56}, {3, 40, 400}, {30, 4, 17}} {
			for _, most := range []int{8191, 255} {
				rnd := newSource(uint64(i))
				in, windows, targets, n, rq := c.operands(rnd)
				for j := range in {
					in[j] = int16(min(max(int(in[j]), -most), most))
				}
				w := rnd.int8s(c.cols * 9 * c.k)
				if sum := 9 * c.k * 128 * most; sum >= 1<<28 {
					for j := range w {
						w[j] = int8(int(w[j]) * (1<<28 - 1) / sum)
					}
				}
				for j, b := range rq.Bias {
					rq.Bias[j] = b % (1 << 28)
				}
				got := make([]int16, n)
				fast := PackWinograd(w, c.cols, c.k)
				Winograd(got, in, windows, targets, make([]int16, fast.Scratch(c.tiles)), fast, rq.Quadruple())
				direct := PackGemm(w, c.cols, 9, c.k)
				want := make([]int16, Pad(c.cols))
				waste := int32(n - Pad(c.cols))
				for at, target := range targets {
					if target == waste {
						continue
					}
					var row [9]int32
					for j := range row {
						y, x := at%corners/2+j/3, at%2+j%3
						row[j] = windows[at/corners*positions+4*y+x]
					}
					Gemm(want, Pad(c.cols), in, row[:], 1, direct, rq)
					for j, q := range want {
						if got[int(target)+j] != q {
							t.Fatalf("%v: output %d of tile %d, column %d: got %d, convolution %d", c, at%corners, at/corners, j, got[int(target)+j], q)
						}
					}
				}
			}
		}
	})
}
