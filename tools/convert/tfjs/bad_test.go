package tfjs

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"likeness/tools/convert/failure"
	"likeness/tools/convert/tensorflow"
)

// tinyGraph is a 4 x 4 picture through a convolution and a ReLU; tinyLayers
// the same of layers.
const (
	tinyGraph = `{"modelTopology":{"node":[` +
		`{"name":"x","op":"Placeholder","attr":{"shape":{"shape":{"dim":[{"size":"-1"},{"size":"4"},{"size":"4"},{"size":"3"}]}}}},` +
		`{"name":"k","op":"Const"},` +
		`{"name":"c","op":"Conv2D","input":["x","k"],"attr":{"strides":{"list":{"i":["1","1","1","1"]}},"padding":{"s":"U0FNRQ=="}}},` +
		`{"name":"r","op":"Relu","input":["c"]}]},` + tinyWeights
	tinyLayers = `{"modelTopology":{"class_name":"Sequential","config":[` +
		`{"class_name":"Conv2D","config":{"name":"k","batch_input_shape":[null,4,4,3],"kernel_size":1,"use_bias":false,"activation":"relu"}},` +
		`{"class_name":"Flatten","config":{"name":"f"}}]},` + tinyLayerWeights
	tinyWeights      = `"weightsManifest":[{"paths":["w.bin"],"weights":[{"name":"k","shape":[1,1,3,2],"dtype":"float32"}]}]}`
	tinyLayerWeights = `"weightsManifest":[{"paths":["w.bin"],"weights":[{"name":"k/kernel","shape":[1,1,3,2],"dtype":"float32"}]}]}`
)

func tinyFS(model string) fstest.MapFS {
	return fstest.MapFS{"model.json": {Data: []byte(model)}, "w.bin": {Data: make([]byte, 24)}}
}

