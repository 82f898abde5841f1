package lower

import (
	"slices"
	"testing"

	"likeness/engine/picture"
	"likeness/tools/convert/internal/draft"
	"likeness/tools/convert/nd"
)

// A selection along several axes has its name at its end alone.
func TestSliceNames(t *testing.T) {
	p, err := picture.Preset("torch")
	if err != nil {
		t.Fatal(err)
	}
	p.Width, p.Height, p.Side = 0, 0, 0
	weight := make([]float32, 6*3*3*3)
	for i := range weight {
		weight[i] = float32(i%7) - 3
	}
	ints := func(v ...int64) *nd.Tensor { return &nd.Tensor{Type: nd.Int64, Shape: []int{len(v)}, I: v} }
	g := &nd.Graph{
		Opset:  13,
		Inputs: []nd.Value{{Name: "x", Shape: []int{1, 3, 16, 16}}}, Outputs: []nd.Value{{Name: "y"}},
		Const: map[string]*nd.Tensor{"w": {Shape: []int{6, 3, 3, 3}, F: weight}, "starts": ints(1, 2), "ends": ints(-2, -1), "axes": ints(2, 3)},
		Nodes: []nd.Node{
			{Op: "Conv", Name: "conv", Inputs: []string{"x", "w"}, Outputs: []string{"c"}},
			{Op: "Slice", Name: "cut", Inputs: []string{"c", "starts", "ends", "axes"}, Outputs: []string{"s"}},
			{Op: "GlobalAveragePool", Name: "pool", Inputs: []string{"s"}, Outputs: []string{"y"}},
		},
	}
	n, err := Graph(g, Options{Name: "net", Prepare: p})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string][3]int{"conv": {14, 14, 6}, "cut": {11, 11, 6}, "s": {11, 11, 6}} {
		i, ok := n.Find(name)
		if !ok || n.Tensors[i].Shape != want {
			t.Errorf("%s: %v %v, want %v", name, ok, n.Tensors[max(i, 0)].Shape, want)
		}
	}
}

// A shuffle of channels at the end of a network gives its output in the file's
// order: with weights that make channel c the sum of the picture times c, the
// shuffled channels are in the order of the shuffle.
func TestShuffledOutput(t *testing.T) {
	p, err := picture.Preset("unit")
	if err != nil {
		t.Fatal(err)
	}
	p.Width, p.Height, p.Side = 0, 0, 0
	weight := make([]float32, 6*3)
	for c := range 6 {
		for k := range 3 {
			weight[3*c+k] = float32(c + 1)
		}
	}
	ints := func(v ...int64) *nd.Tensor { return &nd.Tensor{Type: nd.Int64, Shape: []int{len(v)}, I: v} }
	g := &nd.Graph{
		Opset:  13,
		Inputs: []nd.Value{{Name: "x", Shape: []int{1, 3, 4, 4}}}, Outputs: []nd.Value{{Name: "y"}},
		Const: map[string]*nd.Tensor{"w": {Shape: []int{6, 3, 1, 1}, F: weight}, "split": ints(1, 2, 3, 4, 4), "back": ints(1, 6, 4, 4)},
		Nodes: []nd.Node{
			{Op: "Conv", Name: "conv", Inputs: []string{"x", "w"}, Outputs: []string{"c"}},
			{Op: "Reshape", Name: "split", Inputs: []string{"c", "split"}, Outputs: []string{"s"}},
			{Op: "Transpose", Name: "swap", Inputs: []string{"s"}, Outputs: []string{"t"}, Attrs: map[string]nd.Attr{"perm": {Kind: nd.KindInts, Ints: []int64{0, 2, 1, 3, 4}}}},
			{Op: "Reshape", Name: "join", Inputs: []string{"t", "back"}, Outputs: []string{"y"}},
		},
	}
	n, err := Graph(g, Options{Name: "net", Prepare: p})
	if err != nil {
		t.Fatal(err)
	}
	last := n.Nodes[len(n.Nodes)-1]
	if want := []int{0, 3, 1, 4, 2, 5}; last.Op != "gather_channels" || !slices.Equal(last.Channels, want) || n.Tensors[last.Output].Name != "y" {
		t.Errorf("the last layer is %s %v, named %s; want the channels %v", last.Op, last.Channels, n.Tensors[last.Output].Name, want)
	}
}

// TestSwappedSides: an output whose height and width the file has swapped is given
// as the file has it, with its channels last.
func TestSwappedSides(t *testing.T) {
	d := draft.New(12)
	d.Op("Conv", "c", draft.Attrs{"strides": nd.Ints(2, 1)}, d.Random(0.3, 4, 3, 3, 3)) // 5 high, 10 wide
	d.Op("Relu", "r", nil)
	d.Op("Transpose", "y", draft.Attrs{"perm": nd.Ints(0, 1, 3, 2)})
	n := lowered(t, d.Graph())
	if at, ok := n.Find("y"); !ok || n.Tensors[at].Shape != [3]int{10, 5, 4} {
		t.Errorf("%v", n.Tensors[at].Shape)
	}
}
