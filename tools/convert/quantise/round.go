package quantise

import (
	"math"
	"slices"

	"likeness/engine/graph"
	"likeness/tools/convert/float"
	"likeness/tools/convert/parallel"
)

// Rounding to int8 is where a converted network loses accuracy; activations
// keep 14 bits. Plain rounding makes an error in each weight that the next
// weight's error does not know of. Round instead takes the weights of an output
// channel one after the other and lets those that are still free make up for
// the error so far, as the inputs seen in calibration correlate (the method is
// known as optimal brain quantisation, or GPTQ). What error remains in the mean
// of an output channel goes into its bias.
const (
	roundBlock   = 512     // inputs that are treated together
	roundSamples = 2048    // input vectors a layer, at most
	roundInputs  = 32      // pictures, at most
	roundMemory  = 1 << 28 // bytes of the largest layer, all pictures together

	// roundDamping of the mean variance is added to each, and fewDamping times
	// the inputs a sample: what few samples say of inputs that hardly vary is
	// chance.
	roundDamping, fewDamping = 0.01, 0.2

	// Where few inputs meet, as in a depthwise filter, fewer vectors will do.
	samplesPerInput, leastSamples = 32, 512
)

// Round returns a copy of the network whose weights are whole multiples of
// their channels' steps, made for the given inputs.
func Round(n *float.Network, inputs [][]float32, progress func(done, total int)) *float.Network {
	out, _ := settle(n, inputs, progress, false)
	return out
}

// Settle is Round, and Calibrate of the network as it was: the values of the
// pictures that settle the rounding serve both.
func Settle(n *float.Network, inputs [][]float32, progress func(done, total int)) (*float.Network, []float.Range) {
	return settle(n, inputs, progress, true)
}

func settle(n *float.Network, inputs [][]float32, progress func(done, total int), all bool) (*float.Network, []float.Range) {
	inputs, rest := forRounding(n, inputs)
	out := *n
	out.Nodes = slices.Clone(n.Nodes)
	r := &rounder{before: n, after: &out, readers: make([]int, len(n.Tensors)), exact: true, ranges: make([]float.Range, len(n.Tensors))}
	for _, in := range inputs {
		for _, s := range []*[][][]float32{&r.x, &r.y} {
			vals := make([][]float32, len(n.Tensors))
			vals[0] = in
			*s = append(*s, vals)
		}
		r.ranges[0].Extend(in)
	}
	for _, node := range n.Nodes {
		for _, t := range node.Inputs {
			r.readers[t]++
		}
	}
	if !all {
		rest = nil
	}
	total := len(n.Nodes) + len(rest)
	for i := range n.Nodes {
		if len(inputs) > 0 {
			r.node(i)
		}
		if progress != nil {
			progress(i+1, total)
		}
	}
	calibrate(n, rest, r.ranges, func(done, _ int) {
		if progress != nil {
			progress(len(n.Nodes)+done, total)
		}
	})
	return &out, r.ranges
}

// forRounding are the inputs that settle the rounding, and the others: every
// second one is left out until the values of all fit the memory, so that all
// kinds stay.
func forRounding(n *float.Network, inputs [][]float32) (chosen, rest [][]float32) {
	largest := 0
	for _, t := range n.Tensors {
		largest = max(largest, 4*t.Shape[0]*t.Shape[1]*t.Shape[2])
	}
	most := min(max(roundMemory/largest, 4), roundInputs)
	live, _ := n.Peak()
	for len(inputs) > most || len(inputs) > 1 && 2*live*int64(len(inputs)) > float.MaxRoundLive {
		var half [][]float32
		for i, in := range inputs {
			if i%2 == 0 {
				half = append(half, in)
			} else {
				rest = append(rest, in)
			}
		}
		inputs = half
	}
	return inputs, rest
}

type rounder struct {
	before, after *float.Network
	x, y          [][][]float32 // [picture][tensor], of the network before and after
	readers       []int
	exact         bool          // nothing has been rounded yet
	ranges        []float.Range // of the network before, by tensor
}

// node rounds node i, with the inputs that the rounded layers before it give.
func (r *rounder) node(i int) {
	a, b := &r.before.Nodes[i], &r.after.Nodes[i]
	weighted := a.Linear()
	if weighted && !a.Affine && !onGrid(a) {
		r.weights(b)
		r.exact = false
	}
	r.outputs(a, b, weighted)
	for _, t := range a.Inputs {
		if r.readers[t]--; r.readers[t] == 0 {
			r.drop(t)
		}
	}
	if r.readers[a.Output] == 0 {
		r.drop(a.Output)
	}
}

