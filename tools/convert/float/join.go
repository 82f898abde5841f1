package float

import (
	"math"
	"slices"

	"likeness/engine/graph"
)

// Join makes one layer of operators that the engine runs as one: a scale and
// shift (batch normalisation) with the convolution or fully connected layer
// before or after it, a clamp (ReLU, ReLU6, Clip) with the layer before it, a
// padding with the convolution or pool after it. A scale and shift of the
// picture becomes part of its preparation. Outputs and kept layers stay.
func (n *Network) Join() {
	j := &joiner{n: n, readers: make([]int, len(n.Tensors)), maker: make([]int, len(n.Tensors)), gone: make([]bool, len(n.Nodes))}
	for i := range j.maker {
		j.maker[i] = -1
	}
	for _, t := range slices.Concat(n.Outputs, n.Kept) {
		j.readers[t]++
	}
	for i := range n.Nodes {
		j.maker[n.Nodes[i].Output] = i
		for _, t := range n.Nodes[i].Inputs {
			j.readers[t]++
		}
	}
	for i := range n.Nodes {
		j.node(i)
	}
	n.compact(j.gone)
	for i := range n.Nodes { // clamps that no layer took
		if node := &n.Nodes[i]; node.Fn == ClampFn {
			node.Fn = graph.Identity
		}
	}
}

type joiner struct {
	n       *Network
	readers []int // by tensor
	maker   []int // node that computes a tensor, or -1
	gone    []bool
}

// node joins node i with the one before it, where that is possible.
func (j *joiner) node(i int) {
	node := &j.n.Nodes[i]
	in := node.Inputs[0]
	onlyPicture := in == 0 && j.readers[0] == 1 && !slices.Contains(slices.Concat(j.n.Outputs, j.n.Kept), node.Output)
	if onlyPicture && node.Affine && j.n.prepared(node) {
		j.replace(node.Output, 0)
		j.gone[i] = true
		return
	}
	if onlyPicture && node.Op == graph.GatherChannels && slices.Equal(node.Channels, []int{2, 1, 0}) {
		j.n.Prepare = otherOrder(j.n.Prepare)
		j.replace(node.Output, 0)
		j.gone[i] = true
		return
	}
	m := j.maker[in]
	if m < 0 || j.readers[in] != 1 {
		return
	}
	before := &j.n.Nodes[m]
	switch {
	case isClamp(node):
		if before.clamps(node) {
			before.ActMin, before.ActMax = max(before.ActMin, node.ActMin), min(before.ActMax, node.ActMax)
			j.forward(m, i)
		}
	case node.Affine && before.Linear() && before.Free():
		before.scaleOutput(node.Weight, node.Bias)
		before.ActMin, before.ActMax = node.ActMin, node.ActMax
		before.Affine = before.Affine && node.Affine
		j.forward(m, i)
	case node.Affine && before.Op == graph.LayerNorm && node.Free():
		before.scaleOutput(node.Weight, node.Bias)
		j.forward(m, i)
	case before.Affine && before.Free() && node.Linear() && node.takesInput(before):
		node.scaleInput(before.Weight, before.Bias, j.n.Tensors[in].Shape)
		node.Affine = false
		j.skip(m, i)
		j.node(i) // a padding before the scale and shift
	case before.Op == graph.Pad && !node.Affine && node.takesPad(before, j.n.atLeastZero(before.Inputs[0])):
		for k, p := range before.Pads {
			node.Pads[k] += p
		}
		node.CountPad = node.Op == graph.AvgPool
		j.skip(m, i)
	}
}

// forward makes node m write what node i did.
func (j *joiner) forward(m, i int) {
	node, after := &j.n.Nodes[m], &j.n.Nodes[i]
	out, before := &j.n.Tensors[after.Output], &j.n.Tensors[node.Output]
	out.joins(before)
	node.Output = after.Output
	node.Rename(out.Name)
	j.maker[node.Output], j.gone[i] = m, true
}

// skip makes node i read what node m did.
func (j *joiner) skip(m, i int) {
	j.n.Tensors[j.n.Nodes[i].Output].joins(&j.n.Tensors[j.n.Nodes[m].Output])
	j.n.Nodes[i].Inputs = slices.Clone(j.n.Nodes[m].Inputs)
	j.gone[m] = true
}

// replace makes every reader of tensor from read tensor to, which takes its
// names.
func (j *joiner) replace(from, to int) {
	for i := range j.n.Nodes {
		for k, t := range j.n.Nodes[i].Inputs {
			if t == from {
				j.n.Nodes[i].Inputs[k] = to
			}
		}
	}
	j.readers[to] += j.readers[from] - 1
	a, b := &j.n.Tensors[to], &j.n.Tensors[from]
	for _, name := range append([]string{b.Name}, b.Also...) {
		a.AddName(name)
	}
}

func isClamp(n *Node) bool {
	return n.Op == graph.Activation && (n.Fn == graph.ReLU || n.Fn == graph.ReLU6 || n.Fn == ClampFn)
}

