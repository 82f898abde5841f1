// Package quantise turns float networks into model files of int8 weights and
// int16 activations: it finds the ranges of activations (calibrate.go,
// synthetic.go), rounds weights (round*.go), settles scales (quantise.go) and
// compares the result with the float run (check.go).
package quantise

import (
	"fmt"
	"math"
	"sync"

	"likeness/engine"
	"likeness/engine/graph"
	"likeness/engine/model"
	"likeness/tools/convert/float"
	"likeness/tools/convert/parallel"
)

// Quantisation parameters.
const (
	// activationMax is the largest activation integer, 14 bits with the sign:
	// four times one still fits int16, which exact integer Winograd needs.
	activationMax = 8191
	// minActivationMax is how far a range may shrink so that an accumulator
	// bound holds.
	minActivationMax = 255
	// greySteps divides one grey level of the picture: 8-bit values around a
	// mean with at most four binary places are exact.
	greySteps = 16
	// maxRequantised is what graph.CheckParams allows before clamping.
	maxRequantised = math.MaxInt32/2 - 1
	// Margin widens ranges seen in calibration: there are bits to spare, and a
	// value that is cut off costs more than a coarser step.
	Margin = 2
	// DeclaredMargin widens ranges that a quantised file declares: training
	// clips there, the float run does not, and there are bits to spare.
	DeclaredMargin = 2
)

// Calibrate runs the network on prepared inputs and returns the ranges seen,
// by tensor.
func Calibrate(n *float.Network, inputs [][]float32, progress func(done, total int)) []float.Range {
	ranges := make([]float.Range, len(n.Tensors))
	calibrate(n, inputs, ranges, progress)
	return ranges
}

// calibrate widens ranges to the values of several pictures, which run side by
// side.
func calibrate(n *float.Network, inputs [][]float32, ranges []float.Range, progress func(done, total int)) {
	for i := range n.Nodes {
		if node := &n.Nodes[i]; node.Op == graph.Conv {
			node.PackWeights(n.Tensors[node.Output].Shape[2])
		}
	}
	live, _ := n.Peak()
	var mutex sync.Mutex
	done := 0
	parallel.AtMost(int(float.MaxRoundLive/max(live, 1)), len(inputs), func(i int) {
		seen := make([]float.Range, len(ranges))
		n.Visit(inputs[i], func(t int, vals []float32) { seen[t].Extend(vals) })
		mutex.Lock()
		defer mutex.Unlock()
		for t, r := range seen {
			ranges[t] = float.Range{Min: min(ranges[t].Min, r.Min), Max: max(ranges[t].Max, r.Max)}
		}
		if done++; progress != nil {
			progress(done, len(inputs))
		}
	})
}

// Declared returns the activation ranges that a quantised file carries, and
// whether it has one for every tensor that is computed.
func Declared(n *float.Network) ([]float.Range, bool) {
	ranges := make([]float.Range, len(n.Tensors))
	for _, node := range n.Nodes {
		t := n.Tensors[node.Output]
		if !t.HasRange {
			return nil, false
		}
		ranges[node.Output] = float.Range{Min: t.Min, Max: t.Max}
	}
	return ranges, true
}

// quantiser assigns scales; tensors that must share one are in one group.
type quantiser struct {
	n      *float.Network
	g      graph.Graph
	group  []int     // union-find parent, by tensor
	reach  []float64 // largest absolute real value, by group
	qmax   []float64 // largest integer, by group
	soft   []bool    // holds a softmax: its scale is given
	params map[string]graph.Params
}

// WithRanges makes a model file: int8 weights with one scale per output channel,
// int16 activations with one scale per tensor. ranges are real values by
// tensor and are widened by margin, except where an operator bounds them. Each
// input's integers are lowered until no accumulator that reads it can
// overflow.
func WithRanges(n *float.Network, ranges []float.Range, margin float64) (*model.File, error) {
	q := &quantiser{n: n, group: make([]int, len(n.Tensors)), reach: make([]float64, len(n.Tensors)),
		qmax: make([]float64, len(n.Tensors)), soft: make([]bool, len(n.Tensors)), params: map[string]graph.Params{}}
	for i := range q.group {
		q.group[i], q.qmax[i] = i, activationMax
	}
	q.unite()
	if err := q.measure(ranges, margin); err != nil {
		return nil, err
	}
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
	f := &model.File{Graph: q.g, Params: q.params}
	if err := f.Validate(); err != nil {
		return nil, fmt.Errorf("quantise: %w", err)
	}
	if err := engine.Fits(f); err != nil {
		return nil, fmt.Errorf("quantise: %w", err)
	}
	return f, nil
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
		if graph.Copies(node.Op) {
			for _, in := range node.Inputs {
				a, b := q.find(in), q.find(node.Output)
				q.group[max(a, b)] = min(a, b)
			}
		}
	}
}

