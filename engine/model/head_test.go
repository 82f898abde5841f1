package model_test

import (
	"bytes"
	"math"
	"reflect"
	"strings"
	"testing"

	"likeness/engine/internal/testnet"
	"likeness/engine/model"
)

// headed is a network with a head that keeps three vectors.
func headed() *model.File {
	f := &testnet.All(1).File
	f.Head = &model.Head{Kind: model.KNN, Layer: "scaled", Pool: "avg", K: 2, Threshold: 0.25, Labels: []string{"a", "b"},
		Vectors: []float32{1, 0, 0, 1, 0.5, 0.5}, Class: []int32{0, 1, 1}}
	return f
}

func TestHeadRoundTrip(t *testing.T) {
	layers := &testnet.All(1).File
	for i := range 11 {
		layers.Graph.Labels = append(layers.Graph.Labels, strings.Repeat("x", i+1))
	}
	layers.Head = &model.Head{Kind: "softmax", Layer: "scaled", Pool: "max"}
	for _, want := range []*model.File{headed(), layers} {
		var b bytes.Buffer
		if err := model.Write(&b, want); err != nil {
			t.Fatal(err)
		}
		got, err := model.Read(b.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got.Head, want.Head) {
			t.Errorf("%+v, want %+v", got.Head, want.Head)
		}
		for n := 0; n < b.Len(); n += 1 + n/20 {
			if _, err := model.Read(b.Bytes()[:n]); err == nil {
				t.Fatalf("a file cut off at %d of %d bytes was read", n, b.Len())
			}
		}
	}
}

func TestWrongHeads(t *testing.T) {
	for what, change := range map[string]func(h *model.Head){
		"kind":           func(h *model.Head) { h.Kind = "forest" },
		"takes layer":    func(h *model.Head) { h.Layer = "nowhere" },
		"pooling":        func(h *model.Head) { h.Pool = "best" },
		"threshold":      func(h *model.Head) { h.Threshold = math.NaN() },
		"5 neighbours":   func(h *model.Head) { h.K = 5 },
		"1 labels":       func(h *model.Head) { h.Labels = h.Labels[:1] },
		"label 2":        func(h *model.Head) { h.Class[1] = 2 },
		"label -1":       func(h *model.Head) { h.Class[1] = -1 },
		"at place 3":     func(h *model.Head) { h.Vectors[3] = float32(math.Inf(1)) },
		"for 3 vectors":  func(h *model.Head) { h.Vectors = h.Vectors[:5] },
		"0 values for 0": func(h *model.Head) { h.Vectors, h.Class = nil, nil },
		"head of layers": func(h *model.Head) { h.Kind = "dense" },
	} {
		f := headed()
		change(f.Head)
		if err := model.Write(&bytes.Buffer{}, f); err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("%s: %v", what, err)
		}
	}
	var b bytes.Buffer
	if err := model.Write(&b, headed()); err != nil {
		t.Fatal(err)
	}
	for old, new := range map[string]string{
		`"head.vectors"`: `"head.vektors"`, `"head.class":{"dtype":"I32"`: `"head.class":{"dtype":"F32"`, `\"k\":2`: `\"k\":9`, `\"knn\"`: `\"kno\"`,
		`"shape":[3,2]`: `"shape":[2,3]`,
	} {
		data := bytes.Replace(b.Bytes(), []byte(old), []byte(new), 1)
		if bytes.Equal(data, b.Bytes()) {
			t.Fatalf("%s is not there", old)
		}
		if _, err := model.Read(data); err == nil {
			t.Errorf("%s in place of %s was read", new, old)
		}
	}
}
