package convert

import (
	"bytes"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"likeness/engine"
	"likeness/engine/graph"
	"likeness/engine/model"
	"likeness/engine/picture"
)

// throughFile writes, reads and loads a model.
func throughFile(t *testing.T, f *model.File) *engine.Network {
	t.Helper()
	var b bytes.Buffer
	if err := model.Write(&b, f); err != nil {
		t.Fatal(err)
	}
	net, err := engine.Load(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	return net
}

// noise is a picture of random pixels.
func noise(seed uint64, w, h int) *picture.Pixels {
	rng := rand.New(rand.NewPCG(seed, 3))
	px := &picture.Pixels{W: w, H: h, Pix: make([]byte, 4*w*h)}
	for i := range px.Pix {
		px.Pix[i] = byte(rng.IntN(256))
		if i%4 == 3 {
			px.Pix[i] = 255
		}
	}
	return px
}

func axes(f *chain) int32 {
	return f.tensor(liteT{name: "axes", shape: []int32{2}, typ: typeInt32, data: i32(1, 2)})
}

func (c *chain) connected(name string, out, in int32, act int8) {
	w := c.constant(name+"/w", []int32{out, in}, ramp(int(out*in))...)
	c.op(9, name, []int32{1, out}, []int32{w, c.constant(name+"/b", []int32{out}, ramp(int(out))...)}, act)
}

// uniform adds a convolution whose weights are all v.
func (c *chain) uniform(name string, side, out, k, in int32, v float32, act int8, bias ...float32) {
	w := make([]float32, out*k*k*in)
	for i := range w {
		w[i] = v
	}
	more := []int32{c.constant(name+"/w", []int32{out, k, k, in}, w...)}
	if bias != nil {
		more = append(more, c.constant(name+"/b", []int32{out}, bias...))
	}
	c.op(3, name, []int32{1, side, side, out}, more, same, int32(1), int32(1), act, int32(1), int32(1))
}

// TestEveryOperatorAgainstFloat runs small networks of every operator through
// the engine and holds each layer against the float run. 8-bit weights of a
// few layers stay within 3 % of the layer's largest value.
func TestEveryOperatorAgainstFloat(t *testing.T) {
	for _, c := range []struct {
		name  string
		build func(f *chain)
	}{
		{"pool, classify", func(f *chain) {
			f.conv("conv", []int32{1, 4, 4, 8}, 3, 3, 3, 2, same, actReLU6)
			f.op(40, "mean", []int32{1, 1, 1, 8}, []int32{axes(f)}, int8(1))
			f.op(22, "flat", []int32{1, 8}, nil)
			f.connected("fc", 5, 8, actNone)
			f.op(25, "soft", []int32{1, 5}, nil, float32(1))
			f.op(22, "out", []int32{1, 1, 5, 1}, nil)
		}},
		{"average, then flatten", func(f *chain) {
			f.conv("conv", []int32{1, 8, 8, 6}, 3, 3, 3, 1, same, actReLU6)
			f.op(1, "avg", []int32{1, 2, 2, 6}, nil, valid, int32(4), int32(4), int32(4), int32(4), actNone)
			f.op(22, "flat", []int32{1, 24}, nil)
			f.connected("fc", 3, 24, actNone)
		}},
		{"flatten a map", func(f *chain) {
			f.conv("conv", []int32{1, 4, 4, 6}, 3, 3, 3, 2, same, actReLU)
			f.op(22, "flat", []int32{1, 96}, nil)
			f.connected("fc", 7, 96, actReLU)
		}},
		{"pools with activations", func(f *chain) {
			f.conv("conv", []int32{1, 8, 8, 6}, 3, 3, 3, 1, same, actNone)
			f.op(1, "avg", []int32{1, 8, 8, 6}, nil, same, int32(1), int32(1), int32(3), int32(3), actReLU)
			f.op(17, "max", []int32{1, 4, 4, 6}, nil, valid, int32(2), int32(2), int32(2), int32(2), actReLU6)
			f.conv("after", []int32{1, 4, 4, 4}, 3, 3, 6, 1, same, actNone)
		}},
		{"picture padded, pooled, joined", func(f *chain) {
			pads := f.tensor(liteT{name: "k", shape: []int32{4, 2}, typ: typeInt32, data: i32(0, 0, 1, 1, 1, 1, 0, 0)})
			f.op(34, "pad", []int32{1, 10, 10, 3}, []int32{pads})
			p := f.op(17, "max", []int32{1, 5, 5, 3}, nil, valid, int32(2), int32(2), int32(2), int32(2), actNone)
			f.conv("conv", []int32{1, 5, 5, 5}, 3, 3, 3, 1, same, actNone)
			f.op(2, "cat", []int32{1, 5, 5, 8}, []int32{p}, int32(3), actNone)
			f.conv("after", []int32{1, 5, 5, 4}, 1, 1, 8, 1, same, actReLU)
		}},
		{"squeeze and excite", func(f *chain) {
			conv := f.conv("conv", []int32{1, 8, 8, 6}, 3, 3, 3, 1, same, actReLU)
			f.op(40, "mean", []int32{1, 1, 1, 6}, []int32{axes(f)}, int8(1))
			f.conv("reduce", []int32{1, 1, 1, 3}, 1, 1, 6, 1, same, actReLU)
			f.conv("expand", []int32{1, 1, 1, 6}, 1, 1, 3, 1, same, actNone)
			f.op(14, "gate", []int32{1, 1, 1, 6}, nil)
			f.op(18, "scaled", []int32{1, 8, 8, 6}, []int32{conv}, actNone)
			f.op(117, "swish", []int32{1, 8, 8, 6}, nil)
			f.op(98, "leaky", []int32{1, 8, 8, 6}, nil, float32(0.1))
			f.op(0, "sum", []int32{1, 8, 8, 6}, []int32{conv}, actNone)
		}},
		{"hard swish spelled out", func(f *chain) {
			x := f.conv("conv", []int32{1, 8, 8, 4}, 3, 3, 3, 1, same, actNone)
			f.op(0, "plus3", []int32{1, 8, 8, 4}, []int32{f.constant("three", []int32{}, 3)}, actReLU6)
			f.op(18, "times", []int32{1, 8, 8, 4}, []int32{x}, actNone)
			f.op(18, "sixth", []int32{1, 8, 8, 4}, []int32{f.constant("k", []int32{1}, 1./6)}, actNone)
		}},
		{"outputs far below the inputs", func(f *chain) {
			w := f.constant("w", []int32{4, 1, 1, 3}, 1e-6, -1e-6, 0, 0, 0, 0, 1e-6, 1e-6, 1e-6, 0, 2e-6, 1e-6)
			f.op(3, "tiny", []int32{1, 8, 8, 4}, []int32{w}, same, int32(1), int32(1), actNone, int32(1), int32(1))
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newChain(8, 8)
			c.build(f)
			n := load(t, f, Options{})
			file, err := n.Model(ModelOptions{})
			if err != nil {
				t.Fatal(err)
			}
			againstFloat(t, n, throughFile(t, file))
		})
	}
}

func againstFloat(t *testing.T, n *Network, net *engine.Network) {
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
		px := noise(seed, n.Prepare.Width, n.Prepare.Height)
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
		build func(f *chain)
	}{
		{"3 x 3 over 600 equal channels", func(f *chain) {
			f.conv("wide", []int32{1, 8, 8, 600}, 1, 1, 3, 1, same, actReLU6)
			f.uniform("sum", 8, 2, 3, 600, -1, actNone)
		}},
		{"large bias", func(f *chain) { f.uniform("biased", 8, 2, 1, 3, 1e-3, actNone, 1e4, -1e4) }},
		{"channel that calibration never sees", func(f *chain) {
			f.uniform("dead", 8, 2, 1, 3, 1, actReLU, -4, -5)
			f.conv("after", []int32{1, 8, 8, 2}, 3, 3, 2, 1, same, actNone)
		}},
		{"flattened into a large sum", func(f *chain) {
			f.conv("wide", []int32{1, 8, 8, 200}, 1, 1, 3, 1, same, actReLU)
			f.op(22, "flat", []int32{1, 12800}, nil)
			w := make([]float32, 12800)
			for i := range w {
				w[i] = 0.5
			}
			f.op(9, "fc", []int32{1, 1}, []int32{f.constant("w", []int32{1, 12800}, w...)}, actNone)
		}},
		{"mean of a map with rare peaks", func(f *chain) {
			f.conv("wide", []int32{1, 8, 8, 300}, 1, 1, 3, 1, same, actReLU6)
			f.op(40, "mean", []int32{1, 300}, []int32{axes(f)}, int8(0))
			f.connected("fc", 3, 300, actNone)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newChain(8, 8)
			c.build(f)
			file, err := load(t, f, Options{}).Model(ModelOptions{})
			if err != nil {
				t.Fatal(err)
			}
			throughFile(t, file)
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
		f := newChain(4, 4)
		f.conv("wide", []int32{1, 4, 4, c.channels}, 1, 1, 3, 1, same, actReLU6)
		f.uniform("sum", 4, 1, 3, c.channels, 1, actNone)
		file, err := load(t, f, Options{}).Model(ModelOptions{})
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
		f := newChain(4, 4)
		f.conv("conv", []int32{1, 4, 4, 1}, 1, 1, 3, 1, same, actNone)
		p, err := picture.Preset(preset)
		if err != nil {
			t.Fatal(err)
		}
		p.Width, p.Height, p.Side = 4, 4, 4
		file, err := load(t, f, Options{Prepare: p}).Model(ModelOptions{})
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
	f := newChain(4, 4)
	f.conv("six", []int32{1, 4, 4, 2}, 1, 1, 3, 1, same, actReLU6)
	f.op(14, "gate", []int32{1, 4, 4, 2}, nil)
	f.conv("rect", []int32{1, 4, 4, 2}, 1, 1, 2, 1, same, actReLU)
	file, err := load(t, f, Options{}).Model(ModelOptions{})
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
	f := newChain(4, 4)
	f.conv("conv", []int32{1, 4, 4, 2}, 1, 1, 3, 1, same, actNone)
	f.tensors[f.last].typ, f.tensors[f.last].scale, f.tensors[f.last].zero = typeUint8, []float32{0.1}, []int64{100}
	ranges, ok := load(t, f, Options{}).Declared()
	if !ok || math.Abs(ranges[1].Min+10) > 1e-5 || math.Abs(ranges[1].Max-15.5) > 1e-5 {
		t.Errorf("%v %v", ranges, ok)
	}
}

func TestSharedScaleWithSoftmax(t *testing.T) {
	f := newChain(1, 1)
	f.connected("fc", 4, 3, actNone)
	fc := f.last
	f.op(25, "soft", []int32{1, 4}, nil, float32(1))
	f.op(2, "cat", []int32{1, 8}, []int32{fc}, int32(1), actNone)
	n := load(t, f, Options{})
	if _, err := n.Quantise([]Range{{}, {-9, 9}, {0, 1}, {-9, 9}, {0, 1}}, Margin); err != nil {
		t.Error(err)
	}
	if got := strings.Join(operators(n), ", "); got != "fully_connected, softmax, activation identity, concat" {
		t.Error(got)
	}
}

func TestCalibrationFolder(t *testing.T) {
	f := newChain(4, 4)
	f.conv("conv", []int32{1, 4, 4, 1}, 1, 1, 3, 1, same, actNone)
	_, err := load(t, f, Options{}).Model(ModelOptions{Calibrate: t.TempDir()})
	if err == nil || !strings.Contains(err.Error(), "no picture") {
		t.Errorf("empty folder: %v", err)
	}
	_, err = load(t, f, Options{}).Model(ModelOptions{Calibrate: "/no/such/folder"})
	if err == nil || !strings.Contains(err.Error(), "/no/such/folder") {
		t.Errorf("missing folder: %v", err)
	}
}
