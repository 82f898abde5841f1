package convert

import (
	"bytes"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"likeness/engine/graph"
	"likeness/engine/model"
	"likeness/engine/picture"
	"likeness/tools/convert/nd"
	"likeness/tools/convert/onnx"
)

// draft is a graph under construction: a chain of nodes on the last value,
// which begins as a picture [1 3 side side] named x.
type draft struct {
	g    nd.Graph
	last string
	rng  *rand.Rand
}

func newDraft(side int) *draft {
	d := &draft{last: "x", rng: rand.New(rand.NewPCG(1, 2))}
	d.g = nd.Graph{Name: "draft", Opset: 17, Const: map[string]*nd.Tensor{},
		Inputs: []nd.Value{{Name: "x", Type: nd.Float32, Shape: []int{1, 3, side, side}}}}
	return d
}

// random adds a constant of values around 0, by the given size.
func (d *draft) random(by float64, shape ...int) string {
	t := &nd.Tensor{Type: nd.Float32, Shape: shape, F: make([]float32, nd.Elems(shape))}
	for i := range t.F {
		t.F[i] = float32(by * d.rng.NormFloat64())
	}
	return d.constant(t)
}

func (d *draft) floats(shape []int, v ...float32) string {
	return d.constant(&nd.Tensor{Type: nd.Float32, Shape: shape, F: v})
}

func (d *draft) scalar(v float32) string { return d.floats(nil, v) }

func (d *draft) ints(v ...int64) string {
	return d.constant(&nd.Tensor{Type: nd.Int64, Shape: []int{len(v)}, I: v})
}

func (d *draft) constant(t *nd.Tensor) string {
	name := "c" + string(rune('a'+len(d.g.Const)/26)) + string(rune('a'+len(d.g.Const)%26))
	d.g.Const[name] = t
	return name
}

type attrs = map[string]nd.Attr

// op adds a node on the last value and more inputs; its result has its name.
func (d *draft) op(op, name string, a attrs, more ...string) string {
	return d.on(op, name, a, append([]string{d.last}, more...)...)
}

func (d *draft) on(op, name string, a attrs, in ...string) string {
	d.g.Nodes = append(d.g.Nodes, nd.Node{Op: op, Name: name + "_node", Inputs: in, Outputs: []string{name}, Attrs: a})
	d.last = name
	return name
}

// conv adds a square convolution with padding that keeps the size.
func (d *draft) conv(name string, in, out, k int) string {
	p := k / 2
	return d.op("Conv", name, attrs{"pads": nd.Ints(p, p, p, p)}, d.random(1/math.Sqrt(float64(in*k*k)), out, in, k, k), d.random(0.1, out))
}

func (d *draft) graph(outputs ...string) *nd.Graph {
	if outputs == nil {
		outputs = []string{d.last}
	}
	for _, o := range outputs {
		d.g.Outputs = append(d.g.Outputs, nd.Value{Name: o, Type: nd.Float32})
	}
	return &d.g
}

func torchLike() picture.Preparation {
	p, _ := picture.Preset("torch")
	p.Width, p.Height, p.Side = 0, 0, 0
	return p
}

// lowered converts a draft and holds every value of the graph that is a layer
// against the general executor's.
func lowered(t *testing.T, g *nd.Graph) *Network {
	t.Helper()
	n, err := FromGraph(g, Options{Name: "draft", Prepare: torchLike()})
	if err != nil {
		t.Fatal(err)
	}
	side := g.Inputs[0].Shape[2]
	x := make([]float32, 3*side*side)
	rng := rand.New(rand.NewPCG(3, 4))
	for i := range x {
		x[i] = float32(rng.NormFloat64())
	}
	want, err := nd.Run(g, map[string]*nd.Tensor{"x": {Type: nd.Float32, Shape: []int{1, 3, side, side}, F: x}})
	if err != nil {
		t.Fatal(err)
	}
	vals := n.Run(toHWC(x))
	for _, o := range g.Outputs {
		at, ok := n.tensor(o.Name)
		if !ok {
			t.Fatalf("no layer %q", o.Name)
		}
		w := want[o.Name]
		y := w.F
		if len(w.Shape) == 4 {
			y = hwc(w)
		}
		top := 0.0
		for _, v := range y {
			top = max(top, math.Abs(float64(v)))
		}
		for i, v := range y {
			if math.Abs(float64(v-vals[at][i])) > 1e-4*max(top, 1e-3) {
				t.Fatalf("%s: value %d is %g, want %g", o.Name, i, vals[at][i], v)
			}
		}
	}
	return n
}

