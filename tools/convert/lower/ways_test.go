package lower

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"likeness/engine/graph"
	"likeness/tools/convert/internal/draft"
	"likeness/tools/convert/nd"
	"likeness/tools/convert/quantise"
)

// ran converts a graph and gives the values of its last output for a picture.
func ran(t *testing.T, g *nd.Graph, opt Options, x []float32) []float32 {
	t.Helper()
	opt.Prepare = draft.TorchLike()
	n, err := Graph(g, opt)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := quantise.Model(n, quantise.ModelOptions{}); err != nil {
		t.Fatal(err)
	}
	return n.Run(x)[n.Outputs[len(n.Outputs)-1]]
}

func picture8(d *draft.Draft) []float32 {
	x := make([]float32, 8*8*3)
	for i := range x {
		x[i] = float32(d.Rand.NormFloat64())
	}
	return x
}

func sameValues(t *testing.T, got, want []float32) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d values, want %d", len(got), len(want))
	}
	for i, v := range want {
		if math.Abs(float64(v-got[i])) > 1e-4 {
			t.Fatalf("value %d is %g, want %g", i, got[i], v)
		}
	}
}

// TestKnownBranch: an If whose condition follows from shapes is the branch taken.
func TestKnownBranch(t *testing.T) {
	d := draft.New(8)
	pooled(d)
	d.Op("Shape", "s", nil)
	d.Op("Gather", "l", nil, d.Constant(&nd.Tensor{Type: nd.Int64, I: []int64{1}}))
	d.Op("Equal", "c", nil, d.Constant(&nd.Tensor{Type: nd.Int64, I: []int64{8}}))
	then := &nd.Graph{Const: map[string]*nd.Tensor{}, Outputs: []nd.Value{{Name: "r"}},
		Nodes: []nd.Node{{Op: "Relu", Name: "in", Inputs: []string{"v"}, Outputs: []string{"r"}}}}
	other := &nd.Graph{Outputs: []nd.Value{{Name: "z"}}, Nodes: []nd.Node{{Op: "Atan2", Inputs: []string{"v"}, Outputs: []string{"z"}}}}
	d.On("If", "y", draft.Attrs{"then_branch": {Kind: nd.KindGraph, Graph: then}, "else_branch": {Kind: nd.KindGraph, Graph: other}}, "c", "v")
	x := picture8(d)
	got := ran(t, d.Graph(), Options{}, x)
	d.G.Nodes[len(d.G.Nodes)-1] = nd.Node{Op: "Relu", Name: "y", Inputs: []string{"v"}, Outputs: []string{"y"}}
	sameValues(t, got, ran(t, &d.G, Options{}, x))

	d.G.Nodes[len(d.G.Nodes)-1] = nd.Node{Op: "If", Inputs: []string{"v"}, Outputs: []string{"y"}}
	if _, err := Graph(&d.G, Options{Prepare: draft.TorchLike()}); err == nil || !strings.Contains(err.Error(), "condition depends on the picture") || !strings.Contains(err.Error(), "--until v_node") {
		t.Error(err)
	}
}

// TestBehindTheCut: what no wanted layer needs may hold anything.
func TestBehindTheCut(t *testing.T) {
	d := draft.New(8)
	d.Conv("a", 3, 8, 3)
	d.Op("Atan2", "odd", nil, d.Floats(nil, float32(math.Inf(-1))))
	d.G.Nodes[1].Fault = errors.New("node odd is odd")
	d.On("Relu", "y", nil, "a")
	d.On("Relu", "z", nil, "odd")
	g := d.Graph("y", "z")
	if _, err := Graph(g, Options{Prepare: draft.TorchLike()}); err == nil || !strings.Contains(err.Error(), "node odd is odd; --until a_node keeps") {
		t.Error(err)
	}
	ran(t, g, Options{Until: []string{"y"}}, picture8(d))
}

