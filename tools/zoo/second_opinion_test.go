package zoo

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"likeness/engine"
	"likeness/engine/model"
	"likeness/engine/picture"
	"likeness/tools/convert/float"
	"likeness/tools/convert/lower"
	"likeness/tools/convert/nd"
	"likeness/tools/convert/onnx"
	"likeness/tools/convert/quantise"
)

// Bars of the second opinion.
const (
	floatBar  = 1e-4  // largest difference, relative to the tensor's largest value
	cosineBar = 0.999 // of quantised features with float ones
)

// TestSecondOpinion writes each network as ONNX and runs one picture through
// onnxruntime-web, the importer's float32 network and the quantised engine.
// It takes minutes: LIKENESS_SLOW=1 turns it on. LIKENESS_ZOO_ONLY may name
// some networks only, LIKENESS_ZOO a folder to keep the models in.
func TestSecondOpinion(t *testing.T) {
	if os.Getenv("LIKENESS_SLOW") == "" {
		t.Skip("slow: LIKENESS_SLOW=1 runs eighteen networks in onnxruntime-web and here")
	}
	peers := filepath.Join("..", "peers")
	if _, err := os.Stat(filepath.Join(peers, "node_modules", "onnxruntime-web")); err != nil {
		t.Fatal("onnxruntime-web is missing: run npm ci in tools/peers")
	}
	keep := os.Getenv("LIKENESS_ZOO")
	var table []string
	for _, name := range Names() {
		if only := os.Getenv("LIKENESS_ZOO_ONLY"); only != "" && !slices.Contains(strings.Fields(only), name) {
			continue
		}
		t.Run(name, func(t *testing.T) { table = append(table, secondOpinion(t, name, peers, keep)) })
	}
	t.Logf("differences are relative to the largest value\n%-20s %10s %9s %9s %9s %8s %9s\n%s",
		"network", "parameters", "bytes", "output", "layers", "cosine", "ms", strings.Join(table, "\n"))
}

// compared are the tensors looked at: the output, the features and three on
// the way.
func (n *Net) compared() []string {
	names, g := slices.Compact([]string{"output", n.Embedding}), n.Graph
	ops := []string{"Relu", "Clip", "Concat", "Add", "Mul", "PRelu"}
	for _, node := range g.Nodes {
		switch node.Op {
		case "Shape":
			ops = ops[:3] // the others may work on shapes
		case "Erf":
			ops = []string{"Conv"} // the others may be parts of a function written out
		}
	}
	for quarter := 1; quarter < 4; quarter++ {
		for _, node := range g.Nodes[len(g.Nodes)*quarter/4:] {
			if out := node.Outputs[0]; slices.Contains(ops, node.Op) && !slices.Contains(names, out) {
				names = append(names, out)
				break
			}
		}
	}
	return names
}

