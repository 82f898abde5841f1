package convert

import (
	"slices"
	"strings"
	"testing"

	"likeness/engine"
	"likeness/engine/graph"
	"likeness/tools/convert/nd"
)

// TestNames: a layer answers with its own values alone. What was joined into
// another is told, and has no values; with Keep it has.
func TestNames(t *testing.T) {
	d := newDraft(8)
	d.conv("/layer4/layer4.2/conv/Conv_output_0", 3, 8, 3)
	d.g.Nodes[0].Name = "/layer4/layer4.2/conv/Conv"
	d.op("Relu", "out", nil)
	d.g.Nodes[1].Name = "/layer4/layer4.2/relu_1/Relu"
	before := []string{"/layer4/layer4.2/conv/Conv", "layer4.2.conv", "/layer4/layer4.2/conv/Conv_output_0"}
	n := lowered(t, d.graph())
	for _, name := range []string{"out", "layer4.2.relu_1", "/layer4/layer4.2/relu_1/Relu"} {
		if at, ok := n.tensor(name); !ok || at != 1 {
			t.Errorf("%s: tensor %d, %v", name, at, ok)
		}
	}
	for _, name := range before {
		if _, ok := n.tensor(name); ok || !slices.Contains(n.Tensors[1].Joined, name) {
			t.Errorf("%s has values: %v; joined are %q", name, ok, n.Tensors[1].Joined)
		}
	}
	f, err := n.Model(ModelOptions{})
	if err != nil {
		t.Fatal(err)
	}
	net := throughFile(t, f)
	for _, name := range append(before, "conv") {
		if _, err := net.NewSession(name); err == nil || !engine.IsCode(err, engine.CodeLayerUnknown) || !strings.Contains(err.Error(), `into layer "out"`) || !strings.Contains(err.Error(), "--keep "+name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n.Tensors[1].Name != "out" {
		t.Errorf("the output is called %q", n.Tensors[1].Name)
	}
	for _, opt := range []Options{{Keep: []string{"layer4.2.conv"}}, {Default: "layer4.2.conv"}, {Until: []string{"layer4.2.conv", "out"}}} {
		opt.Prepare = torchLike()
		n, err := FromGraph(d.graph(), opt)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range before {
			if at, ok := n.tensor(name); !ok || at != 1 || len(n.Nodes) != 2 || !n.Nodes[0].free() {
				t.Errorf("kept %s is tensor %d, %v, of %d layers", name, at, ok, len(n.Nodes))
			}
		}
	}
	if _, err := FromGraph(d.graph(), Options{Prepare: torchLike(), Keep: []string{"nowhere"}}); err == nil || !strings.Contains(err.Error(), `no layer "nowhere" to keep; near it`) {
		t.Error(err)
	}
}

// TestLastPart: a layer of several operators is its last one. Where that was
// joined with another layer, the name has no values, though an earlier part has.
func TestLastPart(t *testing.T) {
	d := newDraft(8)
	d.conv("net/a/Conv2D:0", 3, 8, 1)
	d.op("Relu", "net/a/Relu:0", nil)
	d.op("Mul", "net/a/BatchNorm:0", nil, d.floats([]int{8, 1, 1}, 1, 2, 3, 4, 5, 6, 7, 8))
	d.op("Relu", "out", nil)
	d.on("Add", "sum", nil, "out", "net/a/Relu:0")
	for i := range d.g.Nodes {
		d.g.Nodes[i].Name = strings.TrimSuffix(d.g.Nodes[i].Outputs[0], ":0")
	}
	n := lowered(t, d.graph())
	for name, want := range map[string]string{"net/a/Relu": "net/a/Relu", "net/a": "", "net/a/BatchNorm": "", "out": "out"} {
		at, ok := n.tensor(name)
		if ok != (want != "") || ok && !slices.Contains(append(n.Tensors[at].Also, n.Tensors[at].Name), want) {
			t.Errorf("%s is %v, %v", name, n.Tensors[at], ok)
		}
	}
}

// TestFlatNames: the name of a picture made one vector leads to one vector, in
// the file's order, or to no values.
func TestFlatNames(t *testing.T) {
	d := newDraft(8)
	d.conv("c", 3, 8, 3)
	d.op("Flatten", "chw", nil)
	d.op("Gemm", "y", nil, d.floats([]int{8 * 64, 4}, make([]float32, 8*64*4)...))
	n := lowered(t, d.graph())
	if _, ok := n.tensor("chw"); ok || !slices.Contains(n.Tensors[1].Joined, "chw") {
		t.Errorf("chw has values: %v", n.Tensors)
	}
	if n.Nodes[0].Name != "c_node" || n.Nodes[1].Op != graph.FullyConnected {
		t.Errorf("operators %v", operators(n))
	}
	x := make([]float32, 8*8*3)
	for i := range x {
		x[i] = float32(i%7) - 3
	}
	for _, opt := range []Options{{Keep: []string{"chw"}}, {Until: []string{"chw"}}, {Default: "chw_node"}} {
		opt.Prepare = torchLike()
		n, err := FromGraph(d.graph(), opt)
		if err != nil {
			t.Fatal(err)
		}
		vals := n.Run(x)
		at, ok := n.tensor("chw")
		if !ok || n.Tensors[at].Shape != [3]int{1, 1, 512} {
			t.Fatalf("chw is %v, %v", n.Tensors[at], ok)
		}
		from, _ := n.tensor("c")
		for i, v := range vals[at] {
			if want := vals[from][i%64*8+i/64]; v != want {
				t.Fatalf("value %d is %g, want %g", i, v, want)
			}
		}
	}
	d = newDraft(8)
	d.conv("c", 3, 8, 3)
	d.op("Transpose", "t", attrs{"perm": nd.Ints(0, 2, 3, 1)})
	d.op("Flatten", "hwc", nil)
	d.op("Gemm", "y", nil, d.floats([]int{8 * 64, 4}, make([]float32, 8*64*4)...))
	n = lowered(t, d.graph())
	at, ok := n.tensor("hwc")
	if !ok || n.Tensors[at].Shape != [3]int{1, 1, 512} || n.Tensors[n.Nodes[2].Inputs[0]].Name != "c_node" {
		t.Errorf("hwc is %v, %v; %v", n.Tensors[at], ok, operators(n))
	}
}

// TestShuffledNames: the values of a shuffle of channels are nowhere until they
// are asked for.
func TestShuffledNames(t *testing.T) {
	d := newDraft(8)
	d.conv("c", 3, 8, 1)
	d.op("Reshape", "split", nil, d.ints(1, 2, 4, 8, 8))
	d.op("Transpose", "swap", attrs{"perm": nd.Ints(0, 2, 1, 3, 4)})
	d.op("Reshape", "mixed", nil, d.ints(1, 8, 8, 8))
	d.conv("y", 8, 4, 1)
	n := lowered(t, d.graph())
	for name, want := range map[string]bool{"c": true, "split": true, "swap": false, "mixed": false} {
		if _, ok := n.tensor(name); ok != want {
			t.Errorf("%s has values: %v", name, ok)
		}
	}
	n, err := FromGraph(d.graph(), Options{Prepare: torchLike(), Keep: []string{"mixed"}})
	if err != nil {
		t.Fatal(err)
	}
	at, ok := n.tensor("mixed")
	if m := n.maker(at); !ok || m.Op != graph.GatherChannels || !slices.Equal(m.Channels, []int{0, 4, 1, 5, 2, 6, 3, 7}) {
		t.Errorf("mixed is %v, %v", m, ok)
	}
}