// badInputs are files that cannot be read: a good model with a part replaced,
// and the exact text of what is said about it.
var badInputs = []struct{ name, model, old, new, want string }{
	{"no JSON", tinyGraph, tinyGraph, "PNG", "model.json is not a TensorFlow.js model: invalid character 'P' looking for beginning of value"},
	{"another JSON", tinyGraph, tinyGraph, `{"name":"web"}`, "the model has no modelTopology; is this the model.json of TensorFlow.js?"},
	{"empty topology", tinyGraph, tinyGraph, `{"modelTopology":{}}`, "modelTopology holds neither a graph (node) nor layers (model_config)"},
	{"operator", tinyGraph, `"Relu"`, `"LSTMBlockCell"`, `LSTMBlockCell "r": the operator is not supported`},
	{"attribute", tinyGraph, `"U0FNRQ=="`, `"T1RIRVI="`, `Conv2D "c": padding: "OTHER" is not supported; SAME, VALID and EXPLICIT are`},
	{"attribute without base64", tinyGraph, `"U0FNRQ=="`, `"@"`, `Conv2D "c": padding: "@" is not base64`},
	{"attribute of another kind", tinyGraph, `{"list":{"i":["1","1","1","1"]}}`, `{"i":"1"}`, `Conv2D "c": strides: a list is wanted`},
	{"stride", tinyGraph, `"1","1","1","1"`, `"1","0","1","1"`, `Conv2D "c": kernel: kernel [1 1], stride [0 1], dilation [1 1]: each from 1 to 16384 is possible`},
	{"stride of the batch", tinyGraph, `"1","1","1","1"`, `"2","1","1","1"`, `Conv2D "c": strides: [2 1 1 1] is not supported; [1, height, width, 1] is`},
	{"integer out of range", tinyGraph, `"1","1","1","1"`, `"1","99999999999","1","1"`, `Conv2D "c": strides: "99999999999" is not an integer in range`},
	{"missing input", tinyGraph, `["x","k"]`, `["x","q"]`, `Conv2D "c": it reads "q", which no node makes`},
	{"too few inputs", tinyGraph, `["x","k"]`, `["x"]`, `Conv2D "c": 1 inputs, 2 are wanted`},
	{"second output", tinyGraph, `["c"]`, `["c:1"]`, `Relu "r": it reads "c:1"; that output of the node is not supported`},
	{"cycle", tinyGraph, `["x","k"]`, `["c","k"]`, `Conv2D "c": it is part of a cycle, through "c"`},
	{"cycle of all", tinyGraph, `["x","k"]`, `["r","k"]`, `the graph has no output: its nodes form a cycle, or compute nothing`},
	{"two of a name", tinyGraph, `"name":"r"`, `"name":"c"`, `Relu "c": two nodes have this name`},
	{"colon in a name", tinyGraph, `"name":"r"`, `"name":"r:1"`, `the graph has a node without a proper name`},
	{"null node", tinyGraph, `{"name":"k","op":"Const"}`, `null`, `the graph has a node without a proper name`},
	{"channels", tinyGraph, `[1,1,3,2]`, `[1,1,2,3]`, `Conv2D "c": kernel [1 1 2 3] does not fit the input [1 4 4 3]`},
	{"channels of the picture", tinyGraph, `"size":"3"`, `"size":"4"`, `Placeholder "x": shape: 4 channels; 3 or 1 are wanted`},
	{"rank of the picture", tinyGraph, `{"size":"-1"},`, ``, `Placeholder "x": shape: [4 4 3] is no picture; [batch, height, width, channels] is wanted`},
	{"picture size", tinyGraph, `"size":"4"},{"size":"4"`, `"size":"-1"},{"size":"4"`, `Placeholder "x": shape: the file fixes no picture size: give one with --size, for instance 224`},
	{"huge picture", tinyGraph, `"size":"4"},{"size":"4"`, `"size":"400000"},{"size":"4"`, `Placeholder "x": shape: pictures of side 400000 are too large, 16384 is possible`},
	{"batch", tinyGraph, `"size":"-1"`, `"size":"8"`, `Placeholder "x": shape: a batch of 8 is fixed in the file; 1 is wanted`},
	{"missing weight", tinyGraph, `"name":"k","shape"`, `"name":"q","shape"`, `Const "k": the weights manifest does not hold its value`},
	{"constant output", tinyGraph, `"input":["c"]`, `"input":["k"]`, `output "r" does not depend on the picture`},
	{"signature", tinyGraph, `{"modelTopology"`, `{"signature":{"outputs":{"y":{"name":"y:0"}}},"modelTopology"`, `the signature names output "y", which no node makes`},
	{"declared 2 GB", tinyGraph, `[1,1,3,2]`, `[1,1,25000,20000]`, `weight "k": shape [1 1 25000 20000] is too large`},
	{"declared more than there is", tinyGraph, `[1,1,3,2]`, `[1,1,3,20000000]`, `the shards ["w.bin"] hold 24 bytes, the manifest declares 240000000: a file is damaged or of another model`},
	{"declared less than there is", tinyGraph, `[1,1,3,2]`, `[1,1,3,1]`, `the shards ["w.bin"] hold 24 bytes, the manifest declares 12: a file is damaged or of another model`},
	{"overflowing shape", tinyGraph, `[1,1,3,2]`, `[4294967296,4294967296,3,2]`, `weight "k": shape [4294967296 4294967296 3 2] is out of range`},
	{"negative shape", tinyGraph, `[1,1,3,2]`, `[1,-1,3,2]`, `weight "k": shape [1 -1 3 2] is out of range`},
	{"shard outside", tinyGraph, `"w.bin"`, `"../w.bin"`, `shard "../w.bin" lies outside the model's folder`},
	{"absolute shard", tinyGraph, `"w.bin"`, `"/etc/passwd"`, `shard "/etc/passwd" lies outside the model's folder`},
	{"missing shard", tinyGraph, `"w.bin"`, `"v.bin"`, `shard "v.bin" is missing: put it beside model.json`},
	{"type", tinyGraph, `"float32"`, `"complex64"`, `weight "k": type "complex64" is not supported; float32, int32, bool and uint8 are, and quantisation to uint8, uint16 and float16`},
	{"quantisation", tinyGraph, `"dtype":"float32"`, `"dtype":"float32","quantization":{"dtype":"int32"}`, `weight "k": quantisation to "int32" is not supported; uint8, uint16 and float16 are`},
	{"no scale", tinyGraph, `"dtype":"float32"`, `"dtype":"float32","quantization":{"dtype":"uint8","min":0}`, `weight "k": its quantisation lacks a scale or a min`},
	{"layer", tinyLayers, `"Flatten"`, `"LSTM"`, `LSTM "f": the layer is not supported`},
	{"lambda", tinyLayers, `"Flatten"`, `"Lambda"`, `Lambda "f": the layer is not supported`},
	{"activation function", tinyLayers, `"relu"`, `"hyper"`, `Conv2D "k": activation: "hyper" is not supported`},
	{"data format", tinyLayers, `"use_bias"`, `"data_format":"channels_first","use_bias"`, `Conv2D "k": data_format: "channels_first" is not supported; channels_last is`},
	{"no bias", tinyLayers, `"use_bias":false`, `"use_bias":true`, `Conv2D "k": the weights manifest does not hold k/bias`},
	{"truth value", tinyLayers, `"use_bias":false`, `"use_bias":7`, `Conv2D "k": use_bias: 7 is not true or false`},
	{"layer padding", tinyLayers, `"use_bias"`, `"padding":"causal","use_bias"`, `Conv2D "k": padding: "causal" is not supported; same and valid are`},
	{"no picture", tinyLayers, `"batch_input_shape":[null,4,4,3],`, ``, `Conv2D "k": batch_input_shape: the first layer has none, so the size of pictures is not known`},
	{"layer without a name", tinyLayers, `"name":"f"`, `"title":"f"`, `Conv2D "k": a layer (Flatten) has no name`},
	{"filters", tinyLayers, `"kernel_size":1`, `"kernel_size":1,"filters":3`, `Conv2D "k": filters: 3 contradicts weights of shape [1 1 3 2]: export the model again`},
	{"filters of half", tinyLayers, `"kernel_size":1`, `"kernel_size":1,"filters":1.5`, `Conv2D "k": filters: 1.5 is not an integer`},
	{"kernel size", tinyLayers, `"kernel_size":1`, `"kernel_size":[3,1]`, `Conv2D "k": kernel_size: [3 1] contradicts weights of shape [1 1 3 2]: export the model again`},
	{"dilation 0", tinyLayers, `"kernel_size":1`, `"kernel_size":1,"dilation_rate":0`, `Conv2D "k": kernel: kernel [1 1], stride [1 1], dilation [0 0]: each from 1 to 16384 is possible`},
	{"three strides", tinyLayers, `"kernel_size":1`, `"kernel_size":1,"strides":[1,1,1]`, `Conv2D "k": strides: [1 1 1] is not height and width`},
	{"one shard twice", tinyGraph, `["w.bin"]`, `["w.bin","w.bin"]`, `the manifest names shard "w.bin" twice: export the model again`},
	{"one shard twice, spelled otherwise", tinyGraph, `["w.bin"]`, `["w.bin","./w.bin"]`, `the manifest names shard "./w.bin" twice: export the model again`},
	{"too many inputs", tinyGraph, `["x","k"]`, `["x","k","k"]`, `Conv2D "c": 3 inputs, 2 are wanted`},
	{"no inputs", tinyGraph, `["c"]`, `[]`, `Relu "r": 0 inputs, 1 are wanted`},
	{"two layers of a name", tinyLayers, `"name":"f"`, `"name":"k"`, `Flatten "k": the name "k" is used twice`},
}