// measure settles how far each group reaches. An output that an operator
// bounds on both sides gets exactly that bound; operators that copy integers
// reach no further than what they copy.
func (q *quantiser) measure(ranges []float.Range, margin float64) error {
	for _, node := range q.n.Nodes {
		t := q.find(node.Output)
		r := ranges[node.Output]
		reach := max(-r.Min, r.Max) * margin
		lo, hi := node.Bounds()
		if b := max(-lo, hi); !math.IsInf(b, 0) {
			reach = b
		}
		if graph.Copies(node.Op) {
			continue
		}
		q.soft[t] = q.soft[t] || node.Op == graph.Softmax
		q.reach[t] = max(q.reach[t], roundUp(reach), 1e-6)
	}
	for i := range q.n.Tensors {
		if t := q.find(i); q.soft[t] {
			if q.reach[t] != 1 {
				return fmt.Errorf("quantise: %s shares the scale of a softmax but reaches %g", q.n.Tensors[i].Name, q.reach[t])
			}
			q.qmax[t] = math.MaxInt16
		}
	}
	q.measurePicture()
	return nil
}

// measurePicture chooses whole steps of a grey level for the picture and all
// that shares its scale: 16 a level, fewer where a joined layer reaches far,
// at least 2, which still keep a mean of 127.5 exact.
func (q *quantiser) measurePicture() {
	in := q.find(0)
	q.reach[in] = max(q.reach[in], q.pictureReach())
	std := q.n.Prepare.Std
	if std[0] != std[1] || std[1] != std[2] {
		return
	}
	for steps := float64(greySteps); steps >= 2; steps /= 2 {
		// A multiple of 16, so that fit can halve it.
		if most := math.Ceil(q.reach[in]*std[0]*steps/16) * 16; most <= activationMax {
			q.qmax[in], q.reach[in] = most, most/(std[0]*steps)
			return
		}
	}
}

// pictureReach is the largest absolute value that a pixel can have.
func (q *quantiser) pictureReach() (reach float64) {
	p := q.n.Prepare
	for c := range 3 {
		reach = max(reach, math.Abs(p.Mean[c]/p.Std[c]), math.Abs((255-p.Mean[c])/p.Std[c]))
	}
	return reach
}

// roundUp keeps 8 significant bits, so that last digits, which differ between
// processors, do not reach the file.
func roundUp(x float64) float64 {
	frac, exp := math.Frexp(x)
	return math.Ldexp(math.Ceil(frac*256), exp-8)
}

// describe writes the graph and parameters for the present scales.
func (q *quantiser) describe() {
	n := q.n
	q.g = graph.Graph{Name: n.Name, Prepare: n.Prepare, DefaultLayer: n.DefaultLayer, Output: n.Output}
	for i, t := range n.Tensors {
		k := q.find(i)
		scale := float32(q.reach[k] / q.qmax[k])
		hi := int16(math.RoundToEven(q.qmax[k]))
		q.g.Tensors = append(q.g.Tensors, graph.Tensor{Name: t.Name, Also: t.Also, Joined: t.Joined, Shape: t.Shape, Scale: scale, Lo: -hi, Hi: hi})
	}
	for i := range n.Nodes {
		node := &n.Nodes[i]
		q.setRange(node)
		q.g.Nodes = append(q.g.Nodes, node.Node)
		if node.Weight != nil {
			q.params[node.Weights] = q.weights(node)
		}
	}
}

// setRange finds the integers that a node can write.
func (q *quantiser) setRange(node *float.Node) {
	out, in := &q.g.Tensors[node.Output], q.g.Tensors[node.Inputs[0]]
	switch {
	case graph.Copies(node.Op):
		out.Lo, out.Hi = in.Lo, in.Hi
		for _, i := range node.Inputs {
			out.Lo, out.Hi = min(out.Lo, q.g.Tensors[i].Lo), max(out.Hi, q.g.Tensors[i].Hi)
		}
	case node.Op == graph.AvgPool || node.Op == graph.GlobalAvgPool: // never clamped
		ratio := float64(in.Scale) / float64(out.Scale)
		out.Lo = int16(max(math.RoundToEven(float64(in.Lo)*ratio), -math.MaxInt16))
		out.Hi = int16(min(math.RoundToEven(float64(in.Hi)*ratio), math.MaxInt16))
	default:
		s := float64(out.Scale)
		lo, hi := node.Bounds()
		out.Lo = int16(max(float64(out.Lo), math.RoundToEven(max(lo, -1e9)/s)))
		out.Hi = int16(min(float64(out.Hi), math.RoundToEven(min(hi, 1e9)/s)))
	}
}

