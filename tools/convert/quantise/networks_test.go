package quantise

import (
	"bytes"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"likeness/engine"
	"likeness/engine/model"
	"likeness/engine/picture"
	"likeness/tools/convert/float"
	"likeness/tools/convert/internal/draft"
	"likeness/tools/convert/lower"
	"likeness/tools/convert/onnx"
)

// numpy reads the float32 values of an .npy file, whatever their shape.
func numpy(t *testing.T, path string) []float32 {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if len(data) < 10 || !bytes.Contains(data, []byte("'<f4'")) {
		t.Fatalf("%s is not float32", path)
	}
	body := data[10+int(data[8])+256*int(data[9]):]
	out := make([]float32, len(body)/4)
	for i := range out {
		out[i] = math.Float32frombits(uint32(body[4*i]) | uint32(body[4*i+1])<<8 | uint32(body[4*i+2])<<16 | uint32(body[4*i+3])<<24)
	}
	return out
}

// TestNetworks converts every NAME.onnx of the folder LIKENESS_NETWORKS, runs
// NAME.in.npy in float32 and wants NAME.out.npy, which another program found;
// then it quantises the network and holds the engine's vectors against the
// float run on pictures of noise and waves.
func TestNetworks(t *testing.T) {
	dir := os.Getenv("LIKENESS_NETWORKS")
	if dir == "" {
		t.Skip("set LIKENESS_NETWORKS to a folder of NAME.onnx with NAME.in.npy and NAME.out.npy")
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*.onnx"))
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".onnx")
		t.Run(name, func(t *testing.T) {
			g, err := onnx.Read(file)
			if err != nil {
				t.Fatal(err)
			}
			p, _ := picture.Preset("torch")
			p.Width, p.Height, p.Side = 0, 0, 0
			n, err := lower.Graph(g, lower.Options{Name: name, Prepare: p})
			if err != nil {
				t.Fatal(err)
			}
			want := numpy(t, strings.TrimSuffix(file, ".onnx")+".out.npy")
			start := time.Now()
			vals := n.Run(draft.ToHWC(numpy(t, strings.TrimSuffix(file, ".onnx")+".in.npy")))
			out, _ := n.Find(g.Outputs[0].Name)
			worst, top := 0.0, 0.0
			for i, v := range vals[out] {
				worst, top = max(worst, math.Abs(float64(v-want[i]))), max(top, math.Abs(float64(want[i])))
			}
			t.Logf("%d layers, float run %v, off by %.2g of %.3g", len(n.Nodes), time.Since(start), worst, top)
			if !(worst <= 1e-4*top) {
				t.Errorf("float run is off by %g, the largest value is %g", worst, top)
			}
			checkQuantised(t, n)
		})
	}
}

// quantised wants vectors of the default layer and the output within a cosine
// of 0.999 of the float run, on pictures that calibration has not seen.
func checkQuantised(t *testing.T, n *float.Network) {
	t.Helper()
	prepared := func(seed uint64) (*picture.Pixels, []float32) {
		px := newCanvas(n.Prepare.Width, n.Prepare.Height, rand.New(rand.NewPCG(seed, 9))).picture(int(seed))
		in, err := n.Prepared(px)
		if err != nil {
			t.Fatal(err)
		}
		return px, in
	}
	var inputs [][]float32
	for seed := range uint64(8) {
		_, in := prepared(100 + seed)
		inputs = append(inputs, in)
	}
	f, err := WithRanges(Round(n, inputs, nil), Calibrate(n, inputs, nil), Margin)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := model.Write(&b, f); err != nil {
		t.Fatal(err)
	}
	net, err := engine.Load(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	layers := []string{n.DefaultLayer}
	if n.Output != "" {
		layers = append(layers, n.Output)
	}
	s, err := net.NewSession(layers...)
	if err != nil {
		t.Fatal(err)
	}
	least := []float64{1, 1}
	for seed := range uint64(3) {
		px, in := prepared(seed)
		if err := s.Run(px); err != nil {
			t.Fatal(err)
		}
		want := n.Run(in)
		for i, layer := range layers {
			at, _ := n.Find(layer)
			got, err := s.Vector(layer, engine.PoolAvg, true)
			if err != nil {
				t.Fatal(err)
			}
			least[i] = min(least[i], similarity(got, averaged(want[at], n.Tensors[at].Shape[2])))
		}
	}
	t.Logf("file %.1f MB, least cosine %.5f at %v", float64(b.Len())/1e6, least[:len(layers)], layers)
	if !(min(least[0], least[1]) >= 0.999) {
		t.Errorf("cosine %v, 0.999 is wanted", least)
	}
}