// hwc turns [1 C H W] into [H][W][C].
func hwc(t *nd.Tensor) []float32 {
	c, n := t.Shape[1], t.Shape[2]*t.Shape[3]
	out := make([]float32, len(t.F))
	for i := range t.F {
		out[i%n*c+i/n] = t.F[i]
	}
	return out
}

func operators(n *Network) (ops []string) {
	for _, node := range n.Nodes {
		op := node.Op
		if node.Fn != "" {
			op += " " + node.Fn
		}
		ops = append(ops, op)
	}
	return ops
}

// TestLowering: each draft gives the general executor's values through the
// operators listed, with nothing left to move.
func TestLowering(t *testing.T) {
	for _, c := range []struct {
		name  string
		ops   string
		build func(d *draft)
	}{
		{"batch norm and activation join", "conv", func(d *draft) {
			d.conv("c", 3, 8, 3)
			d.op("BatchNormalization", "b", nil, d.random(1, 8), d.random(1, 8), d.random(1, 8), d.floats([]int{8}, 1, 2, 3, 4, 5, 6, 7, 8))
			d.op("Relu", "r", nil)
		}},
		{"batch norm before a convolution without padding", "conv conv", func(d *draft) {
			d.conv("c", 3, 8, 3)
			d.op("Relu", "r", nil)
			d.op("BatchNormalization", "b", nil, d.random(1, 8), d.random(1, 8), d.random(1, 8), d.floats([]int{8}, 1, 2, 3, 4, 5, 6, 7, 8))
			d.conv("e", 8, 4, 1)
		}},
		{"batch norm before padding stays", "conv conv conv", func(d *draft) {
			d.conv("c", 3, 8, 3)
			d.op("Relu", "r", nil)
			d.op("BatchNormalization", "b", nil, d.random(1, 8), d.random(1, 8), d.random(1, 8), d.floats([]int{8}, 1, 2, 3, 4, 5, 6, 7, 8))
			d.conv("e", 8, 4, 3)
		}},
		{"flatten then fully connected", "conv max_pool fully_connected", func(d *draft) {
			d.conv("c", 3, 5, 3)
			d.op("MaxPool", "p", attrs{"kernel_shape": nd.Ints(3, 3), "strides": nd.Ints(2, 2), "ceil_mode": nd.Int(1)})
			d.op("Flatten", "f", nil)
			d.op("Gemm", "g", attrs{"transB": nd.Int(1)}, d.random(0.1, 7, 80), d.random(0.1, 7))
		}},
		{"shuffle by reshape and transpose", "conv gather_channels conv", func(d *draft) {
			d.conv("c", 3, 12, 3)
			d.op("Reshape", "r1", nil, d.ints(1, 3, 4, 8, 8))
			d.op("Transpose", "t", attrs{"perm": nd.Ints(0, 2, 1, 3, 4)})
			d.op("Reshape", "r2", nil, d.ints(1, -1, 8, 8))
			d.op("Conv", "dw", attrs{"group": nd.Int(12)}, d.random(0.5, 12, 1, 3, 3))
		}},
		{"channels last in the middle", "conv layer_norm conv activation gelu conv add", func(d *draft) {
			d.conv("c", 3, 8, 3)
			d.op("Transpose", "t", attrs{"perm": nd.Ints(0, 2, 3, 1)})
			d.op("LayerNormalization", "n", nil, d.random(1, 8), d.random(1, 8))
			d.op("MatMul", "m", nil, d.random(0.5, 8, 16))
			d.op("Add", "a", nil, d.random(0.1, 16))
			e := d.op("Div", "e", nil, d.scalar(math.Sqrt2))
			d.on("Erf", "erf", nil, e)
			d.op("Add", "one", nil, d.scalar(1))
			d.on("Mul", "half", nil, "a", "one")
			d.op("Mul", "gelu", nil, d.scalar(0.5))
			d.op("MatMul", "m2", nil, d.random(0.5, 16, 8))
			d.op("Transpose", "t2", attrs{"perm": nd.Ints(0, 3, 1, 2)})
			d.on("Add", "sum", nil, "c", d.last)
		}},
		{"layer norm written out", "conv layer_norm", func(d *draft) {
			c := d.conv("c", 3, 8, 3)
			c = d.on("Transpose", "t", attrs{"perm": nd.Ints(0, 2, 3, 1)}, c)
			last := attrs{"axes": nd.Ints(-1)}
			m := d.on("ReduceMean", "m", last, c)
			s := d.on("Sub", "s", nil, c, m)
			d.on("Pow", "p", nil, s, d.scalar(2))
			d.op("ReduceMean", "v", last)
			d.op("Add", "ve", nil, d.scalar(1e-6))
			d.op("Sqrt", "sd", nil)
			d.on("Div", "q", nil, s, d.last)
			d.op("Mul", "g", nil, d.random(1, 8))
			d.op("Add", "b", nil, d.random(1, 8))
			d.op("Transpose", "back", attrs{"perm": nd.Ints(0, 3, 1, 2)})
		}},
		{"squeeze and excite", "conv global_avg_pool fully_connected conv activation hard_sigmoid mul", func(d *draft) {
			d.conv("c", 3, 8, 3)
			d.op("ReduceMean", "m", attrs{"axes": nd.Ints(2, 3), "keepdims": nd.Int(0)})
			d.op("Gemm", "g", nil, d.random(1, 8, 4))
			d.op("Relu", "r", nil)
			d.op("Reshape", "rs", nil, d.ints(1, 4, 1, 1))
			d.conv("x2", 4, 8, 1)
			d.op("HardSigmoid", "h", nil)
			d.on("Mul", "y", nil, "c", d.last)
		}},
		{"hard swish written out", "conv activation hard_swish", func(d *draft) {
			c := d.conv("c", 3, 8, 3)
			d.op("Add", "a", nil, d.scalar(3))
			d.op("Clip", "k", nil, d.scalar(0), d.scalar(6))
			d.op("Div", "s", nil, d.scalar(6))
			d.on("Mul", "y", nil, c, d.last)
		}},
		{"silu", "conv activation silu", func(d *draft) {
			c := d.conv("c", 3, 8, 3)
			d.op("Sigmoid", "s", nil)
			d.on("Mul", "y", nil, c, d.last)
		}},
		{"padding joins a pool after a ReLU", "conv max_pool", func(d *draft) {
			d.conv("c", 3, 8, 3)
			d.op("Relu", "r", nil)
			d.op("Pad", "p", nil, d.ints(0, 0, 0, 0, 0, 0, 1, 1))
			d.op("MaxPool", "m", attrs{"kernel_shape": nd.Ints(3, 3), "strides": nd.Ints(2, 2)})
		}},
		{"padding before a pool of both signs stays", "conv pad max_pool", func(d *draft) {
			d.conv("c", 3, 8, 3)
			d.op("Pad", "p", nil, d.ints(0, 0, 0, 0, 0, 0, 1, 1))
			d.op("MaxPool", "m", attrs{"kernel_shape": nd.Ints(3, 3), "strides": nd.Ints(2, 2)})
		}},
		{"padding that an average counts", "conv avg_pool", func(d *draft) {
			d.conv("c", 3, 8, 3)
			d.op("AveragePool", "m", attrs{"kernel_shape": nd.Ints(3, 3), "pads": nd.Ints(1, 1, 1, 1), "count_include_pad": nd.Int(1)})
		}},
		{"shapes that fold", "conv global_avg_pool", func(d *draft) {
			d.conv("c", 3, 8, 3)
			c := d.op("GlobalAveragePool", "p", nil)
			d.on("Shape", "s", nil, c)
			d.op("Gather", "n", nil, d.constant(&nd.Tensor{Type: nd.Int64, I: []int64{0}}))
			d.op("Unsqueeze", "u", nil, d.ints(0))
			d.on("Concat", "to", attrs{"axis": nd.Int(0)}, d.last, d.ints(-1))
			d.on("Reshape", "flat", nil, c, d.last)
			d.op("Unsqueeze", "u2", nil, d.ints(2, 3))
			d.op("Identity", "y", nil)
		}},
		{"split and concat", "conv gather_channels gather_channels concat", func(d *draft) {
			d.conv("c", 3, 8, 3)
			d.g.Nodes = append(d.g.Nodes, nd.Node{Op: "Split", Name: "sp", Inputs: []string{"c"}, Outputs: []string{"a", "b"}, Attrs: attrs{"axis": nd.Int(1)}})
			d.on("Concat", "y", attrs{"axis": nd.Int(1)}, "b", "a")
		}},
		{"resize and crop", "conv resize nearest crop", func(d *draft) {
			d.conv("c", 3, 8, 3)
			d.op("Resize", "r", attrs{"mode": nd.String("nearest"), "coordinate_transformation_mode": nd.String("asymmetric"), "nearest_mode": nd.String("floor")},
				"", d.floats([]int{4}, 1, 1, 2, 2))
			d.op("Slice", "y", nil, d.ints(1), d.ints(9), d.ints(3))
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDraft(8)
			c.build(d)
			n := lowered(t, d.graph())
			if got := strings.Join(operators(n), " "); got != c.ops {
				t.Errorf("operators %s, want %s", got, c.ops)
			}
		})
	}
}

