package quantise

import (
	"math"
	"strings"
	"testing"

	"likeness/engine"
	"likeness/engine/graph"
	"likeness/engine/model"
	"likeness/engine/picture"
	"likeness/tools/convert/float"
	"likeness/tools/convert/internal/draft"
	"likeness/tools/convert/litefile"
	"likeness/tools/convert/lower"
	"likeness/tools/convert/tflite"
)

// TestEveryOperatorAgainstFloat runs small networks of every operator through
// the engine and holds each layer against the float run. 8-bit weights of a
// few layers stay within 3 % of the layer's largest value.
func TestEveryOperatorAgainstFloat(t *testing.T) {
	for _, c := range []struct {
		name  string
		build func(f *litefile.Chain)
	}{
		{"pool, classify", func(f *litefile.Chain) {
			f.Conv("conv", []int32{1, 4, 4, 8}, 3, 3, 3, 2, litefile.PadSame, litefile.ActReLU6)
			f.Op(40, "mean", []int32{1, 1, 1, 8}, []int32{litefile.Axes(f)}, int8(1))
			f.Op(22, "flat", []int32{1, 8}, nil)
			f.Connected("fc", 5, 8, litefile.ActNone)
			f.Op(25, "soft", []int32{1, 5}, nil, float32(1))
			f.Op(22, "out", []int32{1, 1, 5, 1}, nil)
		}},
		{"average, then flatten", func(f *litefile.Chain) {
			f.Conv("conv", []int32{1, 8, 8, 6}, 3, 3, 3, 1, litefile.PadSame, litefile.ActReLU6)
			f.Op(1, "avg", []int32{1, 2, 2, 6}, nil, litefile.PadValid, int32(4), int32(4), int32(4), int32(4), litefile.ActNone)
			f.Op(22, "flat", []int32{1, 24}, nil)
			f.Connected("fc", 3, 24, litefile.ActNone)
		}},
		{"flatten a map", func(f *litefile.Chain) {
			f.Conv("conv", []int32{1, 4, 4, 6}, 3, 3, 3, 2, litefile.PadSame, litefile.ActReLU)
			f.Op(22, "flat", []int32{1, 96}, nil)
			f.Connected("fc", 7, 96, litefile.ActReLU)
		}},
		{"pools with activations", func(f *litefile.Chain) {
			f.Conv("conv", []int32{1, 8, 8, 6}, 3, 3, 3, 1, litefile.PadSame, litefile.ActNone)
			f.Op(1, "avg", []int32{1, 8, 8, 6}, nil, litefile.PadSame, int32(1), int32(1), int32(3), int32(3), litefile.ActReLU)
			f.Op(17, "max", []int32{1, 4, 4, 6}, nil, litefile.PadValid, int32(2), int32(2), int32(2), int32(2), litefile.ActReLU6)
			f.Conv("after", []int32{1, 4, 4, 4}, 3, 3, 6, 1, litefile.PadSame, litefile.ActNone)
		}},
		{"picture padded, pooled, joined", func(f *litefile.Chain) {
			pads := f.Tensor(litefile.Tensor{Name: "k", Shape: []int32{4, 2}, Type: litefile.Int32, Data: litefile.Int32s(0, 0, 1, 1, 1, 1, 0, 0)})
			f.Op(34, "pad", []int32{1, 10, 10, 3}, []int32{pads})
			p := f.Op(17, "max", []int32{1, 5, 5, 3}, nil, litefile.PadValid, int32(2), int32(2), int32(2), int32(2), litefile.ActNone)
			f.Conv("conv", []int32{1, 5, 5, 5}, 3, 3, 3, 1, litefile.PadSame, litefile.ActNone)
			f.Op(2, "cat", []int32{1, 5, 5, 8}, []int32{p}, int32(3), litefile.ActNone)
			f.Conv("after", []int32{1, 5, 5, 4}, 1, 1, 8, 1, litefile.PadSame, litefile.ActReLU)
		}},
		{"squeeze and excite", func(f *litefile.Chain) {
			conv := f.Conv("conv", []int32{1, 8, 8, 6}, 3, 3, 3, 1, litefile.PadSame, litefile.ActReLU)
			f.Op(40, "mean", []int32{1, 1, 1, 6}, []int32{litefile.Axes(f)}, int8(1))
			f.Conv("reduce", []int32{1, 1, 1, 3}, 1, 1, 6, 1, litefile.PadSame, litefile.ActReLU)
			f.Conv("expand", []int32{1, 1, 1, 6}, 1, 1, 3, 1, litefile.PadSame, litefile.ActNone)
			f.Op(14, "gate", []int32{1, 1, 1, 6}, nil)
			f.Op(18, "scaled", []int32{1, 8, 8, 6}, []int32{conv}, litefile.ActNone)
			f.Op(117, "swish", []int32{1, 8, 8, 6}, nil)
			f.Op(98, "leaky", []int32{1, 8, 8, 6}, nil, float32(0.1))
			f.Op(0, "sum", []int32{1, 8, 8, 6}, []int32{conv}, litefile.ActNone)
		}},
		{"hard swish spelled out", func(f *litefile.Chain) {
			x := f.Conv("conv", []int32{1, 8, 8, 4}, 3, 3, 3, 1, litefile.PadSame, litefile.ActNone)
			f.Op(0, "plus3", []int32{1, 8, 8, 4}, []int32{f.Constant("three", []int32{}, 3)}, litefile.ActReLU6)
			f.Op(18, "times", []int32{1, 8, 8, 4}, []int32{x}, litefile.ActNone)
			f.Op(18, "sixth", []int32{1, 8, 8, 4}, []int32{f.Constant("k", []int32{1}, 1./6)}, litefile.ActNone)
		}},
		{"outputs far below the inputs", func(f *litefile.Chain) {
			w := f.Constant("w", []int32{4, 1, 1, 3}, 1e-6, -1e-6, 0, 0, 0, 0, 1e-6, 1e-6, 1e-6, 0, 2e-6, 1e-6)
			f.Op(3, "tiny", []int32{1, 8, 8, 4}, []int32{w}, litefile.PadSame, int32(1), int32(1), litefile.ActNone, int32(1), int32(1))
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := litefile.New(8, 8)
			c.build(f)
			n := loadLite(t, f, lower.Options{})
			file, err := Model(n, ModelOptions{})
			if err != nil {
				t.Fatal(err)
			}
			againstFloat(t, n, draft.ThroughFile(t, file))
		})
	}
}