func TestBadInput(t *testing.T) {
	for _, c := range badInputs {
		t.Run(c.name, func(t *testing.T) {
			if !strings.Contains(c.model, c.old) {
				t.Fatalf("the good model has no %q", c.old)
			}
			_, err := ReadFS(tinyFS(strings.Replace(c.model, c.old, c.new, 1)), "", tensorflow.Options{})
			if err == nil || err.Error() != c.want {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
		})
	}
}

func TestGoodInput(t *testing.T) {
	for _, model := range []string{tinyGraph, tinyLayers} {
		if _, err := ReadFS(tinyFS(model), "", tensorflow.Options{}); err != nil {
			t.Error(err)
		}
	}
	if _, err := ReadFS(tinyFS(tinyGraph), "", tensorflow.Options{Height: 8, Width: 8}); err == nil || err.Error() != `Placeholder "x": shape: the file takes pictures of height 4 and width 4, not 8 x 8` {
		t.Error(err)
	}
}

// TestTyped: programs can tell which node and attribute are at fault.
func TestTyped(t *testing.T) {
	_, err := ReadFS(tinyFS(strings.Replace(tinyGraph, "U0FNRQ==", "T1RIRVI=", 1)), "", tensorflow.Options{})
	var e *failure.Error
	if !errors.As(err, &e) || e.Node != "c" || e.Operator != "Conv2D" || e.Attribute != "padding" {
		t.Errorf("%#v", err)
	}
}

// TestNaN: a weight that is no number is named.
func TestNaN(t *testing.T) {
	fsys := tinyFS(tinyGraph)
	copy(fsys["w.bin"].Data[8:], []byte{0, 0, 0xc0, 0x7f})
	if _, err := ReadFS(fsys, "", tensorflow.Options{}); err == nil || err.Error() != `weight "k": value 2 is NaN, which no network can use` {
		t.Error(err)
	}
}

// TestLinkOut: a link in the model's folder must not reach other files.
func TestLinkOut(t *testing.T) {
	out, dir := t.TempDir(), t.TempDir()
	secret := filepath.Join(out, "secret")
	if err := os.WriteFile(secret, make([]byte, 24), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "model.json"), []byte(tinyGraph), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(secret, filepath.Join(dir, "w.bin")); err != nil {
		t.Skip("no links here:", err)
	}
	if _, err := Read(dir, tensorflow.Options{}); err == nil || !strings.Contains(err.Error(), "escapes") {
		t.Errorf("%v", err)
	}
}

// TestManyShards: a manifest that names one file very often, or very many
// files, is refused before any of them is read; so is a topology of very many
// values.
func TestManyShards(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("w.bin", strings.Repeat("x", 24))
	for _, c := range []struct{ paths, want string }{
		{strings.Repeat(`"w.bin",`, 999999) + `"w.bin"`, "twice"},
		{func() string {
			var b strings.Builder
			for i := range 5000 {
				fmt.Fprintf(&b, `"%d.bin",`, i)
			}
			return b.String() + `"w.bin"`
		}(), "more than 4096 shards"},
		{strings.Repeat(`[],`, 2000000) + `"w.bin"`, "values, at most 1048576"},
	} {
		write("model.json", strings.Replace(tinyGraph, `"w.bin"`, c.paths, 1))
		if _, err := Files(dir); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.200v, want %q", err, c.want)
		}
		if _, err := Read(dir, tensorflow.Options{}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.200v, want %q", err, c.want)
		}
	}
}

