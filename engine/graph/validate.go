package graph

import (
	"math"
	"strings"
)

// Validate checks everything a runner relies on: indices, execution order,
// shapes, scales and ranges. It allocates nothing that depends on declared
// sizes.
func (g *Graph) Validate() error {
	bad := &Node{Name: g.Name, Op: "graph"}
	switch {
	case len(g.Tensors) == 0 || len(g.Nodes) == 0:
		return bad.errorf("no tensors or no operators")
	case len(g.Nodes) > MaxNodes || len(g.Tensors) > MaxNodes+1:
		return bad.errorf("%d operators, at most %d are allowed", max(len(g.Nodes), len(g.Tensors)-1), MaxNodes)
	}
	if err := g.validateNames(bad); err != nil {
		return err
	}
	names := make(map[string]bool, len(g.Tensors))
	for _, t := range g.Tensors {
		if err := t.validate(bad); err != nil {
			return err
		}
		if names[t.Name] {
			return bad.errorf("two tensors are named %q", t.Name)
		}
		names[t.Name] = true
	}
	if err := g.validatePreparation(bad); err != nil {
		return err
	}
	ready := make([]bool, len(g.Tensors))
	ready[0] = true
	for i := range g.Nodes {
		n := &g.Nodes[i]
		if len(n.Inputs) > MaxInputs {
			return n.errorf("has %d inputs, at most %d are allowed", len(n.Inputs), MaxInputs)
		}
		for _, in := range n.Inputs {
			if in < 0 || in >= len(g.Tensors) || !ready[in] {
				return n.errorf("input tensor %d does not exist or is not computed yet", in)
			}
		}
		if n.Output <= 0 || n.Output >= len(g.Tensors) || ready[n.Output] {
			return n.errorf("output tensor %d does not exist or is written twice", n.Output)
		}
		if err := g.validateNode(n); err != nil {
			return err
		}
		ready[n.Output] = true
	}
	for i, ok := range ready {
		if !ok {
			return bad.errorf("tensor %q is never computed", g.Tensors[i].Name)
		}
	}
	return g.validateTaps(bad)
}

func (g *Graph) validatePreparation(bad *Node) error {
	if err := g.Prepare.Validate(); err != nil {
		return bad.errorf("preparation: %v", err)
	}
	if want := [3]int{g.Prepare.Height, g.Prepare.Width, 3}; g.Tensors[0].Shape != want {
		return bad.errorf("input tensor has shape %v, the preparation gives %v", g.Tensors[0].Shape, want)
	}
	// Values fall or rise with the pixel's, so that 0 and 255 are the extremes.
	t := g.Tensors[0]
	for c, std := range g.Prepare.Std {
		lo, hi := pixelValue(0, g.Prepare.Mean[c], std, t.Scale), pixelValue(255, g.Prepare.Mean[c], std, t.Scale)
		if lo < float64(t.Lo) || hi > float64(t.Hi) {
			return bad.errorf("input tensor %q declares the range [%d, %d], but the preparation gives %.0f to %.0f: convert the model again", t.Name, t.Lo, t.Hi, lo, hi)
		}
	}
	return nil
}

// pixelValue is the integer that picture.Preparer makes of a colour's value x,
// before it is limited to int16: no range allows what lies beyond.
func pixelValue(x, mean, std float64, scale float32) float64 {
	return math.RoundToEven((x - mean) / std / float64(scale))
}

func (t Tensor) validate(bad *Node) error {
	elems := 1
	for _, d := range t.Shape {
		if d < 1 || d > MaxTensorElems || elems > MaxTensorElems/d {
			return bad.errorf("tensor %q has shape %v; at most %d values are allowed", t.Name, t.Shape, MaxTensorElems)
		}
		elems *= d
	}
	if t.Shape[0] > MaxDim || t.Shape[1] > MaxDim {
		return bad.errorf("tensor %q is %d x %d, at most %d a side is allowed", t.Name, t.Shape[0], t.Shape[1], MaxDim)
	}
	if t.Name == "" {
		return bad.errorf("a tensor has no name")
	}
	if !goodScale(t.Scale) {
		return bad.errorf("tensor %q has scale %g", t.Name, t.Scale)
	}
	if t.Lo > 0 || t.Hi < 0 || t.Lo == math.MinInt16 {
		return bad.errorf("tensor %q has range [%d, %d]; it must hold 0 and exclude -32768", t.Name, t.Lo, t.Hi)
	}
	return nil
}

func goodScale(s float32) bool { return s > 1e-30 && s < 1e30 }

func (g *Graph) validateNode(n *Node) error {
	r := ruleOf(n.Op)
	if r == nil {
		return n.errorf("unknown operator; this version runs %s: convert the model again or update the engine", strings.Join(Operators, ", "))
	}
	inputs := r.inputs
	if inputs == many {
		inputs = max(len(n.Inputs), 1)
	}
	if len(n.Inputs) != inputs {
		return n.errorf("has %d inputs, wants %d", len(n.Inputs), inputs)
	}
	for _, p := range n.Pads {
		if p < 0 || p > 4096 {
			return n.errorf("padding %v is outside 0..4096", n.Pads)
		}
	}
	switch weighted := r.params != noParams; {
	case weighted && n.Weights == "":
		return n.errorf("names no weights")
	case !weighted && n.Weights != "":
		return n.errorf("names the weights %q, and the operator has none", n.Weights)
	}
	if r.attributes != nil {
		if err := r.attributes(g, n); err != nil {
			return err
		}
	}
	want, err := g.Tensors[n.Inputs[0]].Shape, error(nil)
	if r.shape != nil {
		if want, err = r.shape(g, n); err != nil {
			return err
		}
	}
	if got := g.Tensors[n.Output].Shape; got != want {
		return n.errorf("output shape is %v, the operator gives %v", got, want)
	}
	return g.validateScales(n, r)
}

// maxRatio keeps a rescaled value within float32.
const maxRatio = 1e30

// validateScales checks that values can be rescaled, and that operators that copy
// integers have one scale on both sides.
func (g *Graph) validateScales(n *Node, r *rule) error {
	out := g.Tensors[n.Output]
	if r.copies {
		for _, i := range n.Inputs {
			in := g.Tensors[i]
			if in.Scale != out.Scale || in.Lo < out.Lo || in.Hi > out.Hi {
				return n.errorf("input %q and output must share one scale and the output's range must cover the input's", in.Name)
			}
		}
	}
	ratio := 1 / float64(out.Scale)
	for _, i := range n.Inputs {
		if r := float64(g.Tensors[i].Scale) / float64(out.Scale); n.Op != Mul && r > maxRatio {
			return n.errorf("the scale of input %q is %g times the output's", g.Tensors[i].Name, r)
		}
		ratio *= float64(g.Tensors[i].Scale)
	}
	if n.Op == Mul && ratio > maxRatio {
		return n.errorf("the scales' product is %g times the output's", ratio)
	}
	if r.scales != nil {
		return r.scales(g, n)
	}
	return nil
}
