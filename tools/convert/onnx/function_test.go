package onnx

import (
	"testing"

	"likeness/tools/convert/nd"
)

// A function that the file defines is the nodes that it stands for, with the
// call's values and attributes.
func TestFunctions(t *testing.T) {
	attr := func(name string, v uint64) []byte { return putInt(putInt(putText(nil, 1, name), 3, v), 20, 2) }
	ref := putInt(putText(putText(nil, 1, "axis"), 21, "dim"), 20, 2)
	softmax := putBytes(putText(putText(putText(putText(nil, 1, "h"), 2, "b"), 3, "inner"), 4, "Softmax"), 5, ref)
	relu := putText(putText(putText(nil, 1, "a"), 2, "h"), 4, "Relu")
	fn := putText(putText(putText(putText(nil, 1, "Soft"), 4, "a"), 5, "b"), 10, "own.domain")
	fn = putBytes(putBytes(fn, 7, relu), 7, softmax)
	call := putText(putText(putText(putText(putText(nil, 1, "x"), 2, "y"), 3, "call"), 4, "Soft"), 7, "own.domain")
	tensor := putBytes(nil, 2, putBytes(nil, 1, putInt(nil, 1, 1)))
	graph := putBytes(putBytes(nil, 1, putBytes(call, 5, attr("dim", 1))), 11, append(putText(nil, 1, "x"), tensor...))
	graph = putBytes(graph, 12, append(putText(nil, 1, "y"), tensor...))
	g, err := Decode(putBytes(model(13, graph), 25, fn), "")
	if err != nil {
		t.Fatal(err)
	}
	if len(g.Nodes) != 2 || g.Nodes[0].Op != "Relu" || g.Nodes[0].Inputs[0] != "x" || g.Nodes[0].Outputs[0] != g.Nodes[1].Inputs[0] ||
		g.Nodes[1].Name != "call" || g.Nodes[1].Outputs[0] != "y" || g.Nodes[1].Attrs["axis"].Int != 1 || g.Nodes[1].Attrs["axis"].Kind != nd.KindInt {
		t.Errorf("%+v", g.Nodes)
	}
	// A function that calls itself ends.
	again := putText(putText(putText(putText(nil, 1, "a"), 2, "b"), 4, "Soft"), 7, "own.domain")
	loop := putBytes(putText(putText(putText(putText(nil, 1, "Soft"), 4, "a"), 5, "b"), 10, "own.domain"), 7, again)
	if _, err := Decode(putBytes(model(13, graph), 25, loop), ""); err == nil {
		t.Error("a function that calls itself is read")
	}
}