func secondOpinion(t *testing.T, name, peers, keep string) string {
	n, err := Build(name, Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	names := n.compared()
	g := *n.Graph
	g.Outputs = nil
	for _, name := range names {
		g.Outputs = append(g.Outputs, nd.Value{Name: name})
	}
	dir := t.TempDir()
	file := filepath.Join(dir, name+".onnx")
	if err := onnx.Write(file, &g); err != nil {
		t.Fatal(err)
	}
	px := n.Picture(7)
	want := n.peer(t, peers, file, dir, px, names)

	in := n.Input(7)
	read, err := onnx.Read(file)
	if err != nil {
		t.Fatal(err)
	}
	os.Remove(file)
	reference, err := nd.Run(read, map[string]*nd.Tensor{"input": in}, names...)
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range names {
		if d := difference(reference[name].F, want[i]); !(d <= floatBar) {
			t.Errorf("the reference's run of %s is off by %.2g", name, d)
		}
	}
	p, _ := picture.Preset("torch")
	p.Resize, p.Side, p.Width, p.Height = "stretch", 0, 0, 0
	net, err := lower.Graph(read, lower.Options{Name: name, Prepare: p})
	if err != nil {
		t.Fatal(err)
	}
	prepared, err := net.Prepared(n.pixels(px))
	if err != nil {
		t.Fatal(err)
	}
	vals := net.Run(prepared)
	var off []float64
	for i, name := range names {
		at := layer(net, name)
		if at < 0 {
			t.Errorf("the converted network has no layer %s", name)
			off = append(off, math.NaN())
			continue
		}
		got := vals[at]
		if shape := net.Tensors[at].Shape; !slices.Equal(reference[name].Shape, []int{1, shape[0], shape[1], shape[2]}) {
			got = channelsFirst(got, shape)
		}
		d := difference(got, want[i])
		if off = append(off, d); !(d <= floatBar) {
			t.Errorf("float run of %s is off by %.2g", name, d)
		}
	}
	least, ms, size := quantised(t, n, net, keep)
	return fmt.Sprintf("%-20s %10d %9d %9.1e %9.1e %8.5f %9.1f", name, n.Params(), size, off[0], slices.Max(off[1:]), least, ms)
}

// peer runs the file in onnxruntime-web.
func (n *Net) peer(t *testing.T, peers, file, dir string, px []byte, names []string) [][]float32 {
	t.Helper()
	input := filepath.Join(dir, "input.f32")
	if err := os.WriteFile(input, littleEndian(Prepared(px)), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("node", filepath.Join(peers, "run_onnx.js"), file, input, fmt.Sprintf("1,3,%d,%d", n.Size, n.Width), dir)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	listed, err := cmd.Output()
	if err != nil {
		t.Fatalf("onnxruntime-web: %v\n%s", err, &stderr)
	}
	var outputs []struct{ Name string }
	if err := json.Unmarshal(listed, &outputs); err != nil {
		t.Fatal(err)
	}
	all := make([][]float32, len(names))
	for i, o := range outputs {
		data, err := os.ReadFile(filepath.Join(dir, fmt.Sprint(i, ".f32")))
		if err != nil {
			t.Fatal(err)
		}
		v := make([]float32, len(data)/4)
		for k := range v {
			v[k] = math.Float32frombits(binary.LittleEndian.Uint32(data[4*k:]))
		}
		all[slices.Index(names, o.Name)] = v
	}
	return all
}

// quantised makes a model file with ranges from four pictures and holds the
// engine's features of two others against the float run.
func quantised(t *testing.T, n *Net, net *float.Network, keep string) (least, ms float64, size int) {
	var inputs [][]float32
	for seed := range uint64(4) {
		in, err := net.Prepared(n.pixels(n.Picture(2000 + seed)))
		if err != nil {
			t.Fatal(err)
		}
		inputs = append(inputs, in)
	}
	f, err := quantise.WithRanges(net, quantise.Calibrate(net, inputs, nil), quantise.Margin)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := model.Write(&b, f); err != nil {
		t.Fatal(err)
	}
	if keep != "" {
		if err := os.WriteFile(filepath.Join(keep, n.Graph.Name+".safetensors"), b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	e, err := engine.Load(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	at := layer(net, n.Embedding)
	if at < 0 {
		t.Fatal("no features to compare")
	}
	name := net.Tensors[at].Name
	s, err := e.NewSession(name)
	if err != nil {
		t.Fatal(err)
	}
	least, ms = 1, math.Inf(1)
	for _, seed := range []uint64{7, 8} {
		px := n.pixels(n.Picture(seed))
		in, err := net.Prepared(px)
		if err != nil {
			t.Fatal(err)
		}
		for range 3 {
			start := time.Now()
			if err := s.Run(px); err != nil {
				t.Fatal(err)
			}
			ms = min(ms, float64(time.Since(start).Microseconds())/1e3)
		}
		got, err := s.Vector(name, engine.PoolFlatten, false)
		if err != nil {
			t.Fatal(err)
		}
		least = min(least, cosine(got, net.Run(in)[at]))
	}
	if !(least >= cosineBar) {
		t.Errorf("quantised features have cosine %.5f with float ones, %g is wanted", least, cosineBar)
	}
	return least, ms, b.Len()
}

// layer finds a tensor by its ONNX name.
func layer(net *float.Network, name string) int {
	return slices.IndexFunc(net.Tensors, func(t float.Tensor) bool { return t.Name == name || slices.Contains(t.Also, name) })
}

func (n *Net) pixels(rgb []byte) *picture.Pixels {
	px := &picture.Pixels{W: n.Width, H: n.Size, Pix: make([]byte, 4*n.Size*n.Width)}
	for i := range n.Size * n.Width {
		copy(px.Pix[4*i:], rgb[3*i:][:3])
		px.Pix[4*i+3] = 255
	}
	return px
}

func littleEndian(v []float32) (b []byte) {
	for _, x := range v {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
	}
	return b
}

// channelsFirst turns [H, W, C] into [C, H, W].
func channelsFirst(v []float32, s [3]int) []float32 {
	out := make([]float32, len(v))
	for i, x := range v {
		out[i%s[2]*s[0]*s[1]+i/s[2]] = x
	}
	return out
}

// difference is the largest one, relative to the largest wanted value; NaN
// when lengths differ.
func difference(got, want []float32) float64 {
	if len(got) != len(want) || len(got) == 0 {
		return math.NaN()
	}
	worst, top := 0.0, 0.0
	for i, v := range got {
		d := math.Abs(float64(v) - float64(want[i]))
		if math.IsNaN(d) {
			return d
		}
		worst, top = max(worst, d), max(top, math.Abs(float64(want[i])))
	}
	return worst / top
}

func cosine(a, b []float32) float64 {
	if len(a) != len(b) {
		return math.NaN()
	}
	var ab, aa, bb float64
	for i := range a {
		ab += float64(a[i]) * float64(b[i])
		aa += float64(a[i]) * float64(a[i])
		bb += float64(b[i]) * float64(b[i])
	}
	return ab / math.Sqrt(aa*bb)
}
