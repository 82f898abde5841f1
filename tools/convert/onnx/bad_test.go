package onnx

import (
	"math"
	"os"
	"path/filepath"
	"testing"

	"likeness/tools/convert/nd"
)

// chain is a graph of one input, one weight and some nodes.
func chain(nodes ...nd.Node) *nd.Graph {
	return &nd.Graph{
		Opset:   13,
		Inputs:  []nd.Value{{Name: "x", Shape: []int{1, 2}}},
		Outputs: []nd.Value{{Name: "y", Shape: []int{1, 2}}},
		Const:   map[string]*nd.Tensor{"w": {Shape: []int{2}, F: []float32{1, 2}}},
		Nodes:   nodes,
	}
}

func node(op, name, out string, in ...string) nd.Node {
	return nd.Node{Op: op, Name: name, Inputs: in, Outputs: []string{out}}
}

// model wraps the fields of a graph, written by hand, into a model.
func model(opset uint64, graph []byte) []byte {
	set := putInt(putText(nil, 1, ""), 2, opset)
	return putBytes(putBytes(nil, 8, set), 7, graph)
}

// weight is a graph that holds one TensorProto of these fields, named w.
func weight(fields []byte) []byte {
	return model(13, putBytes(nil, 5, append(putText(nil, 8, "w"), fields...)))
}

func dims(code uint64, d ...uint64) []byte {
	var b []byte
	for _, v := range d {
		b = putInt(b, 1, v)
	}
	return putInt(b, 2, code)
}