// weights quantises one node's parameters symmetrically, channel by channel.
func (q *quantiser) weights(node *float.Node) graph.Params {
	if node.FloatParams() {
		return graph.Params{Gain: node.Weight, Offset: node.Bias}
	}
	in := float64(q.g.Tensors[node.Inputs[0]].Scale)
	per := len(node.Weight) / len(node.Bias)
	p := graph.Params{Weight: make([]int8, len(node.Weight)), Scale: make([]float32, len(node.Bias)), Bias: make([]int32, len(node.Bias))}
	channels(len(node.Bias), func(o int) {
		b, w := node.Bias[o], node.Weight[o*per:][:per]
		top := 0.0
		for _, v := range w {
			top = max(top, math.Abs(float64(v)))
		}
		step := top / 127
		if node.Steps != nil && step <= node.Steps[o] { // the file's own steps fit int8 without loss
			step = node.Steps[o]
		}
		// The second term keeps the bias of a channel with tiny weights in 29 bits.
		s := float32(max(step, math.Abs(float64(b))/in/(1<<28), 1e-12))
		p.Scale[o] = s
		p.Bias[o] = int32(math.RoundToEven(float64(b) / (in * float64(s))))
		for k, v := range w {
			p.Weight[o*per+k] = int8(math.RoundToEven(float64(v) / float64(s)))
		}
	})
	return p
}

// channels calls f for 0 to n-1 on all cores, some at a time.
func channels(n int, f func(o int)) {
	parallel.Each((n+float.TileWidth-1)/float.TileWidth, func(i int) {
		for o := i * float.TileWidth; o < min(n, (i+1)*float.TileWidth); o++ {
			f(o)
		}
	})
}

// shrink adjusts scales until every sum that a kernel can make fits: it lowers
// the integers of inputs whose accumulators could overflow, and widens outputs
// that could not hold a requantised sum.
func (q *quantiser) shrink() (changed bool, err error) {
	for i := range q.g.Nodes {
		node := &q.g.Nodes[i]
		switch {
		case node.Weights != "" && !node.FloatParams():
			more, err := q.fit(node)
			if err != nil {
				return false, err
			}
			changed = changed || more
		case node.Op == graph.AvgPool || node.Op == graph.GlobalAvgPool:
			changed = q.fitPool(node) || changed
		}
	}
	return changed, nil
}

// fit bounds the accumulators of one layer. The limit is int32; a 3 x 3
// convolution of stride 1 keeps two bits free for Winograd where that costs
// its input at most one bit.
func (q *quantiser) fit(node *graph.Node) (changed bool, err error) {
	p := q.params[node.Weights]
	per := len(p.Weight) / len(p.Bias)
	most := make([]int64, len(p.Bias))
	channels(len(p.Bias), func(o int) {
		lo, hi := graph.AccumulatorRange(p.Weight[o*per:][:per], p.Bias[o], q.g.Tensors[node.Inputs[0]])
		most[o] = max(-lo, hi)
	})
	var worst int64
	var top float64 // requantised
	for o, m := range most {
		worst = max(worst, m)
		top = max(top, float64(m)*float64(q.g.Multiplier(node, p.Scale[o])))
	}
	t := q.find(node.Inputs[0])
	limit := float64(math.MaxInt32)
	const winograd = 1<<29 - 1
	if node.Op == graph.Conv && node.Groups == 1 && node.Kernel == [2]int{3, 3} && node.Stride == [2]int{1, 1} &&
		node.Dilation == [2]int{1, 1} && q.qmax[t]*min(winograd/float64(worst), 1) > activationMax/2 {
		limit = winograd
	}
	if float64(worst) > limit {
		next := min(math.Floor(q.qmax[t]*limit/float64(worst)), q.qmax[t]-1)
		if t == q.find(0) {
			next = q.qmax[t] / 2 // grey levels stay whole steps
		}
		if next < minActivationMax {
			return false, fmt.Errorf("quantise: layer %s may accumulate %d; its input %s would keep fewer than 8 bits",
				node.Name, worst, q.g.Tensors[node.Inputs[0]].Name)
		}
		q.qmax[t], changed = next, true
	}
	if top > maxRequantised {
		q.reach[q.find(node.Output)] *= roundUp(top / maxRequantised)
		changed = true
	}
	return changed, nil
}

// fitPool lets an average hold what its input can: up to 16 bits where one
// vector remains, so that its finer values are kept, else as any activation.
func (q *quantiser) fitPool(node *graph.Node) (changed bool) {
	in, out := q.g.Tensors[node.Inputs[0]], q.g.Tensors[node.Output]
	t := q.find(node.Output)
	most := q.qmax[t]
	if out.Shape[0]*out.Shape[1] == 1 {
		most = math.MaxInt16
	}
	need := float64(max(-int(in.Lo), int(in.Hi))) * float64(in.Scale) / float64(out.Scale)
	if need <= most+0.5 {
		return false
	}
	q.reach[t] *= roundUp(need / most)
	return true
}
