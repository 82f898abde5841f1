package model_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"math"
	"os"
	"strings"
	"testing"

	"likeness/engine/graph"
	"likeness/engine/internal/testnet"
	"likeness/engine/model"
)

// TestHeadersAreThoseOfEncodingJSON writes networks of every operator and holds
// graph, head and header to what encoding/json writes of the same.
func TestHeadersAreThoseOfEncodingJSON(t *testing.T) {
	shipped, err := os.ReadFile("../../models/likeness_v1.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	own, err := model.Read(shipped)
	if err != nil {
		t.Fatal(err)
	}
	layers := &testnet.All(2).File
	layers.Graph.Labels = []string{"<a>", "b\"", "&", "\u2028", "", "é", "g", "h", "i", "j", "k"}
	layers.Head = &model.Head{Kind: "softmax", Layer: "scaled", Pool: "max", Threshold: 1e-7}
	layers.License, layers.Source, layers.Converter = "a <b>\n", "c\\\xff", "9"
	files := []*model.File{own, headed(), layers}
	for seed := range uint64(12) {
		files = append(files, &testnet.All(seed).File, &testnet.Random(seed, 30).File)
	}
	for _, f := range files {
		var b bytes.Buffer
		if err := model.Write(&b, f); err != nil {
			t.Fatal(err)
		}
		sameHeader(t, f, b.Bytes())
	}
}

// sameHeader takes the header apart, and puts it together with encoding/json.
func sameHeader(t *testing.T, f *model.File, data []byte) {
	t.Helper()
	header := bytes.TrimRight(data[8:8+binary.LittleEndian.Uint64(data)], " ")
	var parts map[string]json.RawMessage
	if err := json.Unmarshal(header, &parts); err != nil {
		t.Fatal(err)
	}
	all := map[string]any{}
	for name, text := range parts {
		var v struct {
			Dtype   string    `json:"dtype"`
			Shape   []int64   `json:"shape"`
			Offsets [2]uint64 `json:"data_offsets"`
		}
		if err := json.Unmarshal(text, &v); err != nil {
			t.Fatal(err)
		}
		all[name] = v
	}
	var meta map[string]string
	if err := json.Unmarshal(parts["__metadata__"], &meta); err != nil {
		t.Fatal(err)
	}
	all["__metadata__"] = meta
	want, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(header, want) {
		t.Errorf("the header is\n%s\nencoding/json writes\n%s", header, want)
	}
	for key, value := range map[string]any{"likeness.graph": &f.Graph, "likeness.head": f.Head} {
		text, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := meta[key]; got != string(text) && (ok || f.Head != nil) {
			t.Errorf("%s is\n%s\nencoding/json writes\n%s", key, got, text)
		}
	}
}

// TestNumbersThatJSONCannotHold: a field that its operator does not use passes
// the graph's checks with any number.
func TestNumbersThatJSONCannotHold(t *testing.T) {
	f := testnet.All(1).File
	for i := range f.Graph.Nodes {
		if f.Graph.Nodes[i].Op == graph.Conv {
			f.Graph.Nodes[i].Epsilon = math.NaN()
		}
	}
	var b bytes.Buffer
	if err := model.Write(&b, &f); err == nil || !strings.Contains(err.Error(), `"epsilon" is NaN`) || b.Len() > 0 {
		t.Errorf("%d bytes written, error %v", b.Len(), err)
	}
}