func againstFloat(t *testing.T, n *float.Network, net *engine.Network) {
	t.Helper()
	var layers []string
	for _, tensor := range n.Tensors[1:] {
		layers = append(layers, tensor.Name)
	}
	s, err := net.NewSession(layers...)
	if err != nil {
		t.Fatal(err)
	}
	for seed := range uint64(4) {
		px := draft.Noise(seed, n.Prepare.Width, n.Prepare.Height)
		in, err := n.Prepared(px)
		if err != nil {
			t.Fatal(err)
		}
		want := n.Run(in)
		if err := s.Run(px); err != nil {
			t.Fatal(err)
		}
		for i, name := range layers {
			got, err := s.Vector(name, engine.PoolFlatten, false)
			if err != nil {
				t.Fatal(err)
			}
			far, top := 0.0, 0.0
			for k, w := range want[i+1] {
				top = max(top, math.Abs(float64(w)))
				far = max(far, math.Abs(float64(w-got[k])))
			}
			if far > 0.03*top {
				t.Errorf("%s: off by %g, the largest value is %g", name, far, top)
			}
		}
	}
}

// TestBound makes layers whose sums overflow unless the converter lowers the
// integers of their inputs, and proves every channel at its worst input.
func TestBound(t *testing.T) {
	for _, c := range []struct {
		name  string
		build func(f *litefile.Chain)
	}{
		{"3 x 3 over 600 equal channels", func(f *litefile.Chain) {
			f.Conv("wide", []int32{1, 8, 8, 600}, 1, 1, 3, 1, litefile.PadSame, litefile.ActReLU6)
			f.Uniform("sum", 8, 2, 3, 600, -1, litefile.ActNone)
		}},
		{"large bias", func(f *litefile.Chain) { f.Uniform("biased", 8, 2, 1, 3, 1e-3, litefile.ActNone, 1e4, -1e4) }},
		{"channel that calibration never sees", func(f *litefile.Chain) {
			f.Uniform("dead", 8, 2, 1, 3, 1, litefile.ActReLU, -4, -5)
			f.Conv("after", []int32{1, 8, 8, 2}, 3, 3, 2, 1, litefile.PadSame, litefile.ActNone)
		}},
		{"flattened into a large sum", func(f *litefile.Chain) {
			f.Conv("wide", []int32{1, 8, 8, 200}, 1, 1, 3, 1, litefile.PadSame, litefile.ActReLU)
			f.Op(22, "flat", []int32{1, 12800}, nil)
			w := make([]float32, 12800)
			for i := range w {
				w[i] = 0.5
			}
			f.Op(9, "fc", []int32{1, 1}, []int32{f.Constant("w", []int32{1, 12800}, w...)}, litefile.ActNone)
		}},
		{"mean of a map with rare peaks", func(f *litefile.Chain) {
			f.Conv("wide", []int32{1, 8, 8, 300}, 1, 1, 3, 1, litefile.PadSame, litefile.ActReLU6)
			f.Op(40, "mean", []int32{1, 300}, []int32{litefile.Axes(f)}, int8(0))
			f.Connected("fc", 3, 300, litefile.ActNone)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := litefile.New(8, 8)
			c.build(f)
			file, err := Model(loadLite(t, f, lower.Options{}), ModelOptions{})
			if err != nil {
				t.Fatal(err)
			}
			draft.ThroughFile(t, file)
			for i := range file.Graph.Nodes {
				if n := &file.Graph.Nodes[i]; n.Weights != "" {
					prove(t, file, n)
				}
			}
		})
	}
}

