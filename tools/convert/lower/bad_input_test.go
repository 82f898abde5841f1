package lower

import (
	"errors"
	"strings"
	"testing"

	"likeness/tools/convert/float"
	"likeness/tools/convert/guard"
	"likeness/tools/convert/internal/draft"
	"likeness/tools/convert/metadata"
	"likeness/tools/convert/nd"
	"likeness/tools/convert/onnx"
	"likeness/tools/convert/quantise"
)

// through converts a graph the way a file comes, by its bytes, up to the
// network. A panic fails the test.
func through(t *testing.T, g *nd.Graph) (*float.Network, error) {
	t.Helper()
	data, err := onnx.Encode(g)
	if err != nil {
		t.Fatal(err)
	}
	var n *float.Network
	err = guard.Run(func() error {
		g, err := onnx.Decode(data, "")
		if err != nil {
			return err
		}
		metadata.Guess(g, "name")
		n, err = Graph(g, Options{Name: "bad", Prepare: draft.TorchLike()})
		return err
	})
	var f *guard.Fault
	if errors.As(err, &f) {
		t.Errorf("panic: %v", err)
	}
	return n, guard.Remedy(err, Remedy)
}

// change sets what a case is about, in the last node.
func change(d *draft.Draft, edit func(n *nd.Node)) { edit(&d.G.Nodes[len(d.G.Nodes)-1]) }

