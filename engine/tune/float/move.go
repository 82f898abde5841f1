package float

import (
	"math"

	"likeness/engine/graph"
)

// move writes values of inputs to other places: concat, gather_channels, crop,
// pad, reshape, depth_to_space, space_to_depth and resize. Each output is a sum
// of up to four values with weights.
type move struct {
	y    *Tensor
	from []source
}

// source is what is taken of one input: value to gets value from times weight.
type source struct {
	x    *Tensor
	to   []int32
	from []int32
	// weight is nil where all are 1.
	weight []float32
}

func (s *source) add(to, from int) {
	s.to, s.from = append(s.to, int32(to)), append(s.from, int32(from))
}

func (v *move) forward(pictures int) {
	share(pictures, pictures, func(_, i int) {
		y := v.y.of(i)
		clear(y)
		for k := range v.from {
			s := &v.from[k]
			x := s.x.of(i)
			for j, to := range s.to {
				value := x[s.from[j]]
				if s.weight != nil {
					value = float32(value * s.weight[j])
				}
				y[to] += value
			}
		}
	})
}

func (v *move) backward(pictures int) {
	share(pictures, pictures, func(_, i int) {
		g := v.y.gradientOf(i)
		for k := range v.from {
			s := &v.from[k]
			x := s.x.gradientOf(i)
			if x == nil {
				continue
			}
			for j, to := range s.to {
				d := g[to]
				if s.weight != nil {
					d = float32(d * s.weight[j])
				}
				x[s.from[j]] += d
			}
		}
	})
}

func newConcat(inputs []*Tensor, y *Tensor) *move {
	v := &move{y: y}
	first := 0
	for _, x := range inputs {
		s := source{x: x}
		for p := range y.places() {
			for c := range x.C {
				s.add(p*y.Px+first+c, p*x.Px+c)
			}
		}
		first += x.C
		v.from = append(v.from, s)
	}
	return v
}

// newMove takes for each value of y the one value that place says, as row,
// column and channel of x; ok is false for 0.
func newMove(x, y *Tensor, place func(row, col, c int) (r, k, channel int, ok bool)) *move {
	s := source{x: x}
	for row := range y.H {
		for col := range y.W {
			for c := range y.C {
				if r, k, channel, ok := place(row, col, c); ok {
					s.add((row*y.W+col)*y.Px+c, (r*x.W+k)*x.Px+channel)
				}
			}
		}
	}
	return &move{y: y, from: []source{s}}
}

// moved makes the operators that copy values one by one; nil for others.
func moved(n *graph.Node, x, y *Tensor) *move {
	switch n.Op {
	case graph.GatherChannels:
		return newMove(x, y, func(r, k, c int) (int, int, int, bool) { return r, k, n.Channels[c], true })
	case graph.Crop:
		return newMove(x, y, func(r, k, c int) (int, int, int, bool) {
			return n.Start[0] + r*n.Stride[0], n.Start[1] + k*n.Stride[1], c, true
		})
	case graph.Pad:
		return newMove(x, y, func(r, k, c int) (int, int, int, bool) {
			r, k = r-n.Pads[0], k-n.Pads[1]
			return r, k, c, r >= 0 && k >= 0 && r < x.H && k < x.W
		})
	case graph.Reshape:
		return newMove(x, y, func(r, k, c int) (int, int, int, bool) {
			i := (r*y.W+k)*y.C + c
			return i / x.C / x.W, i / x.C % x.W, i % x.C, true
		})
	case graph.Resize:
		return newResize(n, x, y)
	}
	return nil
}

// newResize takes of each axis the one or two places that graph.Node.Position
// lies between.
func newResize(n *graph.Node, x, y *Tensor) *move {
	axis := func(a, o, in, out int) (low, high int, share float64) {
		at := n.Position(a, o, in, out)
		low = int(math.Floor(at))
		return low, min(low+1, in-1), at - float64(low)
	}
	s := source{x: x}
	for row := range y.H {
		r0, r1, fr := axis(0, row, x.H, y.H)
		for col := range y.W {
			c0, c1, fc := axis(1, col, x.W, y.W)
			for _, tap := range []struct {
				r, c   int
				weight float64
			}{{r0, c0, (1 - fr) * (1 - fc)}, {r0, c1, (1 - fr) * fc}, {r1, c0, fr * (1 - fc)}, {r1, c1, fr * fc}} {
				if tap.weight == 0 {
					continue
				}
				for c := range y.C {
					s.add((row*y.W+col)*y.Px+c, (tap.r*x.W+tap.c)*x.Px+c)
					s.weight = append(s.weight, float32(tap.weight))
				}
			}
		}
	}
	return &move{y: y, from: []source{s}}
}
