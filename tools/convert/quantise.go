package convert

import (
	"fmt"
	"math"

	"likeness/engine/graph"
	"likeness/engine/model"
)

// Quantisation parameters.
const (
	// activationMax is the largest activation integer, 14 bits with the sign:
	// four times one still fits int16, which exact integer Winograd needs.
	activationMax = 8191
	// minActivationMax is how far a range may shrink so that an accumulator
	// bound holds.
	minActivationMax = 255
	// Margin widens ranges seen in calibration.
	Margin = 1.25
	// DeclaredMargin widens ranges that a quantised file declares: training
	// clips there, the float run does not, and there are bits to spare.
	DeclaredMargin = 2
)

// Range is the interval of a tensor's real values.
type Range struct{ Min, Max float64 }

// Calibrate runs the network on prepared inputs and returns the ranges seen,
// by tensor.
func (n *Network) Calibrate(inputs [][]float32, progress func(done, total int)) []Range {
	ranges := make([]Range, len(n.Tensors))
	for i, in := range inputs {
		for t, vals := range n.Run(in) {
			for _, v := range vals {
				ranges[t].Min = min(ranges[t].Min, float64(v))
				ranges[t].Max = max(ranges[t].Max, float64(v))
			}
		}
		if progress != nil {
			progress(i+1, len(inputs))
		}
	}
	return ranges
}

// Declared returns the activation ranges that a quantised file carries, and
// whether it has one for every tensor that is computed.
func (n *Network) Declared() ([]Range, bool) {
	ranges := make([]Range, len(n.Tensors))
	for _, node := range n.Nodes {
		t := n.Tensors[node.Output]
		if !t.HasRange {
			return nil, false
		}
		ranges[node.Output] = Range{t.Min, t.Max}
	}
	return ranges, true
}

// quantiser assigns scales; tensors that must share one are in one group.
type quantiser struct {
	n      *Network
	g      graph.Graph
	group  []int     // union-find parent, by tensor
	reach  []float64 // largest absolute real value, by group
	qmax   []float64 // largest integer, by group
	fixed  []bool    // input and softmax: scale is given
	params map[string]graph.Params
}

// Quantise makes a model file: int8 weights with one scale per output channel,
// int16 activations with one scale per tensor. ranges are real values by
// tensor and are widened by margin, except where an operator bounds them. Each
// input's integers are lowered until no accumulator that reads it can
// overflow.
func (n *Network) Quantise(ranges []Range, margin float64) (*model.File, error) {
	q := &quantiser{n: n, group: make([]int, len(n.Tensors)), reach: make([]float64, len(n.Tensors)),
		qmax: make([]float64, len(n.Tensors)), fixed: make([]bool, len(n.Tensors)), params: map[string]graph.Params{}}
	for i := range q.group {
		q.group[i], q.qmax[i] = i, activationMax
	}
	q.unite()
	q.measure(ranges, margin)
	for range 200 {
		q.describe()
		changed, err := q.shrink()
		if err != nil {
			return nil, err
		}
		if !changed {
			break
		}
	}
	if err := q.g.Validate(); err != nil {
		return nil, fmt.Errorf("quantise: %w", err)
	}
	for i := range q.g.Nodes {
		if node := &q.g.Nodes[i]; node.Weights != "" {
			p := q.params[node.Weights]
			if err := q.g.CheckParams(node, &p); err != nil {
				return nil, fmt.Errorf("quantise: %w", err)
			}
		}
	}
	return &model.File{Graph: q.g, Params: q.params}, nil
}

func (q *quantiser) find(t int) int {
	for q.group[t] != t {
		t = q.group[t]
	}
	return t
}

// unite joins the tensors between which integers are copied.
func (q *quantiser) unite() {
	for _, node := range q.n.Nodes {
		switch node.Op {
		case graph.Concat, graph.MaxPool, graph.Pad, graph.Reshape:
			for _, in := range node.Inputs {
				a, b := q.find(in), q.find(node.Output)
				q.group[max(a, b)] = min(a, b)
			}
		}
	}
}

func (q *quantiser) measure(ranges []Range, margin float64) {
	for i, node := range q.n.Nodes {
		r := ranges[node.Output]
		reach := max(-r.Min, r.Max) * margin
		// An exact bound needs no margin.
		if b := max(-node.ActMin, node.ActMax); !math.IsInf(b, 0) {
			reach = min(reach, b)
		}
		if node.Fn == graph.Sigmoid || node.Op == graph.Softmax {
			reach = 1
		}
		t := q.find(node.Output)
		q.reach[t] = max(q.reach[t], reach, 1e-6)
		if q.n.Nodes[i].Op == graph.Softmax {
			q.fixed[t], q.qmax[t] = true, math.MaxInt16
		}
	}
	p := q.n.Prepare
	in := q.find(0)
	q.fixed[in] = true
	if p.Std[0] == p.Std[1] && p.Std[1] == p.Std[2] {
		// One step is a sixteenth of a grey level: 8-bit values around a mean
		// with at most four binary places are exact.
		q.reach[in] = 255 / p.Std[0]
		q.qmax[in] = 255 * 16
		return
	}
	for c := range 3 {
		for _, x := range []float64{0, 255} {
			q.reach[in] = max(q.reach[in], math.Abs((x-p.Mean[c])/p.Std[c]))
		}
	}
}

