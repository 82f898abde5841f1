package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"likeness/engine/graph"
	"likeness/engine/picture"
	"likeness/tools/convert"
	"likeness/tools/convert/float"
	"likeness/tools/convert/quantise"
)

// likeness runs a command line as the shell would.
func likeness(t *testing.T, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, err bytes.Buffer
	status = newApp(t.Context(), &out, &err).main(args)
	return status, out.String(), err.String()
}

const dim = 4

// writeModel writes a network of one 3 x 3 convolution over 8 x 8 pixels.
func writeModel(t *testing.T, path string) {
	t.Helper()
	writeNamedModel(t, path, "features")
}

// writeNamedModel chooses the layer's name.
func writeNamedModel(t *testing.T, path, layer string) {
	t.Helper()
	p, err := picture.Preset("tf")
	if err != nil {
		t.Fatal(err)
	}
	p.Width, p.Height, p.Side = 8, 8, 8
	weights := make([]float32, dim*3*3*3)
	for i := range weights {
		weights[i] = float32(math.Sin(float64(i)))
	}
	n := &float.Network{Name: "tiny", Prepare: p, DefaultLayer: layer,
		Tensors: []float.Tensor{{Name: "input", Shape: [3]int{8, 8, 3}}, {Name: layer, Shape: [3]int{8, 8, dim}}},
		Nodes: []float.Node{{
			Node: graph.Node{Op: graph.Conv, Name: layer, Inputs: []int{0}, Output: 1, Kernel: [2]int{3, 3}, Stride: [2]int{1, 1},
				Dilation: [2]int{1, 1}, Pads: [4]int{1, 1, 1, 1}, Groups: 1, Weights: layer},
			Weight: weights, Bias: []float32{1, 2, 3, 4}, ActMin: math.Inf(-1), ActMax: math.Inf(1),
		}}}
	f, err := quantise.Model(n, quantise.ModelOptions{})
	if err != nil {
		t.Fatal(err)
	}
	f.License = "Apache-2.0"
	if err := convert.WriteFile(path, f); err != nil {
		t.Fatal(err)
	}
}

func writePicture(t *testing.T, path string, w, h int, seed byte) []byte {
	t.Helper()
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			img.SetNRGBA(x, y, color.NRGBA{byte(x)*9 + seed, byte(y) * 13, seed ^ byte(x*y), 255})
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	writeFile(t, path, b.Bytes())
	return b.Bytes()
}

