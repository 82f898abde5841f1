package pull

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestOutputFirst: what stands in the way of the model is told before anything
// is fetched, and is not replaced.
func TestOutputFirst(t *testing.T) {
	t.Setenv("LIKENESS_MODELS", "")
	content := tinyModel()
	asked := false
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true }))
	defer srv.Close()
	e := entry("tiny", content, Source{Kind: "https", URL: srv.URL, File: "m.tflite"})
	dir := t.TempDir()
	out := filepath.Join(dir, "tiny.safetensors")
	for _, c := range []struct {
		name, text, want string
		opt              Options
	}{
		{"tiny.safetensors", "my notes", "does not hold a model", Options{Dir: dir}},
		{"tiny.LICENSE.txt", "\x00\x01", "does not hold a licence notice", Options{Dir: dir}},
		{"tiny.safetensors", content, "is the file " + out, Options{Dir: dir, File: out}},
		{"tiny.safetensors", "", "there is no folder", Options{Dir: filepath.Join(dir, "gone")}},
	} {
		path := filepath.Join(dir, c.name)
		if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := get(context.Background(), &e, c.opt)
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "--dir") && c.opt.File == "" {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
		if data, err := os.ReadFile(path); err != nil || string(data) != c.text {
			t.Errorf("%s was replaced: %v", c.name, err)
		}
		if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
			t.Errorf("%s: %d files are there: %v", c.name, len(entries), err)
		}
		os.Remove(path)
	}
	if asked {
		t.Error("something was fetched")
	}
}
