package op

import (
	"math"

	"likeness/engine/graph"
	"likeness/engine/kernel"
)

// winogradChannels is how many channels on each side a convolution has at
// least for Winograd: below, the transformations cost more than they save.
const winogradChannels = 16

// useWinograd reports whether kernel.Winograd computes a convolution, exactly
// and in less time than kernel.Gemm: its window is 3x3 with stride 1, four
// times any input fits int16, and four times any sum of products fits int32.
func useWinograd(g *graph.Graph, n *graph.Node, p graph.Params) bool {
	in, out := g.Tensors[n.Inputs[0]], g.Tensors[n.Output]
	if n.Op != graph.Conv || n.Groups != 1 || n.Inputs[0] == 0 || n.Kernel != [2]int{3, 3} ||
		n.Stride != [2]int{1, 1} || n.Dilation != [2]int{1, 1} {
		return false
	}
	if min(in.Shape[2], out.Shape[2]) < winogradChannels || 4*winogradTiles(out) > 2*out.Shape[0]*out.Shape[1] {
		return false
	}
	if 4*max(-int(in.Lo), int(in.Hi)) > math.MaxInt16 {
		return false
	}
	per := 9 * in.Shape[2]
	for o := range out.Shape[2] {
		lo, hi := graph.AccumulatorRange(p.Weight[o*per:][:per], p.Bias[o], in)
		if 4*lo < math.MinInt32 || 4*hi > math.MaxInt32 || g.Multiplier(n, p.Scale[o]) < 0x1p-120 {
			return false
		}
	}
	return true
}

// winogradTiles is the number of tiles that cover a tensor.
func winogradTiles(t graph.Tensor) int {
	return (t.Shape[0] + 1) / kernel.WinogradTile * ((t.Shape[1] + 1) / kernel.WinogradTile)
}

type winogradStep struct {
	w                *kernel.WinogradWeights
	rq               *kernel.Requant
	windows, targets []int32
	scratch          view
}

func (s *winogradStep) run(arena []int16) {
	kernel.Winograd(arena, arena, s.windows, s.targets, s.scratch.slice(arena), s.w, s.rq)
}

// winogradConv makes the tables of a convolution: padding is read from the
// zeros, and outputs past the edges go to the end of the scratch.
func (b *builder) winogradConv(n *graph.Node, w Weights, in, out view) (step, error) {
	tiles := winogradTiles(b.g.Tensors[n.Output])
	size := w.winograd.Scratch(tiles)
	waste := kernel.Pad(out.c)
	scratch := b.scratchView(kernel.Pad(size) + waste)
	tables := make([]int32, 0, tiles*20)
	windows, targets := tables[:0:tiles*16], tables[tiles*16:tiles*16:tiles*20]
	st := &winogradStep{w: w.winograd, rq: w.requant[0], scratch: scratch, windows: windows, targets: targets}
	for y := 0; y < out.h; y += kernel.WinogradTile {
		for x := 0; x < out.w; x += kernel.WinogradTile {
			for i := range kernel.WinogradWindow * kernel.WinogradWindow {
				iy, ix := y-n.Pads[0]+i/kernel.WinogradWindow, x-n.Pads[1]+i%kernel.WinogradWindow
				at := b.zero
				if iy >= 0 && ix >= 0 && iy < in.h && ix < in.w {
					at = in.at(iy, ix)
				}
				st.windows = append(st.windows, int32(at))
			}
			for i := range kernel.WinogradTile * kernel.WinogradTile {
				oy, ox := y+i/kernel.WinogradTile, x+i%kernel.WinogradTile
				at := scratch.off + kernel.Pad(size)
				if oy < out.h && ox < out.w {
					at = out.at(oy, ox)
				}
				st.targets = append(st.targets, int32(at))
			}
		}
	}
	if err := kernel.CheckOffsets(st.windows, kernel.Pad(in.c), b.arena); err != nil {
		return nil, err
	}
	return st, kernel.CheckOffsets(st.targets, waste, b.arena)
}
