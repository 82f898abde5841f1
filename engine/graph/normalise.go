package graph

import "math"

var (
	lrnRule       = rule{inputs: 1, attributes: func(_ *Graph, n *Node) error { return n.validateLRN() }}
	layerNormRule = rule{inputs: 1, params: gainsAndOffsets, attributes: (*Graph).validateLayerNorm}
	groupNormRule = rule{inputs: 1, params: gainsAndOffsets, attributes: (*Graph).validateGroupNorm, field: wholeField}
)

// validateLRN keeps the base of the power positive and finite.
func (n *Node) validateLRN() error {
	in := func(v, lo, hi float64) bool { return v >= lo && v <= hi } // false for NaN
	if n.Size < 1 || n.Size > MaxDim || !in(n.Alpha, 0, 1e6) || !in(n.Beta, 0, 16) || !in(n.Shift, 1e-6, 1e6) {
		return n.errorf("size %d, alpha %g, beta %g, shift %g: must be within 1..%d, 0..1e6, 0..16 and 1e-6..1e6",
			n.Size, n.Alpha, n.Beta, n.Shift, MaxDim)
	}
	return nil
}

// validateLayerNorm lets the variance be computed exactly: channels squared
// times squares of int16 fit int64.
func (g *Graph) validateLayerNorm(n *Node) error {
	if !(n.Epsilon >= 1e-12 && n.Epsilon <= 1) {
		return n.errorf("epsilon is %g, it must be within 1e-12..1", n.Epsilon)
	}
	if c := g.Tensors[n.Inputs[0]].Shape[2]; c > MaxDim {
		return n.errorf("%d channels, at most %d are supported", c, MaxDim)
	}
	return nil
}

func (g *Graph) validateGroupNorm(n *Node) error {
	if !(n.Epsilon >= 1e-12 && n.Epsilon <= 1) {
		return n.errorf("epsilon is %g, it must be within 1e-12..1", n.Epsilon)
	}
	if c := g.Tensors[n.Inputs[0]].Shape[2]; n.Groups < 1 || c%n.Groups != 0 {
		return n.errorf("%d groups do not divide %d channels", n.Groups, c)
	}
	return nil
}

func (g *Graph) checkFloatParams(n *Node, p *Params) error {
	c, offsets := n.WeightShape(g)[0], 0
	if n.HasOffset() {
		offsets = c
	}
	if len(p.Gain) != c || len(p.Offset) != offsets || len(p.Weight)+len(p.Scale)+len(p.Bias) > 0 {
		return n.errorf("parameters %q have %d gains and %d offsets; %d and %d are wanted", n.Weights, len(p.Gain), len(p.Offset), c, offsets)
	}
	for _, list := range [][]float32{p.Gain, p.Offset} {
		for i, v := range list {
			if !(math.Abs(float64(v)) <= 1e6) {
				return n.errorf("parameter of channel %d is %g, at most 1e6 is allowed", i, v)
			}
		}
	}
	return nil
}
