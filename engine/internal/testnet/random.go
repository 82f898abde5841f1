package testnet

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

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

func (r *random) convolution(in, channels, groups int, w Window) {
	s := r.at(in).Shape
	h, wd := w.out(s[0], s[1])
	shape := [3]int{h, wd, channels}
	per := w.Kernel[0] * w.Kernel[1] * s[2] / groups
	if !small(shape) || per*channels > 1<<16 || h*wd*channels*per > 1<<21 {
		return
	}
	r.weighted(graph.Node{Op: graph.Conv, Inputs: []int{in}, Kernel: w.Kernel, Stride: w.Stride, Dilation: w.Dilation, Pads: w.Pads, Groups: groups},
		shape, channels, per)
}

func (r *random) conv(k, groups, channels int) {
	in := r.any()
	w, ok := r.window(r.at(in).Shape, k)
	if r.rng.IntN(2) == 0 {
		w.Stride, w.Dilation = [2]int{1, 1}, [2]int{1, 1}
	}
	if ok {
		r.convolution(in, channels, groups, w)
	}
}

// winograd is what the kernel of that name takes where bounds allow: 3 x 3,
// stride 1, many channels on both sides.
func (r *random) winograd() {
	in := r.any()
	if s := r.at(in).Shape; s[2] < 16 {
		before := len(r.File.Graph.Tensors)
		r.convolution(in, 16+r.rng.IntN(20), 1, Square(1, 1, 0))
		if in = before; in == len(r.File.Graph.Tensors) {
			return
		}
	}
	w := Square(3, 1, r.rng.IntN(3))
	w.Pads[r.rng.IntN(4)] = r.rng.IntN(3)
	if s := r.at(in).Shape; s[0]+w.Pads[0]+w.Pads[2] >= 3 && s[1]+w.Pads[1]+w.Pads[3] >= 3 {
		r.convolution(in, 16+r.rng.IntN(24), 1, w)
	}
}

func (r *random) depthwise(k int) {
	in := r.any()
	s := r.at(in).Shape
	if w, ok := r.window(s, k); ok && s[2] > 1 {
		r.convolution(in, s[2], s[2], w)
	}
}

func (r *random) grouped() {
	in := r.any()
	s := r.at(in).Shape
	groups := 2 + r.rng.IntN(4)
	if w, ok := r.window(s, 1+r.rng.IntN(3)); ok && s[2]%groups == 0 {
		r.convolution(in, groups*(1+r.rng.IntN(9)), groups, w)
	}
}

func (r *random) connected() {
	in := r.any()
	per, outputs := r.at(in).Elems(), 1+r.rng.IntN(40)
	if per*outputs <= 1<<16 {
		r.weighted(graph.Node{Op: graph.FullyConnected, Inputs: []int{in}}, [3]int{1, 1, outputs}, outputs, per)
	}
}

func (r *random) binary(op string) {
	a, b := r.any(), r.any()
	x, y := r.at(a), r.at(b)
	shape := x.Shape
	for i, d := range y.Shape {
		if shape[i] != d && min(shape[i], d) != 1 {
			return
		}
		shape[i] = max(shape[i], d)
	}
	if small(shape) {
		r.make(graph.Node{Op: op, Inputs: []int{a, b}}, shape)
	}
}

// joined concatenates tensors of one scale, a tensor with itself if need be.
func (r *random) joined() {
	a := r.any()
	t := r.at(a)
	in := []int{a}
	shape := t.Shape
	for range 1 + r.rng.IntN(3) {
		b := r.any()
		if u := r.at(b); u.Scale != t.Scale || u.Shape[0] != shape[0] || u.Shape[1] != shape[1] {
			b = a
		}
		in, shape[2] = append(in, b), shape[2]+r.at(b).Shape[2]
	}
	if !small(shape) {
		return
	}
	r.copied(graph.Node{Op: graph.Concat, Inputs: in}, shape)
	out := &r.File.Graph.Tensors[len(r.File.Graph.Tensors)-1]
	for _, i := range in {
		out.Lo, out.Hi = min(out.Lo, r.at(i).Lo), max(out.Hi, r.at(i).Hi)
	}
}

func (r *random) chosen() {
	in := r.any()
	s := r.at(in).Shape
	channels := make([]int, 1+r.rng.IntN(min(2*s[2], 48)))
	at := r.rng.IntN(s[2])
	for i := range channels {
		if channels[i] = at; r.rng.IntN(3) > 0 { // runs and jumps
			at = (at + 1) % s[2]
		} else {
			at = r.rng.IntN(s[2])
		}
	}
	if s[2] = len(channels); small(s) {
		r.copied(graph.Node{Op: graph.GatherChannels, Inputs: []int{in}, Channels: channels}, s)
	}
}

func (r *random) cut() {
	in := r.any()
	s := r.at(in).Shape
	node := graph.Node{Op: graph.Crop, Inputs: []int{in}}
	for i := range 2 {
		node.Start[i], node.Stride[i] = r.rng.IntN(s[i]), 1+r.rng.IntN(3)
		s[i] = 1 + r.rng.IntN((s[i]-1-node.Start[i])/node.Stride[i]+1)
	}
	r.copied(node, s)
}

