package op_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"likeness/engine/graph"
	"likeness/engine/internal/op"
	"likeness/engine/internal/testnet"
)

// reference evaluates a graph tensor by tensor from the formulas of
// models/FORMAT.md, without arena, layout or kernels.
func reference(g *graph.Graph, params map[string]graph.Params, input []int16) [][]int16 {
	vals := make([][]int16, len(g.Tensors))
	vals[0] = input
	for i := range g.Nodes {
		n := &g.Nodes[i]
		vals[n.Output] = evaluate(g, n, params, vals)
	}
	return vals
}

func clampRound(x float32, t graph.Tensor) int16 {
	r := math.RoundToEven(float64(x))
	return int16(min(max(r, float64(t.Lo)), float64(t.Hi)))
}

func evaluate(g *graph.Graph, n *graph.Node, params map[string]graph.Params, vals [][]int16) []int16 {
	in, out := g.Tensors[n.Inputs[0]], g.Tensors[n.Output]
	x := vals[n.Inputs[0]]
	y := make([]int16, out.Elems())
	at := func(h, w, c int) (int16, bool) {
		if h < 0 || w < 0 || h >= in.Shape[0] || w >= in.Shape[1] {
			return 0, false
		}
		return x[(h*in.Shape[1]+w)*in.Shape[2]+c], true
	}
	real := func(t graph.Tensor, q int16) float64 { return float64(q) * float64(t.Scale) }
	for i := range y {
		c := i % out.Shape[2]
		oh, ow := i/out.Shape[2]/out.Shape[1], i/out.Shape[2]%out.Shape[1]
		switch n.Op {
		case graph.Conv:
			p := params[n.Weights]
			per := in.Shape[2] / n.Groups
			base := c / (out.Shape[2] / n.Groups) * per
			acc := p.Bias[c]
			for kh := range n.Kernel[0] {
				for kw := range n.Kernel[1] {
					for k := range per {
						q, _ := at(oh*n.Stride[0]-n.Pads[0]+kh*n.Dilation[0], ow*n.Stride[1]-n.Pads[1]+kw*n.Dilation[1], base+k)
						acc += int32(q) * int32(p.Weight[((c*n.Kernel[0]+kh)*n.Kernel[1]+kw)*per+k])
					}
				}
			}
			y[i] = clampRound(float32(acc)*g.Multiplier(n, p.Scale[c]), out)
		case graph.FullyConnected:
			p := params[n.Weights]
			acc := p.Bias[c]
			for k, q := range x {
				acc += int32(q) * int32(p.Weight[c*len(x)+k])
			}
			y[i] = clampRound(float32(acc)*g.Multiplier(n, p.Scale[c]), out)
		case graph.Add, graph.Sub, graph.Mul:
			bt := g.Tensors[n.Inputs[1]]
			p, q := broadcastAt(in, x, oh, ow, c), broadcastAt(bt, vals[n.Inputs[1]], oh, ow, c)
			ma, mb := float32(float64(in.Scale)/float64(out.Scale)), float32(float64(bt.Scale)/float64(out.Scale))
			switch n.Op {
			case graph.Mul:
				m := float32(float64(in.Scale) * float64(bt.Scale) / float64(out.Scale))
				y[i] = clampRound(float32(int32(p)*int32(q))*m, out)
			case graph.Add:
				y[i] = clampRound(float32(float32(p)*ma)+float32(float32(q)*mb), out)
			case graph.Sub:
				y[i] = clampRound(float32(float32(p)*ma)-float32(float32(q)*mb), out)
			}
		case graph.Concat:
			for _, j := range n.Inputs {
				t := g.Tensors[j]
				if c < t.Shape[2] {
					y[i] = vals[j][(oh*t.Shape[1]+ow)*t.Shape[2]+c]
					break
				}
				c -= t.Shape[2]
			}
		case graph.MaxPool, graph.AvgPool, graph.GlobalAvgPool, graph.GlobalMaxPool:
			y[i] = poolReference(g, n, at, oh, ow, c)
		case graph.Activation:
			v := real(in, x[i])
			switch n.Fn {
			case graph.ReLU, graph.ReLU6, graph.Identity:
				y[i] = clampRound(float32(x[i])*float32(float64(in.Scale)/float64(out.Scale)), out)
				if n.Fn != graph.Identity {
					y[i] = max(y[i], 0)
				}
				if n.Fn == graph.ReLU6 {
					y[i] = min(y[i], int16(math.RoundToEven(6/float64(out.Scale))))
				}
				continue
			case graph.LeakyReLU:
				v = max(v, n.Alpha*v)
			default:
				v = functionReference(n, v)
			}
			y[i] = int16(min(max(math.RoundToEven(v/float64(out.Scale)), float64(out.Lo)), float64(out.Hi)))
		case graph.Softmax:
			sum := 0.0
			for _, q := range x[i-c:][:in.Shape[2]] {
				sum += math.Exp(real(in, q))
			}
			y[i] = int16(math.RoundToEven(math.Exp(real(in, x[i])) / sum * 32767))
		case graph.Pad:
			y[i], _ = at(oh-n.Pads[0], ow-n.Pads[1], c)
		case graph.Reshape:
			y[i] = x[i]
		case graph.GatherChannels:
			y[i], _ = at(oh, ow, n.Channels[c])
		case graph.Crop:
			y[i], _ = at(n.Start[0]+oh*n.Stride[0], n.Start[1]+ow*n.Stride[1], c)
		default:
			y[i] = moreReference(g, n, params, x, at, oh, ow, c)
		}
	}
	return y
}

