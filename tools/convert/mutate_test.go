package convert

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

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
	d := newDraft(8)
	a := d.conv("a", 3, 4, 3)
	d.op("BatchNormalization", "b", nil, d.random(1, 4), d.random(1, 4), d.random(1, 4), d.floats([]int{4}, 1, 2, 3, 4))
	d.op("Relu", "r", nil)
	d.op("Add", "s", nil, a)
	switch rng.IntN(5) {
	case 0:
		d.op("MaxPool", "p", attrs{"kernel_shape": nd.Ints(2, 2), "strides": nd.Ints(2, 2)})
		d.op("Resize", "z", attrs{"mode": nd.String("linear")}, "", d.floats([]int{4}, 1, 1, 2, 2))
	case 1:
		d.op("Slice", "p", nil, d.ints(1), d.ints(3), d.ints(1))
		d.op("DepthwiseLike", "z", nil)
		d.change(func(n *nd.Node) {
			n.Op, n.Attrs = "Conv", attrs{"group": nd.Int(2)}
			n.Inputs = append(n.Inputs, d.random(1, 2, 1, 3, 3))
		})
	case 2:
		d.op("Reshape", "p", nil, d.ints(1, 2, 2, 8, 8))
		d.op("Transpose", "q", attrs{"perm": nd.Ints(0, 2, 1, 3, 4)})
		d.op("Reshape", "z", nil, d.ints(1, 4, 8, 8))
	case 3:
		d.op("Transpose", "p", attrs{"perm": nd.Ints(0, 2, 3, 1)})
		d.op("LayerNormalization", "q", attrs{"axis": nd.Int(-1)}, d.random(1, 4), d.random(1, 4))
		d.op("MatMul", "w", nil, d.random(1, 4, 6))
		d.op("Softmax", "z", attrs{"axis": nd.Int(-1)})
	case 4:
		b := d.op("Sigmoid", "p", nil)
		d.on("Mul", "q", nil, "s", b)
		d.op("Pad", "w", nil, d.ints(0, 0, 1, 1, 0, 0, 1, 1))
		d.op("AveragePool", "z", attrs{"kernel_shape": nd.Ints(3, 3), "ceil_mode": nd.Int(1), "count_include_pad": nd.Int(1)})
	}
	d.op("Clip", "k", nil, d.scalar(0), d.scalar(6))
	d.op("ReduceMean", "m", attrs{"axes": nd.Ints(2, 3), "keepdims": nd.Int(rng.IntN(2))})
	d.op("Flatten", "f", nil)
	return d.graph()
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
			n.Attrs = attrs{}
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
	d := newDraft(8)
	for i := range 200000 {
		d.g.Nodes = append(d.g.Nodes, nd.Node{Op: "Relu", Inputs: []string{d.last}, Outputs: []string{fmt.Sprint("v", i)}})
		d.last = d.g.Nodes[i].Outputs[0]
	}
	bounded(t, "200,000 nodes", "more than 16384 nodes", d.graph())
	d = newDraft(8)
	var all []string
	for i := range nd.MaxNodes - 1 {
		all = append(all, fmt.Sprint("v", i))
		d.g.Nodes = append(d.g.Nodes, nd.Node{Op: "Sigmoid", Inputs: []string{d.last}, Outputs: all[i:]})
		d.last = all[i]
	}
	d.on("Concat", "y", attrs{"axis": nd.Int(1)}, all...)
	bounded(t, "nodes that are all read at the end", "more than 4096 layers", d.graph())
}

// TestLargeActivations: 60 values that are alive together are summed before
// anything is run.
func TestLargeActivations(t *testing.T) {
	d := newDraft(1024)
	var all []string
	first := d.conv("c", 3, 16, 1)
	for i := range 60 {
		all = append(all, d.on("Sigmoid", fmt.Sprint("s", i), nil, first))
	}
	d.on("Identity", "y", nil, all[0])
	for i, s := range all[1:] {
		d.on("Add", fmt.Sprint("a", i), nil, d.last, s)
	}
	bounded(t, "60 large activations", "--size", d.graph())
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
		_, err = FromGraph(read, Options{Prepare: torchLike()})
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
