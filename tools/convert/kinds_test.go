package convert

import (
	"math"
	"math/rand/v2"
	"testing"

	"likeness/tools/convert/nd"
)

// TestKinds holds ways to write networks against the general executor, value by
// value: each is one kind that users' files have.
func TestKinds(t *testing.T) {
	for name, build := range map[string]func(d *draft){
		"padding before a batch normalisation and a convolution": func(d *draft) {
			d.conv("c", 3, 8, 3)
			d.op("Pad", "p", nil, d.ints(0, 0, 1, 1, 0, 0, 1, 2))
			d.op("BatchNormalization", "b", nil, d.random(1, 8), d.random(1, 8), d.random(1, 8), d.floats([]int{8}, 1, 2, 3, 4, 1, 2, 3, 4))
			d.op("Conv", "y", nil, d.random(.2, 4, 8, 3, 3))
		},
		"padding of one place": func(d *draft) {
			d.conv("c", 3, 4, 3)
			d.op("GlobalAveragePool", "g", nil)
			d.op("Pad", "p", nil, d.ints(0, 0, 1, 2, 0, 0, 0, 1))
			d.op("Conv", "y", nil, d.random(.2, 4, 4, 2, 2))
		},
		"one place made large": func(d *draft) {
			d.conv("c", 3, 4, 3)
			d.op("GlobalAveragePool", "g", nil)
			d.op("Resize", "r", attrs{"mode": nd.String("linear")}, "", "", d.ints(1, 4, 8, 8))
			d.op("Concat", "y", attrs{"axis": nd.Int(1)}, "c")
		},
		"padding of a row": func(d *draft) {
			d.op("Conv", "c", nil, d.random(.2, 4, 3, 8, 1))
			d.op("Pad", "y", attrs{"mode": nd.String("reflect")}, d.ints(0, 0, 0, 2, 0, 0, 0, 3))
		},
		"reflected and repeated edges": func(d *draft) {
			d.conv("c", 3, 4, 3)
			d.op("Pad", "p", attrs{"mode": nd.String("reflect")}, d.ints(0, 0, 3, 1, 0, 0, 2, 1))
			d.op("Pad", "y", attrs{"mode": nd.String("edge")}, d.ints(0, 0, 3, 0, 0, 0, 2, 4))
		},
		"channels of zeros": func(d *draft) {
			d.conv("c", 3, 4, 3)
			d.op("Pad", "y", nil, d.ints(0, 3, 0, 0, 0, 6, 1, 0))
		},
		"padding with a value, and with less than nothing": func(d *draft) {
			d.conv("c", 3, 4, 3)
			d.op("Pad", "p", nil, d.ints(0, 0, 1, 2, 0, 0, 0, 1), d.scalar(-1.5))
			d.op("Pad", "y", nil, d.ints(0, 0, -1, 2, 0, 0, 0, -3))
		},
		"roll": func(d *draft) {
			d.conv("c", 3, 4, 3)
			d.op("Slice", "a", nil, d.ints(3), d.ints(8), d.ints(2))
			d.on("Slice", "b", nil, "c", d.ints(0), d.ints(3), d.ints(2))
			d.on("Concat", "r", attrs{"axis": nd.Int(2)}, "a", "b")
			d.op("Slice", "e", nil, d.ints(-1), d.ints(9), d.ints(3))
			d.on("Slice", "f", nil, "r", d.ints(0), d.ints(-1), d.ints(3))
			d.on("Concat", "y", attrs{"axis": nd.Int(-1)}, "e", "f")
		},
		"unit length by ReduceL2 and Clip": func(d *draft) {
			d.pooled()
			d.op("ReduceL2", "n", attrs{"axes": nd.Ints(1), "keepdims": nd.Int(1)})
			d.op("Clip", "m", nil, d.scalar(1e-12))
			d.on("Expand", "e", nil, "m", d.ints(1, 8))
			d.on("Div", "y", nil, "v", "e")
		},
		"unit length by a root": func(d *draft) {
			d.pooled()
			d.op("Pow", "s", nil, d.scalar(2))
			d.op("ReduceSum", "n", attrs{"keepdims": nd.Int(1)}, d.ints(-1))
			d.op("Sqrt", "r", nil)
			d.op("Add", "e", nil, d.scalar(1e-6))
			d.on("Div", "y", nil, "v", "e")
		},
		"unit length by an inverse": func(d *draft) {
			d.conv("v", 3, 8, 3)
			d.on("Mul", "s", nil, "v", "v")
			d.op("ReduceSum", "n", nil, d.ints(1))
			d.op("Max", "m", nil, d.scalar(1e-12))
			d.op("Sqrt", "r", nil)
			d.op("Reciprocal", "e", nil)
			d.on("Mul", "y", nil, "e", "v")
		},
		"unit length by a power": func(d *draft) {
			d.pooled()
			d.op("ReduceSumSquare", "n", attrs{"axes": nd.Ints(1)})
			d.op("Add", "a", nil, d.scalar(1e-10))
			d.op("Pow", "p", nil, d.scalar(-.5))
			d.on("Mul", "y", nil, "v", "p")
		},
		"several added, compared and averaged": func(d *draft) {
			d.conv("a", 3, 8, 3)
			d.conv("b", 8, 8, 3)
			d.conv("c", 8, 8, 1)
			d.on("Sum", "s", nil, "a", "b", "c")
			d.on("Mean", "m", nil, "a", "s", "b")
			d.on("Max", "x", nil, "a", "m", "c")
			d.on("Min", "y", nil, "x", "b")
		},
		"compared with constants": func(d *draft) {
			d.conv("a", 3, 8, 3)
			d.op("Max", "b", nil, d.random(.2, 8, 1, 1))
			d.op("Min", "c", nil, d.random(.2, 1, 8, 1, 1))
			d.op("Clip", "e", nil, d.scalar(.1), d.scalar(.4))
			d.op("Sub", "f", nil, d.scalar(2))
			d.op("Clip", "y", nil, d.scalar(-3), d.scalar(-1.8))
		},
		"reductions": func(d *draft) {
			d.conv("a", 3, 8, 3)
			d.on("ReduceSum", "s", nil, "a", d.ints(2, 3))
			d.on("ReduceMean", "h", attrs{"axes": nd.Ints(2)}, "a")
			d.on("ReduceMax", "w", attrs{"axes": nd.Ints(3)}, "a")
			d.on("ReduceMin", "c", attrs{"axes": nd.Ints(1)}, "a")
			d.on("ReduceL1", "l", attrs{"axes": nd.Ints(1, 2, 3)}, "a")
			d.on("ReduceMean", "k", attrs{"axes": nd.Ints(1)}, "a")
			d.g.Outputs = []nd.Value{{Name: "s"}, {Name: "h"}, {Name: "w"}, {Name: "c"}, {Name: "l"}, {Name: "k"}}
		},
		"attention by channel reductions": func(d *draft) {
			d.conv("a", 3, 8, 3)
			d.on("ReduceMean", "m", attrs{"axes": nd.Ints(1)}, "a")
			d.on("ReduceMax", "x", attrs{"axes": nd.Ints(1)}, "a")
			d.on("Concat", "b", attrs{"axis": nd.Int(1)}, "m", "x")
			d.conv("c", 2, 1, 7)
			d.op("Sigmoid", "s", nil)
			d.on("Mul", "y", nil, "s", "a")
		},
		"powers and logarithms": func(d *draft) {
			d.conv("a", 3, 8, 3)
			d.op("Pow", "p", nil, d.scalar(3))
			d.on("Abs", "b", nil, "a")
			d.op("Add", "c", nil, d.scalar(1))
			d.op("Log", "l", nil)
			d.on("Reciprocal", "r", nil, "c")
			d.on("Div", "q", nil, "a", "c")
			d.on("Selu", "y", nil, "a")
		},
		"generalised mean": func(d *draft) {
			d.conv("a", 3, 8, 3)
			d.op("Clip", "b", nil, d.scalar(1e-6))
			d.op("Pow", "p", nil, d.scalar(3))
			d.op("AveragePool", "g", attrs{"kernel_shape": nd.Ints(8, 8)})
			d.op("Pow", "y", nil, d.scalar(1.0/3))
		},
		"instance and group normalisation": func(d *draft) {
			d.conv("a", 3, 8, 3)
			d.op("InstanceNormalization", "i", nil, d.random(1, 8), d.random(1, 8))
			d.op("Reshape", "r", nil, d.ints(0, 4, -1))
			d.op("InstanceNormalization", "g", nil, d.random(1, 4), d.random(1, 4))
			d.op("Reshape", "b", nil, d.ints(1, 8, 8, 8))
			d.op("Mul", "y", nil, d.random(1, 8, 1, 1))
		},
		"convolution over channels": func(d *draft) {
			d.conv("a", 3, 8, 3)
			d.op("GlobalAveragePool", "g", nil)
			d.op("Squeeze", "s", nil, d.ints(3))
			d.op("Transpose", "t", attrs{"perm": nd.Ints(0, 2, 1)})
			d.op("Conv", "c", attrs{"pads": nd.Ints(1, 1), "kernel_shape": nd.Ints(3)}, d.random(1, 1, 1, 3))
			d.op("Transpose", "u", attrs{"perm": nd.Ints(0, 2, 1)})
			d.op("Unsqueeze", "e", nil, d.ints(3))
			d.op("Sigmoid", "f", nil)
			d.op("Expand", "x", nil, d.ints(1, 8, 8, 8))
			d.on("Mul", "y", nil, "a", "x")
		},
		"softmax before a concatenation and a matrix": func(d *draft) {
			d.pooled()
			d.op("Softmax", "s", attrs{"axis": nd.Int(1)})
			d.on("Concat", "c", attrs{"axis": nd.Int(1)}, "s", "v")
			d.on("MatMul", "y", nil, "s", d.random(1, 8, 4))
			d.g.Outputs = []nd.Value{{Name: "c"}}
		},
		"softmax over a part of the channels": func(d *draft) {
			d.conv("a", 3, 8, 1)
			d.op("Reshape", "r", nil, d.ints(1, 2, 4, 8, 8))
			d.op("ReduceSum", "q", attrs{"keepdims": nd.Int(0)}, d.ints(1))
			d.op("GlobalAveragePool", "g", nil)
			d.op("Conv", "c", nil, d.random(1, 8, 4, 1, 1))
			d.op("Reshape", "v", nil, d.ints(1, 1, 2, 4))
			d.op("Transpose", "t", attrs{"perm": nd.Ints(0, 2, 1, 3)})
			d.op("Softmax", "s", attrs{"axis": nd.Int(1)})
			d.op("Reshape", "w", nil, d.ints(1, 2, 4, 1, 1))
			d.on("Mul", "m", nil, "w", "r")
			d.op("ReduceSum", "y", attrs{"keepdims": nd.Int(0)}, d.ints(1))
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDraft(8)
			build(d)
			n := lowered(t, d.graph())
			ownValues(t, d, n)
			if _, err := n.Model(ModelOptions{}); err != nil {
				t.Error(err)
			}
		})
	}
}