// broadcastAt reads a tensor at an output's place; axes of length 1 repeat.
func broadcastAt(t graph.Tensor, v []int16, h, w, c int) int16 {
	s := t.Shape
	return v[(h%s[0]*s[1]+w%s[1])*s[2]+c%s[2]]
}

func functionReference(n *graph.Node, v float64) float64 {
	switch n.Fn {
	case graph.ELU:
		if v < 0 {
			return n.Alpha * math.Expm1(v)
		}
		return v
	case graph.HardSwish:
		return v * min(max(v+3, 0), 6) / 6
	case graph.HardSigmoid:
		return min(max(n.Alpha*v+n.Beta, 0), 1)
	case graph.Sigmoid:
		return 1 / (1 + math.Exp(-v))
	case graph.SiLU:
		return v / (1 + math.Exp(-v))
	case graph.Tanh:
		return math.Tanh(v)
	case graph.GELU:
		return v * math.Erfc(-v/math.Sqrt2) / 2
	case graph.GELUTanh:
		return v / 2 * (1 + math.Tanh(math.Sqrt(2/math.Pi)*(v+0.044715*v*v*v)))
	case graph.Softplus:
		return math.Log1p(math.Exp(v))
	case graph.Mish:
		return v * math.Tanh(math.Log1p(math.Exp(v)))
	case graph.Exp:
		return math.Exp(v)
	case graph.Abs:
		return math.Abs(v)
	case graph.Square:
		return v * v
	case graph.Sqrt:
		return math.Sqrt(max(v, 0))
	}
	panic("no reference for " + n.Fn)
}

func poolReference(g *graph.Graph, n *graph.Node, at func(h, w, c int) (int16, bool), oh, ow, c int) int16 {
	in, out := g.Tensors[n.Inputs[0]], g.Tensors[n.Output]
	k, s, d := n.Kernel, n.Stride, n.Dilation
	if n.Op == graph.GlobalAvgPool || n.Op == graph.GlobalMaxPool {
		k, s, d = [2]int{in.Shape[0], in.Shape[1]}, [2]int{1, 1}, [2]int{1, 1}
	}
	sum, count, top := int32(0), 0, int16(math.MinInt16)
	for kh := range k[0] {
		for kw := range k[1] {
			if q, ok := at(oh*s[0]-n.Pads[0]+kh*d[0], ow*s[1]-n.Pads[1]+kw*d[1], c); ok {
				sum += int32(q)
				count++
				top = max(top, q)
			}
		}
	}
	if n.Op == graph.MaxPool || n.Op == graph.GlobalMaxPool {
		return top
	}
	if n.CountPad {
		count = k[0] * k[1]
	}
	return clampRound(float32(sum)*float32(float64(in.Scale)/float64(out.Scale)/float64(count)), out)
}

// TestPlanEqualsReference runs every layer of the all-operator network, kept
// one at a time (so that arena places are reused) and all together.
func TestPlanEqualsReference(t *testing.T) {
	for seed := range uint64(3) {
		f := testnet.All(seed).File
		g := &f.Graph
		if err := g.Validate(); err != nil {
			t.Fatal(err)
		}
		weights := map[string]op.Weights{}
		for i := range g.Nodes {
			if n := &g.Nodes[i]; n.Weights != "" {
				p := f.Params[n.Weights]
				if err := g.CheckParams(n, &p); err != nil {
					t.Fatal(err)
				}
				weights[n.Weights] = op.Pack(g, n, p)
			}
		}
		rng := rand.New(rand.NewPCG(seed, 2))
		input := make([]int16, g.Tensors[0].Elems())
		for i := range input {
			input[i] = int16(rng.IntN(4081) - 2040)
		}
		want := reference(g, f.Params, input)
		keep := make([][]int, 0, len(g.Tensors))
		all := []int{}
		for i := 1; i < len(g.Tensors); i++ {
			keep = append(keep, []int{i})
			all = append(all, i)
		}
		for _, k := range append(keep, all) {
			checkPlan(t, g, weights, input, want, k)
		}
	}
}

func checkPlan(t *testing.T, g *graph.Graph, weights map[string]op.Weights, input []int16, want [][]int16, keep []int) {
	t.Helper()
	p, err := op.NewPlan(g, weights, keep)
	if err != nil {
		t.Fatal(err)
	}
	arena := make([]int16, p.ArenaLen())
	off, row, px := p.Input()
	h, w := g.Tensors[0].Shape[0], g.Tensors[0].Shape[1]
	for range 2 { // a second run finds the arena used
		for y := range h {
			for x := range w {
				copy(arena[off+y*row+x*px:], input[(y*w+x)*3:][:3])
			}
		}
		p.Run(arena)
	}
	for _, k := range keep {
		got, stride := p.Tensor(arena, k)
		c := g.Tensors[k].Shape[2]
		for i, v := range want[k] {
			if q := got[i/c*stride+i%c]; q != v {
				t.Fatalf("keeping %v: tensor %q[%d] = %d, reference %d", keep, g.Tensors[k].Name, i, q, v)
			}
		}
	}
}
