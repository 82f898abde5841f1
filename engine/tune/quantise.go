package tune

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"

	"likeness/engine/graph"
	"likeness/engine/model"
	"likeness/engine/tune/float"
)

// Ranges and scales, as tools/convert chooses them (models/FORMAT.md).
const (
	activationMax    = 8191 // of 14 bits with the sign, as Winograd needs
	minActivationMax = 255  // that a range may shrink to
	margin           = 2    // by which ranges exceed what was seen
	maxRequantised   = math.MaxInt32/2 - 1
	winograd         = 1<<29 - 1 // a sum of which Winograd can take four times
)

// quantiser gives the trained part of a network int8 weights and int16 ranges.
// The layer before it keeps its scale.
type quantiser struct {
	f      *model.File // a copy of the base, whose part is changed
	net    *float.Network
	part   part
	seen   *seen
	nodes  []int
	group  []int     // of tensors that share a scale, by tensor
	reach  []float64 // largest absolute real value, by group
	qmax   []float64 // largest integer, by group
	coarse []float64 // factor of a node's weight steps, where its input may not change
}

// quantise makes a copy of f with the weights of net. peaks are the largest
// absolute values seen of each tensor.
func quantise(f *model.File, net *float.Network, p part, s *seen) (*model.File, error) {
	made := *f
	made.Graph.Tensors, made.Graph.Nodes = slices.Clone(f.Graph.Tensors), slices.Clone(f.Graph.Nodes)
	made.Params, made.Head = maps.Clone(f.Params), nil
	q := &quantiser{f: &made, net: net, part: p, seen: s, nodes: float.Part(&f.Graph, p.from, p.to)}
	n := len(f.Graph.Tensors)
	q.group, q.reach, q.qmax, q.coarse = make([]int, n), make([]float64, n), make([]float64, n), make([]float64, len(f.Graph.Nodes))
	for i := range q.group {
		q.group[i], q.qmax[i] = i, activationMax
	}
	for i := range q.coarse {
		q.coarse[i] = 1
	}
	q.unite()
	q.measure(s.peak)
	for range 200 {
		q.describe()
		changed, err := q.shrink()
		if err != nil {
			return nil, err
		}
		if !changed {
			return q.f, nil
		}
	}
	return nil, fmt.Errorf("tune: no scales are found with which no sum overflows")
}

func (q *quantiser) find(t int) int {
	for q.group[t] != t {
		t = q.group[t]
	}
	return t
}

func (q *quantiser) fixed(t int) bool { return q.find(t) == q.find(q.part.from) }

func (q *quantiser) unite() {
	for _, i := range q.nodes {
		n := &q.f.Graph.Nodes[i]
		if !graph.Copies(n.Op) {
			continue
		}
		for _, in := range n.Inputs {
			a, b := q.find(in), q.find(n.Output)
			q.group[max(a, b)] = min(a, b)
		}
	}
}

// measure settles how far each group reaches.
func (q *quantiser) measure(peaks []float64) {
	for _, i := range q.nodes {
		n := &q.f.Graph.Nodes[i]
		if graph.Copies(n.Op) {
			continue
		}
		reach := peaks[n.Output] * margin
		if lo, hi := q.bounds(n); !math.IsInf(max(-lo, hi), 0) {
			reach = max(-lo, hi)
		}
		t := q.find(n.Output)
		q.reach[t] = max(q.reach[t], roundUp(reach), 1e-6)
	}
}

// bounds are what an operator limits its output to.
func (q *quantiser) bounds(n *graph.Node) (lo, hi float64) {
	switch n.Op {
	case graph.Conv, graph.FullyConnected, graph.Add, graph.Sub, graph.Mul:
		return float.Limits(q.f.Graph.Tensors[n.Output])
	case graph.Activation:
		switch n.Fn {
		case graph.Identity:
			return float.Limits(q.f.Graph.Tensors[n.Output])
		case graph.ReLU, graph.Square, graph.Abs:
			return 0, math.Inf(1)
		case graph.ReLU6:
			return 0, 6
		case graph.HardSigmoid, graph.Sigmoid:
			return 0, 1
		case graph.Tanh:
			return -1, 1
		}
	}
	return math.Inf(-1), math.Inf(1)
}

// roundUp keeps 8 significant bits.
func roundUp(x float64) float64 {
	frac, exp := math.Frexp(x)
	return math.Ldexp(math.Ceil(frac*256), exp-8)
}