// ownValues holds every value that the network knows by name against the
// general executor's.
func ownValues(t *testing.T, d *draft, n *Network) {
	t.Helper()
	side := d.g.Inputs[0].Shape[2]
	x := make([]float32, 3*side*side)
	rng := rand.New(rand.NewPCG(5, 6))
	for i := range x {
		x[i] = float32(rng.NormFloat64())
	}
	var keep []string
	for _, node := range d.g.Nodes {
		keep = append(keep, node.Outputs...)
	}
	want, err := nd.Run(&d.g, map[string]*nd.Tensor{"x": {Type: nd.Float32, Shape: []int{1, 3, side, side}, F: x}}, keep...)
	if err != nil {
		t.Fatal(err)
	}
	vals := n.Run(toHWC(x))
	for _, name := range keep {
		at, ok := n.tensor(name)
		if !ok || at == 0 {
			continue
		}
		y := want[name].F
		if s := want[name].Shape; len(s) > 3 && n.Tensors[at].Shape[0]*n.Tensors[at].Shape[1] > 1 {
			h, w := s[len(s)-2], s[len(s)-1]
			y = hwc(&nd.Tensor{F: y, Shape: []int{1, len(y) / h / w, h, w}})
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
func (d *draft) pooled() {
	d.conv("c0", 3, 8, 3)
	d.op("GlobalAveragePool", "g0", nil)
	d.op("Flatten", "v", nil)
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
		d := newDraft(8)
		d.conv("a", 3, c.in, 3)
		w, b := d.random(.3, c.in, c.out/c.groups, c.k, c.k), d.random(1, c.out)
		d.op("ConvTranspose", "y", attrs{"strides": nd.Ints(c.stride, c.stride), "group": nd.Int(c.groups), "dilations": nd.Ints(c.dilation[0], c.dilation[1]),
			"pads": nd.Ints(c.pads[0], c.pads[0], c.pads[1], c.pads[1]), "output_padding": nd.Ints(c.more[0], c.more[1])}, w, b)
		n, err := FromGraph(d.graph(), Options{Prepare: torchLike(), Keep: []string{"a"}})
		if err != nil {
			t.Errorf("%+v: %v", c, err)
			continue
		}
		x := make([]float32, 8*8*3)
		for i := range x {
			x[i] = float32(d.rng.NormFloat64())
		}
		vals := n.Run(x)
		from, _ := n.tensor("a")
		at, _ := n.tensor("y")
		shape := n.Tensors[at].Shape
		for axis := range 2 {
			if want := 7*c.stride + (c.k-1)*c.dilation[axis] + 1 + c.more[axis] - c.pads[0] - c.pads[1]; shape[axis] != want {
				t.Fatalf("%+v: shape %v, want a side of %d", c, shape, want)
			}
		}
		want := make([]float64, len(vals[at]))
		for i := range want {
			want[i] = float64(d.g.Const[b].F[i%c.out])
		}
		per, each := c.in/c.groups, c.out/c.groups
		for i, v := range vals[from] {
			h, wd, ch := i/c.in/8, i/c.in%8, i%c.in
			for p := range c.k * c.k * each {
				o, kh, kw := p/c.k/c.k, p/c.k%c.k, p%c.k
				y, z := h*c.stride+kh*c.dilation[0]-c.pads[0], wd*c.stride+kw*c.dilation[1]-c.pads[0]
				if y >= 0 && z >= 0 && y < shape[0] && z < shape[1] {
					want[(y*shape[1]+z)*c.out+ch/per*each+o] += float64(v) * float64(d.g.Const[w].F[ch*each*c.k*c.k+p])
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