func TestBadFiles(t *testing.T) {
	encode := func(g *nd.Graph) []byte {
		data, err := Encode(g)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	good := encode(chain(node("Add", "add", "y", "x", "w")))
	truncated := errTruncated.Error()
	inf := chain(node("Add", "add", "y", "x", "w"))
	inf.Const["w"].F[1] = float32(math.Inf(1))
	nan := chain(node("Add", "add", "y", "x", "w"))
	nan.Const["w"].F[0] = float32(math.NaN())
	constant := chain(node("Constant", "k", "c"), node("Add", "add", "y", "x", "c"))
	constant.Nodes[0].Attrs = map[string]nd.Attr{"value": nd.TensorAttr(&nd.Tensor{Shape: []int{1}, F: []float32{float32(math.NaN())}})}
	subgraph := putBytes(putText(putText(nil, 2, "y"), 4, "Loop"), 5, putInt(putBytes(putText(nil, 1, "body"), 6, nil), 20, 5))
	twice := putBytes(putBytes(putText(nil, 4, "Relu"), 5, putInt(putText(nil, 1, "a"), 3, 1)), 5, putInt(putText(nil, 1, "a"), 3, 1))
	missing := chain(node("Add", "add", "y", "x", "v"))
	noOutput := chain(node("Add", "add", "z", "x", "w"))

	for _, c := range []struct {
		name string
		data []byte
		want string
	}{
		{"empty", nil, "holds no graph: " + truncated},
		{"text", []byte("<!doctype html>"), truncated},
		{"cut", good[:len(good)-1], truncated},
		{"cut early", good[:20], truncated},
		{"no operator set", putBytes(nil, 7, nil), "operator set 0 of ONNX is not supported, 7 to 24 are: export the network with one of them"},
		{"old operator set", model(6, nil), "operator set 6 of ONNX is not supported, 7 to 24 are: export the network with one of them"},
		{"new operator set", model(25, nil), "operator set 25 of ONNX is not supported, 7 to 24 are: export the network with one of them"},
		{"cycle", encode(chain(node("Relu", "a", "p", "q"), node("Relu", "b", "q", "p"), node("Add", "c", "y", "x", "q"))),
			`the graph has a cycle: Relu "b" -> Relu "a" -> Relu "b"`},
		{"own input", encode(chain(node("Add", "c", "y", "x", "y"))), `the graph has a cycle: Add "c" -> Add "c"`},
		{"made twice", encode(chain(node("Relu", "a", "y", "x"), node("Relu", "", "y", "x"))),
			`value "y" is made twice: by Relu "a" and by Relu making "y"`},
		{"weight made", encode(chain(node("Relu", "a", "w", "x"))), `value "w" is made twice: by an input or a weight of that name and by Relu "a"`},
		{"missing weight", encode(missing), `Add "add" reads "v", which is neither an input, a weight in the file nor made by a node`},
		{"no output", encode(noOutput), `nothing makes output "y"`},
		{"infinite weight", encode(inf), `weight "w" holds +Inf at 1 of shape [2]: the file is damaged or the training diverged`},
		{"NaN weight", encode(nan), `weight "w" holds NaN at 0 of shape [2]: the file is damaged or the training diverged`},
		{"NaN constant", encode(constant), `the value of Constant "k" holds NaN at 0 of shape [1]: the file is damaged or the training diverged`},
		{"subgraph", model(13, putBytes(nil, 1, subgraph)), `Loop making "y": attribute "body": holds a graph (of Loop or Scan), and control flow is not supported`},
		{"attribute twice", model(13, putBytes(nil, 1, twice)), `Relu "": attribute "a" comes twice`},
		{"2 GB declared", weight(append(dims(1, 1<<14, 1<<14, 2), putBytes(nil, 9, make([]byte, 1000))...)),
			`tensor "w": shape [16384 16384 2] holds more than 268435456 numbers`},
		{"1 GB declared", weight(append(dims(1, 1<<14, 1<<14), putBytes(nil, 9, make([]byte, 1000))...)),
			`tensor "w": shape [16384 16384] of float32 needs 1073741824 bytes, the file holds 1000`},
		{"no data", weight(dims(1, 3)), `tensor "w": shape [3] needs 3 numbers, the file holds 0`},
		{"overflowing shape", weight(dims(1, 1<<62, 1<<62)), `tensor "w": shape [4611686018427387904 4611686018427387904] has a dimension outside 0 to 268435456`},
		{"negative shape", weight(dims(1, math.MaxUint64)), `tensor "w": shape [-1] has a dimension outside 0 to 268435456`},
		{"many dimensions", weight(dims(1, make([]uint64, 17)...)), `tensor "w": has 17 dimensions, more than 16`},
		{"strings", weight(dims(8)), `tensor "w": elements of type strings are not supported`},
		{"float8", weight(dims(17)), `tensor "w": elements of type float8e4m3fn are not supported`},
		{"unknown type", weight(dims(99)), `tensor "w": elements have type 99, which ONNX does not define`},
		{"value too large", weight(append(dims(2, 1), putInt(nil, 5, 256)...)), `tensor "w": value 256 at 0 is not a uint8`},
		{"segments", weight(append(dims(1), putBytes(nil, 3, nil)...)), `tensor "w": is stored in segments, which is not supported`},
		{"external without folder", weight(append(putInt(dims(1, 2), 14, 1), putBytes(nil, 13, putText(putText(nil, 1, "location"), 2, "w.bin"))...)),
			`tensor "w": keeps its data in the file "w.bin", and no folder to look in is known`},
		{"sparse", model(13, putBytes(nil, 15, nil)), "the graph holds sparse weights, which are not supported"},
		{"sequence", model(13, putBytes(nil, 11, putBytes(putText(nil, 1, "s"), 2, putBytes(nil, 4, nil)))), `"s" is no tensor of numbers, and only those are supported`},
	} {
		_, err := Decode(c.data, "")
		if err == nil || err.Error() != c.want {
			t.Errorf("%s:\n got %v\nwant %s", c.name, err, c.want)
		}
	}
	for n := range len(good) {
		if _, err := Decode(good[:n], ""); err == nil {
			t.Errorf("the first %d of %d bytes were taken for a model", n, len(good))
		}
	}
}

// A bound that is infinite is no damaged weight.
func TestInfiniteBound(t *testing.T) {
	g := chain(node("Clip", "clip", "y", "x", "", "w"))
	g.Const["w"] = &nd.Tensor{Shape: []int{}, F: []float32{float32(math.Inf(1))}}
	data, err := Encode(g)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Decode(data, ""); err != nil {
		t.Error(err)
	}
}

// outside writes a model whose weight w, two float32, lies in another file.
func outside(t *testing.T, dir string, at map[string]string) string {
	t.Helper()
	w := putInt(putText(dims(1, 2), 8, "w"), 14, 1)
	for _, key := range []string{"location", "offset", "length"} {
		if v, ok := at[key]; ok {
			w = putBytes(w, 13, putText(putText(nil, 1, key), 2, v))
		}
	}
	add := putText(putText(putText(putText(nil, 1, "x"), 1, "w"), 2, "y"), 4, "Add")
	g := putBytes(putBytes(nil, 1, add), 5, w)
	g = putBytes(g, 11, encodeValue(nd.Value{Name: "x", Shape: []int{2}}))
	g = putBytes(g, 12, encodeValue(nd.Value{Name: "y", Shape: []int{2}}))
	path := filepath.Join(dir, "m.onnx")
	if err := os.WriteFile(path, model(13, g), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestExternalData(t *testing.T) {
	top := t.TempDir()
	dir := filepath.Join(top, "in")
	for _, d := range []string{dir, filepath.Join(dir, "sub")} {
		if err := os.Mkdir(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	data := make([]byte, 12)
	data[4+2], data[4+3] = 0x80, 0x3f // 0, 1, 0
	for _, p := range []string{filepath.Join(top, "secret"), filepath.Join(dir, "w.bin"), filepath.Join(dir, "sub", "w.bin")} {
		if err := os.WriteFile(p, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(filepath.Join(top, "secret"), filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	for _, at := range []map[string]string{
		{"location": "w.bin", "offset": "4", "length": "8"},
		{"location": "sub/w.bin", "offset": "4"},
	} {
		g, err := Read(outside(t, dir, at))
		if err != nil {
			t.Error(err)
		} else if w := g.Const["w"].F; w[0] != 1 || w[1] != 0 {
			t.Errorf("%v: read %v", at, w)
		}
	}
	for _, c := range []struct {
		at   map[string]string
		want string
	}{
		{map[string]string{"location": "../secret"}, `external data "../secret": is not inside the model's folder`},
		{map[string]string{"location": "sub/../../secret"}, `external data "sub/../../secret": is not inside the model's folder`},
		{map[string]string{"location": "/etc/passwd"}, `external data "/etc/passwd": is not inside the model's folder`},
		{map[string]string{}, `external data "": is not inside the model's folder`},
		{map[string]string{"location": "link"}, `external data "link": statat link: path escapes from parent`},
		{map[string]string{"location": "none"}, `external data "none": is not there: the weights are in that file; put it beside the model, under that name`},
		{map[string]string{"location": "sub"}, `external data "sub": is not a regular file`},
		{map[string]string{"location": "w.bin", "offset": "8"}, `external data "w.bin": has 12 bytes, and 8 are wanted from 8 on`},
		{map[string]string{"location": "w.bin", "offset": "9223372036854775807"}, `external data "w.bin": has 12 bytes, and 8 are wanted from 9223372036854775807 on`},
		{map[string]string{"location": "w.bin", "offset": "-1"}, `external data "w.bin": has offset "-1", which is no size in bytes`},
		{map[string]string{"location": "w.bin", "length": "4"}, `external data "w.bin": has a length of 4 bytes, the shape needs 8`},
	} {
		path := outside(t, dir, c.at)
		want := path + `: tensor "w": ` + c.want
		if _, err := Read(path); err == nil || err.Error() != want {
			t.Errorf("%v:\n got %v\nwant %s", c.at, err, want)
		}
	}
}
