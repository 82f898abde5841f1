package pull

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"likeness/engine/model"
)

func TestLabels(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "names.txt")
	if err := os.WriteFile(file, []byte("a\nb\nc\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	labels, from, err := Labels(t.Context(), file)
	if err != nil || from != "names.txt" || !slices.Equal(labels, []string{"a", "b", "c"}) {
		t.Errorf("%q %s %v", labels, from, err)
	}
	if _, _, err := Labels(t.Context(), filepath.Join(dir, "none.txt")); err == nil || !strings.Contains(err.Error(), "none.txt") {
		t.Errorf("%v", err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := Labels(gone, "imagenet"); err == nil || !strings.Contains(err.Error(), "--labels FILE") || !strings.Contains(err.Error(), "@tensorflow-models/mobilenet") {
		t.Errorf("%v", err)
	}
}

// Labels that are asked for are written, a model that is there without them is
// converted anew, and those that do not fit are refused.
func TestGetWithLabels(t *testing.T) {
	shared := os.Getenv("LIKENESS_MODELS")
	if shared == "" {
		shared = filepath.Join("..", "..", "..", "shared", "models")
	}
	if _, err := os.Stat(filepath.Join(shared, "mobilenet_v2_1.0_224_quant.tflite")); err != nil {
		t.Skip("set LIKENESS_MODELS to a folder with mobilenet_v2_1.0_224_quant.tflite")
	}
	t.Setenv("LIKENESS_MODELS", shared)
	var names []string
	for range 1000 {
		names = append(names, "x")
	}
	opt := Options{Dir: t.TempDir()}
	for _, c := range []struct {
		labels []string
		fresh  bool
		want   int // labels of the file
	}{{nil, true, 0}, {nil, false, 0}, {names, true, 1001}, {names, false, 1001}, {nil, false, 1001}, {names[:1000:1000][:999], true, -1}} {
		opt.Labels, opt.LabelsFrom = c.labels, "a list"
		r, err := Get(t.Context(), "mobilenet_v2", opt)
		if c.want < 0 {
			if err == nil || !strings.Contains(err.Error(), "999 labels for 1001 classes") {
				t.Errorf("%v", err)
			}
			continue
		}
		if err != nil || r.Fresh != c.fresh {
			t.Fatalf("%d labels: %+v %v", len(c.labels), r, err)
		}
		data, err := os.ReadFile(r.File)
		if err != nil {
			t.Fatal(err)
		}
		f, err := model.Read(data)
		if err != nil || len(f.Graph.Labels) != c.want {
			t.Errorf("%d labels, want %d: %v", len(f.Graph.Labels), c.want, err)
		}
		notice, err := os.ReadFile(strings.TrimSuffix(r.File, ".safetensors") + ".LICENSE.txt")
		if err != nil || strings.Contains(string(notice), "classes are from a list") != (c.want > 0) {
			t.Errorf("%s %v", notice, err)
		}
	}
}