// describe writes the graph and parameters for the present scales.
func (q *quantiser) describe() {
	n := q.n
	q.g = graph.Graph{Name: n.Name, Prepare: n.Prepare, DefaultLayer: n.DefaultLayer, Output: n.Output}
	for i, t := range n.Tensors {
		k := q.find(i)
		scale := float32(q.reach[k] / q.qmax[k])
		hi := int16(math.RoundToEven(q.qmax[k]))
		q.g.Tensors = append(q.g.Tensors, graph.Tensor{Name: t.Name, Shape: t.Shape, Scale: scale, Lo: -hi, Hi: hi})
	}
	for i := range n.Nodes {
		node := &n.Nodes[i]
		out := &q.g.Tensors[node.Output]
		lo, hi := float64(out.Lo), float64(out.Hi)
		for _, in := range node.Inputs { // copies keep what they copy
			switch node.Op {
			case graph.MaxPool, graph.Pad, graph.Reshape:
				lo, hi = float64(q.g.Tensors[in].Lo), float64(q.g.Tensors[in].Hi)
			}
		}
		s := float64(out.Scale)
		lo = max(lo, math.RoundToEven(max(node.ActMin, -1e9)/s))
		hi = min(hi, math.RoundToEven(min(node.ActMax, 1e9)/s))
		if node.Fn == graph.ReLU || node.Fn == graph.ReLU6 || node.Fn == graph.Sigmoid || node.Op == graph.Softmax {
			lo = 0
		}
		out.Lo, out.Hi = int16(lo), int16(hi)
		q.g.Nodes = append(q.g.Nodes, node.Node)
		if node.Weight != nil {
			q.params[node.Weights] = q.weights(node)
		}
	}
	q.widenPools()
}

// widenPools lets the output of an average reach what its input can, so that
// it never needs clamping.
func (q *quantiser) widenPools() {
	for _, node := range q.g.Nodes {
		if node.Op != graph.AvgPool && node.Op != graph.GlobalAvgPool {
			continue
		}
		in, out := q.g.Tensors[node.Inputs[0]], &q.g.Tensors[node.Output]
		ratio := float64(in.Scale) / float64(out.Scale)
		out.Lo = int16(max(math.RoundToEven(float64(in.Lo)*ratio), -math.MaxInt16))
		out.Hi = int16(min(math.RoundToEven(float64(in.Hi)*ratio), math.MaxInt16))
	}
}

// weights quantises one node's parameters symmetrically, channel by channel.
func (q *quantiser) weights(node *Node) graph.Params {
	in := float64(q.g.Tensors[node.Inputs[0]].Scale)
	per := len(node.Weight) / len(node.Bias)
	p := graph.Params{Weight: make([]int8, len(node.Weight)), Scale: make([]float32, len(node.Bias)), Bias: make([]int32, len(node.Bias))}
	for o, b := range node.Bias {
		w := node.Weight[o*per:][:per]
		top := 0.0
		for _, v := range w {
			top = max(top, math.Abs(float64(v)))
		}
		step := top / 127
		if step <= node.Step { // the file's own steps fit int8 without loss
			step = node.Step
		}
		// The second term keeps the bias of a channel with tiny weights in 29 bits.
		s := float32(max(step, math.Abs(float64(b))/in/(1<<28), 1e-12))
		p.Scale[o] = s
		p.Bias[o] = int32(math.RoundToEven(float64(b) / (in * float64(s))))
		for k, v := range w {
			p.Weight[o*per+k] = int8(math.RoundToEven(float64(v) / float64(s)))
		}
	}
	return p
}

// shrink lowers the integers of inputs whose accumulators could overflow. A
// 3 x 3 convolution of stride 1 keeps two bits free for Winograd when that
// costs its input at most two bits.
func (q *quantiser) shrink() (changed bool, err error) {
	for i := range q.g.Nodes {
		node := &q.g.Nodes[i]
		if node.Weights == "" {
			continue
		}
		p := q.params[node.Weights]
		per := len(p.Weight) / len(p.Bias)
		worst := int64(0)
		for o := range p.Bias {
			lo, hi := graph.AccumulatorRange(p.Weight[o*per:][:per], p.Bias[o], q.g.Tensors[node.Inputs[0]])
			worst = max(worst, -lo, hi)
		}
		t := q.find(node.Inputs[0])
		limit := int64(math.MaxInt32)
		if node.Op == graph.Conv && node.Groups == 1 && node.Kernel == [2]int{3, 3} && node.Stride == [2]int{1, 1} &&
			node.Dilation == [2]int{1, 1} && q.qmax[t] > activationMax/4 {
			limit >>= 2
		}
		if worst <= limit {
			continue
		}
		if q.qmax[t]*0.9 < minActivationMax || t == q.find(0) {
			return false, fmt.Errorf("quantise: layer %s may accumulate %d; its input %s would keep fewer than 8 bits",
				node.Name, worst, q.g.Tensors[node.Inputs[0]].Name)
		}
		q.qmax[t] = math.Floor(q.qmax[t] * 0.9)
		changed = true
	}
	return changed, nil
}