// describe writes scales, ranges and parameters.
func (q *quantiser) describe() {
	g := &q.f.Graph
	limits := make([][2]float64, len(g.Nodes)) // read before ranges change
	for _, i := range q.nodes {
		limits[i][0], limits[i][1] = q.bounds(&g.Nodes[i])
	}
	for _, i := range q.nodes {
		n := &g.Nodes[i]
		out := &g.Tensors[n.Output]
		most := q.qmax[q.find(n.Output)]
		if q.fixed(n.Output) {
			out.Scale = g.Tensors[q.part.from].Scale
			most = min(math.Ceil(q.reach[q.find(n.Output)]/float64(out.Scale)), math.MaxInt16)
		} else {
			out.Scale = float32(q.reach[q.find(n.Output)] / most)
		}
		in := g.Tensors[n.Inputs[0]]
		switch {
		case graph.Copies(n.Op):
			out.Lo, out.Hi = in.Lo, in.Hi
			for _, t := range n.Inputs {
				out.Lo, out.Hi = min(out.Lo, g.Tensors[t].Lo), max(out.Hi, g.Tensors[t].Hi)
			}
		case n.Op == graph.AvgPool || n.Op == graph.GlobalAvgPool: // never clamped
			ratio := float64(in.Scale) / float64(out.Scale)
			out.Lo = int16(max(math.RoundToEven(float64(in.Lo)*ratio), -math.MaxInt16))
			out.Hi = int16(min(math.RoundToEven(float64(in.Hi)*ratio), math.MaxInt16))
		default:
			s := float64(out.Scale)
			out.Lo = int16(max(-most, math.RoundToEven(max(limits[i][0], -1e9)/s)))
			out.Hi = int16(min(most, math.RoundToEven(min(limits[i][1], 1e9)/s)))
		}
		if n.Weights != "" {
			g.Nodes[i].Weights = n.Weights
			q.f.Params[n.Weights] = q.weights(i)
		}
	}
}

// weights quantises one node's parameters symmetrically, channel by channel.
func (q *quantiser) weights(i int) graph.Params {
	n := &q.f.Graph.Nodes[i]
	if slopes := q.net.Slopes(i); slopes != nil {
		return graph.Params{Gain: slopes[:len(q.f.Params[n.Weights].Gain)]}
	}
	weight, bias, _ := q.net.Weights(i)
	in := float64(q.f.Graph.Tensors[n.Inputs[0]].Scale)
	per := len(weight) / len(bias)
	p := graph.Params{Weight: make([]int8, len(weight)), Scale: make([]float32, len(bias)), Bias: make([]int32, len(bias))}
	for o, b := range bias {
		w := weight[o*per:][:per]
		top := 0.0
		for _, v := range w {
			top = max(top, math.Abs(float64(v)))
		}
		// The second term keeps the bias of a channel with tiny weights in 29 bits.
		s := float32(max(top*q.coarse[i]/127, math.Abs(float64(b))/in/(1<<28), 1e-12))
		p.Scale[o] = s
		lost := 0.0
		for k, v := range w {
			r := math.RoundToEven(float64(v) / float64(s))
			p.Weight[o*per+k] = int8(r)
			lost += float64((float64(v) - float64(r*float64(s))) * q.input(n, o, k))
		}
		p.Bias[o] = int32(math.RoundToEven((float64(b) + lost) / (in * float64(s))))
	}
	return p
}

// input is the mean of what weight k of an output channel is multiplied with.
func (q *quantiser) input(n *graph.Node, o, k int) float64 {
	mean := q.seen.mean[n.Inputs[0]]
	shape := n.WeightShape(&q.f.Graph)
	if n.Op == graph.FullyConnected || shape[3] == len(mean) {
		return mean[k%len(mean)]
	}
	first := o / (shape[0] / (len(mean) / shape[3])) * shape[3] // of its group of channels
	return mean[first+k%shape[3]]
}

// shrink adjusts scales until every sum that a kernel can make fits.
func (q *quantiser) shrink() (changed bool, err error) {
	for _, i := range q.nodes {
		n := &q.f.Graph.Nodes[i]
		switch {
		case n.Weights != "" && !n.FloatParams():
			more, err := q.fit(i)
			if err != nil {
				return false, err
			}
			changed = changed || more
		case n.Op == graph.AvgPool || n.Op == graph.GlobalAvgPool:
			changed = q.fitPool(n) || changed
		}
	}
	return changed, nil
}

