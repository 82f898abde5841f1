package lower

import (
	"slices"
	"strings"
	"testing"

	"likeness/engine"
	"likeness/engine/graph"
	"likeness/tools/convert/internal/draft"
	"likeness/tools/convert/nd"
	"likeness/tools/convert/quantise"
)

// TestNames: a layer answers with its own values alone. What was joined into
// another is told, and has no values; with Keep it has.
func TestNames(t *testing.T) {
	d := draft.New(8)
	d.Conv("/layer4/layer4.2/conv/Conv_output_0", 3, 8, 3)
	d.G.Nodes[0].Name = "/layer4/layer4.2/conv/Conv"
	d.Op("Relu", "out", nil)
	d.G.Nodes[1].Name = "/layer4/layer4.2/relu_1/Relu"
	before := []string{"/layer4/layer4.2/conv/Conv", "layer4.2.conv", "/layer4/layer4.2/conv/Conv_output_0"}
	n := lowered(t, d.Graph())
	for _, name := range []string{"out", "layer4.2.relu_1", "/layer4/layer4.2/relu_1/Relu"} {
		if at, ok := n.Find(name); !ok || at != 1 {
			t.Errorf("%s: tensor %d, %v", name, at, ok)
		}
	}
	for _, name := range before {
		if _, ok := n.Find(name); ok || !slices.Contains(n.Tensors[1].Joined, name) {
			t.Errorf("%s has values: %v; joined are %q", name, ok, n.Tensors[1].Joined)
		}
	}
	f, err := quantise.Model(n, quantise.ModelOptions{})
	if err != nil {
		t.Fatal(err)
	}
	net := draft.ThroughFile(t, f)
	for _, name := range append(before, "conv") {
		if _, err := net.NewSession(name); err == nil || !engine.IsCode(err, engine.CodeLayerUnknown) || !strings.Contains(err.Error(), `into layer "out"`) || !strings.Contains(err.Error(), "--keep "+name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n.Tensors[1].Name != "out" {
		t.Errorf("the output is called %q", n.Tensors[1].Name)
	}
	for _, opt := range []Options{{Keep: []string{"layer4.2.conv"}}, {Default: "layer4.2.conv"}, {Until: []string{"layer4.2.conv", "out"}}} {
		opt.Prepare = draft.TorchLike()
		n, err := Graph(d.Graph(), opt)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range before {
			if at, ok := n.Find(name); !ok || at != 1 || len(n.Nodes) != 2 || !n.Nodes[0].Free() {
				t.Errorf("kept %s is tensor %d, %v, of %d layers", name, at, ok, len(n.Nodes))
			}
		}
	}
	if _, err := Graph(d.Graph(), Options{Prepare: draft.TorchLike(), Keep: []string{"nowhere"}}); err == nil || !strings.Contains(err.Error(), `no layer "nowhere" to keep; near it`) {
		t.Error(err)
	}
}

// TestLastPart: a layer of several operators is its last one. Where that was
// joined with another layer, the name has no values, though an earlier part has.
func TestLastPart(t *testing.T) {
	d := draft.New(8)
	d.Conv("net/a/Conv2D:0", 3, 8, 1)
	d.Op("Relu", "net/a/Relu:0", nil)
	d.Op("Mul", "net/a/BatchNorm:0", nil, d.Floats([]int{8, 1, 1}, 1, 2, 3, 4, 5, 6, 7, 8))
	d.Op("Relu", "out", nil)
	d.On("Add", "sum", nil, "out", "net/a/Relu:0")
	for i := range d.G.Nodes {
		d.G.Nodes[i].Name = strings.TrimSuffix(d.G.Nodes[i].Outputs[0], ":0")
	}
	n := lowered(t, d.Graph())
	for name, want := range map[string]string{"net/a/Relu": "net/a/Relu", "net/a": "", "net/a/BatchNorm": "", "out": "out"} {
		at, ok := n.Find(name)
		if ok != (want != "") || ok && !slices.Contains(append(n.Tensors[at].Also, n.Tensors[at].Name), want) {
			t.Errorf("%s is %v, %v", name, n.Tensors[at], ok)
		}
	}
}

// TestFlatNames: the name of a picture made one vector leads to one vector, in
// the file's order, or to no values.
func TestFlatNames(t *testing.T) {
	d := draft.New(8)
	d.Conv("c", 3, 8, 3)
	d.Op("Flatten", "chw", nil)
	d.Op("Gemm", "y", nil, d.Floats([]int{8 * 64, 4}, make([]float32, 8*64*4)...))
	n := lowered(t, d.Graph())
	if _, ok := n.Find("chw"); ok || !slices.Contains(n.Tensors[1].Joined, "chw") {
		t.Errorf("chw has values: %v", n.Tensors)
	}
	if n.Nodes[0].Name != "c_node" || n.Nodes[1].Op != graph.FullyConnected {
		t.Errorf("operators %v", draft.Operators(n))
	}
	x := make([]float32, 8*8*3)
	for i := range x {
		x[i] = float32(i%7) - 3
	}
	for _, opt := range []Options{{Keep: []string{"chw"}}, {Until: []string{"chw"}}, {Default: "chw_node"}} {
		opt.Prepare = draft.TorchLike()
		n, err := Graph(d.Graph(), opt)
		if err != nil {
			t.Fatal(err)
		}
		vals := n.Run(x)
		at, ok := n.Find("chw")
		if !ok || n.Tensors[at].Shape != [3]int{1, 1, 512} {
			t.Fatalf("chw is %v, %v", n.Tensors[at], ok)
		}
		from, _ := n.Find("c")
		for i, v := range vals[at] {
			if want := vals[from][i%64*8+i/64]; v != want {
				t.Fatalf("value %d is %g, want %g", i, v, want)
			}
		}
	}
	d = draft.New(8)
	d.Conv("c", 3, 8, 3)
	d.Op("Transpose", "t", draft.Attrs{"perm": nd.Ints(0, 2, 3, 1)})
	d.Op("Flatten", "hwc", nil)
	d.Op("Gemm", "y", nil, d.Floats([]int{8 * 64, 4}, make([]float32, 8*64*4)...))
	n = lowered(t, d.Graph())
	at, ok := n.Find("hwc")
	if !ok || n.Tensors[at].Shape != [3]int{1, 1, 512} || n.Tensors[n.Nodes[2].Inputs[0]].Name != "c_node" {
		t.Errorf("hwc is %v, %v; %v", n.Tensors[at], ok, draft.Operators(n))
	}
}

// TestShuffledNames: the values of a shuffle of channels are nowhere until they
// are asked for.
func TestShuffledNames(t *testing.T) {
	d := draft.New(8)
	d.Conv("c", 3, 8, 1)
	d.Op("Reshape", "split", nil, d.Ints(1, 2, 4, 8, 8))
	d.Op("Transpose", "swap", draft.Attrs{"perm": nd.Ints(0, 2, 1, 3, 4)})
	d.Op("Reshape", "mixed", nil, d.Ints(1, 8, 8, 8))
	d.Conv("y", 8, 4, 1)
	n := lowered(t, d.Graph())
	for name, want := range map[string]bool{"c": true, "split": true, "swap": false, "mixed": false} {
		if _, ok := n.Find(name); ok != want {
			t.Errorf("%s has values: %v", name, ok)
		}
	}
	n, err := Graph(d.Graph(), Options{Prepare: draft.TorchLike(), Keep: []string{"mixed"}})
	if err != nil {
		t.Fatal(err)
	}
	at, ok := n.Find("mixed")
	if m := n.Maker(at); !ok || m.Op != graph.GatherChannels || !slices.Equal(m.Channels, []int{0, 4, 1, 5, 2, 6, 3, 7}) {
		t.Errorf("mixed is %v, %v", m, ok)
	}
}
