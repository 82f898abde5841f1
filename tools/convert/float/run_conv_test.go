package float

import (
	"math/rand/v2"
	"testing"

	"likeness/engine/graph"
)

// TestConvolve holds convolutions of the float run against the definition, to
// the last bit: the bias, then rounded products over rows, columns and channels.
func TestConvolve(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	random := func(n int) []float32 {
		v := make([]float32, n)
		for i := range v {
			v[i] = float32(rng.NormFloat64())
		}
		return v
	}
	for _, c := range []struct {
		in, out                  [3]int
		kernel, stride, dilation [2]int
		pad, groups              int
	}{
		{[3]int{5, 6, 3}, [3]int{5, 6, 5}, [2]int{3, 3}, [2]int{1, 1}, [2]int{1, 1}, 1, 1},
		{[3]int{20, 21, 4}, [3]int{20, 21, 17}, [2]int{1, 1}, [2]int{1, 1}, [2]int{1, 1}, 0, 1},
		{[3]int{8, 8, 300}, [3]int{8, 8, 33}, [2]int{1, 1}, [2]int{1, 1}, [2]int{1, 1}, 0, 1},
		{[3]int{9, 7, 3}, [3]int{5, 4, 4}, [2]int{3, 3}, [2]int{2, 2}, [2]int{1, 1}, 1, 1},
		{[3]int{9, 9, 6}, [3]int{9, 9, 10}, [2]int{3, 3}, [2]int{1, 1}, [2]int{2, 2}, 2, 2},
		{[3]int{9, 9, 6}, [3]int{9, 9, 12}, [2]int{3, 3}, [2]int{1, 1}, [2]int{1, 1}, 1, 6},
		{[3]int{9, 9, 19}, [3]int{5, 5, 19}, [2]int{3, 3}, [2]int{2, 2}, [2]int{1, 1}, 1, 19},
		{[3]int{1, 1, 40}, [3]int{1, 1, 10}, [2]int{1, 1}, [2]int{1, 1}, [2]int{1, 1}, 0, 1},
		{[3]int{4, 7, 40}, [3]int{1, 1, 10}, [2]int{4, 7}, [2]int{1, 1}, [2]int{1, 1}, 0, 1},
	} {
		per := c.in[2] / c.groups
		n := &Node{Node: graph.Node{Op: graph.Conv, Kernel: c.kernel, Stride: c.stride, Dilation: c.dilation, Groups: c.groups,
			Pads: [4]int{c.pad, c.pad, c.pad, c.pad}}, Weight: random(c.out[2] * c.kernel[0] * c.kernel[1] * per), Bias: random(c.out[2])}
		x, y := random(c.in[0]*c.in[1]*c.in[2]), make([]float32, c.out[0]*c.out[1]*c.out[2])
		convolve(n, y, x, c.in, c.out)
		for i, got := range y {
			o := i % c.out[2]
			want, at := n.Bias[o], o*c.kernel[0]*c.kernel[1]*per
			for tap := range c.kernel[0] * c.kernel[1] {
				src := n.under(x, c.in, i/c.out[2]/c.out[1], i/c.out[2]%c.out[1], tap)
				for k := range per {
					if src != nil {
						want += float32(src[o/(c.out[2]/c.groups)*per+k] * n.Weight[at])
					}
					at++
				}
			}
			if got != want {
				t.Fatalf("%+v: value %d is %v, want %v", c, i, got, want)
			}
		}
	}
}

// TestConnect holds fully connected layers of one and several pictures against
// the definition.
func TestConnect(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for _, s := range [][3]int{{1, 5, 3}, {1, 700, 70}, {5, 300, 130}, {24, 33, 1}} {
		pictures, in, outputs := s[0], s[1], s[2]
		n := &Node{Weight: make([]float32, in*outputs), Bias: make([]float32, outputs)}
		x, y := make([][]float32, pictures), make([][]float32, pictures)
		for p := range x {
			x[p], y[p] = make([]float32, in), make([]float32, outputs)
		}
		for _, v := range append([][]float32{n.Weight, n.Bias}, x...) {
			for i := range v {
				v[i] = float32(rng.NormFloat64())
			}
		}
		connect(n, y, x)
		for p := range y {
			for o, got := range y[p] {
				want := n.Bias[o]
				for k, v := range x[p] {
					want += float32(v * n.Weight[o*in+k])
				}
				if got != want {
					t.Fatalf("%v: value %d of picture %d is %v, want %v", s, o, p, got, want)
				}
			}
		}
	}
}
