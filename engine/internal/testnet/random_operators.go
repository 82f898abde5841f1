package testnet

import (
	"math"
	"slices"

	"likeness/engine/graph"
)

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

// firstFunctions are those that random networks hold: one more would change what
// every seed gives, and with it the golden hashes.
const firstFunctions = 18

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
		node.Fn = graph.Functions[r.rng.IntN(firstFunctions)]
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