// outputs runs node i of both networks, a and b, for all pictures. What b is off
// in the mean of a channel goes into its bias.
func (r *rounder) outputs(a, b *float.Node, weighted bool) {
	channels := r.before.Tensors[a.Output].Shape[2]
	x := r.before.EvalAll(a, r.x)
	y := x
	if !r.exact {
		y = r.after.EvalAll(b, r.y)
		b.Packed = nil // it is not run again
	}
	shift := make([]float64, channels)
	if weighted && !r.exact {
		parts := make([][]float64, len(x))
		parallel.Each(len(x), func(p int) { parts[p] = differences(x[p], y[p], channels) })
		count := float64(len(x) * len(x[0]) / channels)
		b.Bias = slices.Clone(b.Bias)
		for c := range shift {
			for p := range parts {
				shift[c] += parts[p][c]
			}
			shift[c] /= count
			b.Bias[c] += float32(shift[c])
		}
	}
	seen := make([]float.Range, len(x))
	parallel.Each(len(x), func(p int) {
		if !r.exact {
			if weighted {
				for at := 0; at < len(y[p]); at += channels {
					for c, v := range y[p][at:][:channels] {
						y[p][at+c] = v + float32(shift[c])
					}
				}
			}
			a.Clamp(y[p])
		}
		a.Clamp(x[p])
		seen[p].Extend(x[p])
		r.x[p][a.Output], r.y[p][a.Output] = x[p], y[p]
	})
	for _, s := range seen {
		to := &r.ranges[a.Output]
		to.Min, to.Max = min(to.Min, s.Min), max(to.Max, s.Max)
	}
}

// differences sums x - y by channel.
func differences(x, y []float32, channels int) []float64 {
	sums := make([]float64, channels)
	for at := 0; at < len(x); at += channels {
		for c, v := range x[at:][:channels] {
			sums[c] += float64(v) - float64(y[at+c])
		}
	}
	return sums
}

// drop forgets the values of a tensor that nothing reads any more.
func (r *rounder) drop(t int) {
	for p := range r.x {
		r.x[p][t], r.y[p][t] = nil, nil
	}
}

// onGrid reports whether the file's own steps hold the weights in int8.
func onGrid(n *float.Node) bool {
	if n.Steps == nil {
		return false
	}
	per := len(n.Weight) / len(n.Bias)
	for o, s := range n.Steps {
		for _, w := range n.Weight[o*per:][:per] {
			if math.Abs(float64(w)) > 127.001*s {
				return false
			}
		}
	}
	return true
}

// weights rounds one layer.
func (r *rounder) weights(n *float.Node) {
	n.Weight, n.Steps, n.Packed = slices.Clone(n.Weight), make([]float64, len(n.Bias)), nil
	per := len(n.Weight) / len(n.Bias)
	for o := range n.Steps {
		top := 0.0
		for _, w := range n.Weight[o*per:][:per] {
			top = max(top, math.Abs(float64(w)))
		}
		n.Steps[o] = max(top/127, 1e-12)
	}
	groups := 1
	if n.Op == graph.Conv {
		groups = n.Groups
	}
	each, blocks := len(n.Bias)/groups, (per+roundBlock-1)/roundBlock
	var all samples // of the one group
	if groups == 1 {
		all = r.samples(n, 0, per)
	}
	parallel.Each(groups*blocks, func(i int) {
		g, from := i/blocks, i%blocks*roundBlock
		x := all
		if groups > 1 {
			x = r.samples(n, g, per)
		}
		b := roundedBlock{n: n, per: per, from: from, size: min(roundBlock, per-from), first: g * each, count: each}
		b.round(x)
	})
}

// samples are input vectors of a group of channels, [count][per]: what the
// rounded layers before give, and what that lacks of what they gave before they
// were rounded. The first half is of every other picture, the second of the rest.
type samples struct {
	x, lack     []float32
	half, count int
}

// samples gathers input vectors of group g, evenly over pictures and pixels.
func (r *rounder) samples(n *float.Node, g, per int) samples {
	in, out := r.after.Tensors[n.Inputs[0]].Shape, r.after.Tensors[n.Output].Shape
	pixels := out[0] * out[1]
	each := 1
	if n.Op == graph.Conv {
		each = min(max(wantedSamples(per)/len(r.y), 1), pixels)
	}
	half := (len(r.y) + 1) / 2
	s := samples{make([]float32, len(r.y)*each*per), make([]float32, len(r.y)*each*per), half * each, len(r.y) * each}
	parallel.Each(len(r.y), func(p int) {
		before, after := r.x[p][n.Inputs[0]], r.y[p][n.Inputs[0]]
		place := p/2 + p%2*half
		for i := range each {
			x, lack := s.x[(place*each+i)*per:][:per], s.lack[(place*each+i)*per:][:per]
			if n.Op == graph.Conv {
				// A step without common factors wanders over rows and columns.
				at := (i*pixels/each + p*7) % pixels
				n.Gather(x, after, in, out, at, g)
				n.Gather(lack, before, in, out, at, g)
			} else {
				copy(x, after)
				copy(lack, before)
			}
			for k, v := range x {
				lack[k] -= v
			}
		}
	})
	return s
}

// wantedSamples is how many input vectors tell how so many inputs correlate.
func wantedSamples(inputs int) int {
	return min(max(samplesPerInput*inputs, leastSamples), roundSamples)
}
