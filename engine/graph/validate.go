package graph

import (
	"math"
	"slices"
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
	inputs := 1
	switch n.Op {
	case Add, Sub, Mul:
		inputs = 2
	case Concat:
		inputs = max(len(n.Inputs), 1)
	default:
		if !slices.Contains(Operators, n.Op) {
			return n.errorf("unknown operator; this version runs %s: convert the model again or update the engine", strings.Join(Operators, ", "))
		}
	}
	if len(n.Inputs) != inputs {
		return n.errorf("has %d inputs, wants %d", len(n.Inputs), inputs)
	}
	if err := g.validateAttributes(n); err != nil {
		return err
	}
	want, err := g.outputShape(n)
	if err != nil {
		return err
	}
	if got := g.Tensors[n.Output].Shape; got != want {
		return n.errorf("output shape is %v, the operator gives %v", got, want)
	}
	return g.validateScales(n)
}

func (g *Graph) validateAttributes(n *Node) error {
	if n.Op == Conv || n.Op == MaxPool || n.Op == AvgPool {
		for i := range 2 {
			if n.Kernel[i] < 1 || n.Kernel[i] > 256 || n.Stride[i] < 1 || n.Stride[i] > 256 || n.Dilation[i] < 1 || n.Dilation[i] > 256 {
				return n.errorf("kernel %v, stride %v, dilation %v: each must be within 1..256", n.Kernel, n.Stride, n.Dilation)
			}
		}
	}
	for _, p := range n.Pads {
		if p < 0 || p > 4096 {
			return n.errorf("padding %v is outside 0..4096", n.Pads)
		}
	}
	if err := g.validateTapCount(n); err != nil {
		return err
	}
	if n.Op == Conv {
		in, out := g.Tensors[n.Inputs[0]].Shape[2], g.Tensors[n.Output].Shape[2]
		if n.Groups < 1 || in%n.Groups != 0 || out%n.Groups != 0 {
			return n.errorf("%d groups do not divide %d input and %d output channels", n.Groups, in, out)
		}
	}
	switch weighted := n.Op == Conv || n.Op == FullyConnected || n.FloatParams(); {
	case weighted && n.Weights == "":
		return n.errorf("names no weights")
	case !weighted && n.Weights != "":
		return n.errorf("names the weights %q, and the operator has none", n.Weights)
	}
	switch n.Op {
	case Activation:
		return n.validateFunction()
	case GatherChannels:
		return g.validateChannels(n)
	case Crop:
		return g.validateCrop(n)
	case LayerNorm:
		return g.validateLayerNorm(n)
	case GroupNorm:
		return g.validateGroupNorm(n)
	case LRN:
		return n.validateLRN()
	case DepthToSpace, SpaceToDepth:
		return n.validateBlock()
	case Resize:
		return n.validateResize()
	}
	return nil
}

// validateTapCount keeps the sum of an average from overflowing int32.
func (g *Graph) validateTapCount(n *Node) error {
	taps := n.Kernel[0] * n.Kernel[1]
	if n.Op == GlobalAvgPool || n.Op == GlobalMaxPool {
		s := g.Tensors[n.Inputs[0]].Shape
		taps = s[0] * s[1]
	}
	switch n.Op {
	case MaxPool, AvgPool, GlobalAvgPool, GlobalMaxPool:
		if taps > MaxTaps {
			return n.errorf("the window has %d places, at most %d are supported", taps, MaxTaps)
		}
	}
	return nil
}

// outputShape is the shape rule of every operator.
func (g *Graph) outputShape(n *Node) ([3]int, error) {
	in := g.Tensors[n.Inputs[0]].Shape
	out := g.Tensors[n.Output].Shape
	switch n.Op {
	case Conv, MaxPool, AvgPool:
		c := in[2]
		if n.Op == Conv {
			c = out[2]
		}
		h, err := n.windows(in[0], 0)
		if err != nil {
			return in, err
		}
		w, err := n.windows(in[1], 1)
		return [3]int{h, w, c}, err
	case FullyConnected:
		return [3]int{1, 1, out[2]}, nil
	case Add, Sub, Mul:
		return n.broadcast(in, g.Tensors[n.Inputs[1]].Shape)
	case Concat:
		c := 0
		for _, i := range n.Inputs {
			s := g.Tensors[i].Shape
			if s[0] != in[0] || s[1] != in[1] {
				return in, n.errorf("cannot join %v and %v along channels", in, s)
			}
			c += s[2]
		}
		return [3]int{in[0], in[1], c}, nil
	case GlobalAvgPool, GlobalMaxPool:
		return [3]int{1, 1, in[2]}, nil
	case GatherChannels:
		return [3]int{in[0], in[1], len(n.Channels)}, nil
	case Crop, Resize:
		return [3]int{out[0], out[1], in[2]}, nil
	case DepthToSpace, SpaceToDepth:
		return n.spaceShape(in)
	case Pad:
		return [3]int{in[0] + n.Pads[0] + n.Pads[2], in[1] + n.Pads[1] + n.Pads[3], in[2]}, nil
	case Reshape:
		if out[0]*out[1]*out[2] != in[0]*in[1]*in[2] {
			return in, n.errorf("%v does not reshape to %v", in, out)
		}
		return out, nil
	}
	return in, nil
}

// windows counts the positions of the kernel along one axis.
func (n *Node) windows(size, axis int) (int, error) {
	span := (n.Kernel[axis]-1)*n.Dilation[axis] + 1
	padded := size + n.Pads[axis] + n.Pads[axis+2]
	if span > padded {
		return 0, n.errorf("kernel spans %d, the padded input has %d", span, padded)
	}
	count := (padded-span)/n.Stride[axis] + 1
	if n.Op != Conv && n.emptyWindow(size, axis, count) {
		return 0, n.errorf("padding %v leaves windows without a value", n.Pads)
	}
	return count, nil
}

// emptyWindow reports whether one of count windows has no tap inside.
func (n *Node) emptyWindow(size, axis, count int) bool {
	d := n.Dilation[axis]
	for i := range count {
		first := i*n.Stride[axis] - n.Pads[axis]
		tap := 0
		if first < 0 {
			tap = (d - 1 - first) / d
		}
		if tap >= n.Kernel[axis] || first+tap*d >= size {
			return true
		}
	}
	return false
}

// maxRatio keeps a rescaled value within float32.
const maxRatio = 1e30

// validateScales checks the operators that copy integers and so need one
// scale on both sides.
func (g *Graph) validateScales(n *Node) error {
	out := g.Tensors[n.Output]
	if Copies(n.Op) {
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
	switch n.Op {
	case AvgPool, GlobalAvgPool:
		in := g.Tensors[n.Inputs[0]]
		ratio := float64(in.Scale) / float64(out.Scale)
		if math.RoundToEven(float64(in.Lo)*ratio) < float64(out.Lo) || math.RoundToEven(float64(in.Hi)*ratio) > float64(out.Hi) {
			return n.errorf("the output's range must cover the input's")
		}
	case Softmax:
		if out.Scale != float32(1.0/32767) || out.Hi != math.MaxInt16 {
			return n.errorf("output must have scale 1/32767 and reach 32767")
		}
	}
	return nil
}
