package convert_test

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"likeness/engine"
	"likeness/engine/picture"
	"likeness/tools/convert/float"
	"likeness/tools/convert/lower"
	"likeness/tools/convert/nd"
	"likeness/tools/convert/onnx"
	"likeness/tools/convert/quantise"
	"likeness/tools/convert/tensorflow"
	"likeness/tools/convert/tfjs"
)

// The folder of cases holds small files that other programs wrote, and what
// they computed of two pictures. It is not part of the repository.
func casesFolder(t *testing.T) string {
	dir := os.Getenv("LIKENESS_CASES_MODELS")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "cases", "models")
	}
	if _, err := os.Stat(filepath.Join(dir, "expected.json")); err != nil {
		t.Skipf("no cases in %s: set LIKENESS_CASES_MODELS to the folder of expected.json", dir)
	}
	return dir
}

type caseOutput struct {
	Output []float64 `json:"output"`
	Shape  []int     `json:"shape"`
	Flags  string    `json:"flags"`
	Input  string    `json:"input"`
}

func readJSON(t *testing.T, file string, to any) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(data, to)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestCases converts each file for which there are values and holds the
// engine's vector of the output against them.
func TestCases(t *testing.T) {
	dir := casesFolder(t)
	var list struct{ Expected map[string]caseOutput }
	readJSON(t, filepath.Join(dir, "expected.json"), &list)
	for name, c := range list.Expected {
		file := filepath.Join(dir, name+".onnx")
		if _, err := os.Stat(file); err != nil {
			continue
		}
		t.Run(name, func(t *testing.T) {
			g, err := readCase(file)
			if err != nil {
				t.Fatal(err)
			}
			opt := lower.Options{Name: name, Prepare: preset(t, "torch")}
			if strings.Contains(c.Input, "127.5") {
				opt.Prepare = preset(t, "tf")
			}
			if until, ok := strings.CutPrefix(c.Flags, "--until "); ok {
				opt.Until = []string{until}
			}
			got := caseVector(t, convertCase(t, g, opt), filepath.Join(dir, "pattern32.png"), "output", engine.PoolFlatten)
			if want := inHWC(c); cosineOf(got, want) < .999 {
				t.Errorf("cosine %.4f: %.4g, want %.4g", cosineOf(got, want), got[:min(len(got), 8)], want[:min(len(want), 8)])
			}
		})
	}
}

// TestCaseNames: layers answer with their own values, or are not there.
func TestCaseNames(t *testing.T) {
	dir := casesFolder(t)
	folder := filepath.Join(dir, "tfjs_resnet_names")
	var layers map[string]json.RawMessage
	readJSON(t, filepath.Join(folder, "expected.json"), &layers)
	var want map[string][]float64
	if err := json.Unmarshal(layers["mean"], &want); err != nil {
		t.Fatal(err)
	}
	for _, keep := range []bool{false, true} {
		g, err := tfjs.Read(folder, tensorflow.Options{})
		if err != nil {
			t.Fatal(err)
		}
		opt := lower.Options{Name: "names", Prepare: preset(t, "tf")}
		for name := range want {
			if keep {
				opt.Keep = append(opt.Keep, name)
			}
		}
		net := convertCase(t, g, opt)
		for name, w := range want {
			_, err := net.NewSession(name)
			if err != nil && !keep && strings.Contains(err.Error(), "--keep "+name) {
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			if cos := cosineOf(caseVector(t, net, filepath.Join(dir, "pattern64.png"), name, engine.PoolAvg), w); cos < .999 {
				t.Errorf("kept %v: %s: cosine %.4f", keep, name, cos)
			}
		}
	}
}

func preset(t *testing.T, name string) picture.Preparation {
	t.Helper()
	p, err := picture.Preset(name)
	if err != nil {
		t.Fatal(err)
	}
	p.Width, p.Height, p.Side, p.Resize = 0, 0, 0, "stretch"
	return p
}

func convertCase(t *testing.T, g *nd.Graph, opt lower.Options) *engine.Network {
	t.Helper()
	n, err := lower.Graph(g, opt)
	if err != nil {
		t.Fatal(err)
	}
	return quantisedCase(t, n)
}

func quantisedCase(t *testing.T, n *float.Network) *engine.Network {
	t.Helper()
	f, err := quantise.Model(n, quantise.ModelOptions{})
	if err != nil {
		t.Fatal(err)
	}
	net, err := engine.New(f)
	if err != nil {
		t.Fatal(err)
	}
	return net
}

func caseVector(t *testing.T, net *engine.Network, file, layer string, pool engine.Pool) []float32 {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	p, err := picture.Open(data, picture.DefaultLimits)
	if err != nil {
		t.Fatal(err)
	}
	s, err := net.NewSession(layer)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.RunPicture(p); err != nil {
		t.Fatal(err)
	}
	v, err := s.Vector(layer, pool, false)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// inHWC gives values in the engine's order.
func inHWC(c caseOutput) []float64 {
	if len(c.Shape) != 4 {
		return c.Output
	}
	out := make([]float64, len(c.Output))
	pixels := c.Shape[2] * c.Shape[3]
	for i := range out {
		out[i] = c.Output[i%c.Shape[1]*pixels+i/c.Shape[1]]
	}
	return out
}

func cosineOf(a []float32, b []float64) float64 {
	if len(a) != len(b) {
		return math.NaN()
	}
	var ab, aa, bb float64
	for i, x := range a {
		ab, aa, bb = ab+float64(x)*b[i], aa+float64(x)*float64(x), bb+b[i]*b[i]
	}
	return ab / math.Sqrt(aa*bb)
}

// readCase reads a file as the command does: what it holds beside is no matter.
func readCase(file string) (*nd.Graph, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	g, _, err := onnx.DecodeFiles(data, filepath.Dir(file))
	return g, err
}
