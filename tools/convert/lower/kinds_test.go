package lower

import (
	"math"
	"math/rand/v2"
	"testing"

	"likeness/tools/convert/float"
	"likeness/tools/convert/internal/draft"
	"likeness/tools/convert/nd"
	"likeness/tools/convert/quantise"
)

// TestKinds holds ways to write networks against the general executor, value by
// value: each is one kind that users' files have.
func TestKinds(t *testing.T) {
	for name, build := range map[string]func(d *draft.Draft){
		"padding before a batch normalisation and a convolution": func(d *draft.Draft) {
			d.Conv("c", 3, 8, 3)
			d.Op("Pad", "p", nil, d.Ints(0, 0, 1, 1, 0, 0, 1, 2))
			d.Op("BatchNormalization", "b", nil, d.Random(1, 8), d.Random(1, 8), d.Random(1, 8), d.Floats([]int{8}, 1, 2, 3, 4, 1, 2, 3, 4))
			d.Op("Conv", "y", nil, d.Random(.2, 4, 8, 3, 3))
		},
		"padding of one place": func(d *draft.Draft) {
			d.Conv("c", 3, 4, 3)
			d.Op("GlobalAveragePool", "g", nil)
			d.Op("Pad", "p", nil, d.Ints(0, 0, 1, 2, 0, 0, 0, 1))
			d.Op("Conv", "y", nil, d.Random(.2, 4, 4, 2, 2))
		},
		"one place made large": func(d *draft.Draft) {
			d.Conv("c", 3, 4, 3)
			d.Op("GlobalAveragePool", "g", nil)
			d.Op("Resize", "r", draft.Attrs{"mode": nd.String("linear")}, "", "", d.Ints(1, 4, 8, 8))
			d.Op("Concat", "y", draft.Attrs{"axis": nd.Int(1)}, "c")
		},
		"padding of a row": func(d *draft.Draft) {
			d.Op("Conv", "c", nil, d.Random(.2, 4, 3, 8, 1))
			d.Op("Pad", "y", draft.Attrs{"mode": nd.String("reflect")}, d.Ints(0, 0, 0, 2, 0, 0, 0, 3))
		},
		"reflected and repeated edges": func(d *draft.Draft) {
			d.Conv("c", 3, 4, 3)
			d.Op("Pad", "p", draft.Attrs{"mode": nd.String("reflect")}, d.Ints(0, 0, 3, 1, 0, 0, 2, 1))
			d.Op("Pad", "y", draft.Attrs{"mode": nd.String("edge")}, d.Ints(0, 0, 3, 0, 0, 0, 2, 4))
		},
		"channels of zeros": func(d *draft.Draft) {
			d.Conv("c", 3, 4, 3)
			d.Op("Pad", "y", nil, d.Ints(0, 3, 0, 0, 0, 6, 1, 0))
		},
		"padding with a value, and with less than nothing": func(d *draft.Draft) {
			d.Conv("c", 3, 4, 3)
			d.Op("Pad", "p", nil, d.Ints(0, 0, 1, 2, 0, 0, 0, 1), d.Scalar(-1.5))
			d.Op("Pad", "y", nil, d.Ints(0, 0, -1, 2, 0, 0, 0, -3))
		},
		"roll": func(d *draft.Draft) {
			d.Conv("c", 3, 4, 3)
			d.Op("Slice", "a", nil, d.Ints(3), d.Ints(8), d.Ints(2))
			d.On("Slice", "b", nil, "c", d.Ints(0), d.Ints(3), d.Ints(2))
			d.On("Concat", "r", draft.Attrs{"axis": nd.Int(2)}, "a", "b")
			d.Op("Slice", "e", nil, d.Ints(-1), d.Ints(9), d.Ints(3))
			d.On("Slice", "f", nil, "r", d.Ints(0), d.Ints(-1), d.Ints(3))
			d.On("Concat", "y", draft.Attrs{"axis": nd.Int(-1)}, "e", "f")
		},
		"unit length by ReduceL2 and Clip": func(d *draft.Draft) {
			pooled(d)
			d.Op("ReduceL2", "n", draft.Attrs{"axes": nd.Ints(1), "keepdims": nd.Int(1)})
			d.Op("Clip", "m", nil, d.Scalar(1e-12))
			d.On("Expand", "e", nil, "m", d.Ints(1, 8))
			d.On("Div", "y", nil, "v", "e")
		},
		"unit length by a root": func(d *draft.Draft) {
			pooled(d)
			d.Op("Pow", "s", nil, d.Scalar(2))
			d.Op("ReduceSum", "n", draft.Attrs{"keepdims": nd.Int(1)}, d.Ints(-1))
			d.Op("Sqrt", "r", nil)
			d.Op("Add", "e", nil, d.Scalar(1e-6))
			d.On("Div", "y", nil, "v", "e")
		},
		"unit length by an inverse": func(d *draft.Draft) {
			d.Conv("v", 3, 8, 3)
			d.On("Mul", "s", nil, "v", "v")
			d.Op("ReduceSum", "n", nil, d.Ints(1))
			d.Op("Max", "m", nil, d.Scalar(1e-12))
			d.Op("Sqrt", "r", nil)
			d.Op("Reciprocal", "e", nil)
			d.On("Mul", "y", nil, "e", "v")
		},
		"unit length by a power": func(d *draft.Draft) {
			pooled(d)
			d.Op("ReduceSumSquare", "n", draft.Attrs{"axes": nd.Ints(1)})
			d.Op("Add", "a", nil, d.Scalar(1e-10))
			d.Op("Pow", "p", nil, d.Scalar(-.5))
			d.On("Mul", "y", nil, "v", "p")
		},
		"several added, compared and averaged": func(d *draft.Draft) {
			d.Conv("a", 3, 8, 3)
			d.Conv("b", 8, 8, 3)
			d.Conv("c", 8, 8, 1)
			d.On("Sum", "s", nil, "a", "b", "c")
			d.On("Mean", "m", nil, "a", "s", "b")
			d.On("Max", "x", nil, "a", "m", "c")
			d.On("Min", "y", nil, "x", "b")
		},
		"compared with constants": func(d *draft.Draft) {
			d.Conv("a", 3, 8, 3)
			d.Op("Max", "b", nil, d.Random(.2, 8, 1, 1))
			d.Op("Min", "c", nil, d.Random(.2, 1, 8, 1, 1))
			d.Op("Clip", "e", nil, d.Scalar(.1), d.Scalar(.4))
			d.Op("Sub", "f", nil, d.Scalar(2))
			d.Op("Clip", "y", nil, d.Scalar(-3), d.Scalar(-1.8))
		},
		"reductions": func(d *draft.Draft) {
			d.Conv("a", 3, 8, 3)
			d.On("ReduceSum", "s", nil, "a", d.Ints(2, 3))
			d.On("ReduceMean", "h", draft.Attrs{"axes": nd.Ints(2)}, "a")
			d.On("ReduceMax", "w", draft.Attrs{"axes": nd.Ints(3)}, "a")
			d.On("ReduceMin", "c", draft.Attrs{"axes": nd.Ints(1)}, "a")
			d.On("ReduceL1", "l", draft.Attrs{"axes": nd.Ints(1, 2, 3)}, "a")
			d.On("ReduceMean", "k", draft.Attrs{"axes": nd.Ints(1)}, "a")
			d.G.Outputs = []nd.Value{{Name: "s"}, {Name: "h"}, {Name: "w"}, {Name: "c"}, {Name: "l"}, {Name: "k"}}
		},
		"attention by channel reductions": func(d *draft.Draft) {
			d.Conv("a", 3, 8, 3)
			d.On("ReduceMean", "m", draft.Attrs{"axes": nd.Ints(1)}, "a")
			d.On("ReduceMax", "x", draft.Attrs{"axes": nd.Ints(1)}, "a")
			d.On("Concat", "b", draft.Attrs{"axis": nd.Int(1)}, "m", "x")
			d.Conv("c", 2, 1, 7)
			d.Op("Sigmoid", "s", nil)
			d.On("Mul", "y", nil, "s", "a")
		},
		"powers and logarithms": func(d *draft.Draft) {
			d.Conv("a", 3, 8, 3)
			d.Op("Pow", "p", nil, d.Scalar(3))
			d.On("Abs", "b", nil, "a")
			d.Op("Add", "c", nil, d.Scalar(1))
			d.Op("Log", "l", nil)
			d.On("Reciprocal", "r", nil, "c")
			d.On("Div", "q", nil, "a", "c")
			d.On("Selu", "y", nil, "a")
		},
		"generalised mean": func(d *draft.Draft) {
			d.Conv("a", 3, 8, 3)
			d.Op("Clip", "b", nil, d.Scalar(1e-6))
			d.Op("Pow", "p", nil, d.Scalar(3))
			d.Op("AveragePool", "g", draft.Attrs{"kernel_shape": nd.Ints(8, 8)})
			d.Op("Pow", "y", nil, d.Scalar(1.0/3))
		},
		"instance and group normalisation": func(d *draft.Draft) {
			d.Conv("a", 3, 8, 3)
			d.Op("InstanceNormalization", "i", nil, d.Random(1, 8), d.Random(1, 8))
			d.Op("Reshape", "r", nil, d.Ints(0, 4, -1))
			d.Op("InstanceNormalization", "g", nil, d.Random(1, 4), d.Random(1, 4))
			d.Op("Reshape", "b", nil, d.Ints(1, 8, 8, 8))
			d.Op("Mul", "y", nil, d.Random(1, 8, 1, 1))
		},
		"convolution over channels": func(d *draft.Draft) {
			d.Conv("a", 3, 8, 3)
			d.Op("GlobalAveragePool", "g", nil)
			d.Op("Squeeze", "s", nil, d.Ints(3))
			d.Op("Transpose", "t", draft.Attrs{"perm": nd.Ints(0, 2, 1)})
			d.Op("Conv", "c", draft.Attrs{"pads": nd.Ints(1, 1), "kernel_shape": nd.Ints(3)}, d.Random(1, 1, 1, 3))
			d.Op("Transpose", "u", draft.Attrs{"perm": nd.Ints(0, 2, 1)})
			d.Op("Unsqueeze", "e", nil, d.Ints(3))
			d.Op("Sigmoid", "f", nil)
			d.Op("Expand", "x", nil, d.Ints(1, 8, 8, 8))
			d.On("Mul", "y", nil, "a", "x")
		},
		"softmax before a concatenation and a matrix": func(d *draft.Draft) {
			pooled(d)
			d.Op("Softmax", "s", draft.Attrs{"axis": nd.Int(1)})
			d.On("Concat", "c", draft.Attrs{"axis": nd.Int(1)}, "s", "v")
			d.On("MatMul", "y", nil, "s", d.Random(1, 8, 4))
			d.G.Outputs = []nd.Value{{Name: "c"}}
		},
		"softmax over a part of the channels": func(d *draft.Draft) {
			d.Conv("a", 3, 8, 1)
			d.Op("Reshape", "r", nil, d.Ints(1, 2, 4, 8, 8))
			d.Op("ReduceSum", "q", draft.Attrs{"keepdims": nd.Int(0)}, d.Ints(1))
			d.Op("GlobalAveragePool", "g", nil)
			d.Op("Conv", "c", nil, d.Random(1, 8, 4, 1, 1))
			d.Op("Reshape", "v", nil, d.Ints(1, 1, 2, 4))
			d.Op("Transpose", "t", draft.Attrs{"perm": nd.Ints(0, 2, 1, 3)})
			d.Op("Softmax", "s", draft.Attrs{"axis": nd.Int(1)})
			d.Op("Reshape", "w", nil, d.Ints(1, 2, 4, 1, 1))
			d.On("Mul", "m", nil, "w", "r")
			d.Op("ReduceSum", "y", draft.Attrs{"keepdims": nd.Int(0)}, d.Ints(1))
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := draft.New(8)
			build(d)
			n := lowered(t, d.Graph())
			ownValues(t, d, n)
			if _, err := quantise.Model(n, quantise.ModelOptions{}); err != nil {
				t.Error(err)
			}
		})
	}
}

