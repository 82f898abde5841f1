package main

import (
	"bytes"
	"encoding/json"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The parts of either picture sum to the score, which is that of their vectors,
// and the drawing has both.
func TestExplain(t *testing.T) {
	dir, model, photos := fixture(t)
	a, b, out := filepath.Join(photos, "a.png"), filepath.Join(photos, "c.png"), filepath.Join(dir, "why.png")
	status, stdout, stderr := likeness(t, "explain", "--model", model, "--json", "-o", out, a, b)
	if status != exitOK {
		t.Fatalf("status %d: %s", status, stderr)
	}
	var r struct {
		Score float64
		Shape [3]int
		A, B  []float64
	}
	if err := json.Unmarshal([]byte(stdout), &r); err != nil {
		t.Fatal(err)
	}
	for _, parts := range [][]float64{r.A, r.B} {
		sum := 0.0
		for _, p := range parts {
			sum += p
		}
		if len(parts) != r.Shape[0]*r.Shape[1] || math.Abs(sum-r.Score) > 1e-12 {
			t.Errorf("%d parts sum to %v, the score is %v", len(parts), sum, r.Score)
		}
	}
	if _, stdout, stderr := likeness(t, "embed", "--model", model, "--format", "jsonl", a, b); stderr == "" {
		t.Error(stdout)
	} else {
		var v [2]struct{ Vector []float64 }
		for i, line := range strings.Split(strings.TrimSpace(stdout), "\n") {
			if err := json.Unmarshal([]byte(line), &v[i]); err != nil {
				t.Fatal(err)
			}
		}
		dot := 0.0
		for k := range v[0].Vector {
			dot += v[0].Vector[k] * v[1].Vector[k]
		}
		if math.Abs(dot-r.Score) > 1e-5 {
			t.Errorf("score %v, cosine of the vectors %v", r.Score, dot)
		}
	}
	file, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(file))
	if err != nil || img.Bounds().Dx() != 2*img.Bounds().Dy()+40 {
		t.Errorf("drawing %v, %v", img.Bounds(), err)
	}
	for _, c := range [][]string{{"explain", a}, {"explain", "--model", model, a, filepath.Join(dir, "none.png")}, {"explain", "--model", model, "-o", a, a, b}, {"explain", "--model", model, "--resize", "tiles", a, b}} {
		if status, _, stderr := likeness(t, c...); status != exitFatal || stderr == "" {
			t.Errorf("%v: %d %s", c, status, stderr)
		}
	}
}

// Several layers of one run are what each gives alone.
func TestEmbedLayers(t *testing.T) {
	dir, _, photos := fixture(t)
	model := filepath.Join("..", "..", "models", "likeness_v1.safetensors")
	info := inspect(t, model)
	var names []string
	for _, l := range info.Layers {
		names = append(names, l.Name)
	}
	if len(names) < 2 {
		t.Fatalf("layers %v", names)
	}
	names = names[len(names)-2:]
	if status, _, stderr := likeness(t, "embed", "--model", model, "--layer", strings.Join(names, ","), "-o", filepath.Join(dir, "v.npy"), photos); status != exitOK {
		t.Fatalf("status %d: %s", status, stderr)
	}
	for _, name := range names {
		alone := filepath.Join(dir, "alone.npy")
		if status, _, stderr := likeness(t, "embed", "--model", model, "--layer", name, "-o", alone, photos); status != exitOK {
			t.Fatalf("status %d: %s", status, stderr)
		}
		got, err := os.ReadFile(layerFile(filepath.Join(dir, "v.npy"), name))
		want, err2 := os.ReadFile(alone)
		if err != nil || err2 != nil || !bytes.Equal(got, want) {
			t.Errorf("layer %s: %v %v, %d and %d bytes", name, err, err2, len(got), len(want))
		}
	}
	for _, c := range [][]string{{"--update", "-o", "x.npy"}, {"--format", "csv"}} {
		args := append([]string{"embed", "--model", model, "--layer", strings.Join(names, ","), photos}, c...)
		if status, _, stderr := likeness(t, args...); status != exitFatal || !strings.Contains(stderr, "layer") {
			t.Errorf("%v: %d %s", c, status, stderr)
		}
	}
}
