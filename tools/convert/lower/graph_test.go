package lower

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
	"likeness/tools/convert/failure"
	"likeness/tools/convert/float"
	"likeness/tools/convert/internal/draft"
	"likeness/tools/convert/nd"
	"likeness/tools/convert/onnx"
	"likeness/tools/convert/quantise"
)

// lowered converts a draft and holds every value of the graph that is a layer
// against the general executor's.
func lowered(t *testing.T, g *nd.Graph) *float.Network {
	t.Helper()
	n, err := Graph(g, Options{Name: "draft", Prepare: draft.TorchLike()})
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
	vals := n.Run(draft.ToHWC(x))
	for _, o := range g.Outputs {
		at, ok := n.Find(o.Name)
		if !ok {
			t.Fatalf("no layer %q", o.Name)
		}
		w := want[o.Name]
		y := w.F
		if len(w.Shape) == 4 {
			y = draft.HWC(w)
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

// TestLowering: each draft gives the general executor's values through the
// operators listed, with nothing left to move.
func TestLowering(t *testing.T) {
	for _, c := range []struct {
		name  string
		ops   string
		build func(d *draft.Draft)
	}{
		{"batch norm and activation join", "conv", func(d *draft.Draft) {
			d.Conv("c", 3, 8, 3)
			d.Op("BatchNormalization", "b", nil, d.Random(1, 8), d.Random(1, 8), d.Random(1, 8), d.Floats([]int{8}, 1, 2, 3, 4, 5, 6, 7, 8))
			d.Op("Relu", "r", nil)
		}},
		{"batch norm before a convolution without padding", "conv conv", func(d *draft.Draft) {
			d.Conv("c", 3, 8, 3)
			d.Op("Relu", "r", nil)
			d.Op("BatchNormalization", "b", nil, d.Random(1, 8), d.Random(1, 8), d.Random(1, 8), d.Floats([]int{8}, 1, 2, 3, 4, 5, 6, 7, 8))
			d.Conv("e", 8, 4, 1)
		}},
		{"batch norm before padding stays", "conv conv conv", func(d *draft.Draft) {
			d.Conv("c", 3, 8, 3)
			d.Op("Relu", "r", nil)
			d.Op("BatchNormalization", "b", nil, d.Random(1, 8), d.Random(1, 8), d.Random(1, 8), d.Floats([]int{8}, 1, 2, 3, 4, 5, 6, 7, 8))
			d.Conv("e", 8, 4, 3)
		}},
		{"flatten then fully connected", "conv max_pool fully_connected", func(d *draft.Draft) {
			d.Conv("c", 3, 5, 3)
			d.Op("MaxPool", "p", draft.Attrs{"kernel_shape": nd.Ints(3, 3), "strides": nd.Ints(2, 2), "ceil_mode": nd.Int(1)})
			d.Op("Flatten", "f", nil)
			d.Op("Gemm", "g", draft.Attrs{"transB": nd.Int(1)}, d.Random(0.1, 7, 80), d.Random(0.1, 7))
		}},
		{"shuffle by reshape and transpose", "conv gather_channels conv", func(d *draft.Draft) {
			d.Conv("c", 3, 12, 3)
			d.Op("Reshape", "r1", nil, d.Ints(1, 3, 4, 8, 8))
			d.Op("Transpose", "t", draft.Attrs{"perm": nd.Ints(0, 2, 1, 3, 4)})
			d.Op("Reshape", "r2", nil, d.Ints(1, -1, 8, 8))
			d.Op("Conv", "dw", draft.Attrs{"group": nd.Int(12)}, d.Random(0.5, 12, 1, 3, 3))
		}},
		{"channels last in the middle", "conv layer_norm conv activation gelu conv add", func(d *draft.Draft) {
			d.Conv("c", 3, 8, 3)
			d.Op("Transpose", "t", draft.Attrs{"perm": nd.Ints(0, 2, 3, 1)})
			d.Op("LayerNormalization", "n", nil, d.Random(1, 8), d.Random(1, 8))
			d.Op("MatMul", "m", nil, d.Random(0.5, 8, 16))
			d.Op("Add", "a", nil, d.Random(0.1, 16))
			e := d.Op("Div", "e", nil, d.Scalar(math.Sqrt2))
			d.On("Erf", "erf", nil, e)
			d.Op("Add", "one", nil, d.Scalar(1))
			d.On("Mul", "half", nil, "a", "one")
			d.Op("Mul", "gelu", nil, d.Scalar(0.5))
			d.Op("MatMul", "m2", nil, d.Random(0.5, 16, 8))
			d.Op("Transpose", "t2", draft.Attrs{"perm": nd.Ints(0, 3, 1, 2)})
			d.On("Add", "sum", nil, "c", d.Last)
		}},
		{"layer norm written out", "conv layer_norm", func(d *draft.Draft) {
			c := d.Conv("c", 3, 8, 3)
			c = d.On("Transpose", "t", draft.Attrs{"perm": nd.Ints(0, 2, 3, 1)}, c)
			last := draft.Attrs{"axes": nd.Ints(-1)}
			m := d.On("ReduceMean", "m", last, c)
			s := d.On("Sub", "s", nil, c, m)
			d.On("Pow", "p", nil, s, d.Scalar(2))
			d.Op("ReduceMean", "v", last)
			d.Op("Add", "ve", nil, d.Scalar(1e-6))
			d.Op("Sqrt", "sd", nil)
			d.On("Div", "q", nil, s, d.Last)
			d.Op("Mul", "g", nil, d.Random(1, 8))
			d.Op("Add", "b", nil, d.Random(1, 8))
			d.Op("Transpose", "back", draft.Attrs{"perm": nd.Ints(0, 3, 1, 2)})
		}},
		{"squeeze and excite", "conv global_avg_pool fully_connected conv activation hard_sigmoid mul", func(d *draft.Draft) {
			d.Conv("c", 3, 8, 3)
			d.Op("ReduceMean", "m", draft.Attrs{"axes": nd.Ints(2, 3), "keepdims": nd.Int(0)})
			d.Op("Gemm", "g", nil, d.Random(1, 8, 4))
			d.Op("Relu", "r", nil)
			d.Op("Reshape", "rs", nil, d.Ints(1, 4, 1, 1))
			d.Conv("x2", 4, 8, 1)
			d.Op("HardSigmoid", "h", nil)
			d.On("Mul", "y", nil, "c", d.Last)
		}},
		{"hard swish written out", "conv activation hard_swish", func(d *draft.Draft) {
			c := d.Conv("c", 3, 8, 3)
			d.Op("Add", "a", nil, d.Scalar(3))
			d.Op("Clip", "k", nil, d.Scalar(0), d.Scalar(6))
			d.Op("Div", "s", nil, d.Scalar(6))
			d.On("Mul", "y", nil, c, d.Last)
		}},
		{"silu", "conv activation silu", func(d *draft.Draft) {
			c := d.Conv("c", 3, 8, 3)
			d.Op("Sigmoid", "s", nil)
			d.On("Mul", "y", nil, c, d.Last)
		}},
		{"padding joins a pool after a ReLU", "conv max_pool", func(d *draft.Draft) {
			d.Conv("c", 3, 8, 3)
			d.Op("Relu", "r", nil)
			d.Op("Pad", "p", nil, d.Ints(0, 0, 0, 0, 0, 0, 1, 1))
			d.Op("MaxPool", "m", draft.Attrs{"kernel_shape": nd.Ints(3, 3), "strides": nd.Ints(2, 2)})
		}},
		{"padding before a pool of both signs stays", "conv pad max_pool", func(d *draft.Draft) {
			d.Conv("c", 3, 8, 3)
			d.Op("Pad", "p", nil, d.Ints(0, 0, 0, 0, 0, 0, 1, 1))
			d.Op("MaxPool", "m", draft.Attrs{"kernel_shape": nd.Ints(3, 3), "strides": nd.Ints(2, 2)})
		}},
		{"padding that an average counts", "conv avg_pool", func(d *draft.Draft) {
			d.Conv("c", 3, 8, 3)
			d.Op("AveragePool", "m", draft.Attrs{"kernel_shape": nd.Ints(3, 3), "pads": nd.Ints(1, 1, 1, 1), "count_include_pad": nd.Int(1)})
		}},
		{"shapes that fold", "conv global_avg_pool", func(d *draft.Draft) {
			d.Conv("c", 3, 8, 3)
			c := d.Op("GlobalAveragePool", "p", nil)
			d.On("Shape", "s", nil, c)
			d.Op("Gather", "n", nil, d.Constant(&nd.Tensor{Type: nd.Int64, I: []int64{0}}))
			d.Op("Unsqueeze", "u", nil, d.Ints(0))
			d.On("Concat", "to", draft.Attrs{"axis": nd.Int(0)}, d.Last, d.Ints(-1))
			d.On("Reshape", "flat", nil, c, d.Last)
			d.Op("Unsqueeze", "u2", nil, d.Ints(2, 3))
			d.Op("Identity", "y", nil)
		}},
		{"split and concat", "conv gather_channels gather_channels concat", func(d *draft.Draft) {
			d.Conv("c", 3, 8, 3)
			d.G.Nodes = append(d.G.Nodes, nd.Node{Op: "Split", Name: "sp", Inputs: []string{"c"}, Outputs: []string{"a", "b"}, Attrs: draft.Attrs{"axis": nd.Int(1)}})
			d.On("Concat", "y", draft.Attrs{"axis": nd.Int(1)}, "b", "a")
		}},
		{"resize and crop", "conv resize nearest crop", func(d *draft.Draft) {
			d.Conv("c", 3, 8, 3)
			d.Op("Resize", "r", draft.Attrs{"mode": nd.String("nearest"), "coordinate_transformation_mode": nd.String("asymmetric"), "nearest_mode": nd.String("floor")},
				"", d.Floats([]int{4}, 1, 1, 2, 2))
			d.Op("Slice", "y", nil, d.Ints(1), d.Ints(9), d.Ints(3))
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := draft.New(8)
			c.build(d)
			n := lowered(t, d.Graph())
			if got := strings.Join(draft.Operators(n), " "); got != c.ops {
				t.Errorf("operators %s, want %s", got, c.ops)
			}
		})
	}
}

// TestGraphUntil: the network ends at the layer, and what was joined to it does not.
func TestGraphUntil(t *testing.T) {
	d := draft.New(8)
	d.Conv("c", 3, 8, 3)
	d.Op("Relu", "r", nil)
	d.Conv("e", 8, 4, 3)
	n, err := Graph(d.Graph(), Options{Prepare: draft.TorchLike(), Until: []string{"c_node"}})
	if err != nil {
		t.Fatal(err)
	}
	if len(n.Nodes) != 1 || !math.IsInf(n.Nodes[0].ActMin, -1) || n.DefaultLayer != "c" {
		t.Errorf("%d layers, from %g, default %s", len(n.Nodes), n.Nodes[0].ActMin, n.DefaultLayer)
	}
	_, err = Graph(&d.G, Options{Prepare: draft.TorchLike(), Until: []string{"nowhere"}})
	if err == nil || !strings.Contains(err.Error(), `no layer "nowhere"; near it`) {
		t.Error(err)
	}
}

// TestPictureScaled: a network that scales its input has that in its
// preparation, reversed channels too.
func TestPictureScaled(t *testing.T) {
	d := draft.New(8)
	d.Op("Gather", "bgr", draft.Attrs{"axis": nd.Int(1)}, d.Ints(2, 1, 0))
	d.Op("Div", "unit", nil, d.Scalar(255))
	d.Op("Sub", "centred", nil, d.Floats([]int{3, 1, 1}, 0.4, 0.5, 0.6))
	d.Conv("c", 3, 8, 3)
	p := draft.TorchLike()
	p.Mean, p.Std = [3]float64{}, [3]float64{1, 1, 1}
	n, err := Graph(d.Graph(), Options{Prepare: p})
	if err != nil {
		t.Fatal(err)
	}
	if got := n.Prepare; got.Order != "BGR" || got.Mean != [3]float64{102, 127.5, 153} || got.Std != [3]float64{255, 255, 255} || len(n.Nodes) != 1 {
		t.Errorf("%+v, %v", got, draft.Operators(n))
	}
}

// TestGraphRefused: each is one clear error, with the node and operator where there
// is one.
func TestGraphRefused(t *testing.T) {
	nan := float32(math.NaN())
	for _, c := range []struct {
		name, want string
		build      func(d *draft.Draft)
	}{
		{"unknown operator", `Einsum "y_node": the operator is not supported; likeness convert --operators`, func(d *draft.Draft) {
			d.Conv("c", 3, 8, 3)
			d.Op("Einsum", "y", nil)
		}},
		{"attribute", `Resize "y_node": mode="cubic" is not supported`, func(d *draft.Draft) {
			d.Conv("c", 3, 8, 3)
			d.Op("Resize", "y", draft.Attrs{"mode": nd.String("cubic")}, "", d.Floats([]int{4}, 1, 1, 2, 2))
		}},
		{"NaN weights", `Conv "y_node": value 2 of its weights is NaN`, func(d *draft.Draft) {
			d.Op("Conv", "y", nil, d.Floats([]int{1, 3, 1, 1}, 1, 2, nan))
		}},
		{"power of a power", "the exponents [99]", func(d *draft.Draft) {
			d.Conv("c", 3, 8, 3)
			d.Op("Pow", "y", nil, d.Scalar(99))
		}},
		{"product over channels", "ReduceProd", func(d *draft.Draft) {
			d.Conv("c", 3, 8, 3)
			d.Op("ReduceProd", "y", draft.Attrs{"axes": nd.Ints(1)})
		}},
		{"constant output", "nothing is computed from the picture", func(d *draft.Draft) {
			d.On("Identity", "y", nil, d.Scalar(1))
		}},
		{"the picture itself", "no operators between the picture and its output", func(d *draft.Draft) { d.Op("Identity", "y", nil) }},
		{"weights that do not fit", "do not fit an input of [1 3 8 8]", func(d *draft.Draft) { d.Op("Conv", "y", nil, d.Random(1, 4, 5, 3, 3)) }},
		{"kernel beyond the picture", "does not fit the padded input's 8", func(d *draft.Draft) { d.Op("Conv", "y", nil, d.Random(1, 4, 3, 9, 9)) }},
	} {
		d := draft.New(8)
		c.build(d)
		_, err := Graph(d.Graph(), Options{Prepare: draft.TorchLike()})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	d := draft.New(8)
	d.Conv("c", 3, 8, 3)
	p := draft.TorchLike()
	p.Width, p.Height = 9, 9
	if _, err := Graph(d.Graph(), Options{Prepare: p}); err == nil || !strings.Contains(err.Error(), "8 x 8 in the file, 9 x 9 was asked for") {
		t.Error(err)
	}
	d.G.Inputs[0].Shape = []int{1, 4, 8, 8}
	if _, err := Graph(&d.G, Options{Prepare: draft.TorchLike()}); err == nil || !strings.Contains(err.Error(), "a picture [N 3 H W] or [N H W 3] is wanted") {
		t.Error(err)
	}
	var u *failure.Error
	d = draft.New(8)
	d.Op("Einsum", "y", nil)
	if _, err := Graph(d.Graph(), Options{Prepare: draft.TorchLike()}); !errors.As(err, &u) || u.Operator != "Einsum" || u.Node != "y_node" {
		t.Error(err)
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

// FuzzGraph: any graph is refused or becomes a network that can be written.
func FuzzGraph(f *testing.F) {
	for _, build := range []func(d *draft.Draft){
		func(d *draft.Draft) { d.Conv("c", 3, 4, 3); d.Op("Relu", "r", nil) },
		func(d *draft.Draft) {
			d.Conv("c", 3, 4, 3)
			d.Op("Reshape", "r", nil, d.Ints(1, 2, 2, 8, 8))
			d.Op("Transpose", "t", draft.Attrs{"perm": nd.Ints(0, 2, 1, 3, 4)})
			d.Op("Reshape", "s", nil, d.Ints(1, 4, 8, 8))
			d.Op("Softmax", "y", draft.Attrs{"axis": nd.Int(1)})
		},
		func(d *draft.Draft) {
			d.Conv("c", 3, 4, 3)
			d.Op("Slice", "s", nil, d.Ints(1), d.Ints(3), d.Ints(1))
			d.Op("MaxPool", "p", draft.Attrs{"kernel_shape": nd.Ints(2, 2), "strides": nd.Ints(2, 2)})
			d.Op("Resize", "z", draft.Attrs{"mode": nd.String("linear")}, "", d.Floats([]int{4}, 1, 1, 2, 2))
		},
	} {
		d := draft.New(8)
		build(d)
		data, err := onnx.Encode(d.Graph())
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
		n, err := Graph(g, Options{Prepare: draft.TorchLike()})
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
		inputs, err := quantise.Synthetic(n, 1)
		if err != nil {
			return
		}
		file, err := quantise.WithRanges(n, quantise.Calibrate(n, inputs, nil), quantise.Margin)
		if err != nil {
			return
		}
		if err := model.Write(&bytes.Buffer{}, file); err != nil {
			t.Error(err)
		}
	})
}