// TestNestedBomb: models that each call the next ten times must end early.
func TestNestedBomb(t *testing.T) {
	inner := `{"class_name":"Activation","config":{"name":"a","activation":"relu"}}`
	for range 14 {
		calls := make([]string, 10)
		for i := range calls {
			calls[i] = strings.Replace(inner, `"name":"`, `"name":"`+string(rune('a'+i)), 1)
			if len(inner) > 2000 { // the same model by reference is not possible, so keep the file small
				calls = calls[:1]
				break
			}
		}
		inner = `{"class_name":"Sequential","config":{"name":"m","layers":[` + strings.Join(calls, ",") + `]}}`
	}
	// A functional model that calls the nested one many times.
	var b bytes.Buffer
	b.WriteString(`{"modelTopology":{"class_name":"Model","config":{"name":"top","layers":[{"name":"x","class_name":"InputLayer","config":{"batch_input_shape":[null,4,4,3],"name":"x"},"inbound_nodes":[]},`)
	b.WriteString(strings.TrimSuffix(strings.Replace(inner, `"class_name"`, `"name":"n","class_name"`, 1), "}"))
	b.WriteString(`,"inbound_nodes":[[["x",0,0,{}]]`)
	for range 30000 {
		b.WriteString(`,[["x",0,0,{}]]`)
	}
	b.WriteString(`]}],"input_layers":[["x",0,0]],"output_layers":[["n",1,0]]}}}`)
	_, err := ReadFS(fstest.MapFS{"model.json": {Data: b.Bytes()}}, "", tensorflow.Options{})
	if err == nil || !strings.Contains(err.Error(), "more than 16384 nodes") {
		t.Errorf("%.300v", err)
	}
}

// What is not supported is only marked where that is asked for: a layer before it
// can be used.
func TestPartial(t *testing.T) {
	for _, c := range []struct{ model, old, new string }{
		{tinyGraph, `"Relu"`, `"Atan2"`}, {tinyLayers, `"class_name":"Flatten"`, `"class_name":"Odd"`},
	} {
		fsys := tinyFS(strings.Replace(c.model, c.old, c.new, 1))
		if _, err := ReadFS(fsys, "", tensorflow.Options{}); err == nil {
			t.Error("it is read whole")
		}
		g, err := ReadFS(fsys, "", tensorflow.Options{Partial: true})
		if err != nil {
			t.Fatal(err)
		}
		if g.Fault() == nil || g.Outputs[0].Fault == nil || g.Nodes[0].Fault != nil {
			t.Errorf("faults: %v, of the output %v", g.Fault(), g.Outputs[0].Fault)
		}
	}
}