func writeFile(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

// fixture is a folder with model.safetensors and, in photos, three pictures.
func fixture(t *testing.T) (dir, modelFile, photos string) {
	t.Helper()
	dir = t.TempDir()
	modelFile, photos = filepath.Join(dir, "model.safetensors"), filepath.Join(dir, "photos")
	writeModel(t, modelFile)
	if err := os.Mkdir(photos, 0o755); err != nil {
		t.Fatal(err)
	}
	for i, name := range []string{"a.png", "c.png", "d.png"} {
		writePicture(t, filepath.Join(photos, name), 20+i, 16, byte(i*50))
	}
	return dir, modelFile, photos
}

func inspect(t *testing.T, modelFile string) (v struct {
	Hash         string `json:"hash"`
	License      string `json:"license"`
	DefaultLayer string `json:"default_layer"`
	Layers       []struct {
		Name  string
		Shape [3]int
	}
}) {
	t.Helper()
	status, out, stderr := likeness(t, "inspect", "--json", modelFile)
	if status != exitOK {
		t.Fatalf("inspect: status %d, %s", status, stderr)
	}
	if err := json.Unmarshal([]byte(out), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestInspect(t *testing.T) {
	_, modelFile, _ := fixture(t)
	v := inspect(t, modelFile)
	if len(v.Hash) != 64 || v.License != "Apache-2.0" || v.DefaultLayer != "features" || len(v.Layers) != 1 || v.Layers[0].Shape != [3]int{8, 8, dim} {
		t.Errorf("got %+v", v)
	}
	if status, out, _ := likeness(t, "inspect", modelFile); status != exitOK || !strings.Contains(out, "8 x 8 x 4") || !strings.Contains(out, v.Hash) {
		t.Errorf("status %d:\n%s", status, out)
	}
}

func TestEmbedAmongCorrupt(t *testing.T) {
	dir, modelFile, photos := fixture(t)
	good := writePicture(t, filepath.Join(photos, "b.png"), 40, 40, 9)
	writeFile(t, filepath.Join(photos, "b.png"), good[:len(good)/2])
	writeFile(t, filepath.Join(photos, "notes.txt"), []byte("not looked at"))
	out := filepath.Join(dir, "v.npy")
	status, _, stderr := likeness(t, "embed", photos, "--model", modelFile, "-o", out)
	if status != exitSome || !strings.Contains(stderr, "b.png") || strings.Contains(stderr, "notes.txt") {
		t.Errorf("status %d, want %d; stderr:\n%s", status, exitSome, stderr)
	}
	data, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(data, []byte("\x93NUMPY")) || !bytes.Contains(data, []byte("'shape': (3, 4)")) || len(data) != 128+3*dim*4 {
		t.Errorf("npy of %d bytes starts %q", len(data), data[:min(len(data), 100)])
	}
	side, err := os.ReadFile(out + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var v struct {
		ModelHash  string `json:"model_hash"`
		Layer      string
		Pool       string
		Normalized bool
		Names      []string
	}
	if err := json.Unmarshal(side, &v); err != nil {
		t.Fatal(err)
	}
	if v.ModelHash != inspect(t, modelFile).Hash || v.Layer != "features" || v.Pool != "avg" || !v.Normalized || len(v.Names) != 3 ||
		filepath.Base(v.Names[1]) != "c.png" {
		t.Errorf("sidecar %s", side)
	}
}

func TestEmbedFormats(t *testing.T) {
	dir, modelFile, photos := fixture(t)
	read := func(format string) string {
		out := filepath.Join(dir, "v."+format)
		if status, _, stderr := likeness(t, "embed", "--model", modelFile, "--format", format, "-o", out, photos); status != exitOK {
			t.Fatalf("%s: status %d, %s", format, status, stderr)
		}
		data, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	rows, err := csv.NewReader(strings.NewReader(read("csv"))).ReadAll()
	if err != nil || len(rows) != 4 || len(rows[0]) != 1+dim || rows[0][0] != "name" || filepath.Base(rows[3][0]) != "d.png" {
		t.Errorf("csv: %v, %v", err, rows)
	}
	lines := strings.Split(strings.TrimSuffix(read("jsonl"), "\n"), "\n")
	for _, line := range lines {
		var v struct {
			Name   string
			Vector []float64
		}
		if err := json.Unmarshal([]byte(line), &v); err != nil || len(v.Vector) != dim {
			t.Errorf("jsonl: %v in %s", err, line)
			continue
		}
		length := 0.0
		for _, x := range v.Vector {
			length += x * x
		}
		if math.Abs(length-1) > 1e-6 {
			t.Errorf("jsonl: squared length %g, want 1", length)
		}
	}
	if len(lines) != 3 {
		t.Errorf("jsonl: %d rows, want 3", len(lines))
	}
	tsv := read("tsv")
	meta, err := os.ReadFile(filepath.Join(dir, "v.metadata.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Count(tsv, "\n") != 3 || strings.Count(tsv, "\t") != 3*(dim-1) || strings.Count(string(meta), "\n") != 3 {
		t.Errorf("tsv:\n%s%s", tsv, meta)
	}
	// Without -o the rows go to standard output; several pictures keep their order.
	status, out, _ := likeness(t, "embed", "--model", modelFile, "--format", "csv", "--pool", "flatten", photos)
	if rows, err := csv.NewReader(strings.NewReader(out)).ReadAll(); status != exitOK || err != nil || len(rows) != 4 || len(rows[0]) != 1+8*8*dim {
		t.Errorf("stdout: status %d, %v, %d rows", status, err, len(rows))
	}
}

func TestEmbedOnePixel(t *testing.T) {
	dir, modelFile, _ := fixture(t)
	one := filepath.Join(dir, "one.png")
	writePicture(t, one, 1, 1, 200)
	status, out, stderr := likeness(t, "embed", "--model", modelFile, "--format", "csv", "--json", one)
	if status != exitOK || strings.Count(out, "\n") != 2 {
		t.Errorf("status %d, %q, %s", status, out, stderr)
	}
	var summary struct {
		Pictures, Failed, Dim int
	}
	// One colour is told in a line before the summary.
	lines := strings.Split(strings.TrimSpace(stderr), "\n")
	if len(lines) != 2 || !strings.Contains(lines[0], "one colour") {
		t.Fatalf("stderr %q", stderr)
	}
	if err := json.Unmarshal([]byte(lines[1]), &summary); err != nil || summary.Pictures != 1 || summary.Failed != 0 || summary.Dim != dim {
		t.Errorf("summary %q: %v", stderr, err)
	}
}

func TestFailures(t *testing.T) {
	dir, modelFile, photos := fixture(t)
	at := func(name string) string { return filepath.Join(dir, name) }
	if err := os.Mkdir(at("empty"), 0o755); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(modelFile)
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, at("cut.safetensors"), data[:len(data)-10])
	writeFile(t, at("nothing.safetensors"), nil)
	writeFile(t, at("text.png"), []byte("Dear diary, today I looked at no pictures at all.\n"))
	writeFile(t, at("net.tflite"), []byte("<html>404 not found</html>"))
	for _, test := range []struct {
		name string
		args []string
		want []string // all in stderr
	}{
		{"unknown layer", []string{"embed", "--model", modelFile, "--layer", "featurs", photos}, []string{`"featurs"`, "features"}},
		{"unknown pool", []string{"embed", "--model", modelFile, "--pool", "median", photos}, []string{"median", "avg, max, flatten"}},
		{"unknown format", []string{"embed", "--model", modelFile, "--format", "xls", photos}, []string{"xls", "npy, csv, jsonl, tsv"}},
		{"unknown flag", []string{"embed", "--modle", modelFile, photos}, []string{"-modle", "embed --help"}},
		{"empty folder", []string{"embed", "--model", modelFile, at("empty")}, []string{at("empty"), "no pictures"}},
		{"no such picture", []string{"embed", "--model", modelFile, at("gone.png")}, []string{at("gone.png")}},
		{"no pictures", []string{"embed", "--model", modelFile}, []string{"files or folders"}},
		{"no model", []string{"embed", photos}, []string{"--model", "likeness pull"}},
		{"missing model", []string{"embed", "--model", "nonesuch", photos}, []string{"nonesuch", "likeness pull"}},
		{"truncated model", []string{"embed", "--model", at("cut.safetensors"), photos}, []string{"cut.safetensors", "model file"}},
		{"empty model", []string{"inspect", at("nothing.safetensors")}, []string{"nothing.safetensors", "model file"}},
		{"picture as model", []string{"inspect", at("text.png")}, []string{"text.png", "model file"}},
		{"text as picture", []string{"embed", "--model", modelFile, at("text.png")}, []string{"text.png", "not a picture"}},
		{"no output folder", []string{"embed", "--model", modelFile, "-o", at("gone/v.npy"), photos}, []string{at("gone/v.npy"), "-o"}},
		{"unknown command", []string{"embde"}, []string{"embde", "likeness --help"}},
		{"serve nothing", []string{"serve", at("empty")}, []string{at("empty"), "index.html", "make build"}},
		{"serve missing folder", []string{"serve", at("gone")}, []string{at("gone"), "index.html"}},
		{"convert nothing", []string{"convert"}, []string{"--help"}},
		{"convert a web page", []string{"convert", at("net.tflite"), "-o", at("net.safetensors")}, []string{"net.tflite", "not a TensorFlow Lite file"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			status, out, stderr := likeness(t, test.args...)
			if status != exitFatal || out != "" {
				t.Errorf("status %d, want %d; stdout %q", status, exitFatal, out)
			}
			for _, want := range test.want {
				if !strings.Contains(stderr, want) {
					t.Errorf("%q is missing in: %s", want, stderr)
				}
			}
		})
	}
	if left, _ := filepath.Glob(at(".*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestHelp(t *testing.T) {
	if status, out, _ := likeness(t, "--help"); status != exitOK || !strings.Contains(out, "embed") || !strings.Contains(out, "serve") {
		t.Errorf("status %d:\n%s", status, out)
	}
	for _, c := range commands {
		status, out, _ := likeness(t, c.name, "--help")
		if status != exitOK || !strings.Contains(out, c.usage) || !strings.Contains(out, "likeness "+c.name) {
			t.Errorf("%s --help: status %d:\n%s", c.name, status, out)
		}
	}
}

func TestInterrupted(t *testing.T) {
	dir, modelFile, photos := fixture(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out, stderr bytes.Buffer
	file := filepath.Join(dir, "v.npy")
	status := newApp(ctx, &out, &stderr).main([]string{"embed", "--model", modelFile, "-o", file, photos})
	if _, err := os.Stat(file); status != exitInterrupted || err == nil || !strings.Contains(stderr.String(), "interrupted") {
		t.Errorf("status %d, %s, file: %v", status, stderr.String(), err)
	}
}

// What --resize asks for is done and is written beside the vectors.
func TestEmbedResize(t *testing.T) {
	dir, modelFile, _ := fixture(t)
	long := filepath.Join(dir, "long.png")
	writePicture(t, long, 200, 20, 90)
	seen := map[string]string{}
	for _, resize := range []string{"shorter", "stretch", "fit", "tiles"} {
		out := filepath.Join(dir, resize+".csv")
		if status, _, stderr := likeness(t, "embed", "--model", modelFile, "--format", "csv", "--resize", resize, "-o", out, long); status != exitOK {
			t.Fatalf("%s: status %d, %s", resize, status, stderr)
		}
		side, err := os.ReadFile(out + ".json")
		if err != nil || !strings.Contains(string(side), `"resize": "`+resize+`"`) {
			t.Errorf("%s: %v, %s", resize, err, side)
		}
		csv, err := os.ReadFile(out)
		if err != nil || seen[string(csv)] != "" {
			t.Errorf("%s gives the vector of %s: %v", resize, seen[string(csv)], err)
		}
		seen[string(csv)] = resize
	}
	if status, _, stderr := likeness(t, "embed", "--model", modelFile, "--format", "csv", "--resize", "none", long); status != exitFatal || !strings.Contains(stderr, "200 x 20 pixels; without resizing") {
		t.Errorf("none: status %d, %s", status, stderr)
	}
	if status, _, stderr := likeness(t, "embed", "--model", modelFile, "--resize", "zoom", "-o", filepath.Join(dir, "x.npy"), long); status != exitFatal || !strings.Contains(stderr, "zoom") {
		t.Errorf("zoom: status %d, %s", status, stderr)
	}
}