// ownValues holds every value that the network knows by name against the
// general executor's.
func ownValues(t *testing.T, d *draft.Draft, n *float.Network) {
	t.Helper()
	side := d.G.Inputs[0].Shape[2]
	x := make([]float32, 3*side*side)
	rng := rand.New(rand.NewPCG(5, 6))
	for i := range x {
		x[i] = float32(rng.NormFloat64())
	}
	var keep []string
	for _, node := range d.G.Nodes {
		keep = append(keep, node.Outputs...)
	}
	want, err := nd.Run(&d.G, map[string]*nd.Tensor{"x": {Type: nd.Float32, Shape: []int{1, 3, side, side}, F: x}}, keep...)
	if err != nil {
		t.Fatal(err)
	}
	vals := n.Run(draft.ToHWC(x))
	for _, name := range keep {
		at, ok := n.Find(name)
		if !ok || at == 0 {
			continue
		}
		y := want[name].F
		if s := want[name].Shape; len(s) > 3 && n.Tensors[at].Shape[0]*n.Tensors[at].Shape[1] > 1 {
			h, w := s[len(s)-2], s[len(s)-1]
			y = draft.HWC(&nd.Tensor{F: y, Shape: []int{1, len(y) / h / w, h, w}})
		}
		top := 1e-3
		for _, v := range y {
			top = max(top, math.Abs(float64(v)))
		}
		if len(y) != len(vals[at]) {
			t.Errorf("%s has %d values, want %d", name, len(vals[at]), len(y))
			continue
		}
		for i, v := range y {
			if !(math.Abs(float64(v-vals[at][i])) <= 1e-4*top) {
				t.Errorf("%s: value %d is %g, want %g", name, i, vals[at][i], v)
				break
			}
		}
	}
}