// TestInputs: bytes, grey, several inputs and a batch.
func TestInputs(t *testing.T) {
	build := func() *draft.Draft {
		d := draft.New(8)
		d.Conv("a", 3, 4, 3)
		return d
	}
	d := build()
	d.G.Inputs = append(d.G.Inputs, nd.Value{Name: "phase", Type: nd.Bool, Shape: []int{}})
	x := picture8(d)
	want := ran(t, d.Graph(), Options{}, x) // an input that nothing reads
	d.On("Where", "w", nil, "phase", d.Scalar(7), d.Scalar(1))
	d.On("Mul", "y", nil, "a", "w")
	d.G.Outputs = []nd.Value{{Name: "y"}}
	_, err := Graph(&d.G, Options{Prepare: draft.TorchLike()})
	if err == nil || !strings.Contains(err.Error(), `2 inputs, one picture is wanted: there are "x" (float32 [1 3 8 8]), "phase" (bool []); give others a value with --set phase=0`) {
		t.Error(err)
	}
	sameValues(t, ran(t, &d.G, Options{Set: []string{"phase=false"}}, x), want)
	for _, bad := range []string{"phase", "phase=maybe", "other=1"} {
		if _, err := Graph(&d.G, Options{Prepare: draft.TorchLike(), Set: []string{bad}}); err == nil || !strings.Contains(err.Error(), "--set "+bad) {
			t.Errorf("%s: %v", bad, err)
		}
	}

	d = build()
	d.G.Inputs[0].Type = nd.Uint8
	n, err := Graph(d.Graph(), Options{Prepare: draft.TorchLike()})
	if err != nil || n.Prepare.Mean != [3]float64{} || n.Prepare.Std != [3]float64{1, 1, 1} {
		t.Errorf("bytes are prepared as %+v, %v", n, err)
	}

	d = draft.New(8)
	d.G.Inputs[0].Type = nd.Uint8
	d.Op("DequantizeLinear", "r", nil, d.Scalar(1.0/64), d.Constant(&nd.Tensor{Type: nd.Uint8, I: []int64{128}}))
	d.Conv("a", 3, 4, 3)
	if n, err = Graph(d.Graph(), Options{Prepare: draft.TorchLike()}); err != nil || n.Prepare.Mean[1] != 128 || n.Prepare.Std[1] != 64 || len(n.Nodes) != 1 {
		t.Errorf("quantised bytes are prepared as %+v, %v", n, err)
	}

	d = draft.New(8)
	d.G.Inputs[0].Shape = []int{1, 1, 8, 8}
	d.Conv("a", 1, 4, 3)
	n, err = Graph(d.Graph(), Options{Prepare: draft.TorchLike()})
	if err != nil || n.Nodes[0].Name != "grey" || n.Prepare.Mean[0] != n.Prepare.Mean[2] || n.Prepare.Std[0] != n.Prepare.Std[2] {
		t.Fatalf("grey is prepared as %+v, %v", n, err)
	}
	if grey := n.Run([]float32{1, 2, 3, 191: 0})[1]; math.Abs(float64(grey[0])-(.299+2*.587+3*.114)) > 1e-6 {
		t.Errorf("grey is %g", grey[0])
	}

	d = build()
	d.G.Inputs[0].Shape[0] = 4
	d.Op("GlobalAveragePool", "g", nil)
	d.Op("Reshape", "r", nil, d.Ints(4, -1))
	d.Op("Gemm", "y", nil, d.Random(1, 4, 5))
	ran(t, d.Graph(), Options{}, x)
}

// TestDynamicQuantised: what is quantised anew for each picture runs on the real
// values.
func TestDynamicQuantised(t *testing.T) {
	d := draft.New(8)
	d.Conv("a", 3, 4, 3)
	d.G.Nodes = append(d.G.Nodes, nd.Node{Op: "DynamicQuantizeLinear", Name: "q", Inputs: []string{"a"}, Outputs: []string{"aq", "as", "az"}})
	w := &nd.Tensor{Type: nd.Uint8, Shape: []int{5, 4, 1, 1}, I: make([]int64, 20)}
	real := &nd.Tensor{Type: nd.Float32, Shape: w.Shape, F: make([]float32, 20)}
	for i := range w.I {
		w.I[i] = int64(i * 37 % 256)
		real.F[i] = float32(w.I[i]-100) * .01
	}
	zero := d.Constant(&nd.Tensor{Type: nd.Uint8, I: []int64{100}})
	d.On("ConvInteger", "c", nil, "aq", d.Constant(w), "az", zero)
	d.Op("Cast", "f", draft.Attrs{"to": nd.Int(1)})
	d.On("Mul", "s", nil, "as", d.Scalar(.01))
	d.On("Mul", "y", nil, "f", "s")
	x := picture8(d)
	got := ran(t, d.Graph(), Options{}, x)
	d.On("Conv", "z", nil, "a", d.Constant(real))
	sameValues(t, got, ran(t, &d.G, Options{Until: []string{"z"}}, x))
}

// TestUnitLengthIsOne: unit length is one of
// the engine's operators.
func TestUnitLengthIsOne(t *testing.T) {
	d := draft.New(8)
	pooled(d)
	d.Op("LpNormalization", "y", draft.Attrs{"axis": nd.Int(1), "p": nd.Int(2)})
	n, err := Graph(d.Graph(), Options{Prepare: draft.TorchLike()})
	if err != nil {
		t.Fatal(err)
	}
	if got := draft.Operators(n); !slices.Equal(got, []string{graph.Conv, graph.GlobalAvgPool, graph.LRN}) {
		t.Errorf("operators %v", got)
	}
	sum := 0.0
	for _, v := range n.Run(picture8(d))[n.Outputs[0]] {
		sum += float64(v) * float64(v)
	}
	if math.Abs(sum-1) > 1e-3 {
		t.Errorf("the length is %g", math.Sqrt(sum))
	}
}
