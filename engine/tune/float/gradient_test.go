package float

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"likeness/engine/graph"
	"likeness/engine/model"
)

// small is a network of a convolution, so that gradients must pass what is
// tested, and then nodes that a case adds.
type small struct {
	g   graph.Graph
	rng *rand.Rand
	f   *model.File
}

const wide = 8191

func newSmall(h, w, c int) *small {
	s := &small{rng: rand.New(rand.NewPCG(7, uint64(c))), f: &model.File{Params: map[string]graph.Params{}}}
	s.tensor("picture", [3]int{h, w, 3}, -wide)
	s.conv([3]int{h, w, c}, 0, graph.Node{Kernel: [2]int{1, 1}, Stride: [2]int{1, 1}, Dilation: [2]int{1, 1}, Groups: 1}, -wide)
	return s
}

func (s *small) tensor(name string, shape [3]int, lo int16) int {
	s.g.Tensors = append(s.g.Tensors, graph.Tensor{Name: name, Shape: shape, Scale: 0.01, Lo: lo, Hi: wide})
	return len(s.g.Tensors) - 1
}

// node appends an operator; lo of 0 is a ReLU that belongs to it.
func (s *small) node(n graph.Node, shape [3]int, lo int16, inputs ...int) int {
	n.Inputs, n.Name = inputs, fmt.Sprintf("%s_%d", n.Op, len(s.g.Nodes))
	n.Output = s.tensor(n.Name, shape, lo)
	s.g.Nodes = append(s.g.Nodes, n)
	return n.Output
}

func (s *small) conv(shape [3]int, in int, n graph.Node, lo int16) int {
	n.Weights = fmt.Sprintf("w%d", len(s.g.Nodes))
	if n.Op == "" {
		n.Op = graph.Conv
	}
	out := s.node(n, shape, lo, in)
	size := s.g.Nodes[len(s.g.Nodes)-1].WeightShape(&s.g)
	p := graph.Params{}
	for range size[0] {
		p.Scale, p.Bias = append(p.Scale, 0.004+0.004*s.rng.Float32()), append(p.Bias, int32(s.rng.IntN(8000)-4000))
		p.Gain = append(p.Gain, s.rng.Float32())
	}
	for range size[0] * size[1] * size[2] * size[3] {
		p.Weight = append(p.Weight, int8(s.rng.IntN(255)-127))
	}
	s.f.Params[n.Weights] = p
	return out
}

// check compares values and all gradients of the network up to the last tensor,
// for three pictures, with the reference and its central differences.
func (s *small) check(t *testing.T, maxPool bool) {
	t.Helper()
	s.f.Graph = s.g
	to := len(s.g.Tensors) - 1
	const pictures, classes = 3, 3
	n, err := New(s.f, 0, to, pictures+1, Head{Max: maxPool, Classes: classes})
	if err != nil {
		t.Fatal(err)
	}
	r := &reference{g: &s.g, weight: map[int][]float64{}, bias: map[int][]float64{}, max: maxPool}
	wide := func(v []float32) []float64 {
		out := make([]float64, len(v))
		for i, x := range v {
			out[i] = float64(x)
		}
		return out
	}
	for i := range s.g.Nodes {
		if w, b, ok := n.Weights(i); ok {
			r.weight[i], r.bias[i] = wide(w), wide(b)
		}
		if v := n.Slopes(i); v != nil {
			r.weight[i] = wide(v)
		}
	}
	dim := s.g.Tensors[to].Shape[2]
	weight, bias := make([]float32, classes*dim), make([]float32, classes)
	for i := range weight {
		weight[i] = float32(s.rng.NormFloat64())
	}
	for k := range bias {
		bias[k] = float32(s.rng.NormFloat64())
		r.head = append(r.head, append(wide(weight[k*dim:][:dim]), float64(bias[k])))
	}
	n.SetHead(weight, bias)
	inputs, factor := make([][]float64, pictures), make([][]float64, pictures)
	for i := range pictures {
		x := n.Input.of(i)
		for p := range n.Input.places() {
			for c := range 3 {
				v := float32(s.rng.NormFloat64())
				x[p*n.Input.Px+c] = v
				inputs[i] = append(inputs[i], float64(v))
			}
		}
		for range classes {
			factor[i] = append(factor[i], float64(float32(s.rng.NormFloat64())))
		}
	}
	loss := func() (sum float64) {
		for i := range pictures {
			for k, z := range r.logits(0, to, inputs[i]) {
				sum += z * factor[i][k]
			}
		}
		return sum
	}
	// Twice, so that nothing of the first run may stay.
	for range 2 {
		n.Forward(pictures)
		for i := range pictures {
			for k, z := range r.logits(0, to, inputs[i]) {
				if got := float64(n.Logits.of(i)[k]); math.Abs(got-z) > 1e-4*(1+math.Abs(z)) {
					t.Fatalf("picture %d: logit %d is %v, want %v", i, k, got, z)
				}
				n.Logits.gradientOf(i)[k] = float32(factor[i][k])
			}
		}
		n.Backward(pictures)
	}
	compare := func(what string, got []float32, values []float64) {
		t.Helper()
		want, top := make([]float64, len(values)), 0.0
		for i := range values {
			const eps = 1e-6
			was := values[i]
			values[i] = was + eps
			up := loss()
			values[i] = was - eps
			want[i] = (up - loss()) / (2 * eps)
			values[i] = was
			top = max(top, math.Abs(want[i]))
		}
		if top == 0 && what != "slopes" {
			t.Errorf("%s: all gradients are 0: the case tests nothing", what)
		}
		for i := range want {
			if math.Abs(float64(got[i])-want[i]) > 2e-4*top+1e-6 {
				t.Errorf("%s: gradient %d of %d is %v, want %v", what, i, len(want), got[i], want[i])
				return
			}
		}
	}
	for i := range s.g.Nodes {
		if l, ok := n.nodes[i]; ok {
			w, b := gradientsOf(l)
			compare(s.g.Nodes[i].Name+" weights", w, r.weight[i])
			compare(s.g.Nodes[i].Name+" biases", b, r.bias[i])
		}
		if p, ok := n.slopes[i]; ok {
			compare("slopes", p.Gradient, r.weight[i])
		}
	}
	w, b := gradientsOf(n.head)
	for k := range classes {
		compare("head", append(slices.Clone(w[k*dim:][:dim]), b[k]), r.head[k])
	}
}