// pooled makes a vector v of 8 values.
func pooled(d *draft.Draft) {
	d.Conv("c0", 3, 8, 3)
	d.Op("GlobalAveragePool", "g0", nil)
	d.Op("Flatten", "v", nil)
}

// TestTransposedTo holds transposed convolutions to a given size, smaller and
// larger than the whole, against the general executor, which passes ONNX's own
// tests; onnxruntime 1.30 gives the same of every one of these.
func TestTransposedTo(t *testing.T) {
	for _, auto := range []string{"NOTSET", "SAME_UPPER", "SAME_LOWER"} {
		for _, size := range []int{0, 14, 15, 16, 17, 18} {
			attrs := draft.Attrs{"strides": nd.Ints(2, 2), "auto_pad": nd.String(auto)}
			if size > 0 {
				attrs["output_shape"] = nd.Ints(size, size)
			}
			d := draft.New(8)
			d.Conv("a", 3, 4, 3)
			d.Op("ConvTranspose", "y", attrs, d.Random(.3, 4, 2, 3, 3), d.Random(1, 2))
			n := lowered(t, d.Graph())
			ownValues(t, d, n)
			at, ok := n.Find("y")
			want := size
			if size == 0 {
				want = map[string]int{"NOTSET": 17}[auto]
				want = max(want, 16)
			}
			if !ok || n.Tensors[at].Shape != [3]int{want, want, 2} {
				t.Errorf("%s to %d: %v, %v", auto, size, ok, n.Tensors[at].Shape)
			}
		}
	}
}

