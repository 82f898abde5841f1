package float

import (
	"math"

	"likeness/engine/graph"
)

// reference computes a graph in float64 by the definitions of the operators, one
// value after the other. values[t] is [H][W][C] of one picture; weights and
// biases are by node, in the order of a model file.
type reference struct {
	g            *graph.Graph
	weight, bias map[int][]float64
	head         [][]float64 // [classes][C+1], the last being the bias
	max          bool
}

func (r *reference) logits(from, to int, input []float64) []float64 {
	values := make([][]float64, len(r.g.Tensors))
	values[from] = input
	for _, i := range Part(r.g, from, to) {
		r.node(i, values)
	}
	s := r.g.Tensors[to].Shape
	pooled := make([]float64, s[2])
	for c := range pooled {
		best, sum := math.Inf(-1), 0.0
		for p := range s[0] * s[1] {
			best, sum = max(best, values[to][p*s[2]+c]), sum+values[to][p*s[2]+c]
		}
		if pooled[c] = sum / float64(s[0]*s[1]); r.max {
			pooled[c] = best
		}
	}
	length := 0.0
	for _, v := range pooled {
		length += v * v
	}
	out := make([]float64, len(r.head))
	for k, row := range r.head {
		out[k] = row[len(pooled)]
		for c, v := range pooled {
			out[k] += row[c] * v / math.Sqrt(length)
		}
	}
	return out
}

func (r *reference) node(i int, values [][]float64) {
	n := &r.g.Nodes[i]
	in, out := r.g.Tensors[n.Inputs[0]], r.g.Tensors[n.Output]
	x, y := values[n.Inputs[0]], make([]float64, out.Elems())
	values[n.Output] = y
	c := clampOf(out)
	at := func(row, col, ch int) (float64, bool) {
		if row < 0 || col < 0 || row >= in.Shape[0] || col >= in.Shape[1] {
			return 0, false
		}
		return x[(row*in.Shape[1]+col)*in.Shape[2]+ch], true
	}
	for k := range y {
		row, col, ch := k/out.Shape[2]/out.Shape[1], k/out.Shape[2]%out.Shape[1], k%out.Shape[2]
		window := func(f func(v float64, ky, kx int, ok bool), ch int) {
			for ky := range n.Kernel[0] {
				for kx := range n.Kernel[1] {
					v, ok := at(row*n.Stride[0]-n.Pads[0]+ky*n.Dilation[0], col*n.Stride[1]-n.Pads[1]+kx*n.Dilation[1], ch)
					f(v, ky, kx, ok)
				}
			}
		}
		switch n.Op {
		case graph.Conv:
			each := in.Shape[2] / n.Groups
			first := ch / (out.Shape[2] / n.Groups) * each
			y[k] = r.bias[i][ch]
			for c := range each {
				window(func(v float64, ky, kx int, _ bool) {
					y[k] += v * r.weight[i][((ch*n.Kernel[0]+ky)*n.Kernel[1]+kx)*each+c]
				}, first+c)
			}
		case graph.FullyConnected:
			y[k] = r.bias[i][ch]
			for j, v := range x {
				y[k] += v * r.weight[i][ch*len(x)+j]
			}
		case graph.Add, graph.Sub, graph.Mul:
			get := func(t int) float64 {
				s := r.g.Tensors[t].Shape
				return values[t][(min(row, s[0]-1)*s[1]+min(col, s[1]-1))*s[2]+min(ch, s[2]-1)]
			}
			a, b := get(n.Inputs[0]), get(n.Inputs[1])
			y[k] = map[string]float64{graph.Add: a + b, graph.Sub: a - b, graph.Mul: a * b}[n.Op]
		case graph.Concat:
			rest := ch
			for _, t := range n.Inputs {
				s := r.g.Tensors[t].Shape
				if rest < s[2] {
					y[k] = values[t][(row*s[1]+col)*s[2]+rest]
					break
				}
				rest -= s[2]
			}
		case graph.MaxPool, graph.AvgPool:
			best, sum, count := math.Inf(-1), 0.0, 0.0
			window(func(v float64, _, _ int, ok bool) {
				if ok {
					best = max(best, v)
				}
				if ok || n.CountPad {
					sum, count = sum+v, count+1
				}
			}, ch)
			if y[k] = best; n.Op == graph.AvgPool {
				y[k] = sum / count
			}
		case graph.GlobalAvgPool, graph.GlobalMaxPool:
			best, sum := math.Inf(-1), 0.0
			for p := range in.Shape[0] * in.Shape[1] {
				best, sum = max(best, x[p*in.Shape[2]+ch]), sum+x[p*in.Shape[2]+ch]
			}
			if y[k] = best; n.Op == graph.GlobalAvgPool {
				y[k] = sum / float64(in.Shape[0]*in.Shape[1])
			}
		case graph.Activation:
			y[k] = referenceFunction(n, x[k])
		case graph.PReLU:
			if y[k] = x[k]; x[k] < 0 {
				y[k] *= r.weight[i][ch]
			}
		case graph.GatherChannels:
			y[k], _ = at(row, col, n.Channels[ch])
		case graph.Crop:
			y[k], _ = at(n.Start[0]+row*n.Stride[0], n.Start[1]+col*n.Stride[1], ch)
		case graph.Pad:
			y[k], _ = at(row-n.Pads[0], col-n.Pads[1], ch)
		case graph.Reshape:
			y[k] = x[k]
		case graph.Resize:
			py, px := n.Position(0, row, in.Shape[0], out.Shape[0]), n.Position(1, col, in.Shape[1], out.Shape[1])
			for r0 := range in.Shape[0] {
				for c0 := range in.Shape[1] {
					v, _ := at(r0, c0, ch)
					y[k] += v * max(0, 1-math.Abs(py-float64(r0))) * max(0, 1-math.Abs(px-float64(c0)))
				}
			}
		default:
			panic(n.Op)
		}
		switch n.Op {
		case graph.Conv, graph.FullyConnected, graph.Add, graph.Sub, graph.Mul:
			y[k] = min(max(y[k], float64(c.lo)), float64(c.hi))
		}
	}
}

func referenceFunction(n *graph.Node, x float64) float64 {
	sigmoid := func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
	switch n.Fn {
	case graph.ReLU:
		return max(x, 0)
	case graph.ReLU6:
		return min(max(x, 0), 6)
	case graph.LeakyReLU:
		return max(x, 0) + n.Alpha*min(x, 0)
	case graph.ELU:
		return max(x, 0) + n.Alpha*math.Expm1(min(x, 0))
	case graph.HardSwish:
		return x * min(max(x+3, 0), 6) / 6
	case graph.HardSigmoid:
		return min(max(n.Alpha*x+n.Beta, 0), 1)
	case graph.Sigmoid:
		return sigmoid(x)
	case graph.SiLU:
		return x * sigmoid(x)
	case graph.Tanh:
		return math.Tanh(x)
	case graph.GELUTanh:
		return x / 2 * (1 + math.Tanh(math.Sqrt(2/math.Pi)*(x+0.044715*x*x*x)))
	case graph.Abs:
		return math.Abs(x)
	case graph.Square:
		return x * x
	}
	return x
}