// gradientsOf reads gradients as get reads values.
func gradientsOf(l linear) (weight, bias []float32) {
	p := l.(learner).parameters()
	value := p.Value
	p.Value = p.Gradient
	weight, bias = l.get()
	p.Value = value
	return weight, bias
}

func plain(kh, kw, stride, dilation, groups int, pads ...int) graph.Node {
	n := graph.Node{Kernel: [2]int{kh, kw}, Stride: [2]int{stride, stride}, Dilation: [2]int{dilation, dilation}, Groups: groups}
	copy(n.Pads[:], pads)
	return n
}

// Every operator's values and gradients agree with the definitions in float64
// and with central differences of them.
func TestGradients(t *testing.T) {
	was := cores
	defer func() { cores = was }()
	cases := map[string]func() *small{
		"conv 3x3": func() *small {
			s := newSmall(5, 4, 6)
			s.conv([3]int{5, 4, 7}, 1, plain(3, 3, 1, 1, 1, 1, 1, 1, 1), 0)
			return s
		},
		"conv stride, uneven padding": func() *small {
			s := newSmall(6, 5, 5)
			s.conv([3]int{3, 3, 4}, 1, plain(3, 2, 2, 1, 1, 0, 1, 1, 0), -wide)
			return s
		},
		"conv dilated": func() *small { s := newSmall(6, 6, 4); s.conv([3]int{4, 4, 3}, 1, plain(2, 2, 1, 2, 1), 0); return s },
		"conv 1x1":     func() *small { s := newSmall(3, 3, 5); s.conv([3]int{3, 3, 9}, 1, plain(1, 1, 1, 1, 1), 0); return s },
		"conv grouped": func() *small {
			s := newSmall(4, 4, 6)
			s.conv([3]int{4, 4, 9}, 1, plain(3, 3, 1, 1, 3, 1, 1, 1, 1), 0)
			return s
		},
		"depthwise": func() *small {
			s := newSmall(5, 5, 6)
			s.conv([3]int{3, 3, 6}, 1, plain(3, 3, 2, 1, 6, 1, 1, 1, 1), 0)
			return s
		},
		"fully": func() *small {
			s := newSmall(2, 3, 3)
			s.conv([3]int{1, 1, 5}, 1, graph.Node{Op: graph.FullyConnected}, 0)
			return s
		},
		"add":           func() *small { return two(graph.Add, [3]int{3, 3, 5}) },
		"add broadcast": func() *small { return two(graph.Add, [3]int{1, 1, 5}) },
		"sub column":    func() *small { return two(graph.Sub, [3]int{3, 1, 1}) },
		"squeeze-and-excitation": func() *small {
			s := newSmall(3, 3, 5)
			g := s.node(graph.Node{Op: graph.GlobalAvgPool}, [3]int{1, 1, 5}, -wide, 1)
			g = s.conv([3]int{1, 1, 2}, g, plain(1, 1, 1, 1, 1), 0)
			g = s.conv([3]int{1, 1, 5}, g, plain(1, 1, 1, 1, 1), -wide)
			g = s.node(graph.Node{Op: graph.Activation, Fn: graph.HardSigmoid, Alpha: 0.2, Beta: 0.5}, [3]int{1, 1, 5}, 0, g)
			s.node(graph.Node{Op: graph.Mul}, [3]int{3, 3, 5}, -wide, 1, g)
			return s
		},
		"mul by a place": func() *small { return two(graph.Mul, [3]int{3, 3, 1}) },
		"concat": func() *small {
			s := newSmall(3, 2, 5)
			b := s.conv([3]int{3, 2, 3}, 1, plain(1, 1, 1, 1, 1), 0)
			s.node(graph.Node{Op: graph.Concat}, [3]int{3, 2, 13}, -wide, 1, b, 1)
			return s
		},
		"max_pool": func() *small { return one(graph.MaxPool, [3]int{3, 3, 5}, plain(3, 3, 2, 1, 0, 1, 1, 1, 1)) },
		"avg_pool": func() *small { return one(graph.AvgPool, [3]int{3, 3, 5}, plain(3, 3, 2, 1, 0, 1, 1, 1, 1)) },
		"avg_pool with padding": func() *small {
			n := plain(2, 2, 2, 1, 0, 1, 1, 0, 0)
			n.CountPad = true
			return one(graph.AvgPool, [3]int{3, 3, 5}, n)
		},
		"global_avg_pool": func() *small { return one(graph.GlobalAvgPool, [3]int{1, 1, 5}, graph.Node{}) },
		"global_max_pool": func() *small { return one(graph.GlobalMaxPool, [3]int{1, 1, 5}, graph.Node{}) },
		"gather_channels": func() *small {
			return one(graph.GatherChannels, [3]int{5, 5, 4}, graph.Node{Channels: []int{3, 0, 3, 1}})
		},
		"crop": func() *small {
			return one(graph.Crop, [3]int{2, 2, 5}, graph.Node{Start: [2]int{1, 0}, Stride: [2]int{2, 3}})
		},
		"pad":     func() *small { return one(graph.Pad, [3]int{8, 6, 5}, graph.Node{Pads: [4]int{1, 0, 2, 1}}) },
		"reshape": func() *small { return one(graph.Reshape, [3]int{1, 25, 5}, graph.Node{}) },
		"flatten": func() *small { return one(graph.Reshape, [3]int{1, 1, 125}, graph.Node{}) },
		"prelu": func() *small {
			s := newSmall(3, 3, 5)
			s.conv([3]int{3, 3, 5}, 1, graph.Node{Op: graph.PReLU}, -wide)
			return s
		},
		"resize nearest": func() *small {
			return one(graph.Resize, [3]int{7, 9, 5}, graph.Node{Fn: graph.Nearest, Coordinates: graph.HalfPixel, Rounding: graph.HalfDown})
		},
		"resize linear": func() *small {
			return one(graph.Resize, [3]int{8, 3, 5}, graph.Node{Fn: graph.Linear, Coordinates: graph.HalfPixel})
		},
	}
	for _, fn := range []string{graph.Identity, graph.ReLU, graph.ReLU6, graph.LeakyReLU, graph.ELU, graph.HardSwish, graph.HardSigmoid, graph.Sigmoid,
		graph.SiLU, graph.Tanh, graph.GELUTanh, graph.Abs, graph.Square} {
		cases[fn] = func() *small {
			return one(graph.Activation, [3]int{5, 5, 5}, graph.Node{Fn: fn, Alpha: 0.3, Beta: 0.4})
		}
	}
	for name, make := range cases {
		for _, n := range []int{1, 3} {
			cores = func() int { return n }
			t.Run(fmt.Sprintf("%s, %d cores", name, n), func(t *testing.T) { make().check(t, n == 3) })
		}
	}
}

