package lower

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"likeness/tools/convert/internal/draft"
	"likeness/tools/convert/nd"
	"likeness/tools/convert/onnx"
)

// TestMutatedGraphs changes good networks at random: an input, an output, an
// attribute, a shape, a node. Each is refused in one line, or converts.
func TestMutatedGraphs(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	rounds := 3000
	if testing.Short() {
		rounds = 300
	}
	refused := 0
	for range rounds {
		g := mutable(rng)
		for range 1 + rng.IntN(3) {
			mutate(rng, g)
		}
		if _, err := through(t, g); err != nil {
			refused++
			checkRefusal(t, "mutated", err, "")
		}
	}
	if refused < rounds/10 || refused == rounds {
		t.Errorf("%d of %d refused", refused, rounds)
	}
}

// mutable is a network of many operators.
func mutable(rng *rand.Rand) *nd.Graph {
	d := draft.New(8)
	a := d.Conv("a", 3, 4, 3)
	d.Op("BatchNormalization", "b", nil, d.Random(1, 4), d.Random(1, 4), d.Random(1, 4), d.Floats([]int{4}, 1, 2, 3, 4))
	d.Op("Relu", "r", nil)
	d.Op("Add", "s", nil, a)
	switch rng.IntN(5) {
	case 0:
		d.Op("MaxPool", "p", draft.Attrs{"kernel_shape": nd.Ints(2, 2), "strides": nd.Ints(2, 2)})
		d.Op("Resize", "z", draft.Attrs{"mode": nd.String("linear")}, "", d.Floats([]int{4}, 1, 1, 2, 2))
	case 1:
		d.Op("Slice", "p", nil, d.Ints(1), d.Ints(3), d.Ints(1))
		d.Op("DepthwiseLike", "z", nil)
		change(d, func(n *nd.Node) {
			n.Op, n.Attrs = "Conv", draft.Attrs{"group": nd.Int(2)}
			n.Inputs = append(n.Inputs, d.Random(1, 2, 1, 3, 3))
		})
	case 2:
		d.Op("Reshape", "p", nil, d.Ints(1, 2, 2, 8, 8))
		d.Op("Transpose", "q", draft.Attrs{"perm": nd.Ints(0, 2, 1, 3, 4)})
		d.Op("Reshape", "z", nil, d.Ints(1, 4, 8, 8))
	case 3:
		d.Op("Transpose", "p", draft.Attrs{"perm": nd.Ints(0, 2, 3, 1)})
		d.Op("LayerNormalization", "q", draft.Attrs{"axis": nd.Int(-1)}, d.Random(1, 4), d.Random(1, 4))
		d.Op("MatMul", "w", nil, d.Random(1, 4, 6))
		d.Op("Softmax", "z", draft.Attrs{"axis": nd.Int(-1)})
	case 4:
		b := d.Op("Sigmoid", "p", nil)
		d.On("Mul", "q", nil, "s", b)
		d.Op("Pad", "w", nil, d.Ints(0, 0, 1, 1, 0, 0, 1, 1))
		d.Op("AveragePool", "z", draft.Attrs{"kernel_shape": nd.Ints(3, 3), "ceil_mode": nd.Int(1), "count_include_pad": nd.Int(1)})
	}
	d.Op("Clip", "k", nil, d.Scalar(0), d.Scalar(6))
	d.Op("ReduceMean", "m", draft.Attrs{"axes": nd.Ints(2, 3), "keepdims": nd.Int(rng.IntN(2))})
	d.Op("Flatten", "f", nil)
	return d.Graph()
}

