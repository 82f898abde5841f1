package testnet

import (
	"fmt"
	"math"
	"math/rand/v2"

	"likeness/engine/graph"
)

// maxRandom bounds the values of a tensor of a random network.
const maxRandom = 12000

// Random is a valid network of some random operators on random shapes: odd
// sizes, windows that hang over the edges, broadcasts, weights whose sums reach
// the ends of int32. Equal seeds give equal networks on every platform.
func Random(seed uint64, operators int) *Net {
	rng := rand.New(rand.NewPCG(seed, 77))
	n := New(seed, 1+rng.IntN(40), 1+rng.IntN(40))
	r := &random{Net: n, rng: rng}
	t := &n.File.Graph.Tensors[0]
	t.Hi = r.pick(2040, 2041, 8191, 32767)
	t.Lo = -t.Hi
	for tries := 0; len(n.File.Graph.Nodes) < operators && tries < 40*operators; tries++ {
		kinds[r.rng.IntN(len(kinds))](r)
	}
	if len(n.File.Graph.Nodes) == 0 {
		r.pointwise(graph.Activation)
	}
	return n
}

type random struct {
	*Net
	rng *rand.Rand
}

// kinds add one operator, or none where the shapes do not allow it.
var kinds = []func(r *random){
	func(r *random) { r.conv(1, 1, 1+r.rng.IntN(40)) },
	(*random).winograd,
	(*random).winograd,
	func(r *random) { r.conv(1+r.rng.IntN(5), 1, 1+r.rng.IntN(36)) },
	func(r *random) { r.depthwise(3) },
	func(r *random) { r.depthwise(1 + r.rng.IntN(5)) },
	(*random).grouped,
	(*random).connected,
	func(r *random) { r.binary(graph.Add) },
	func(r *random) { r.binary(graph.Sub) },
	func(r *random) { r.binary(graph.Mul) },
	(*random).joined,
	(*random).chosen,
	(*random).cut,
	func(r *random) { r.pooled(graph.MaxPool) },
	func(r *random) { r.pooled(graph.AvgPool) },
	func(r *random) { r.global(graph.GlobalAvgPool) },
	func(r *random) { r.global(graph.GlobalMaxPool) },
	func(r *random) { r.pointwise(graph.Activation) },
	func(r *random) { r.pointwise(graph.Activation) },
	func(r *random) { r.pointwise(graph.Softmax) },
	func(r *random) { r.pointwise(graph.LogSoftmax) },
	func(r *random) { r.pointwise(graph.LayerNorm) },
	func(r *random) { r.pointwise(graph.LRN) },
	func(r *random) { r.pointwise(graph.PReLU) },
	(*random).bordered,
	(*random).reshaped,
	(*random).blocks,
	(*random).resized,
}

func (r *random) pick(v ...int16) int16 { return v[r.rng.IntN(len(v))] }

// any is a tensor made before.
func (r *random) any() int { return r.rng.IntN(len(r.File.Graph.Tensors)) }

func (r *random) at(t int) graph.Tensor { return r.File.Graph.Tensors[t] }

func small(s [3]int) bool { return min(s[0], s[1], s[2]) > 0 && s[0]*s[1]*s[2] <= maxRandom }

// fresh is a name for the next operator.
func (r *random) fresh(op string) string { return fmt.Sprintf("%s_%d", op, len(r.File.Graph.Nodes)) }

// make adds a tensor with a scale and a range of its own, and the node.
func (r *random) make(node graph.Node, shape [3]int) int {
	hi := r.pick(1, 7, 255, 2047, 8191, 8191, 8191, 32767)
	lo := -hi
	if r.rng.IntN(3) == 0 {
		lo = 0
	}
	node.Name = r.fresh(node.Op)
	node.Output = r.tensor(node.Name, shape, float32(math.Ldexp(1, r.rng.IntN(12)-16)), lo, hi)
	return r.node(node)
}

// copied is make for operators that keep the integers of an input.
func (r *random) copied(node graph.Node, shape [3]int) {
	t := r.at(node.Inputs[0])
	node.Name = r.fresh(node.Op)
	node.Output = r.tensor(node.Name, shape, t.Scale, t.Lo, t.Hi)
	r.node(node)
}

// window is a random one over a tensor, of size k along both axes.
func (r *random) window(s [3]int, k int) (w Window, ok bool) {
	for i := range 2 {
		w.Kernel[i], w.Stride[i], w.Dilation[i] = k, 1+r.rng.IntN(3), 1
		if r.rng.IntN(4) == 0 {
			w.Dilation[i] = 1 + r.rng.IntN(3)
		}
		if r.rng.IntN(2) == 0 {
			w.Stride[i] = 1
		}
		w.Pads[i], w.Pads[i+2] = r.rng.IntN(k+1), r.rng.IntN(k+1)
		if (k-1)*w.Dilation[i]+1 > s[i]+w.Pads[i]+w.Pads[i+2] {
			return w, false
		}
	}
	return w, true
}

// weighted adds a node with weights for in, of whose sums many reach as far as
// int32 allows, and requantises them over the output's range.
func (r *random) weighted(node graph.Node, shape [3]int, outputs, per int) {
	out := r.make(node, shape)
	n := &r.File.Graph.Nodes[len(r.File.Graph.Nodes)-1]
	n.Weights = n.Name
	in, to := r.at(node.Inputs[0]), r.at(out)
	p := graph.Params{Weight: make([]int8, outputs*per), Scale: make([]float32, outputs), Bias: make([]int32, outputs)}
	limit := int64(math.MaxInt32)
	if r.rng.IntN(2) == 0 {
		limit /= 4 // what Winograd takes
	}
	for o := range outputs {
		w := p.Weight[o*per:][:per]
		extreme := r.rng.IntN(3) == 0
		for i := range w {
			if w[i] = int8(r.rng.IntN(255) - 127); extreme {
				w[i] = []int8{-127, 127}[r.rng.IntN(2)]
			}
		}
		lo, hi := graph.AccumulatorRange(w, 0, in)
		for i := 0; lo < -limit-1 || hi > limit; i++ { // some less, until it fits
			w[i*7919%per] = 0
			lo, hi = graph.AccumulatorRange(w, 0, in)
		}
		switch room := limit - hi; r.rng.IntN(4) {
		case 0: // as far up as it can be
			p.Bias[o] = int32(room)
		case 1:
			p.Bias[o] = int32(-limit - 1 - lo)
		case 2:
			p.Bias[o] = int32(r.rng.Int64N(min(room, 100000) + 1))
		}
		lo, hi = graph.AccumulatorRange(w, p.Bias[o], in)
		reach := float64(max(-lo, hi, 1))
		m := max(float64(to.Hi), 1) / reach * math.Ldexp(1, r.rng.IntN(8))
		p.Scale[o] = float32(min(max(m*float64(to.Scale)/float64(in.Scale), 1e-29), 1e29))
	}
	r.File.Params[n.Weights] = p
}
