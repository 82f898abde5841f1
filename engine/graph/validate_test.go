package graph_test

import (
	"slices"
	"strings"
	"testing"

	"likeness/engine/graph"
	"likeness/engine/internal/testnet"
)

// TestEveryOperatorIsTested: the network of all operators is one.
func TestEveryOperatorIsTested(t *testing.T) {
	g := testnet.All(1).File.Graph
	// Those that came after the golden hashes are held against the float run by
	// tools/convert.
	later := []string{graph.GroupNorm, graph.Power, graph.Log}
	for _, op := range graph.Operators {
		if !slices.ContainsFunc(g.Nodes, func(n graph.Node) bool { return n.Op == op }) && !slices.Contains(later, op) {
			t.Errorf("no %s in testnet.All", op)
		}
	}
	for _, fn := range graph.Functions {
		if !slices.ContainsFunc(g.Nodes, func(n graph.Node) bool { return n.Op == graph.Activation && n.Fn == fn }) && !slices.Contains(later, fn) {
			t.Errorf("no function %s in testnet.All", fn)
		}
	}
}

// TestWrongAttributes breaks one node after the other.
func TestWrongAttributes(t *testing.T) {
	for _, c := range []struct {
		node string
		edit func(n *graph.Node)
		want string
	}{
		{"column", func(n *graph.Node) { n.Channels = []int{21} }, "channel 21 is not one"},
		{"column", func(n *graph.Node) { n.Channels = []int{-1} }, "channel -1"},
		{"column", func(n *graph.Node) { n.Channels = nil }, "output shape"},
		{"sparse", func(n *graph.Node) { n.Start[0] = 5 }, "do not lie within"},
		{"sparse", func(n *graph.Node) { n.Stride[1] = 0 }, "do not lie within"},
		{"sparse", func(n *graph.Node) { n.Start[1] = -1 }, "do not lie within"},
		{"max/dilated", func(n *graph.Node) {
			n.Kernel, n.Dilation, n.Stride, n.Pads = [2]int{2, 2}, [2]int{20, 20}, [2]int{1, 1}, [4]int{19, 19, 19, 19}
		}, "without a value"},
		{"max/overhang", func(n *graph.Node) { n.Pads[2] = 4 }, "without a value"},
		{"fn/elu", func(n *graph.Node) { n.Fn = "swirl" }, "unknown function"},
		{"fn/elu", func(n *graph.Node) { n.Beta = 1e7 }, "beta"},
		{"layernorm", func(n *graph.Node) { n.Epsilon = 0 }, "epsilon"},
		{"layernorm", func(n *graph.Node) { n.Weights = "" }, "no weights"},
		{"lrn", func(n *graph.Node) { n.Size = 0 }, "size 0"},
		{"lrn", func(n *graph.Node) { n.Shift = 0 }, "shift 0"},
		{"wide/DCR", func(n *graph.Node) { n.Order = "" }, "order"},
		{"wide/DCR", func(n *graph.Node) { n.Block = 2 }, "multiple"},
		{"deeper/CRD", func(n *graph.Node) { n.Block = 4 }, "multiple"},
		{"deeper/CRD", func(n *graph.Node) { n.Block = 1 << 20 }, "block"},
		{"linear/half_pixel/1", func(n *graph.Node) { n.Fn = "cubic" }, "interpolation"},
		{"linear/half_pixel/1", func(n *graph.Node) { n.Coordinates = "" }, "coordinates"},
		{"linear/half_pixel/1", func(n *graph.Node) { n.Zoom[0] = -1 }, "zoom"},
		{"floor/half_pixel/1", func(n *graph.Node) { n.Rounding = "" }, "rounding"},
		{"sub/b", func(n *graph.Node) { n.Op = "divide" }, "unknown operator"},
	} {
		g := testnet.All(1).File.Graph
		i := slices.IndexFunc(g.Nodes, func(n graph.Node) bool { return n.Name == c.node })
		if i < 0 {
			t.Fatalf("no node %q", c.node)
		}
		c.edit(&g.Nodes[i])
		if err := g.Validate(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want an error with %q", c.node, err, c.want)
		}
	}
}

// TestBroadcastShapes: axes differ only where one of them is 1.
func TestBroadcastShapes(t *testing.T) {
	g := testnet.All(1).File.Graph
	i := slices.IndexFunc(g.Nodes, func(n graph.Node) bool { return n.Name == "sub/a" })
	other, _ := g.Tensor("sparse")
	g.Nodes = append(g.Nodes, g.Nodes[i])
	last := &g.Nodes[len(g.Nodes)-1]
	last.Inputs = []int{last.Inputs[0], other}
	g.Tensors = append(g.Tensors, g.Tensors[last.Output])
	last.Output = len(g.Tensors) - 1
	g.Tensors[last.Output].Name = "broken"
	if err := g.Validate(); err == nil || !strings.Contains(err.Error(), "do not broadcast") {
		t.Errorf("%v", err)
	}
}

func TestFloatParams(t *testing.T) {
	f := testnet.All(1).File
	i := slices.IndexFunc(f.Graph.Nodes, func(n graph.Node) bool { return n.Op == graph.LayerNorm })
	n := &f.Graph.Nodes[i]
	inf := float32(1)
	for range 200 {
		inf *= 2
	}
	for _, edit := range []func(p *graph.Params){
		func(p *graph.Params) { p.Gain = p.Gain[1:] },
		func(p *graph.Params) { p.Offset = nil },
		func(p *graph.Params) { p.Offset = slices.Clone(p.Offset); p.Offset[3] = inf - inf },
		func(p *graph.Params) { p.Gain = slices.Clone(p.Gain); p.Gain[0] = inf },
		func(p *graph.Params) { p.Bias = []int32{1} },
	} {
		p := f.Params[n.Weights]
		if err := f.Graph.CheckParams(n, &p); err != nil {
			t.Fatal(err)
		}
		edit(&p)
		if f.Graph.CheckParams(n, &p) == nil {
			t.Errorf("%d gains, %d offsets accepted", len(p.Gain), len(p.Offset))
		}
	}
}