// one applies an operator to the convolution's output, of 5 x 5 x 5.
func one(op string, shape [3]int, n graph.Node) *small {
	s := newSmall(5, 5, 5)
	n.Op = op
	s.node(n, shape, -wide, 1)
	return s
}

// two applies an operator to two branches, the second of a shape that may be
// repeated.
func two(op string, shape [3]int) *small {
	s := newSmall(3, 3, 5)
	a := s.conv([3]int{3, 3, 5}, 1, plain(1, 1, 1, 1, 1), -wide)
	n := plain(1, 1, 1, 1, 1)
	if shape[0] == 1 {
		n.Kernel[0] = 3
	}
	if shape[1] == 1 {
		n.Kernel[1] = 3
	}
	b := s.conv(shape, 1, n, -wide)
	s.node(graph.Node{Op: op}, [3]int{3, 3, 5}, 0, a, b)
	return s
}

// What cannot be trained is named.
func TestRefusal(t *testing.T) {
	for _, op := range graph.Operators {
		n := graph.Node{Op: op, Fn: graph.ReLU}
		refused := slices.Contains([]string{graph.Softmax, graph.LogSoftmax, graph.LayerNorm, graph.GroupNorm, graph.LRN, graph.DepthToSpace, graph.SpaceToDepth}, op)
		if got := Refusal(&graph.Graph{}, &n); (got == op) != refused {
			t.Errorf("%s: %q", op, got)
		}
	}
	if got := Refusal(&graph.Graph{}, &graph.Node{Op: graph.Activation, Fn: graph.Mish}); got != "activation mish" {
		t.Errorf("%q", got)
	}
	s := one(graph.Softmax, [3]int{5, 5, 5}, graph.Node{})
	s.f.Graph = s.g
	if _, err := New(s.f, 0, 2, 1, Head{Classes: 2}); err == nil {
		t.Error("a softmax is trained")
	}
}
