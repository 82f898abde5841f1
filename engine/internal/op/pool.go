package op

import (
	"math"

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
	// clamp is set where float32 may round an extreme mean out of [lo, hi].
	clamp  bool
	lo, hi int16
}

func (s *avgPoolStep) run(arena []int16) {
	out := s.out.slice(arena)
	kernel.AvgPool(out, s.out.px, arena, s.offsets, s.out.h*s.out.w, s.taps, s.out.c, s.scale)
	if s.clamp {
		kernel.Scale(out, out, 1, s.lo, s.hi)
	}
}

// mayLeave reports whether the mean of values in the input's range may round,
// in float32, to one outside the output's. The sum, the factor and their product
// are each off by less than 2^-24.
func mayLeave(in, out graph.Tensor, ratio float64) bool {
	const slack = 1 + 0x1p-22
	return math.RoundToEven(float64(in.Hi)*ratio*slack) > float64(out.Hi) || math.RoundToEven(float64(in.Lo)*ratio*slack) < float64(out.Lo)
}

func (b *builder) pool(n *graph.Node) (step, error) {
	in, out := b.views[n.Inputs[0]], b.views[n.Output]
	if n.Op == graph.GlobalAvgPool || n.Op == graph.GlobalMaxPool {
		global := *n
		global.Kernel, global.Stride, global.Dilation = [2]int{in.h, in.w}, [2]int{1, 1}, [2]int{1, 1}
		n = &global
	}
	taps := n.Kernel[0] * n.Kernel[1]
	if n.Op == graph.MaxPool || n.Op == graph.GlobalMaxPool {
		table := b.windowTable(n, in, out, repeatInside)
		return &maxPoolStep{table, taps, out}, kernel.CheckOffsets(table, in.px, b.arena)
	}
	ti, to := b.g.Tensors[n.Inputs[0]], b.g.Tensors[n.Output]
	ratio := float64(ti.Scale) / float64(to.Scale)
	st := &avgPoolStep{taps: taps, out: out, clamp: mayLeave(ti, to, ratio), lo: to.Lo, hi: to.Hi}
	st.offsets = b.windowTable(n, in, out, b.zeroPad)
	st.scale = make([]float32, 0, out.h*out.w)
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