// TestGraphUntil: the network ends at the layer, and what was joined to it does not.
func TestGraphUntil(t *testing.T) {
	d := newDraft(8)
	d.conv("c", 3, 8, 3)
	d.op("Relu", "r", nil)
	d.conv("e", 8, 4, 3)
	n, err := FromGraph(d.graph(), Options{Prepare: torchLike(), Until: []string{"c_node"}})
	if err != nil {
		t.Fatal(err)
	}
	if len(n.Nodes) != 1 || !math.IsInf(n.Nodes[0].ActMin, -1) || n.DefaultLayer != "c" {
		t.Errorf("%d layers, from %g, default %s", len(n.Nodes), n.Nodes[0].ActMin, n.DefaultLayer)
	}
	_, err = FromGraph(&d.g, Options{Prepare: torchLike(), Until: []string{"nowhere"}})
	if err == nil || !strings.Contains(err.Error(), `no layer "nowhere"; near it`) {
		t.Error(err)
	}
}

// TestPictureScaled: a network that scales its input has that in its
// preparation, reversed channels too.
func TestPictureScaled(t *testing.T) {
	d := newDraft(8)
	d.op("Gather", "bgr", attrs{"axis": nd.Int(1)}, d.ints(2, 1, 0))
	d.op("Div", "unit", nil, d.scalar(255))
	d.op("Sub", "centred", nil, d.floats([]int{3, 1, 1}, 0.4, 0.5, 0.6))
	d.conv("c", 3, 8, 3)
	p := torchLike()
	p.Mean, p.Std = [3]float64{}, [3]float64{1, 1, 1}
	n, err := FromGraph(d.graph(), Options{Prepare: p})
	if err != nil {
		t.Fatal(err)
	}
	if got := n.Prepare; got.Order != "BGR" || got.Mean != [3]float64{102, 127.5, 153} || got.Std != [3]float64{255, 255, 255} || len(n.Nodes) != 1 {
		t.Errorf("%+v, %v", got, operators(n))
	}
}

