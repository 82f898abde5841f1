package main

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem/local"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/testing/ptest"
)

const model = "../../models/likeness_v1.safetensors"

func TestMain(m *testing.M) { ptest.MainWithDefault(m, "prism") }

// pictures makes some, and a list of them with one that is cut off, one that is
// no picture and one that is not there.
func pictures(t *testing.T, dir string, n int) (list string, good []string) {
	t.Helper()
	var names []string
	for i := range n {
		m := image.NewRGBA(image.Rect(0, 0, 60+i%7, 50))
		for y := range 50 {
			for x := range 60 + i%7 {
				m.Set(x, y, color.RGBA{uint8(x * (i + 1)), uint8(y * (i + 3)), uint8(x*y + i*40), 255})
			}
		}
		name := filepath.Join(dir, fmt.Sprintf("p%03d.png", i))
		f, err := os.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := png.Encode(f, m); err != nil {
			t.Fatal(err)
		}
		f.Close()
		names, good = append(names, name), append(good, name)
	}
	data, err := os.ReadFile(names[0])
	if err != nil {
		t.Fatal(err)
	}
	bad := map[string][]byte{"cut.png": data[:len(data)/2], "text.jpg": []byte("hello")}
	for _, name := range slices.Sorted(maps.Keys(bad)) {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, bad[name], 0o644); err != nil {
			t.Fatal(err)
		}
		names = slices.Insert(names, len(names)/2, path)
	}
	names = append(names, filepath.Join(dir, "gone.png"))
	list = filepath.Join(dir, "list.txt")
	if err := os.WriteFile(list, []byte(strings.Join(names, "\n")+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	return list, good
}

func pipeline(t *testing.T, o Options) {
	t.Helper()
	p, s := beam.NewPipelineWithRoot()
	if err := o.Build(context.Background(), s); err != nil {
		t.Fatal(err)
	}
	ptest.RunAndValidate(t, p)
}

// tree is the contents of the files below a folder by their names.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		rel, _ := filepath.Rel(dir, path)
		files[filepath.ToSlash(rel)] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// One run on several workers gives the bytes of likeness index on one machine,
// bad pictures are told and stop nothing, and a second run gives the same again.
func TestPipeline(t *testing.T) {
	dir := t.TempDir()
	list, good := pictures(t, dir, 150)
	o := Options{List: list, Model: model, Output: filepath.Join(dir, "a"), Shards: 4}
	pipeline(t, o)
	a := tree(t, o.Output)
	if n := strings.Count(a["failures.jsonl"], "\n"); n != 3 || !strings.Contains(a["failures.jsonl"], "cut.png") || !strings.Contains(a["failures.jsonl"], "gone.png") {
		t.Errorf("failures: %s", a["failures.jsonl"])
	}
	o.Output = filepath.Join(dir, "b")
	pipeline(t, o)
	if b := tree(t, o.Output); !maps.Equal(a, b) {
		t.Errorf("a second run gives other files: %v, %v", slices.Sorted(maps.Keys(a)), slices.Sorted(maps.Keys(b)))
	}
	bin := filepath.Join(dir, "likeness")
	build := exec.Command("go", "build", "-o", bin, "./tools/likeness")
	build.Dir = "../.."
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	vectors := []string{}
	for name := range a {
		if strings.HasSuffix(name, ".parquet") {
			vectors = append(vectors, filepath.Join(dir, "a", name))
		}
	}
	slices.Sort(vectors)
	if len(vectors) != 4 {
		t.Fatalf("files of vectors: %v", vectors)
	}
	one := filepath.Join(dir, "one.npy")
	for _, args := range [][]string{
		append([]string{"embed", "--model", model, "-o", one}, good...),
		{"index", "-o", filepath.Join(dir, "whole"), "--no-runtime", "--thumbs", "none", "--model", model, "--vectors", one},
		append([]string{"index", "-o", filepath.Join(dir, "parts"), "--no-runtime", "--thumbs", "none", "--model", model, "--vectors"}, vectors...),
	} {
		if out, err := exec.Command(bin, args...).CombinedOutput(); err != nil {
			t.Fatalf("%v: %v: %s", args[0], err, out)
		}
	}
	whole, parts := tree(t, filepath.Join(dir, "whole")), tree(t, filepath.Join(dir, "parts"))
	if !maps.Equal(whole, parts) {
		t.Error("an index of the files of vectors is not that of one run")
	}
	for name, data := range whole {
		if a[name] != data {
			t.Errorf("%s of the pipeline is not that of likeness index", name)
		}
	}
}

func TestRefused(t *testing.T) {
	dir := t.TempDir()
	empty := filepath.Join(dir, "empty.txt")
	if err := os.WriteFile(empty, []byte("\n\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	_, s := beam.NewPipelineWithRoot()
	for _, o := range []Options{{List: filepath.Join(dir, "none"), Model: model, Output: dir, Shards: 1}, {List: empty, Model: model, Output: dir, Shards: 1}} {
		if err := o.Build(context.Background(), s); err == nil {
			t.Errorf("%s was taken", o.List)
		}
	}
}
