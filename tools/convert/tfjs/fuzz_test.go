package tfjs

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"likeness/tools/convert/nd"
	"likeness/tools/convert/tensorflow"
)

// FuzzRead changes the topology, the manifest and the weights: whatever they
// hold, the answer is a graph that is sound, or an error.
func FuzzRead(f *testing.F) {
	f.Add([]byte(tinyGraph), make([]byte, 24))
	f.Add([]byte(tinyLayers), make([]byte, 24))
	for _, c := range badInputs {
		f.Add([]byte(strings.Replace(c.model, c.old, c.new, 1)), make([]byte, 24))
	}
	for _, name := range []string{"layers", "nested", "free", "graph"} {
		model, err := os.ReadFile(filepath.Join("testdata", name, "model.json"))
		if err != nil {
			f.Fatal(err)
		}
		shards, _ := filepath.Glob(filepath.Join("testdata", name, "*.bin"))
		var all []byte
		for _, s := range shards {
			data, err := os.ReadFile(s)
			if err != nil {
				f.Fatal(err)
			}
			all = append(all, data...)
		}
		f.Add(model, all)
	}
	f.Fuzz(func(t *testing.T, model, weights []byte) {
		fsys := anyShard{fstest.MapFS{"model.json": {Data: model}}, weights}
		g, err := ReadFS(fsys, "", tensorflow.Options{})
		if err != nil {
			return
		}
		if len(g.Inputs) != 1 || len(g.Outputs) == 0 || len(g.Nodes) == 0 {
			t.Fatalf("%d inputs, %d outputs, %d nodes", len(g.Inputs), len(g.Outputs), len(g.Nodes))
		}
		for name, c := range g.Const {
			if n := nd.Elems(c.Shape); n < 0 || n != len(c.F)+len(c.I) {
				t.Fatalf("constant %q of shape %v has %d values", name, c.Shape, len(c.F)+len(c.I))
			}
		}
		// What the reader says about shapes, the shared graph must agree with.
		if err := nd.Check(g); err != nil {
			t.Fatal(err)
		}
	})
}

// FuzzModule: a module is data or an error, never a hang or a panic.
func FuzzModule(f *testing.F) {
	f.Add([]byte(loader + `{a:!0,b:[.5,-1e3],"c":'d\''}`))
	f.Add([]byte(loader + `"QUJD"`))
	f.Add([]byte("a.exports="))
	f.Fuzz(func(t *testing.T, js []byte) {
		moduleJSON(js)
		moduleBytes(js)
	})
}

// anyShard answers every name but the model's with all the weights.
type anyShard struct {
	fstest.MapFS
	weights []byte
}

func (a anyShard) Open(name string) (f fs.File, err error) {
	if _, ok := a.MapFS[name]; !ok && fs.ValidPath(name) && name != "." {
		a.MapFS[name] = &fstest.MapFile{Data: a.weights}
	}
	return a.MapFS.Open(name)
}

func (a anyShard) Stat(name string) (fs.FileInfo, error) {
	f, err := a.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return f.Stat()
}