// badGraphs are networks whose attributes, weights or shapes contradict each
// other, with a word of the refusal.
var badGraphs = []struct {
	name, want string
	build      func(d *draft.Draft)
}{
	{"Conv with one input", "takes 2 to 3", func(d *draft.Draft) { d.On("Conv", "y", nil, "x") }},
	{"Conv with four inputs", "takes 2 to 3", func(d *draft.Draft) { d.Op("Conv", "y", nil, d.Random(1, 4, 3, 1, 1), d.Random(1, 4), d.Random(1, 4)) }},
	{"Conv without weights", "input 1 is missing", func(d *draft.Draft) { d.On("Conv", "y", nil, "x", "") }},
	{"Cast without inputs", "takes 1", func(d *draft.Draft) { d.On("Cast", "y", draft.Attrs{"to": nd.Int(1)}) }},
	{"Identity without outputs", "0 outputs", func(d *draft.Draft) { d.Op("Identity", "y", nil); change(d, func(n *nd.Node) { n.Outputs = nil }) }},
	{"Relu with two outputs", "2 outputs", func(d *draft.Draft) {
		d.Op("Relu", "y", nil)
		change(d, func(n *nd.Node) { n.Outputs = []string{"y", "z"} })
	}},
	{"Add of three", "takes 2", func(d *draft.Draft) { d.Op("Add", "y", nil, "x", "x") }},
	{"BatchNormalization of four", "takes 5", func(d *draft.Draft) {
		d.Op("BatchNormalization", "y", nil, d.Random(1, 3), d.Random(1, 3), d.Random(1, 3))
	}},
	{"unknown operator without outputs", "no output", func(d *draft.Draft) {
		d.Conv("y", 3, 4, 1)
		d.G.Nodes = append(d.G.Nodes, nd.Node{Op: "Swirl", Name: "s", Inputs: []string{"x"}})
	}},
	{"kernel_shape larger than the weights", "contradicts", func(d *draft.Draft) {
		d.Conv("y", 3, 4, 3)
		change(d, func(n *nd.Node) { n.Attrs["kernel_shape"] = nd.Ints(5, 5) })
	}},
	{"kernel_shape of one axis", "contradicts", func(d *draft.Draft) {
		d.Conv("y", 3, 4, 3)
		change(d, func(n *nd.Node) { n.Attrs["kernel_shape"] = nd.Ints(3) })
	}},
	{"group 0", "0 groups", func(d *draft.Draft) {
		d.Conv("y", 3, 4, 1)
		change(d, func(n *nd.Node) { n.Attrs["group"] = nd.Int(0) })
	}},
	{"group -1", "-1 groups", func(d *draft.Draft) {
		d.Conv("y", 3, 4, 1)
		change(d, func(n *nd.Node) { n.Attrs["group"] = nd.Int(-1) })
	}},
	{"group that the weights do not have", "3 groups", func(d *draft.Draft) {
		d.Conv("y", 3, 6, 1)
		change(d, func(n *nd.Node) { n.Attrs["group"] = nd.Int(3) })
	}},
	{"group as a float", "instead of integer", func(d *draft.Draft) {
		d.Conv("y", 3, 4, 1)
		change(d, func(n *nd.Node) { n.Attrs["group"] = nd.Float(1) })
	}},
	{"three strides", "strides", func(d *draft.Draft) {
		d.Conv("y", 3, 4, 1)
		change(d, func(n *nd.Node) { n.Attrs["strides"] = nd.Ints(1, 1, 1) })
	}},
	{"one stride", "strides", func(d *draft.Draft) {
		d.Conv("y", 3, 4, 1)
		change(d, func(n *nd.Node) { n.Attrs["strides"] = nd.Ints(2) })
	}},
	{"no strides", "strides", func(d *draft.Draft) {
		d.Conv("y", 3, 4, 1)
		change(d, func(n *nd.Node) { n.Attrs["strides"] = nd.Ints() })
	}},
	{"stride 0", "within 1..256", func(d *draft.Draft) {
		d.Conv("y", 3, 4, 1)
		change(d, func(n *nd.Node) { n.Attrs["strides"] = nd.Ints(0, 1) })
	}},
	{"stride beyond 32 bits", "within 1..256", func(d *draft.Draft) {
		d.Conv("y", 3, 4, 1)
		change(d, func(n *nd.Node) { n.Attrs["strides"] = nd.Ints(1<<40, 1) })
	}},
	{"stride as text", "instead of list of integers", func(d *draft.Draft) {
		d.Conv("y", 3, 4, 1)
		change(d, func(n *nd.Node) { n.Attrs["strides"] = nd.String("1") })
	}},
	{"dilation 0", "within 1..256", func(d *draft.Draft) {
		d.Conv("y", 3, 4, 3)
		change(d, func(n *nd.Node) { n.Attrs["dilations"] = nd.Ints(0, 1) })
	}},
	{"dilation -1", "within 1..256", func(d *draft.Draft) {
		d.Conv("y", 3, 4, 3)
		change(d, func(n *nd.Node) { n.Attrs["dilations"] = nd.Ints(1, -1) })
	}},
	{"three dilations", "dilations", func(d *draft.Draft) {
		d.Conv("y", 3, 4, 3)
		change(d, func(n *nd.Node) { n.Attrs["dilations"] = nd.Ints(1, 1, 1) })
	}},
	{"two pads", "pads", func(d *draft.Draft) {
		d.Conv("y", 3, 4, 3)
		change(d, func(n *nd.Node) { n.Attrs["pads"] = nd.Ints(1, 1) })
	}},
	{"negative pads", "negative padding", func(d *draft.Draft) {
		d.Conv("y", 3, 4, 3)
		change(d, func(n *nd.Node) { n.Attrs["pads"] = nd.Ints(-1, 1, 1, 1) })
	}},
	{"huge pads", "padding", func(d *draft.Draft) {
		d.Conv("y", 3, 4, 3)
		change(d, func(n *nd.Node) { n.Attrs["pads"] = nd.Ints(5000, 1, 1, 1) })
	}},
	{"auto_pad", "auto_pad", func(d *draft.Draft) {
		d.Conv("y", 3, 4, 3)
		change(d, func(n *nd.Node) { n.Attrs["auto_pad"] = nd.String("SOME") })
	}},
	{"kernel beyond the picture", "does not fit", func(d *draft.Draft) { d.Op("Conv", "y", nil, d.Random(1, 4, 3, 9, 9)) }},
	{"weights of three dimensions", "[O I H W]", func(d *draft.Draft) { d.Op("Conv", "y", nil, d.Random(1, 4, 3, 1)) }},
	{"weights for four channels", "do not fit", func(d *draft.Draft) { d.Op("Conv", "y", nil, d.Random(1, 4, 4, 1, 1)) }},
	{"no filters", "[O I H W]", func(d *draft.Draft) { d.Op("Conv", "y", nil, d.Random(1, 0, 3, 1, 1)) }},
	{"a filter without places", "[O I H W]", func(d *draft.Draft) { d.Op("Conv", "y", nil, d.Random(1, 4, 3, 0, 1)) }},
	{"weights of integers", "[O I H W]", func(d *draft.Draft) { d.Op("Conv", "y", nil, d.Ints(1, 2, 3)) }},
	{"three biases for four", "3 biases", func(d *draft.Draft) { d.Op("Conv", "y", nil, d.Random(1, 4, 3, 1, 1), d.Random(1, 3)) }},
	{"weights that are computed", "constant", func(d *draft.Draft) { d.On("Conv", "y", nil, "x", "x") }},
	{"pool without kernel_shape", "kernel_shape", func(d *draft.Draft) { d.Op("MaxPool", "y", nil) }},
	{"pool of one axis", "kernel_shape", func(d *draft.Draft) { d.Op("MaxPool", "y", draft.Attrs{"kernel_shape": nd.Ints(2)}) }},
	{"pool of 0", "within 1..256", func(d *draft.Draft) { d.Op("MaxPool", "y", draft.Attrs{"kernel_shape": nd.Ints(0, 2)}) }},
	{"pool that is all padding", "padding", func(d *draft.Draft) {
		d.Op("MaxPool", "y", draft.Attrs{"kernel_shape": nd.Ints(2, 2), "pads": nd.Ints(4, 4, 4, 4)})
	}},
	{"parameters for other channels", "are wanted", func(d *draft.Draft) {
		d.Op("BatchNormalization", "y", nil, d.Random(1, 4), d.Random(1, 4), d.Random(1, 4), d.Random(1, 4))
	}},
	{"Gemm of a picture", "two dimensions", func(d *draft.Draft) { d.Op("Gemm", "y", nil, d.Random(1, 8, 8)) }},
	{"Gemm of integers", "constants", func(d *draft.Draft) {
		d.Op("Flatten", "f", nil)
		d.Op("Gemm", "y", nil, d.Constant(&nd.Tensor{Type: nd.Int64, Shape: []int{192, 2}, I: make([]int64, 384)}))
	}},
	{"Gemm of an empty matrix", "constants", func(d *draft.Draft) { d.Op("Flatten", "f", nil); d.Op("Gemm", "y", nil, d.Random(1, 192, 0)) }},
	{"Gemm of other rows", "does not fit", func(d *draft.Draft) { d.Op("Flatten", "f", nil); d.Op("Gemm", "y", nil, d.Random(1, 10, 4)) }},
	{"Gemm with a bias of another length", "one value a column", func(d *draft.Draft) {
		d.Op("Flatten", "f", nil)
		d.Op("Gemm", "y", nil, d.Random(1, 192, 4), d.Random(1, 3))
	}},
	{"MatMul of other rows", "does not fit", func(d *draft.Draft) { d.Op("Flatten", "f", nil); d.Op("MatMul", "y", nil, d.Random(1, 10, 4)) }},
	{"addition that does not broadcast", "constant of shape", func(d *draft.Draft) { d.Op("Add", "y", nil, d.Random(1, 5)) }},
	{"concatenation of other sizes", "", func(d *draft.Draft) {
		a := d.Conv("a", 3, 4, 1)
		b := d.Op("MaxPool", "p", draft.Attrs{"kernel_shape": nd.Ints(2, 2), "strides": nd.Ints(2, 2)})
		d.On("Concat", "y", draft.Attrs{"axis": nd.Int(1)}, a, b)
	}},
	{"concatenation along axis 9", "axis 9", func(d *draft.Draft) {
		a := d.Conv("a", 3, 4, 1)
		d.On("Concat", "y", draft.Attrs{"axis": nd.Int(9)}, a, a)
	}},
	{"reshape to other values", "cannot reshape", func(d *draft.Draft) { d.Op("Reshape", "y", nil, d.Ints(1, 5)) }},
	{"reshape to -2", "cannot reshape", func(d *draft.Draft) { d.Op("Reshape", "y", nil, d.Ints(1, -2)) }},
	{"reshape beyond", "cannot reshape", func(d *draft.Draft) { d.Op("Reshape", "y", nil, d.Ints(1<<40, 1<<40)) }},
	{"transpose twice the same", "", func(d *draft.Draft) { d.Op("Transpose", "y", draft.Attrs{"perm": nd.Ints(0, 1, 1, 3)}) }},
	{"transpose of three", "", func(d *draft.Draft) { d.Op("Transpose", "y", draft.Attrs{"perm": nd.Ints(0, 1, 2)}) }},
	{"slice of unequal lists", "differ in length", func(d *draft.Draft) { d.Op("Slice", "y", nil, d.Ints(0, 0), d.Ints(1), d.Ints(1)) }},
	{"slice of nothing", "nothing is left", func(d *draft.Draft) { d.Op("Slice", "y", nil, d.Ints(3), d.Ints(3), d.Ints(2)) }},
	{"slice along axis 7", "axis 7", func(d *draft.Draft) { d.Op("Slice", "y", nil, d.Ints(0), d.Ints(1), d.Ints(7)) }},
	{"gather beyond", "", func(d *draft.Draft) { d.Op("Gather", "y", draft.Attrs{"axis": nd.Int(1)}, d.Ints(3)) }},
	{"split that does not add up", "", func(d *draft.Draft) {
		d.Op("Split", "y", draft.Attrs{"axis": nd.Int(1)}, d.Ints(1, 1))
		change(d, func(n *nd.Node) { n.Outputs = []string{"y", "z"} })
	}},
	{"clamp upside down", "", func(d *draft.Draft) { d.Conv("c", 3, 4, 1); d.Op("Clip", "y", nil, d.Scalar(2), d.Scalar(1)) }},
	{"block 0", "", func(d *draft.Draft) { d.Op("DepthToSpace", "y", draft.Attrs{"blocksize": nd.Int(0)}) }},
	{"block that does not divide", "", func(d *draft.Draft) { d.Op("DepthToSpace", "y", draft.Attrs{"blocksize": nd.Int(2)}) }},
	{"resize without a size", "", func(d *draft.Draft) { d.Op("Resize", "y", draft.Attrs{"mode": nd.String("nearest")}) }},
	{"resize by NaN", "", func(d *draft.Draft) {
		d.Op("Resize", "y", draft.Attrs{"mode": nd.String("nearest")}, "", d.Floats([]int{4}, 1, 1, -2, 2))
	}},
	{"resize to a giant", "", func(d *draft.Draft) {
		d.Op("Resize", "y", draft.Attrs{"mode": nd.String("nearest")}, "", d.Floats([]int{4}, 1, 1, 1e9, 1e9))
	}},
	{"pad inward", "", func(d *draft.Draft) { d.Op("Pad", "y", nil, d.Ints(0, 0, -9, -9, 0, 0, -9, -9)) }},
	{"pad of another rank", "", func(d *draft.Draft) { d.Op("Pad", "y", nil, d.Ints(1, 1)) }},
	{"pad to a giant", "", func(d *draft.Draft) { d.Op("Pad", "y", nil, d.Ints(0, 0, 1<<40, 0, 0, 0, 0, 0)) }},
	{"normalised over axis 9", "", func(d *draft.Draft) { d.Op("Softmax", "y", draft.Attrs{"axis": nd.Int(9)}) }},
	{"layer norm of other channels", "", func(d *draft.Draft) { d.Op("LayerNormalization", "y", draft.Attrs{"axis": nd.Int(1)}, d.Random(1, 5)) }},
	{"LRN of size 0", "", func(d *draft.Draft) { d.Op("LRN", "y", draft.Attrs{"size": nd.Int(0)}) }},
	{"LRN of size -3", "", func(d *draft.Draft) { d.Op("LRN", "y", draft.Attrs{"size": nd.Int(-3)}) }},
	{"PRelu of other channels", "", func(d *draft.Draft) { d.Op("PRelu", "y", nil, d.Random(1, 5, 1, 1)) }},
	{"quantised by 0", "", func(d *draft.Draft) {
		d.Op("QuantizeLinear", "q", nil, d.Scalar(0), d.Constant(&nd.Tensor{Type: nd.Uint8, I: []int64{0}}))
		d.Op("DequantizeLinear", "y", nil, d.Scalar(0), d.Constant(&nd.Tensor{Type: nd.Uint8, I: []int64{0}}))
	}},
	{"an output of the picture alone", "no operators", func(d *draft.Draft) { d.Op("Identity", "y", nil) }},
	{"an output of constants", "constant", func(d *draft.Draft) { d.On("Relu", "y", nil, d.Random(1, 3)) }},
	{"weights that are infinite once joined", "", func(d *draft.Draft) {
		d.Op("Conv", "c", nil, d.Random(1e30, 4, 3, 1, 1))
		d.Op("Mul", "y", nil, d.Scalar(3e38))
	}},
	{"squared by a computed value", "", func(d *draft.Draft) { a := d.Conv("a", 3, 4, 1); d.On("Pow", "y", nil, a, a) }},
	{"median of some kind", "", func(d *draft.Draft) { d.Op("ReduceProd", "y", draft.Attrs{"axes": nd.Ints(1)}) }},
	{"mean over axis 5", "axis 5", func(d *draft.Draft) { d.Op("ReduceMean", "y", draft.Attrs{"axes": nd.Ints(5)}) }},
	{"squeeze of a long axis", "", func(d *draft.Draft) { d.Op("Squeeze", "y", nil, d.Ints(1)) }},
	{"unsqueeze at 40", "", func(d *draft.Draft) { d.Op("Unsqueeze", "y", nil, d.Ints(40)) }},
	{"flatten at 40", "axis", func(d *draft.Draft) { d.Op("Flatten", "y", draft.Attrs{"axis": nd.Int(40)}) }},
	{"cast to an integer", "floating-point", func(d *draft.Draft) { d.Op("Cast", "y", draft.Attrs{"to": nd.Int(7)}) }},
	{"control flow", "not supported", func(d *draft.Draft) { d.Op("If", "y", nil) }},
	{"another program's operator", "not supported", func(d *draft.Draft) {
		d.Op("Swirl", "y", nil)
		change(d, func(n *nd.Node) { n.Domain = "com.example" })
	}},
}

func TestBadGraphs(t *testing.T) {
	for _, c := range badGraphs {
		d := draft.New(8)
		c.build(d)
		n, err := through(t, d.Graph("y"))
		if err != nil && n == nil {
			checkRefusal(t, c.name, err, c.want)
			continue
		}
		// What only the float run shows, quantising refuses.
		inputs, err := quantise.Synthetic(n, 1)
		if err == nil {
			_, err = quantise.WithRanges(n, quantise.Calibrate(n, inputs, nil), quantise.Margin)
		}
		if err == nil {
			t.Errorf("%s: accepted", c.name)
			continue
		}
		checkRefusal(t, c.name, guard.Remedy(err, Remedy), c.want)
	}
}

// checkRefusal wants one line with a word of the case and what to do.
func checkRefusal(t *testing.T, name string, err error, want string) {
	t.Helper()
	msg := err.Error()
	if !strings.Contains(msg, want) || strings.Contains(msg, "\n") || len(msg) > 2000 {
		t.Errorf("%s: got %q\nwant one line that mentions %q", name, msg, want)
	}
	if plain := errors.New(msg); guard.Remedy(plain, "") != plain {
		t.Errorf("%s: %q does not say what to do", name, msg)
	}
}
