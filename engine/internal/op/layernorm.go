package op

import (
	"math"

	"likeness/engine/graph"
)

// layerNormStep normalises the channels of each pixel. With sums S = sum(q) and
// Q = sum(q*q) over C channels, both exact, the deviation of q from the mean is
// (C*q - S)/C and the variance (C*Q - S*S)/C^2, in units of the input's scale;
// C cancels:
//
//	q' = (C*q - S) / sqrt(C*Q - S*S + epsilon*C^2/scale^2) * gain + offset
type layerNormStep struct {
	in, out      view
	epsilon      float64   // times C^2 over the squared input scale
	gain, offset []float64 // over the output scale
	lo, hi       float64
}

func (s *layerNormStep) run(arena []int16) {
	in, out := s.in.slice(arena), s.out.slice(arena)
	c := int64(s.in.c)
	for i := 0; i < len(in); i += s.in.px {
		row := in[i:][:s.in.c]
		var sum, squares int64
		for _, q := range row {
			sum += int64(q)
			squares += int64(int32(q) * int32(q))
		}
		inverse := 1 / math.Sqrt(float64(c*squares-sum*sum)+s.epsilon)
		dst, gain, offset := out[i:][:len(row)], s.gain[:len(row)], s.offset[:len(row)]
		for k, q := range row {
			y := float64(float64(float64(c*int64(q)-sum)*inverse)*gain[k]) + offset[k]
			dst[k] = int16(math.RoundToEven(min(max(y, s.lo), s.hi)))
		}
	}
}

func (b *builder) layerNorm(n *graph.Node, w Weights) (step, error) {
	in, out := b.g.Tensors[n.Inputs[0]], b.g.Tensors[n.Output]
	count, scale := float64(in.Shape[2]), float64(in.Scale)
	st := &layerNormStep{in: b.views[n.Inputs[0]], out: b.views[n.Output], lo: float64(out.Lo), hi: float64(out.Hi),
		epsilon: n.Epsilon * float64(count*count) / float64(scale*scale)}
	for i, g := range w.params.Gain {
		st.gain = append(st.gain, float64(g)/float64(out.Scale))
		st.offset = append(st.offset, float64(w.params.Offset[i])/float64(out.Scale))
	}
	return st, nil
}
