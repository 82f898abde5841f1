package op

import (
	"math"

	"likeness/engine/graph"
)

// groupNormStep normalises each group of channels over all places. The sums of q
// and q*q are exact; in units of the input's scale the mean is S/N, the variance
// Q/N - mean*mean:
//
//	q' = (q - mean) / sqrt(variance + epsilon/scale^2) * gain + offset
type groupNormStep struct {
	in, out      view
	per          int       // channels of a group
	epsilon      float64   // over the squared input scale
	gain, offset []float64 // over the output scale
	lo, hi       float64
}

func (s *groupNormStep) run(arena []int16) {
	in, out := s.in.slice(arena), s.out.slice(arena)
	count := float64(s.in.h * s.in.w * s.per)
	for first := 0; first < s.in.c; first += s.per {
		var sum, squares int64
		for i := first; i < len(in); i += s.in.px {
			for _, q := range in[i:][:s.per] {
				sum += int64(q)
				squares += int64(int32(q) * int32(q))
			}
		}
		mean := float64(sum) / count
		inverse := 1 / math.Sqrt(max(float64(squares)/count-float64(mean*mean), 0)+s.epsilon)
		gain, offset := s.gain[first:][:s.per], s.offset[first:][:s.per]
		for i, o := first, first; i < len(in); i, o = i+s.in.px, o+s.out.px {
			dst := out[o:][:s.per]
			for k, q := range in[i:][:s.per] {
				y := float64(float64((float64(q)-mean)*inverse)*gain[k]) + offset[k]
				dst[k] = int16(math.RoundToEven(min(max(y, s.lo), s.hi)))
			}
		}
	}
}

func (b *builder) groupNorm(n *graph.Node, w Weights) (step, error) {
	in, out := b.g.Tensors[n.Inputs[0]], b.g.Tensors[n.Output]
	scale := float64(in.Scale)
	st := &groupNormStep{in: b.views[n.Inputs[0]], out: b.views[n.Output], per: in.Shape[2] / n.Groups,
		epsilon: n.Epsilon / float64(scale*scale), lo: float64(out.Lo), hi: float64(out.Hi)}
	for i, g := range w.params.Gain {
		st.gain = append(st.gain, float64(g)/float64(out.Scale))
		st.offset = append(st.offset, float64(w.params.Offset[i])/float64(out.Scale))
	}
	return st, nil
}
