package convert

import (
	"errors"
	"strings"
	"testing"

	"likeness/tools/convert/guard"
	"likeness/tools/convert/nd"
	"likeness/tools/convert/onnx"
)

// through converts a graph the way a file comes, by its bytes, up to the
// network. A panic fails the test.
func through(t *testing.T, g *nd.Graph) (*Network, error) {
	t.Helper()
	data, err := onnx.Encode(g)
	if err != nil {
		t.Fatal(err)
	}
	var n *Network
	err = guard.Run(func() error {
		g, err := onnx.Decode(data, "")
		if err != nil {
			return err
		}
		Guess(g, "name")
		n, err = FromGraph(g, Options{Name: "bad", Prepare: torchLike()})
		return err
	})
	var f *guard.Fault
	if errors.As(err, &f) {
		t.Errorf("panic: %v", err)
	}
	return n, guard.Remedy(err, Remedy)
}

// change sets what a case is about, in the last node.
func (d *draft) change(edit func(n *nd.Node)) { edit(&d.g.Nodes[len(d.g.Nodes)-1]) }

// badGraphs are networks whose attributes, weights or shapes contradict each
// other, with a word of the refusal.
var badGraphs = []struct {
	name, want string
	build      func(d *draft)
}{
	{"Conv with one input", "takes 2 to 3", func(d *draft) { d.on("Conv", "y", nil, "x") }},
	{"Conv with four inputs", "takes 2 to 3", func(d *draft) { d.op("Conv", "y", nil, d.random(1, 4, 3, 1, 1), d.random(1, 4), d.random(1, 4)) }},
	{"Conv without weights", "input 1 is missing", func(d *draft) { d.on("Conv", "y", nil, "x", "") }},
	{"Cast without inputs", "takes 1", func(d *draft) { d.on("Cast", "y", attrs{"to": nd.Int(1)}) }},
	{"Identity without outputs", "0 outputs", func(d *draft) { d.op("Identity", "y", nil); d.change(func(n *nd.Node) { n.Outputs = nil }) }},
	{"Relu with two outputs", "2 outputs", func(d *draft) { d.op("Relu", "y", nil); d.change(func(n *nd.Node) { n.Outputs = []string{"y", "z"} }) }},
	{"Add of three", "takes 2", func(d *draft) { d.op("Add", "y", nil, "x", "x") }},
	{"BatchNormalization of four", "takes 5", func(d *draft) { d.op("BatchNormalization", "y", nil, d.random(1, 3), d.random(1, 3), d.random(1, 3)) }},
	{"unknown operator without outputs", "no output", func(d *draft) {
		d.conv("y", 3, 4, 1)
		d.g.Nodes = append(d.g.Nodes, nd.Node{Op: "Swirl", Name: "s", Inputs: []string{"x"}})
	}},
	{"kernel_shape larger than the weights", "contradicts", func(d *draft) {
		d.conv("y", 3, 4, 3)
		d.change(func(n *nd.Node) { n.Attrs["kernel_shape"] = nd.Ints(5, 5) })
	}},
	{"kernel_shape of one axis", "contradicts", func(d *draft) {
		d.conv("y", 3, 4, 3)
		d.change(func(n *nd.Node) { n.Attrs["kernel_shape"] = nd.Ints(3) })
	}},
	{"group 0", "0 groups", func(d *draft) { d.conv("y", 3, 4, 1); d.change(func(n *nd.Node) { n.Attrs["group"] = nd.Int(0) }) }},
	{"group -1", "-1 groups", func(d *draft) { d.conv("y", 3, 4, 1); d.change(func(n *nd.Node) { n.Attrs["group"] = nd.Int(-1) }) }},
	{"group that the weights do not have", "3 groups", func(d *draft) { d.conv("y", 3, 6, 1); d.change(func(n *nd.Node) { n.Attrs["group"] = nd.Int(3) }) }},
	{"group as a float", "instead of integer", func(d *draft) { d.conv("y", 3, 4, 1); d.change(func(n *nd.Node) { n.Attrs["group"] = nd.Float(1) }) }},
	{"three strides", "strides", func(d *draft) {
		d.conv("y", 3, 4, 1)
		d.change(func(n *nd.Node) { n.Attrs["strides"] = nd.Ints(1, 1, 1) })
	}},
	{"one stride", "strides", func(d *draft) { d.conv("y", 3, 4, 1); d.change(func(n *nd.Node) { n.Attrs["strides"] = nd.Ints(2) }) }},
	{"no strides", "strides", func(d *draft) { d.conv("y", 3, 4, 1); d.change(func(n *nd.Node) { n.Attrs["strides"] = nd.Ints() }) }},
	{"stride 0", "within 1..256", func(d *draft) {
		d.conv("y", 3, 4, 1)
		d.change(func(n *nd.Node) { n.Attrs["strides"] = nd.Ints(0, 1) })
	}},
	{"stride beyond 32 bits", "within 1..256", func(d *draft) {
		d.conv("y", 3, 4, 1)
		d.change(func(n *nd.Node) { n.Attrs["strides"] = nd.Ints(1<<40, 1) })
	}},
	{"stride as text", "instead of list of integers", func(d *draft) {
		d.conv("y", 3, 4, 1)
		d.change(func(n *nd.Node) { n.Attrs["strides"] = nd.String("1") })
	}},
	{"dilation 0", "within 1..256", func(d *draft) {
		d.conv("y", 3, 4, 3)
		d.change(func(n *nd.Node) { n.Attrs["dilations"] = nd.Ints(0, 1) })
	}},
	{"dilation -1", "within 1..256", func(d *draft) {
		d.conv("y", 3, 4, 3)
		d.change(func(n *nd.Node) { n.Attrs["dilations"] = nd.Ints(1, -1) })
	}},
	{"three dilations", "dilations", func(d *draft) {
		d.conv("y", 3, 4, 3)
		d.change(func(n *nd.Node) { n.Attrs["dilations"] = nd.Ints(1, 1, 1) })
	}},
	{"two pads", "pads", func(d *draft) { d.conv("y", 3, 4, 3); d.change(func(n *nd.Node) { n.Attrs["pads"] = nd.Ints(1, 1) }) }},
	{"negative pads", "negative padding", func(d *draft) {
		d.conv("y", 3, 4, 3)
		d.change(func(n *nd.Node) { n.Attrs["pads"] = nd.Ints(-1, 1, 1, 1) })
	}},
	{"huge pads", "padding", func(d *draft) {
		d.conv("y", 3, 4, 3)
		d.change(func(n *nd.Node) { n.Attrs["pads"] = nd.Ints(5000, 1, 1, 1) })
	}},
	{"auto_pad", "auto_pad", func(d *draft) {
		d.conv("y", 3, 4, 3)
		d.change(func(n *nd.Node) { n.Attrs["auto_pad"] = nd.String("SOME") })
	}},
	{"kernel beyond the picture", "does not fit", func(d *draft) { d.op("Conv", "y", nil, d.random(1, 4, 3, 9, 9)) }},
	{"weights of three dimensions", "[O I H W]", func(d *draft) { d.op("Conv", "y", nil, d.random(1, 4, 3, 1)) }},
	{"weights for four channels", "do not fit", func(d *draft) { d.op("Conv", "y", nil, d.random(1, 4, 4, 1, 1)) }},
	{"no filters", "[O I H W]", func(d *draft) { d.op("Conv", "y", nil, d.random(1, 0, 3, 1, 1)) }},
	{"a filter without places", "[O I H W]", func(d *draft) { d.op("Conv", "y", nil, d.random(1, 4, 3, 0, 1)) }},
	{"weights of integers", "[O I H W]", func(d *draft) { d.op("Conv", "y", nil, d.ints(1, 2, 3)) }},
	{"three biases for four", "3 biases", func(d *draft) { d.op("Conv", "y", nil, d.random(1, 4, 3, 1, 1), d.random(1, 3)) }},
	{"weights that are computed", "constant", func(d *draft) { d.on("Conv", "y", nil, "x", "x") }},
	{"pool without kernel_shape", "kernel_shape", func(d *draft) { d.op("MaxPool", "y", nil) }},
	{"pool of one axis", "kernel_shape", func(d *draft) { d.op("MaxPool", "y", attrs{"kernel_shape": nd.Ints(2)}) }},
	{"pool of 0", "within 1..256", func(d *draft) { d.op("MaxPool", "y", attrs{"kernel_shape": nd.Ints(0, 2)}) }},
	{"pool that is all padding", "padding", func(d *draft) {
		d.op("MaxPool", "y", attrs{"kernel_shape": nd.Ints(2, 2), "pads": nd.Ints(4, 4, 4, 4)})
	}},
	{"parameters for other channels", "are wanted", func(d *draft) {
		d.op("BatchNormalization", "y", nil, d.random(1, 4), d.random(1, 4), d.random(1, 4), d.random(1, 4))
	}},
	{"Gemm of a picture", "two dimensions", func(d *draft) { d.op("Gemm", "y", nil, d.random(1, 8, 8)) }},
	{"Gemm of integers", "constants", func(d *draft) {
		d.op("Flatten", "f", nil)
		d.op("Gemm", "y", nil, d.constant(&nd.Tensor{Type: nd.Int64, Shape: []int{192, 2}, I: make([]int64, 384)}))
	}},
	{"Gemm of an empty matrix", "constants", func(d *draft) { d.op("Flatten", "f", nil); d.op("Gemm", "y", nil, d.random(1, 192, 0)) }},
	{"Gemm of other rows", "does not fit", func(d *draft) { d.op("Flatten", "f", nil); d.op("Gemm", "y", nil, d.random(1, 10, 4)) }},
	{"Gemm with a bias of another length", "one value a column", func(d *draft) {
		d.op("Flatten", "f", nil)
		d.op("Gemm", "y", nil, d.random(1, 192, 4), d.random(1, 3))
	}},
	{"MatMul of other rows", "does not fit", func(d *draft) { d.op("Flatten", "f", nil); d.op("MatMul", "y", nil, d.random(1, 10, 4)) }},
	{"addition that does not broadcast", "constant of shape", func(d *draft) { d.op("Add", "y", nil, d.random(1, 5)) }},
	{"concatenation of other sizes", "", func(d *draft) {
		a := d.conv("a", 3, 4, 1)
		b := d.op("MaxPool", "p", attrs{"kernel_shape": nd.Ints(2, 2), "strides": nd.Ints(2, 2)})
		d.on("Concat", "y", attrs{"axis": nd.Int(1)}, a, b)
	}},
	{"concatenation along axis 9", "axis 9", func(d *draft) { a := d.conv("a", 3, 4, 1); d.on("Concat", "y", attrs{"axis": nd.Int(9)}, a, a) }},
	{"reshape to other values", "cannot reshape", func(d *draft) { d.op("Reshape", "y", nil, d.ints(1, 5)) }},
	{"reshape to -2", "cannot reshape", func(d *draft) { d.op("Reshape", "y", nil, d.ints(1, -2)) }},
	{"reshape beyond", "cannot reshape", func(d *draft) { d.op("Reshape", "y", nil, d.ints(1<<40, 1<<40)) }},
	{"transpose twice the same", "", func(d *draft) { d.op("Transpose", "y", attrs{"perm": nd.Ints(0, 1, 1, 3)}) }},
	{"transpose of three", "", func(d *draft) { d.op("Transpose", "y", attrs{"perm": nd.Ints(0, 1, 2)}) }},
	{"slice of unequal lists", "differ in length", func(d *draft) { d.op("Slice", "y", nil, d.ints(0, 0), d.ints(1), d.ints(1)) }},
	{"slice of nothing", "nothing is left", func(d *draft) { d.op("Slice", "y", nil, d.ints(3), d.ints(3), d.ints(2)) }},
	{"slice along axis 7", "axis 7", func(d *draft) { d.op("Slice", "y", nil, d.ints(0), d.ints(1), d.ints(7)) }},
	{"gather beyond", "", func(d *draft) { d.op("Gather", "y", attrs{"axis": nd.Int(1)}, d.ints(3)) }},
	{"split that does not add up", "", func(d *draft) {
		d.op("Split", "y", attrs{"axis": nd.Int(1)}, d.ints(1, 1))
		d.change(func(n *nd.Node) { n.Outputs = []string{"y", "z"} })
	}},
	{"clamp upside down", "", func(d *draft) { d.conv("c", 3, 4, 1); d.op("Clip", "y", nil, d.scalar(2), d.scalar(1)) }},
	{"block 0", "", func(d *draft) { d.op("DepthToSpace", "y", attrs{"blocksize": nd.Int(0)}) }},
	{"block that does not divide", "", func(d *draft) { d.op("DepthToSpace", "y", attrs{"blocksize": nd.Int(2)}) }},
	{"resize without a size", "", func(d *draft) { d.op("Resize", "y", attrs{"mode": nd.String("nearest")}) }},
	{"resize by NaN", "", func(d *draft) {
		d.op("Resize", "y", attrs{"mode": nd.String("nearest")}, "", d.floats([]int{4}, 1, 1, -2, 2))
	}},
	{"resize to a giant", "", func(d *draft) {
		d.op("Resize", "y", attrs{"mode": nd.String("nearest")}, "", d.floats([]int{4}, 1, 1, 1e9, 1e9))
	}},
	{"pad inward", "", func(d *draft) { d.op("Pad", "y", nil, d.ints(0, 0, -9, -9, 0, 0, -9, -9)) }},
	{"pad of another rank", "", func(d *draft) { d.op("Pad", "y", nil, d.ints(1, 1)) }},
	{"pad to a giant", "", func(d *draft) { d.op("Pad", "y", nil, d.ints(0, 0, 1<<40, 0, 0, 0, 0, 0)) }},
	{"normalised over axis 9", "", func(d *draft) { d.op("Softmax", "y", attrs{"axis": nd.Int(9)}) }},
	{"layer norm of other channels", "", func(d *draft) { d.op("LayerNormalization", "y", attrs{"axis": nd.Int(1)}, d.random(1, 5)) }},
	{"LRN of size 0", "", func(d *draft) { d.op("LRN", "y", attrs{"size": nd.Int(0)}) }},
	{"LRN of size -3", "", func(d *draft) { d.op("LRN", "y", attrs{"size": nd.Int(-3)}) }},
	{"PRelu of other channels", "", func(d *draft) { d.op("PRelu", "y", nil, d.random(1, 5, 1, 1)) }},
	{"quantised by 0", "", func(d *draft) {
		d.op("QuantizeLinear", "q", nil, d.scalar(0), d.constant(&nd.Tensor{Type: nd.Uint8, I: []int64{0}}))
		d.op("DequantizeLinear", "y", nil, d.scalar(0), d.constant(&nd.Tensor{Type: nd.Uint8, I: []int64{0}}))
	}},
	{"an output of the picture alone", "no operators", func(d *draft) { d.op("Identity", "y", nil) }},
	{"an output of constants", "constant", func(d *draft) { d.on("Relu", "y", nil, d.random(1, 3)) }},
	{"weights that are infinite once joined", "", func(d *draft) {
		d.op("Conv", "c", nil, d.random(1e30, 4, 3, 1, 1))
		d.op("Mul", "y", nil, d.scalar(3e38))
	}},
	{"squared by a computed value", "", func(d *draft) { a := d.conv("a", 3, 4, 1); d.on("Pow", "y", nil, a, a) }},
	{"median of some kind", "", func(d *draft) { d.op("ReduceProd", "y", attrs{"axes": nd.Ints(1)}) }},
	{"mean over axis 5", "axis 5", func(d *draft) { d.op("ReduceMean", "y", attrs{"axes": nd.Ints(5)}) }},
	{"squeeze of a long axis", "", func(d *draft) { d.op("Squeeze", "y", nil, d.ints(1)) }},
	{"unsqueeze at 40", "", func(d *draft) { d.op("Unsqueeze", "y", nil, d.ints(40)) }},
	{"flatten at 40", "axis", func(d *draft) { d.op("Flatten", "y", attrs{"axis": nd.Int(40)}) }},
	{"cast to an integer", "floating-point", func(d *draft) { d.op("Cast", "y", attrs{"to": nd.Int(7)}) }},
	{"control flow", "not supported", func(d *draft) { d.op("If", "y", nil) }},
	{"another program's operator", "not supported", func(d *draft) { d.op("Swirl", "y", nil); d.change(func(n *nd.Node) { n.Domain = "com.example" }) }},
}

func TestBadGraphs(t *testing.T) {
	for _, c := range badGraphs {
		d := newDraft(8)
		c.build(d)
		n, err := through(t, d.graph("y"))
		if err != nil && n == nil {
			checkRefusal(t, c.name, err, c.want)
			continue
		}
		// What only the float run shows, quantising refuses.
		inputs, err := n.Synthetic(1)
		if err == nil {
			_, err = n.Quantise(n.Calibrate(inputs, nil), Margin)
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
