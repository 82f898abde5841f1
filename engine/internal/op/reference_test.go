package op_test

import (
	"math"

	"likeness/engine/graph"
)

// moreReference is evaluate for one output of the operators that version 1
// gained later.
func moreReference(g *graph.Graph, n *graph.Node, params map[string]graph.Params, x []int16, at func(h, w, c int) (int16, bool), oh, ow, c int) int16 {
	in, out := g.Tensors[n.Inputs[0]], g.Tensors[n.Output]
	channels := in.Shape[2]
	pixel := func(k int) float64 {
		q, _ := at(oh, ow, k)
		return float64(q)
	}
	store := func(real float64) int16 {
		return int16(min(max(math.RoundToEven(real/float64(out.Scale)), float64(out.Lo)), float64(out.Hi)))
	}
	s := float64(in.Scale)
	switch n.Op {
	case graph.LogSoftmax:
		sum := 0.0
		for k := range channels {
			sum += math.Exp(pixel(k) * s)
		}
		return store(pixel(c)*s - math.Log(sum))
	case graph.LayerNorm:
		p, mean, variance := params[n.Weights], 0.0, 0.0
		for k := range channels {
			mean += pixel(k) * s / float64(channels)
		}
		for k := range channels {
			variance += (pixel(k)*s - mean) * (pixel(k)*s - mean) / float64(channels)
		}
		return store((pixel(c)*s-mean)/math.Sqrt(variance+n.Epsilon)*float64(p.Gain[c]) + float64(p.Offset[c]))
	case graph.LRN:
		sum := 0.0
		for k := max(c-(n.Size-1)/2, 0); k < min(c+n.Size/2+1, channels); k++ {
			sum += pixel(k) * pixel(k) * s * s
		}
		return store(pixel(c) * s / math.Pow(n.Shift+n.Alpha/float64(n.Size)*sum, n.Beta))
	case graph.PReLU:
		m := float32(s / float64(out.Scale))
		if pixel(c) < 0 {
			m = float32(float64(params[n.Weights].Gain[c]) * s / float64(out.Scale))
		}
		return clampRound(float32(pixel(c))*m, out)
	case graph.DepthToSpace, graph.SpaceToDepth:
		return spaceReference(n, at, in.Shape[2], out.Shape[2], oh, ow, c)
	case graph.Resize:
		return resizeReference(n, at, in.Shape, out.Shape, oh, ow, c)
	}
	panic("no reference for " + n.Op)
}

func spaceReference(n *graph.Node, at func(h, w, c int) (int16, bool), inC, outC, oh, ow, c int) (q int16) {
	b := n.Block
	if n.Op == graph.DepthToSpace {
		k := (oh%b*b+ow%b)*outC + c
		if n.Order == graph.OrderCRD {
			k = c*b*b + oh%b*b + ow%b
		}
		q, _ = at(oh/b, ow/b, k)
		return q
	}
	place, k := c/inC, c%inC
	if n.Order == graph.OrderCRD {
		place, k = c%(b*b), c/(b*b)
	}
	q, _ = at(oh*b+place/b, ow*b+place%b, k)
	return q
}

func resizeReference(n *graph.Node, at func(h, w, c int) (int16, bool), in, out [3]int, oh, ow, c int) int16 {
	var lower, upper [2]int
	var weight [2]float64
	for axis, o := range [2]int{oh, ow} {
		zoom := n.Zoom[axis]
		if zoom == 0 {
			zoom = float64(out[axis]) / float64(in[axis])
		}
		var x float64
		switch n.Coordinates {
		case graph.HalfPixel:
			x = (float64(o)+0.5)/zoom - 0.5
		case graph.TorchHalfPixel:
			if x = 0; out[axis] > 1 {
				x = (float64(o)+0.5)/zoom - 0.5
			}
		case graph.Asymmetric:
			x = float64(o) / zoom
		case graph.AlignCorners:
			if x = 0; out[axis] > 1 {
				x = float64(o*(in[axis]-1)) / float64(out[axis]-1)
			}
		}
		if n.Fn == graph.Nearest {
			x = map[string]float64{graph.RoundFloor: math.Floor(x), graph.RoundCeil: math.Ceil(x),
				graph.HalfDown: math.Ceil(x - 0.5), graph.HalfUp: math.Floor(x + 0.5)}[n.Rounding]
		}
		x = min(max(x, 0), float64(in[axis]-1))
		lower[axis], upper[axis] = int(x), min(int(x)+1, in[axis]-1)
		weight[axis] = math.RoundToEven((x-math.Floor(x))*16384) / 16384
	}
	v := func(h, w int) float64 { q, _ := at(h, w, c); return float64(q) }
	h, w := weight[0], weight[1]
	// Exact in float64: 28 fractional and 15 whole bits.
	sum := (v(lower[0], lower[1])*(1-w)+v(lower[0], upper[1])*w)*(1-h) + (v(upper[0], lower[1])*(1-w)+v(upper[0], upper[1])*w)*h
	return int16(math.Floor(sum + 0.5))
}