func mutate(rng *rand.Rand, g *nd.Graph) {
	if len(g.Nodes) == 0 {
		return
	}
	n := &g.Nodes[rng.IntN(len(g.Nodes))]
	name := func() string { // some value of the graph, or none
		m := g.Nodes[rng.IntN(len(g.Nodes))]
		all := slices.Concat(m.Inputs, m.Outputs, []string{"", "x", "nowhere"})
		return all[rng.IntN(len(all))]
	}
	number := func() int { return []int{0, -1, 1, 2, 3, 7, 255, 257, 1 << 31, 1 << 62, -1 << 62}[rng.IntN(11)] }
	switch rng.IntN(9) {
	case 0:
		if len(n.Inputs) > 0 {
			n.Inputs[rng.IntN(len(n.Inputs))] = name()
		}
	case 1:
		n.Inputs = n.Inputs[:rng.IntN(len(n.Inputs)+1)]
	case 2:
		n.Inputs = append(n.Inputs, name())
	case 3:
		n.Outputs = append(n.Outputs, fmt.Sprint("more", rng.IntN(4)))
	case 4:
		n.Outputs = n.Outputs[:rng.IntN(len(n.Outputs)+1)]
	case 5:
		keys := []string{"axis", "axes", "perm", "pads", "strides", "dilations", "kernel_shape", "group", "keepdims", "epsilon", "mode", "auto_pad", "to", "blocksize"}
		values := []nd.Attr{nd.Int(number()), nd.Ints(number(), number()), nd.Ints(number(), number(), number(), number()), nd.Ints(), nd.Float(float32(number())), nd.String("SAME_UPPER"), nd.String("CRD")}
		if n.Attrs == nil {
			n.Attrs = draft.Attrs{}
		}
		n.Attrs[keys[rng.IntN(len(keys))]] = values[rng.IntN(len(values))]
	case 6:
		ops := Operators()
		n.Op = ops[rng.IntN(len(ops))]
	case 7:
		for key, t := range g.Const { // one of them, whichever comes
			c := *t
			c.Shape = []int{}
			for range rng.IntN(5) {
				c.Shape = append(c.Shape, rng.IntN(5))
			}
			c.F, c.I = make([]float32, nd.Elems(c.Shape)), nil
			if c.Type == nd.Int64 {
				c.F, c.I = nil, make([]int64, nd.Elems(c.Shape))
				for i := range c.I {
					c.I[i] = int64(number())
				}
			}
			g.Const[key] = &c
			break
		}
	case 8:
		g.Inputs[0].Shape = []int{1, 3, number(), number()}
		for i, s := range g.Inputs[0].Shape {
			g.Inputs[0].Shape[i] = min(max(s, -1), 64)
		}
	}
}

// TestManyNodes: 200,000 nodes are refused at once, and as many as are read
// take bounded time and memory.
func TestManyNodes(t *testing.T) {
	d := draft.New(8)
	for i := range 200000 {
		d.G.Nodes = append(d.G.Nodes, nd.Node{Op: "Relu", Inputs: []string{d.Last}, Outputs: []string{fmt.Sprint("v", i)}})
		d.Last = d.G.Nodes[i].Outputs[0]
	}
	bounded(t, "200,000 nodes", "more than 16384 nodes", d.Graph())
	d = draft.New(8)
	var all []string
	for i := range nd.MaxNodes - 1 {
		all = append(all, fmt.Sprint("v", i))
		d.G.Nodes = append(d.G.Nodes, nd.Node{Op: "Sigmoid", Inputs: []string{d.Last}, Outputs: all[i:]})
		d.Last = all[i]
	}
	d.On("Concat", "y", draft.Attrs{"axis": nd.Int(1)}, all...)
	bounded(t, "nodes that are all read at the end", "more than 4096 layers", d.Graph())
}

// TestLargeActivations: 60 values that are alive together are summed before
// anything is run.
func TestLargeActivations(t *testing.T) {
	d := draft.New(1024)
	var all []string
	first := d.Conv("c", 3, 16, 1)
	for i := range 60 {
		all = append(all, d.On("Sigmoid", fmt.Sprint("s", i), nil, first))
	}
	d.On("Identity", "y", nil, all[0])
	for i, s := range all[1:] {
		d.On("Add", fmt.Sprint("a", i), nil, d.Last, s)
	}
	bounded(t, "60 large activations", "--size", d.Graph())
}

// bounded wants a refusal within seconds and 500 MB.
func bounded(t *testing.T, name, want string, g *nd.Graph) {
	t.Helper()
	data, err := onnx.Encode(g)
	if err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	start := time.Now()
	read, err := onnx.Decode(data, "")
	if err == nil {
		_, err = Graph(read, Options{Prepare: draft.TorchLike()})
	}
	took := time.Since(start)
	runtime.ReadMemStats(&after)
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%s: %v, want one that mentions %q", name, err, want)
	}
	if took > 20*time.Second { // 5 on a machine that does nothing else
		t.Errorf("%s: took %v", name, took)
	}
	if held := int64(after.HeapSys) - int64(before.HeapInuse); held > 500<<20 {
		t.Errorf("%s: the heap grew by %d bytes", name, held)
	}
	t.Logf("%s: %v, %d bytes allocated", name, took, after.TotalAlloc-before.TotalAlloc)
}