// fit bounds the accumulators of a layer: its input's integers become fewer, or,
// where they must stay, its weights' steps larger.
func (q *quantiser) fit(i int) (changed bool, err error) {
	g := &q.f.Graph
	n := &g.Nodes[i]
	p := q.f.Params[n.Weights]
	per := len(p.Weight) / len(p.Bias)
	var worst int64
	var top float64 // requantised
	for o := range p.Bias {
		lo, hi := graph.AccumulatorRange(p.Weight[o*per:][:per], p.Bias[o], g.Tensors[n.Inputs[0]])
		worst = max(worst, -lo, hi)
		top = max(top, float64(max(-lo, hi))*float64(g.Multiplier(n, p.Scale[o])))
	}
	t := q.find(n.Inputs[0])
	limit := float64(math.MaxInt32)
	if n.Op == graph.Conv && n.Groups == 1 && n.Kernel == [2]int{3, 3} && n.Stride == [2]int{1, 1} && n.Dilation == [2]int{1, 1} &&
		!q.fixed(t) && q.qmax[t]*min(winograd/float64(worst), 1) > activationMax/2 {
		limit = winograd
	}
	switch next := min(math.Floor(q.qmax[t]*limit/float64(worst)), q.qmax[t]-1); {
	case float64(worst) <= limit:
	case q.fixed(t):
		q.coarse[i], changed = q.coarse[i]*1.02*float64(worst)/limit, true
	case next < minActivationMax:
		return false, errorf(CodeDiverged, "layer %q has weights whose sums no integer holds: teach with a lower rate", n.Name)
	default:
		q.qmax[t], changed = next, true
	}
	if top > maxRequantised && !q.fixed(n.Output) {
		q.reach[q.find(n.Output)] *= roundUp(top / maxRequantised)
		changed = true
	}
	return changed, nil
}

// fitPool lets an average hold what its input can: up to 16 bits where one
// vector remains, else as any activation.
func (q *quantiser) fitPool(n *graph.Node) (changed bool) {
	in, out := q.f.Graph.Tensors[n.Inputs[0]], q.f.Graph.Tensors[n.Output]
	t := q.find(n.Output)
	most := q.qmax[t]
	if out.Shape[0]*out.Shape[1] == 1 {
		most = math.MaxInt16
	}
	need := float64(max(-int(in.Lo), int(in.Hi))) * float64(in.Scale) / float64(out.Scale)
	if need <= most+0.5 || q.fixed(t) {
		return false
	}
	q.reach[t] *= roundUp(need / most)
	return true
}

// seen is what the float run shows of each tensor of the part.
type seen struct {
	peak []float64   // largest absolute value
	mean [][]float64 // of each channel, over all places and views
}

// add takes in the values of some pictures of the views that there are.
func (s *seen) add(i int, x *float.Tensor, pictures int, views float64) {
	if s.mean[i] == nil {
		s.mean[i] = make([]float64, x.C)
	}
	share := 1 / (views * float64(x.H*x.W))
	for at := 0; at < pictures*x.Each(); at += x.Px {
		for c, v := range x.Value[at:][:x.C] {
			s.mean[i][c] += float64(float64(v) * share)
		}
	}
}

// peaks finds the largest absolute values of each tensor of the part, over all
// views of all pictures, and of the head's.
func (t *Trainer) peaks(ctx context.Context) (s *seen, head [2]float32, err error) {
	s = &seen{peak: make([]float64, len(t.f.Graph.Tensors)), mean: make([][]float64, len(t.f.Graph.Tensors))}
	peaks, all := s.peak, t.everyone()
	for view := range t.d.Views {
		for from := 0; from < len(all); from += t.net.Batch {
			if ctx.Err() != nil {
				return nil, head, stopped(ctx)
			}
			now := all[from:min(from+t.net.Batch, len(all))]
			for row, i := range now {
				if err := t.load(row, i, view); err != nil {
					return nil, head, err
				}
			}
			t.net.Forward(len(now))
			for i := range peaks {
				if x := t.net.Tensor(i); x != nil {
					peaks[i] = max(peaks[i], float64(largest(x.Value[:len(now)*x.Each()])))
					s.add(i, x, len(now), float64(len(all)*t.d.Views))
				}
			}
			head[0] = max(head[0], largest(t.net.Direction.Value[:len(now)*t.net.Direction.Each()]))
			head[1] = max(head[1], largest(t.net.Logits.Value[:len(now)*t.net.Logits.Each()]))
			t.yield()
		}
	}
	return s, head, nil
}

func largest(v []float32) (top float32) {
	for _, x := range v {
		if x < 0 {
			x = -x
		}
		top = max(top, x)
	}
	return top
}