// TestTransposed holds transposed convolutions against a plain loop.
func TestTransposed(t *testing.T) {
	for _, c := range []struct {
		in, out, groups, k, stride int
		pads, more, dilation       [2]int
	}{
		{8, 4, 1, 2, 2, [2]int{}, [2]int{}, [2]int{1, 1}},
		{8, 6, 2, 3, 2, [2]int{1, 1}, [2]int{1, 1}, [2]int{1, 1}},
		{8, 3, 1, 3, 1, [2]int{1, 2}, [2]int{}, [2]int{2, 1}},
		{8, 8, 8, 5, 3, [2]int{0, 2}, [2]int{}, [2]int{1, 1}},
		{8, 4, 1, 1, 2, [2]int{}, [2]int{1, 1}, [2]int{1, 1}},
		{8, 4, 4, 4, 2, [2]int{1, 1}, [2]int{}, [2]int{1, 1}},
	} {
		d := draft.New(8)
		d.Conv("a", 3, c.in, 3)
		w, b := d.Random(.3, c.in, c.out/c.groups, c.k, c.k), d.Random(1, c.out)
		d.Op("ConvTranspose", "y", draft.Attrs{"strides": nd.Ints(c.stride, c.stride), "group": nd.Int(c.groups), "dilations": nd.Ints(c.dilation[0], c.dilation[1]),
			"pads": nd.Ints(c.pads[0], c.pads[0], c.pads[1], c.pads[1]), "output_padding": nd.Ints(c.more[0], c.more[1])}, w, b)
		n, err := Graph(d.Graph(), Options{Prepare: draft.TorchLike(), Keep: []string{"a"}})
		if err != nil {
			t.Errorf("%+v: %v", c, err)
			continue
		}
		x := make([]float32, 8*8*3)
		for i := range x {
			x[i] = float32(d.Rand.NormFloat64())
		}
		vals := n.Run(x)
		from, _ := n.Find("a")
		at, _ := n.Find("y")
		shape := n.Tensors[at].Shape
		for axis := range 2 {
			if want := 7*c.stride + (c.k-1)*c.dilation[axis] + 1 + c.more[axis] - c.pads[0] - c.pads[1]; shape[axis] != want {
				t.Fatalf("%+v: shape %v, want a side of %d", c, shape, want)
			}
		}
		want := make([]float64, len(vals[at]))
		for i := range want {
			want[i] = float64(d.G.Const[b].F[i%c.out])
		}
		per, each := c.in/c.groups, c.out/c.groups
		for i, v := range vals[from] {
			h, wd, ch := i/c.in/8, i/c.in%8, i%c.in
			for p := range c.k * c.k * each {
				o, kh, kw := p/c.k/c.k, p/c.k%c.k, p%c.k
				y, z := h*c.stride+kh*c.dilation[0]-c.pads[0], wd*c.stride+kw*c.dilation[1]-c.pads[0]
				if y >= 0 && z >= 0 && y < shape[0] && z < shape[1] {
					want[(y*shape[1]+z)*c.out+ch/per*each+o] += float64(v) * float64(d.G.Const[w].F[ch*each*c.k*c.k+p])
				}
			}
		}
		for i, v := range want {
			if math.Abs(v-float64(vals[at][i])) > 1e-4 {
				t.Fatalf("%+v: value %d is %g, want %g", c, i, vals[at][i], v)
			}
		}
	}
}
