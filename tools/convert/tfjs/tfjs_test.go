package tfjs

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"likeness/tools/convert/nd"
	"likeness/tools/convert/tensorflow"
)

// fixture is what testdata/generate.mjs wrote: the results of TensorFlow.js.
type fixture struct {
	Height, Width int
	Source        string
	Outputs       map[string]struct {
		Shape []int
		Data  string
	}
}

// relative bounds the distance from TensorFlow.js, in units of the largest
// value of a result.
const relative = 1e-4

// TestTensorFlowJS compares every layer and node of the fixtures with what
// TensorFlow.js computed.
func TestTensorFlowJS(t *testing.T) {
	for _, name := range []string{"layers", "nested", "free", "graph"} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join("testdata", name)
			data, err := os.ReadFile(filepath.Join(dir, "expected.json"))
			if err != nil {
				t.Fatal(err)
			}
			var want fixture
			if err := json.Unmarshal(data, &want); err != nil {
				t.Fatal(err)
			}
			g, err := Read(dir, tensorflow.Options{Height: want.Height, Width: want.Width})
			if err != nil {
				t.Fatal(err)
			}
			if err := nd.Check(g); err != nil {
				t.Fatal(err)
			}
			var names []string
			for n := range want.Outputs {
				names = append(names, n)
			}
			got, err := nd.Run(g, map[string]*nd.Tensor{g.Inputs[0].Name: testPicture(want.Height, want.Width)}, names...)
			if err != nil {
				t.Fatal(err)
			}
			for n, w := range want.Outputs {
				have := got[n]
				if have == nil || !slices.Equal(have.Shape, w.Shape) {
					t.Errorf("%s: %+v, want shape %v", n, have, w.Shape)
					continue
				}
				b, err := base64.StdEncoding.DecodeString(w.Data)
				if err != nil || len(b) != 4*len(have.F) {
					t.Fatalf("%s: %d bytes expected, %v", n, len(b), err)
				}
				if d := distance(have.F, b); !(d <= relative) {
					t.Errorf("%s: off by %g", n, d)
				}
			}
		})
	}
}

// testPicture is the one of generate.mjs.
func testPicture(h, w int) *nd.Tensor {
	p := nd.New(nd.Float32, []int{1, h, w, 3})
	for i := range p.F {
		p.F[i] = float32(float64(i*37%101)/50 - 1)
	}
	return p
}

// distance is the largest difference from little-endian floats, relative to
// their largest value; NaN if any value is.
func distance(have []float32, want []byte) float64 {
	worst, top := 0.0, 0.0
	for i, v := range have {
		w := float64(math.Float32frombits(binary.LittleEndian.Uint32(want[4*i:])))
		worst, top = max(worst, math.Abs(float64(v)-w)), max(top, math.Abs(w))
	}
	return worst / top
}

// TestNames: values keep the names of layers, and outputs their own.
func TestNames(t *testing.T) {
	g, err := Read("testdata/nested", tensorflow.Options{})
	if err != nil {
		t.Fatal(err)
	}
	have := map[string]bool{}
	for _, n := range g.Nodes {
		for _, o := range n.Outputs {
			have[o] = true
		}
	}
	for _, want := range []string{"branch/inner/c", "branch/inner/r", "branch/inner:1/c", "branch/p", "d", "scores"} {
		if !have[want] {
			t.Errorf("no value %q", want)
		}
	}
	if len(g.Outputs) != 1 || g.Outputs[0].Name != "scores" {
		t.Errorf("outputs %+v", g.Outputs)
	}
}

// TestFiles lists the model and its shards in order.
func TestFiles(t *testing.T) {
	files, err := Files("testdata/layers")
	if err != nil || len(files) < 3 || filepath.Base(files[0]) != "model.json" || filepath.Base(files[1])[:13] != "group1-shard1" {
		t.Errorf("%q %v", files, err)
	}
}