// prove sums each channel at its worst inputs in 64 bits.
func prove(t *testing.T, file *model.File, n *graph.Node) {
	t.Helper()
	p, in := file.Params[n.Weights], file.Graph.Tensors[n.Inputs[0]]
	per := len(p.Weight) / len(p.Bias)
	for o, b := range p.Bias {
		hi, lo := int64(b), int64(b)
		for _, w := range p.Weight[o*per:][:per] {
			x, y := int64(in.Hi), int64(in.Lo)
			if w < 0 {
				x, y = y, x
			}
			hi += int64(w) * x
			lo += int64(w) * y
		}
		if hi > math.MaxInt32 || lo < math.MinInt32 {
			t.Errorf("%s channel %d sums to %d..%d", n.Name, o, lo, hi)
		}
		m := float64(in.Scale) * float64(p.Scale[o]) / float64(file.Graph.Tensors[n.Output].Scale)
		if top := float64(max(hi, -lo)) * m; top >= math.MaxInt32 {
			t.Errorf("%s channel %d requantises to %g", n.Name, o, top)
		}
	}
}

// TestWinogradRoom: a 3 x 3 layer keeps two bits free, unless that would cost
// its input more than one bit.
func TestWinogradRoom(t *testing.T) {
	for _, c := range []struct {
		channels int32
		room     bool
	}{{16, true}, {100, true}, {376, false}, {2000, false}} {
		f := litefile.New(4, 4)
		f.Conv("wide", []int32{1, 4, 4, c.channels}, 1, 1, 3, 1, litefile.PadSame, litefile.ActReLU6)
		f.Uniform("sum", 4, 1, 3, c.channels, 1, litefile.ActNone)
		file, err := Model(loadLite(t, f, lower.Options{}), ModelOptions{})
		if err != nil {
			t.Fatal(err)
		}
		p, in := file.Params["sum"], file.Graph.Tensors[1]
		_, hi := graph.AccumulatorRange(p.Weight, p.Bias[0], in)
		if (hi < 1<<29) != c.room {
			t.Errorf("%d channels: sums reach %d, input integers %d", c.channels, hi, in.Hi)
		}
		if !c.room && hi < 1<<30 {
			t.Errorf("%d channels: sums only reach %d, bits are lost for nothing", c.channels, hi)
		}
	}
}

// TestInputIsExact: the integers of the picture stand for (x - mean) / std
// without error.
func TestInputIsExact(t *testing.T) {
	for _, preset := range []string{"tf", "unit"} {
		f := litefile.New(4, 4)
		f.Conv("conv", []int32{1, 4, 4, 1}, 1, 1, 3, 1, litefile.PadSame, litefile.ActNone)
		p, err := picture.Preset(preset)
		if err != nil {
			t.Fatal(err)
		}
		p.Width, p.Height, p.Side = 4, 4, 4
		file, err := Model(loadLite(t, f, lower.Options{Prepare: p}), ModelOptions{})
		if err != nil {
			t.Fatal(err)
		}
		in := file.Graph.Tensors[0]
		for x := range 256 {
			q := (float64(x) - p.Mean[0]) / p.Std[0] / float64(in.Scale)
			r := math.RoundToEven(q)
			if math.Abs(q-r) > 1e-3 || r < float64(in.Lo) || r > float64(in.Hi) {
				t.Fatalf("%s: grey level %d is %g steps, range %d..%d", preset, x, q, in.Lo, in.Hi)
			}
		}
	}
}