// TestGraphRefused: each is one clear error, with the node and operator where there
// is one.
func TestGraphRefused(t *testing.T) {
	nan := float32(math.NaN())
	for _, c := range []struct {
		name, want string
		build      func(d *draft)
	}{
		{"unknown operator", `operator Einsum (node "y_node"), which makes tensor "y", is not supported; likeness convert --operators`, func(d *draft) {
			d.conv("c", 3, 8, 3)
			d.op("Einsum", "y", nil)
		}},
		{"attribute", `operator Resize (node "y_node"), which makes tensor "y", is not supported with mode = "cubic"`, func(d *draft) {
			d.conv("c", 3, 8, 3)
			d.op("Resize", "y", attrs{"mode": nd.String("cubic")}, "", d.floats([]int{4}, 1, 1, 2, 2))
		}},
		{"NaN weights", `Conv "y_node": value 2 of its weights is NaN`, func(d *draft) {
			d.op("Conv", "y", nil, d.floats([]int{1, 3, 1, 1}, 1, 2, nan))
		}},
		{"power of a power", "the exponents [99]", func(d *draft) {
			d.conv("c", 3, 8, 3)
			d.op("Pow", "y", nil, d.scalar(99))
		}},
		{"product over channels", "ReduceProd", func(d *draft) {
			d.conv("c", 3, 8, 3)
			d.op("ReduceProd", "y", attrs{"axes": nd.Ints(1)})
		}},
		{"constant output", "nothing is computed from the picture", func(d *draft) {
			d.on("Identity", "y", nil, d.scalar(1))
		}},
		{"the picture itself", "no operators between the picture and its output", func(d *draft) { d.op("Identity", "y", nil) }},
		{"weights that do not fit", "do not fit an input of [1 3 8 8]", func(d *draft) { d.op("Conv", "y", nil, d.random(1, 4, 5, 3, 3)) }},
		{"kernel beyond the picture", "does not fit the padded input's 8", func(d *draft) { d.op("Conv", "y", nil, d.random(1, 4, 3, 9, 9)) }},
	} {
		d := newDraft(8)
		c.build(d)
		_, err := FromGraph(d.graph(), Options{Prepare: torchLike()})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	d := newDraft(8)
	d.conv("c", 3, 8, 3)
	p := torchLike()
	p.Width, p.Height = 9, 9
	if _, err := FromGraph(d.graph(), Options{Prepare: p}); err == nil || !strings.Contains(err.Error(), "8 x 8 in the file, 9 x 9 was asked for") {
		t.Error(err)
	}
	d.g.Inputs[0].Shape = []int{1, 4, 8, 8}
	if _, err := FromGraph(&d.g, Options{Prepare: torchLike()}); err == nil || !strings.Contains(err.Error(), "a picture [N 3 H W] or [N H W 3] is wanted") {
		t.Error(err)
	}
	var u *UnsupportedError
	d = newDraft(8)
	d.op("Einsum", "y", nil)
	if _, err := FromGraph(d.graph(), Options{Prepare: torchLike()}); !errors.As(err, &u) || u.Operator != "Einsum" || u.Node != "y_node" {
		t.Error(err)
	}
}

// TestRoundKeepsFunction: rounding with compensation errs less than rounding
// each weight by itself, on inputs that it has not seen.
func TestRoundKeepsFunction(t *testing.T) {
	d := newDraft(16)
	d.conv("c", 3, 32, 3)
	d.op("Relu", "r", nil)
	d.conv("e", 32, 32, 3)
	d.op("Relu", "r2", nil)
	d.conv("y", 32, 8, 1)
	n, err := FromGraph(d.graph(), Options{Prepare: torchLike()})
	if err != nil {
		t.Fatal(err)
	}
	inputs, err := n.Synthetic(9)
	if err != nil {
		t.Fatal(err)
	}
	r := n.Round(inputs[:8], nil)
	for i := range r.Nodes {
		node := &r.Nodes[i]
		per := len(node.Weight) / len(node.Bias)
		for k, w := range node.Weight {
			if q := float64(w) / node.Steps[k/per]; math.Abs(q-math.RoundToEven(q)) > 1e-3 || math.Abs(q) > 127.5 {
				t.Fatalf("%s: weight %d is %g steps", node.Name, k, q)
			}
		}
	}
	plain := *n
	plain.Nodes = slices.Clone(n.Nodes)
	for i := range plain.Nodes {
		node := &plain.Nodes[i]
		per := len(node.Weight) / len(node.Bias)
		node.Weight, node.Steps, node.packed = slices.Clone(node.Weight), r.Nodes[i].Steps, nil
		(&roundedBlock{n: node, per: per, size: per, count: len(node.Bias)}).plain()
	}
	at, _ := n.tensor("y")
	want := n.Run(inputs[8])[at]
	far := func(m *Network) (sum float64) {
		for i, v := range m.Run(inputs[8])[at] {
			sum += math.Pow(float64(v-want[i]), 2)
		}
		return sum
	}
	if a, b := far(r), far(&plain); !(a < b/2) {
		t.Errorf("squared error %g with compensation, %g without", a, b)
	}
}

// TestCarries: what a weight takes over of errors makes their cost least, as
// far as later weights can make up for what is left.
func TestCarries(t *testing.T) {
	m := []float64{4, 1, 0.5, 1, 3, 0.2, 0.5, 0.2, 2}
	c := carries(reversedFactor(m, 3), 3)
	// The last weight alone: m22 e2 = -(m20 e0 + m21 e1). The middle one, with
	// the last free: the same of m without its last row and column, less what
	// that makes up for.
	schur := func(i, j int) float64 { return m[i*3+j] - m[i*3+2]*m[2*3+j]/m[2*3+2] }
	for _, w := range []struct {
		at   int
		want float64
	}{{2*3 + 0, m[6] / m[8]}, {2*3 + 1, m[7] / m[8]}, {1*3 + 0, schur(1, 0) / schur(1, 1)}} {
		if math.Abs(float64(c[w.at])-w.want) > 1e-6 {
			t.Errorf("%d: %g, want %g", w.at, c[w.at], w.want)
		}
	}
	if reversedFactor([]float64{1, 2, 2, 1}, 2) != nil {
		t.Error("an indefinite matrix has no factor")
	}
}

// TestView: reshapes split axes at factors and nowhere else.
func TestView(t *testing.T) {
	v := pictureView(1, [3]int{4, 6, 12}, "NCHW")
	w, err := v.reshape([]int{1, 3, 4, 4, 6})
	if err != nil || !slices.Equal(w.shape(), []int{1, 3, 4, 4, 6}) {
		t.Fatal(w, err)
	}
	back, err := w.transpose([]int{0, 2, 1, 3, 4}).reshape([]int{1, 12, 24})
	if err != nil || !slices.Equal(back.shape(), []int{1, 12, 24}) {
		t.Fatal(back, err)
	}
	if got := order(back.channels([3]int{4, 6, 12}), back.dims[1])[:4]; !slices.Equal(got, []int{0, 4, 8, 1}) {
		t.Errorf("shuffled channels begin %v", got)
	}
	if _, err := v.reshape([]int{1, 5, 60}); err == nil {
		t.Error("288 values became 300")
	}
	if _, err := v.reshape([]int{16, 18}); err == nil {
		t.Error("an axis of 12 was cut at 16")
	}
}

// FuzzFromGraph: any graph is refused or becomes a network that can be written.
func FuzzFromGraph(f *testing.F) {
	for _, build := range []func(d *draft){
		func(d *draft) { d.conv("c", 3, 4, 3); d.op("Relu", "r", nil) },
		func(d *draft) {
			d.conv("c", 3, 4, 3)
			d.op("Reshape", "r", nil, d.ints(1, 2, 2, 8, 8))
			d.op("Transpose", "t", attrs{"perm": nd.Ints(0, 2, 1, 3, 4)})
			d.op("Reshape", "s", nil, d.ints(1, 4, 8, 8))
			d.op("Softmax", "y", attrs{"axis": nd.Int(1)})
		},
		func(d *draft) {
			d.conv("c", 3, 4, 3)
			d.op("Slice", "s", nil, d.ints(1), d.ints(3), d.ints(1))
			d.op("MaxPool", "p", attrs{"kernel_shape": nd.Ints(2, 2), "strides": nd.Ints(2, 2)})
			d.op("Resize", "z", attrs{"mode": nd.String("linear")}, "", d.floats([]int{4}, 1, 1, 2, 2))
		},
	} {
		d := newDraft(8)
		build(d)
		data, err := onnx.Encode(d.graph())
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 1<<16 {
			return
		}
		g, err := onnx.Decode(data, "")
		if err != nil {
			return
		}
		n, err := FromGraph(g, Options{Prepare: torchLike()})
		if err != nil {
			return
		}
		work := 0
		for _, tensor := range n.Tensors {
			work += tensor.Shape[0] * tensor.Shape[1] * tensor.Shape[2]
		}
		for _, node := range n.Nodes {
			s := n.Tensors[node.Output].Shape
			if node.Op == graph.Conv {
				work += len(node.Weight) * s[0] * s[1]
			}
		}
		if work > 1<<24 {
			return
		}
		inputs, err := n.Synthetic(1)
		if err != nil {
			return
		}
		file, err := n.Quantise(n.Calibrate(inputs, nil), Margin)
		if err != nil {
			return
		}
		if err := model.Write(&bytes.Buffer{}, file); err != nil {
			t.Error(err)
		}
	})
}
