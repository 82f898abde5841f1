package op

import (
	"fmt"

	"likeness/engine/graph"
	"likeness/engine/kernel"
)

type maxPoolStep struct {
	offsets []int32
	taps    int
	out     view
}

func (s *maxPoolStep) run(arena []int16) {
	kernel.MaxPool(s.out.slice(arena), s.out.px, arena, s.offsets, s.out.h*s.out.w, s.taps, s.out.c)
}

type avgPoolStep struct {
	offsets []int32
	taps    int
	scale   []float32 // by output pixel
	out     view
}

func (s *avgPoolStep) run(arena []int16) {
	kernel.AvgPool(s.out.slice(arena), s.out.px, arena, s.offsets, s.out.h*s.out.w, s.taps, s.out.c, s.scale)
}

// maxTaps keeps the int32 sum of an average pool from overflowing.
const maxTaps = 1 << 16

func (b *builder) pool(n *graph.Node) (step, error) {
	in, out := b.views[n.Inputs[0]], b.views[n.Output]
	if n.Op == graph.GlobalAvgPool || n.Op == graph.GlobalMaxPool {
		global := *n
		global.Kernel, global.Stride, global.Dilation = [2]int{in.h, in.w}, [2]int{1, 1}, [2]int{1, 1}
		n = &global
	}
	taps := n.Kernel[0] * n.Kernel[1]
	if taps > maxTaps {
		return nil, fmt.Errorf("the window has %d values, at most %d are supported", taps, maxTaps)
	}
	if n.Op == graph.MaxPool || n.Op == graph.GlobalMaxPool {
		table := b.windowTable(n, in, out, repeatInside)
		return &maxPoolStep{table, taps, out}, kernel.CheckOffsets(table, in.px, b.arena)
	}
	st := &avgPoolStep{taps: taps, out: out}
	ratio := float64(b.g.Tensors[n.Inputs[0]].Scale) / float64(b.g.Tensors[n.Output].Scale)
	st.offsets = b.windowTable(n, in, out, b.zeroPad)
	for r := range out.h * out.w {
		count := taps
		if !n.CountPad {
			count = 0
			for _, o := range st.offsets[r*taps:][:taps] {
				if o != int32(b.zero) {
					count++
				}
			}
		}
		st.scale = append(st.scale, float32(ratio/float64(count)))
	}
	return st, kernel.CheckOffsets(st.offsets, in.px, b.arena)
}

// repeatInside points taps outside the picture at one inside the window, which
// leaves the maximum as it is.
func repeatInside(row []int32, inside int32) {
	for t, o := range row {
		if o < 0 {
			row[t] = inside
		}
	}
}