// TestBoundedOutputs: ReLU6 and sigmoid get exactly their bound, and a ReLU
// output no negative integers.
func TestBoundedOutputs(t *testing.T) {
	f := litefile.New(4, 4)
	f.Conv("six", []int32{1, 4, 4, 2}, 1, 1, 3, 1, litefile.PadSame, litefile.ActReLU6)
	f.Op(14, "gate", []int32{1, 4, 4, 2}, nil)
	f.Conv("rect", []int32{1, 4, 4, 2}, 1, 1, 2, 1, litefile.PadSame, litefile.ActReLU)
	file, err := Model(loadLite(t, f, lower.Options{}), ModelOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []float64{6, 1} {
		tensor := file.Graph.Tensors[i+1]
		if got := float64(tensor.Scale) * float64(tensor.Hi); math.Abs(got-want) > 1e-3 || tensor.Lo != 0 {
			t.Errorf("%s reaches %g from %d, want %g", tensor.Name, got, tensor.Lo, want)
		}
	}
	if rect := file.Graph.Tensors[3]; rect.Lo != 0 {
		t.Errorf("ReLU output goes down to %d", rect.Lo)
	}
}

// TestDeclaredRanges: a quantised file needs no calibration.
func TestDeclaredRanges(t *testing.T) {
	f := litefile.New(4, 4)
	f.Conv("conv", []int32{1, 4, 4, 2}, 1, 1, 3, 1, litefile.PadSame, litefile.ActNone)
	f.Tensors[f.Last].Type, f.Tensors[f.Last].Scale, f.Tensors[f.Last].Zero = litefile.Uint8, []float32{0.1}, []int64{100}
	ranges, ok := Declared(loadLite(t, f, lower.Options{}))
	if !ok || math.Abs(ranges[1].Min+10) > 1e-5 || math.Abs(ranges[1].Max-15.5) > 1e-5 {
		t.Errorf("%v %v", ranges, ok)
	}
}

func TestSharedScaleWithSoftmax(t *testing.T) {
	f := litefile.New(1, 1)
	f.Connected("fc", 4, 3, litefile.ActNone)
	fc := f.Last
	f.Op(25, "soft", []int32{1, 4}, nil, float32(1))
	f.Op(2, "cat", []int32{1, 8}, []int32{fc}, int32(1), litefile.ActNone)
	n := loadLite(t, f, lower.Options{})
	if _, err := WithRanges(n, []float.Range{{}, {Min: -9, Max: 9}, {Min: 0, Max: 1}, {Min: -9, Max: 9}, {Min: 0, Max: 1}}, Margin); err != nil {
		t.Error(err)
	}
	if got := strings.Join(draft.Operators(n), ", "); got != "fully_connected, softmax, activation identity, concat" {
		t.Error(got)
	}
}

func TestCalibrationFolder(t *testing.T) {
	f := litefile.New(4, 4)
	f.Conv("conv", []int32{1, 4, 4, 1}, 1, 1, 3, 1, litefile.PadSame, litefile.ActNone)
	_, err := Model(loadLite(t, f, lower.Options{}), ModelOptions{Calibrate: t.TempDir()})
	if err == nil || !strings.Contains(err.Error(), "no picture") {
		t.Errorf("empty folder: %v", err)
	}
	_, err = Model(loadLite(t, f, lower.Options{}), ModelOptions{Calibrate: "/no/such/folder"})
	if err == nil || !strings.Contains(err.Error(), "/no/such/folder") {
		t.Errorf("missing folder: %v", err)
	}
}

// loadLite reads a file that takes its own input size.
func loadLite(t *testing.T, c *litefile.Chain, opt lower.Options) *float.Network {
	t.Helper()
	if opt.Name = "test"; opt.Prepare == (picture.Preparation{}) {
		opt.Prepare, _ = picture.Preset("tf")
		opt.Prepare.Width, opt.Prepare.Height, opt.Prepare.Side = 0, 0, 0
	}
	g, err := tflite.Read(c.File(), tflite.Options{Height: opt.Prepare.Height, Width: opt.Prepare.Width})
	if err != nil {
		t.Fatal(err)
	}
	n, err := lower.Graph(g, opt)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
