package onnx

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"likeness/tools/convert/nd"
)

// sample holds one of everything that Encode writes.
func sample() *nd.Graph {
	return &nd.Graph{
		Name: "sample", Opset: 13,
		Inputs:  []nd.Value{{Name: "x", Type: nd.Float32, Shape: []int{-1, 3, 4, 4}}},
		Outputs: []nd.Value{{Name: "y", Type: nd.Float32, Shape: []int{-1, 2, 4, 4}}, {Name: "s", Type: nd.Int64}},
		Const: map[string]*nd.Tensor{
			"w":  {Type: nd.Float32, Shape: []int{2, 3, 1, 1}, F: []float32{1, -2, 3, 4, 5, 6}},
			"h":  {Type: nd.Float16, Shape: []int{2}, F: []float32{0.5, -1}},
			"b":  {Type: nd.BFloat16, Shape: []int{2}, F: []float32{0.5, -1}},
			"d":  {Type: nd.Float64, Shape: []int{}, F: []float32{0.25}},
			"i8": {Type: nd.Int8, Shape: []int{3}, I: []int64{-128, 0, 127}},
			"u8": {Type: nd.Uint8, Shape: []int{2}, I: []int64{0, 255}},
			"hs": {Type: nd.Int16, Shape: []int{1}, I: []int64{-300}},
			"us": {Type: nd.Uint16, Shape: []int{1}, I: []int64{65535}},
			"i":  {Type: nd.Int32, Shape: []int{1}, I: []int64{-1 << 31}},
			"u":  {Type: nd.Uint32, Shape: []int{1}, I: []int64{1<<32 - 1}},
			"l":  {Type: nd.Int64, Shape: []int{0}, I: []int64{}},
			"ul": {Type: nd.Uint64, Shape: []int{1}, I: []int64{-1}},
			"t":  {Type: nd.Bool, Shape: []int{2}, I: []int64{1, 0}},
		},
		Nodes: []nd.Node{
			{Op: "Conv", Name: "conv", Inputs: []string{"x", "w"}, Outputs: []string{"c"}, Attrs: map[string]nd.Attr{
				"kernel_shape": nd.Ints(1, 1), "auto_pad": nd.String("VALID"), "group": nd.Int(1)}},
			{Op: "Clip", Name: "clip", Inputs: []string{"c", "", "d"}, Outputs: []string{"y"}, Attrs: map[string]nd.Attr{}},
			{Op: "Made", Domain: "com.example", Name: "q", Inputs: []string{"c"}, Outputs: []string{"", "s"}, Attrs: map[string]nd.Attr{
				"f": nd.Float(0), "fs": nd.Floats(1, -2), "none": nd.Ints(), "t": nd.TensorAttr(&nd.Tensor{Shape: []int{1}, F: []float32{7}})}},
		},
	}
}

func TestRoundTrip(t *testing.T) {
	want := sample()
	data, err := Encode(want)
	if err != nil {
		t.Fatal(err)
	}
	got, err := Decode(data, "")
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("read back %+v\nwant %+v", got, want)
	}
	again, err := Encode(got)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(again, data) {
		t.Error("written again, the bytes differ")
	}
}

// A graph of an old operator set lists its weights among the inputs; they
// stay weights.
func TestOldFile(t *testing.T) {
	g := sample()
	g.Opset = 7
	data, err := Encode(g)
	if err != nil {
		t.Fatal(err)
	}
	got, err := Decode(data, "")
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Inputs) != 1 || len(got.Const) != len(g.Const) {
		t.Errorf("inputs %v and %d weights", got.Inputs, len(got.Const))
	}
}

func TestWriteLeavesNoPartialFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.onnx")
	if err := Write(path, sample()); err != nil {
		t.Fatal(err)
	}
	if _, err := Read(path); err != nil {
		t.Fatal(err)
	}
	if err := Write(dir, sample()); err == nil {
		t.Fatal("a folder was overwritten")
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 1 {
		t.Errorf("the folder holds %v, %v", files, err)
	}
}

func sharedModels(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("LIKENESS_SHARED")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "..", "shared")
	}
	dir = filepath.Join(dir, "models")
	if _, err := os.Stat(dir); err != nil {
		t.Skip("no reference models: set LIKENESS_SHARED to the folder that holds models/ and photos/")
	}
	return dir
}

// Files that other tools wrote come through Encode unchanged in meaning.
func TestRealFiles(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(sharedModels(t), "*.onnx"))
	if err != nil || len(files) == 0 {
		t.Skip("the folder of reference models holds no ONNX file")
	}
	for _, path := range files {
		g, err := Read(path)
		if err != nil {
			t.Error(err)
			continue
		}
		if len(g.Inputs) != 1 || len(g.Nodes) < 50 {
			t.Errorf("%s: inputs %v, %d nodes", path, g.Inputs, len(g.Nodes))
		}
		data, err := Encode(g)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		again, err := Decode(data, "")
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		if !reflect.DeepEqual(again, g) {
			t.Errorf("%s: read back it differs", path)
		}
	}
}
