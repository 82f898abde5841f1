package op

import (
	"fmt"

	"likeness/engine/graph"
	"likeness/engine/kernel"
)

// operator is how one of the graph's operators is planned.
type operator struct {
	step func(b *builder, n *graph.Node, w Weights) (step, error)
	// bytes is what the step keeps besides the arena, and how many int16 of the
	// arena it needs for itself while it runs; nil is nothing.
	bytes func(b *builder, n *graph.Node, winograd bool) (tables, scratch int64)
}

// plain is the step of an operator without weights.
func plain(f func(*builder, *graph.Node) (step, error)) func(*builder, *graph.Node, Weights) (step, error) {
	return func(b *builder, n *graph.Node, _ Weights) (step, error) { return f(b, n) }
}

var operators = map[string]operator{
	graph.Conv:           {(*builder).conv, (*builder).convBytes},
	graph.FullyConnected: {(*builder).fullyConnected, fullyConnectedBytes},
	graph.Add:            {plain((*builder).binary), binaryBytes},
	graph.Sub:            {plain((*builder).binary), binaryBytes},
	graph.Mul:            {plain((*builder).binary), binaryBytes},
	graph.Concat:         {plain((*builder).concat), concatBytes},
	graph.GatherChannels: {plain((*builder).gatherChannels), gatherBytes},
	graph.Crop:           {plain((*builder).crop), nil},
	graph.MaxPool:        {plain((*builder).pool), poolBytes},
	graph.AvgPool:        {plain((*builder).pool), poolBytes},
	graph.GlobalAvgPool:  {plain((*builder).pool), globalPoolBytes},
	graph.GlobalMaxPool:  {plain((*builder).pool), globalPoolBytes},
	graph.Activation:     {plain((*builder).activation), activationBytes},
	graph.Softmax:        {plain((*builder).softmax), softmaxBytes},
	graph.LogSoftmax:     {plain((*builder).softmax), softmaxBytes},
	graph.LayerNorm:      {(*builder).layerNorm, channelBytes},
	graph.GroupNorm:      {(*builder).groupNorm, channelBytes},
	graph.LRN:            {plain((*builder).lrn), nil},
	graph.PReLU:          {(*builder).prelu, channelBytes},
	graph.DepthToSpace:   {plain((*builder).space), nil},
	graph.SpaceToDepth:   {plain((*builder).space), nil},
	graph.Resize:         {plain((*builder).resize), resizeBytes},
	graph.Pad:            {plain((*builder).pad), nil},
	graph.Reshape:        {plain((*builder).reshape), nil},
}

// resolve makes the step of one node.
func (b *builder) resolve(n *graph.Node, weights map[string]Weights) (step, error) {
	o, ok := operators[n.Op]
	if !ok {
		return nil, fmt.Errorf("no kernel runs this operator")
	}
	return o.step(b, n, weights[n.Weights])
}

// planBytes is operator.bytes of a node.
func (b *builder) planBytes(n *graph.Node, winograd bool) (tables, scratch int64) {
	if o := operators[n.Op]; o.bytes != nil {
		return o.bytes(b, n, winograd)
	}
	return 0, 0
}

func (b *builder) convBytes(n *graph.Node, winograd bool) (tables, scratch int64) {
	s, out := n.WeightShape(b.g), b.g.Tensors[n.Output]
	places, taps := out.Shape[0]*out.Shape[1], n.Kernel[0]*n.Kernel[1]
	switch {
	case n.Inputs[0] == 0 && b.views[0].px == inputPx: // one tap a row, and weights of its own
		wide := product(s[0], taps, inputPx)
		return sum(product(4, places, s[1]), wide, gemmBytes(s[0], s[1], s[2]*inputPx)), 0
	case winograd:
		tiles := winogradTiles(out)
		return product(4, tiles, 16+4), sum(product(kernel.WinogradScratchMost(s[3])), product(2*kernel.Pad(s[0])))
	case n.Groups == 1 || n.IsDepthwise(b.g):
		return product(4, places, taps), 0
	}
	return product(4, places, taps, n.Groups+1), product(places, kernel.Pad(s[0]/n.Groups))
}

func fullyConnectedBytes(b *builder, n *graph.Node, _ bool) (tables, scratch int64) {
	return 0, product(kernel.Pad(b.g.Tensors[n.Inputs[0]].Elems()))
}

func binaryBytes(b *builder, n *graph.Node, _ bool) (tables, scratch int64) {
	return 0, sum(repeatLen, product(2, kernel.Pad(b.g.Tensors[n.Output].Shape[2])))
}

func concatBytes(_ *builder, n *graph.Node, _ bool) (tables, scratch int64) {
	return product(64, len(n.Inputs)), 0
}

func gatherBytes(_ *builder, n *graph.Node, _ bool) (tables, scratch int64) {
	return product(48, len(n.Channels)), 0
}

func poolBytes(b *builder, n *graph.Node, _ bool) (tables, scratch int64) {
	out := b.g.Tensors[n.Output].Shape
	return product(4, out[0]*out[1], n.Kernel[0]*n.Kernel[1]+1), 0
}

func globalPoolBytes(b *builder, n *graph.Node, _ bool) (tables, scratch int64) {
	in := b.g.Tensors[n.Inputs[0]].Shape
	return product(8, in[0], in[1]), 0
}

// activationBytes: one int16 for each.
func activationBytes(*builder, *graph.Node, bool) (tables, scratch int64) { return 2 << 16, 0 }

func softmaxBytes(b *builder, n *graph.Node, _ bool) (tables, scratch int64) {
	in := b.g.Tensors[n.Inputs[0]]
	return product(8, int(in.Hi)-int(in.Lo)+1), 0
}

// channelBytes are parameters of each channel.
func channelBytes(b *builder, n *graph.Node, _ bool) (tables, scratch int64) {
	return product(32, b.g.Tensors[n.Inputs[0]].Shape[2]), 0
}

func resizeBytes(b *builder, n *graph.Node, _ bool) (tables, scratch int64) {
	out := b.g.Tensors[n.Output].Shape
	return product(24, out[0]+out[1]), 0
}