func (r *random) pooled(op string) {
	in := r.any()
	t := r.at(in)
	w, ok := r.window(t.Shape, 1+r.rng.IntN(4))
	if !ok {
		return
	}
	node := graph.Node{Op: op, Inputs: []int{in}, Kernel: w.Kernel, Stride: w.Stride, Dilation: w.Dilation, Pads: w.Pads}
	h, wd := w.out(t.Shape[0], t.Shape[1])
	for axis, count := range [2]int{h, wd} {
		for i := range count { // a window needs a place inside
			inside := false
			for k := range w.Kernel[axis] {
				p := i*w.Stride[axis] - w.Pads[axis] + k*w.Dilation[axis]
				inside = inside || p >= 0 && p < t.Shape[axis]
			}
			if !inside {
				return
			}
		}
	}
	node.CountPad = op == graph.AvgPool && r.rng.IntN(2) == 0
	shape := [3]int{h, wd, t.Shape[2]}
	if small(shape) {
		r.averaged(node, shape)
	}
}

// averaged keeps the integers, or rescales a mean within the output's range.
func (r *random) averaged(node graph.Node, shape [3]int) {
	r.copied(node, shape)
	in, out := r.at(node.Inputs[0]), &r.File.Graph.Tensors[len(r.File.Graph.Tensors)-1]
	if node.Op != graph.AvgPool && node.Op != graph.GlobalAvgPool || r.rng.IntN(2) == 0 {
		return
	}
	out.Scale = float32(float64(in.Scale) * (0.5 + 2*r.rng.Float64()))
	ratio := float64(in.Scale) / float64(out.Scale)
	lo, hi := math.RoundToEven(float64(in.Lo)*ratio), math.RoundToEven(float64(in.Hi)*ratio)
	if max(-lo, hi) > math.MaxInt16 {
		out.Scale = in.Scale
		return
	}
	out.Lo, out.Hi = int16(lo), int16(hi)
}

func (r *random) global(op string) {
	in := r.any()
	r.averaged(graph.Node{Op: op, Inputs: []int{in}}, [3]int{1, 1, r.at(in).Shape[2]})
}

// pointwise adds an operator that keeps the shape and has real parameters.
func (r *random) pointwise(op string) {
	in := r.any()
	s := r.at(in).Shape
	node := graph.Node{Op: op, Inputs: []int{in}}
	reals := func() []float32 {
		v := make([]float32, s[2])
		for i := range v {
			v[i] = r.rng.Float32()*4 - 2
		}
		return v
	}
	name := r.fresh(op)
	switch op {
	case graph.Activation:
		node.Fn = graph.Functions[r.rng.IntN(len(graph.Functions))]
		node.Alpha, node.Beta = r.rng.Float64()*2-0.5, r.rng.Float64()
	case graph.LayerNorm:
		node.Epsilon, node.Weights = 1e-5, name
		r.File.Params[name] = graph.Params{Gain: reals(), Offset: reals()}
	case graph.PReLU:
		node.Weights = name
		r.File.Params[name] = graph.Params{Gain: reals()}
	case graph.LRN:
		node.Size, node.Alpha, node.Beta, node.Shift = 1+r.rng.IntN(9), r.rng.Float64(), []float64{0.5, 0.75, 1, 0.6}[r.rng.IntN(4)], 1
	}
	out := r.make(node, s)
	if op == graph.Softmax {
		t := &r.File.Graph.Tensors[out]
		t.Scale, t.Lo, t.Hi = 1.0/32767, 0, 32767
	}
}

func (r *random) bordered() {
	in := r.any()
	s := r.at(in).Shape
	node := graph.Node{Op: graph.Pad, Inputs: []int{in}}
	for i := range node.Pads {
		node.Pads[i] = r.rng.IntN(4)
		s[i%2] += node.Pads[i]
	}
	if small(s) {
		r.copied(node, s)
	}
}

func (r *random) reshaped() {
	in := r.any()
	elems := r.at(in).Elems()
	var divisors []int
	for d := 1; d <= elems; d++ {
		if elems%d == 0 {
			divisors = append(divisors, d)
		}
	}
	h := divisors[r.rng.IntN(len(divisors))]
	divisors = slices.DeleteFunc(divisors, func(d int) bool { return elems/h%d != 0 })
	w := divisors[r.rng.IntN(len(divisors))]
	if max(h, w) <= 200 { // longer ones make large tables
		r.copied(graph.Node{Op: graph.Reshape, Inputs: []int{in}}, [3]int{h, w, elems / h / w})
	}
}

func (r *random) blocks() {
	in := r.any()
	s := r.at(in).Shape
	b := 1 + r.rng.IntN(3)
	node := graph.Node{Op: graph.SpaceToDepth, Inputs: []int{in}, Block: b, Order: []string{graph.OrderDCR, graph.OrderCRD}[r.rng.IntN(2)]}
	switch {
	case s[2]%(b*b) == 0 && r.rng.IntN(2) == 0:
		node.Op = graph.DepthToSpace
		s = [3]int{s[0] * b, s[1] * b, s[2] / (b * b)}
	case s[0]%b == 0 && s[1]%b == 0:
		s = [3]int{s[0] / b, s[1] / b, s[2] * b * b}
	default:
		return
	}
	r.copied(node, s)
}

func (r *random) resized() {
	in := r.any()
	s := r.at(in).Shape
	pick := func(v ...string) string { return v[r.rng.IntN(len(v))] }
	node := graph.Node{Op: graph.Resize, Inputs: []int{in}, Fn: pick(graph.Nearest, graph.Linear),
		Coordinates: pick(graph.HalfPixel, graph.TorchHalfPixel, graph.Asymmetric, graph.AlignCorners),
		Rounding:    pick(graph.RoundFloor, graph.RoundCeil, graph.HalfDown, graph.HalfUp)}
	s[0], s[1] = 1+r.rng.IntN(2*s[0]+2), 1+r.rng.IntN(2*s[1]+2)
	if r.rng.IntN(3) == 0 {
		node.Zoom = [2]float64{0.5 + r.rng.Float64(), 0}
	}
	if small(s) {
		r.copied(node, s)
	}
}