// clamps reports whether n can do the clamping of act.
func (n *Node) clamps(act *Node) bool {
	switch n.Op {
	case graph.Conv, graph.FullyConnected, graph.Add, graph.Sub, graph.Mul:
	default:
		return isClamp(n)
	}
	return max(n.ActMin, act.ActMin) <= min(n.ActMax, act.ActMax)
}

// Linear reports whether a node has weights and a bias.
func (n *Node) Linear() bool { return n.Op == graph.Conv || n.Op == graph.FullyConnected }

// Free reports whether a node's result is not clamped.
func (n *Node) Free() bool { return math.IsInf(n.ActMin, -1) && math.IsInf(n.ActMax, 1) }

// scaleOutput makes y = a*y + b, by output channel.
func (n *Node) scaleOutput(a, b []float32) {
	n.Weight, n.Bias, n.Steps = slices.Clone(n.Weight), slices.Clone(n.Bias), slices.Clone(n.Steps)
	per := len(n.Weight) / len(n.Bias)
	for o := range n.Bias {
		n.Bias[o] = float32(float64(n.Bias[o])*float64(a[o]) + float64(b[o]))
		for k := range per {
			n.Weight[o*per+k] *= a[o]
		}
		if n.Steps != nil {
			n.Steps[o] *= math.Abs(float64(a[o]))
		}
	}
}

// takesInput reports whether a scale and shift of the input can be done by the
// weights: where the input is padded, zeros stay zeros, so only a scale can.
func (n *Node) takesInput(affine *Node) bool {
	if n.Pads == [4]int{} {
		return true
	}
	return !slices.ContainsFunc(affine.Bias, func(b float32) bool { return b != 0 })
}

// scaleInput makes the node read x where it read a*x + b, by input channel.
func (n *Node) scaleInput(a, b []float32, in [3]int) {
	n.Weight, n.Bias = slices.Clone(n.Weight), slices.Clone(n.Bias)
	per := len(n.Weight) / len(n.Bias)
	groups, inner := 1, in[2]
	if n.Op == graph.Conv {
		groups, inner = n.Groups, in[2]/n.Groups
	}
	for o := range n.Bias {
		sum := float64(n.Bias[o])
		first := o / (len(n.Bias) / groups) * inner
		for k := range per {
			c := first + k%inner
			w := float64(n.Weight[o*per+k])
			sum += w * float64(b[c])
			n.Weight[o*per+k] = float32(w * float64(a[c]))
		}
		n.Bias[o] = float32(sum)
	}
	n.Steps = nil
}

// takesPad reports whether a node can do a padding with zeros. A maximum can if
// nothing below zero is among its inputs.
func (n *Node) takesPad(pad *Node, atLeastZero bool) bool {
	switch n.Op {
	case graph.Conv:
		return true
	case graph.AvgPool:
		if n.Pads != [4]int{} {
			return false
		}
	case graph.MaxPool:
		if !atLeastZero {
			return false
		}
	default:
		return false
	}
	for k, p := range pad.Pads {
		if span := (n.Kernel[k%2]-1)*n.Dilation[k%2] + 1; p+n.Pads[k] >= span {
			return false
		}
	}
	return true
}

// atLeastZero reports whether a tensor is known to hold nothing below zero.
func (n *Network) atLeastZero(t int) bool {
	for i := range n.Nodes {
		node := &n.Nodes[i]
		if node.Output != t {
			continue
		}
		switch node.Op {
		case graph.MaxPool, graph.AvgPool, graph.GlobalAvgPool, graph.Reshape, graph.Concat:
			return !slices.ContainsFunc(node.Inputs, func(in int) bool { return !n.atLeastZero(in) })
		}
		return node.ActMin >= 0
	}
	return false
}

// DropUnused removes the nodes that no output needs.
func (n *Network) DropUnused() {
	need := make([]bool, len(n.Tensors))
	for _, t := range slices.Concat(n.Outputs, n.Kept) {
		need[t] = true
	}
	gone := make([]bool, len(n.Nodes))
	for i := len(n.Nodes) - 1; i >= 0; i-- {
		if gone[i] = !need[n.Nodes[i].Output]; !gone[i] {
			for _, t := range n.Nodes[i].Inputs {
				need[t] = true
			}
		}
	}
	n.compact(gone)
}

// compact removes nodes and the tensors that nobody computes any more.
func (n *Network) compact(gone []bool) {
	var nodes []Node
	used := make([]bool, len(n.Tensors))
	used[0] = true
	for i, node := range n.Nodes {
		if !gone[i] {
			nodes = append(nodes, node)
			used[node.Output] = true
		}
	}
	place := make([]int, len(n.Tensors))
	var tensors []Tensor
	for i, t := range n.Tensors {
		if place[i] = len(tensors); used[i] {
			tensors = append(tensors, t)
		}
	}
	for i := range nodes {
		for k, t := range nodes[i].Inputs {
			nodes[i].Inputs[k] = place[t]
		}
		nodes[i].Output = place[nodes[i].Output]
	}
	for _, ends := range [][]int{n.Outputs, n.Kept} {
		for i, t := range ends {
			ends[i] = place[t]
		}
	}
	n.Nodes, n.Tensors = nodes, tensors
}
