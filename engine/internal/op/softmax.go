package op

import (
	"math"

	"likeness/engine/graph"
)

// softmaxStep writes probabilities in units of 1/32767, pixel by pixel, or
// their logarithms.
type softmaxStep struct {
	in, out view
	exps    []float64 // e^(-d*scale) for a distance d from the largest value
	log     bool
	scale   float64 // of both sides, for logarithms
	unit    float64
	lo, hi  float64
}

func (s *softmaxStep) run(arena []int16) {
	in, out := s.in.slice(arena), s.out.slice(arena)
	for i := 0; i < len(in); i += s.in.px {
		row, dst := in[i:][:s.in.c], out[i:]
		top := row[0]
		for _, q := range row {
			top = max(top, q)
		}
		sum := 0.0
		for _, q := range row {
			sum += s.exps[int(top)-int(q)]
		}
		if s.log {
			rest := log(sum)
			for c, q := range row {
				y := (float64(float64(int(q)-int(top))*s.scale) - rest) / s.unit
				dst[c] = int16(min(max(math.RoundToEven(y), s.lo), s.hi))
			}
			continue
		}
		for c, q := range row {
			p := s.exps[int(top)-int(q)] / sum
			dst[c] = int16(math.RoundToEven(p * math.MaxInt16))
		}
	}
}

func (b *builder) softmax(n *graph.Node) (step, error) {
	t, out := b.g.Tensors[n.Inputs[0]], b.g.Tensors[n.Output]
	st := &softmaxStep{in: b.views[n.Inputs[0]], out: b.views[n.Output], log: n.Op == graph.LogSoftmax,
		scale: float64(t.Scale), unit: float64(out.Scale), lo: float64(out.Lo), hi: float64(out.Hi)}
	st.exps = make([]float64, int(t.Hi)-int(t.Lo)+1)
	for d := range st.exps {
		st.exps[d] = exp(-float64(d) * float64(t.Scale))
	}
	return st, nil
}
