package tflite

import (
	"math"
	"slices"
	"strings"
	"testing"

	"likeness/engine/picture"
	"likeness/tools/convert/float"
	"likeness/tools/convert/litefile"
	"likeness/tools/convert/lower"
)

// native is a preparation that takes the file's own input size.
func native() picture.Preparation {
	p, _ := picture.Preset("tf")
	p.Width, p.Height, p.Side = 0, 0, 0
	return p
}

// network reads a file and lowers it.
func network(data []byte, opt lower.Options) (*float.Network, error) {
	g, err := Read(data, Options{Height: opt.Prepare.Height, Width: opt.Prepare.Width})
	if err != nil {
		return nil, err
	}
	return lower.Graph(g, opt)
}

func load(t *testing.T, c *litefile.Chain, opt lower.Options) *float.Network {
	t.Helper()
	opt.Name = "test"
	if opt.Prepare == (picture.Preparation{}) {
		opt.Prepare = native()
	}
	n, err := network(c.File(), opt)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// last is the shape and values of the last tensor for a ramp input.
func last(n *float.Network) ([3]int, []float32) {
	s := n.Tensors[0].Shape
	vals := n.Run(litefile.Ramp(s[0] * s[1] * s[2]))
	i := len(n.Tensors) - 1
	return n.Tensors[i].Shape, vals[i]
}

func TestConvolutionShapes(t *testing.T) {
	for _, c := range []struct {
		name            string
		h, w            int32
		k, stride       int32
		padding         int8
		outH, outW      int32
		top, left, b, r int
	}{
		{"same, stride 1", 5, 6, 3, 1, litefile.PadSame, 5, 6, 1, 1, 1, 1},
		{"same, stride 2, even input pads after", 6, 8, 3, 2, litefile.PadSame, 3, 4, 0, 0, 1, 1},
		{"same, stride 2, odd input", 5, 7, 3, 2, litefile.PadSame, 3, 4, 1, 1, 1, 1},
		{"same, 7 x 7 stride 4", 9, 10, 7, 4, litefile.PadSame, 3, 3, 3, 2, 3, 3},
		{"same, stride above kernel", 9, 9, 1, 3, litefile.PadSame, 3, 3, 0, 0, 0, 0},
		{"valid", 5, 6, 3, 1, litefile.PadValid, 3, 4, 0, 0, 0, 0},
		{"valid, stride 2", 6, 7, 3, 2, litefile.PadValid, 2, 3, 0, 0, 0, 0},
	} {
		f := litefile.New(c.h, c.w)
		f.Conv("conv", []int32{1, c.outH, c.outW, 4}, c.k, c.k, 3, c.stride, c.padding, litefile.ActNone)
		n := load(t, f, lower.Options{})
		got, _ := last(n)
		if want := [3]int{int(c.outH), int(c.outW), 4}; got != want {
			t.Errorf("%s: shape %v, want %v", c.name, got, want)
		}
		if want := [4]int{c.top, c.left, c.b, c.r}; n.Nodes[0].Pads != want {
			t.Errorf("%s: pads %v, want %v", c.name, n.Nodes[0].Pads, want)
		}
	}
}

// TestInputSize recomputes shapes where the preparation differs from the file.
func TestInputSize(t *testing.T) {
	f := litefile.New(300, 300)
	f.Conv("conv", []int32{1, 150, 150, 2}, 3, 3, 3, 2, litefile.PadSame, litefile.ActNone)
	f.Op(40, "mean", []int32{1, 2}, []int32{f.Tensor(litefile.Tensor{Name: "axes", Shape: []int32{2}, Type: typeInt32, Data: litefile.Int32s(1, 2)})}, int8(0))
	p, _ := picture.Preset("tf")
	n := load(t, f, lower.Options{Prepare: p})
	if got := n.Tensors[1].Shape; got != [3]int{112, 112, 2} {
		t.Errorf("shape %v at 224 x 224", got)
	}
	if got := n.Tensors[2].Shape; got != [3]int{1, 1, 2} {
		t.Errorf("mean has shape %v", got)
	}
}

// TestConstants reads one weight through every supported encoding.
func TestConstants(t *testing.T) {
	want := []float32{-1, 0.5, 0.25, 0, 1, -0.5} // [2][1][1][3]
	shape := []int32{2, 1, 1, 3}
	half := []byte{0x00, 0xbc, 0x00, 0x38, 0x00, 0x34, 0x00, 0x00, 0x00, 0x3c, 0x00, 0xb8}
	for _, c := range []struct {
		name       string
		t          litefile.Tensor
		dequantise bool
	}{
		{"float32", litefile.Tensor{Type: typeFloat32, Data: litefile.Float32s(want...)}, false},
		{"float16", litefile.Tensor{Type: typeFloat16, Data: half}, false},
		{"float16 through DEQUANTIZE", litefile.Tensor{Type: typeFloat16, Data: half}, true},
		{"uint8", litefile.Tensor{Type: typeUint8, Data: []byte{96, 144, 136, 128, 160, 112}, Scale: []float32{1. / 32}, Zero: []int64{128}}, false},
		{"int8", litefile.Tensor{Type: typeInt8, Data: []byte{256 - 32, 16, 8, 0, 32, 256 - 16}, Scale: []float32{1. / 32}, Zero: []int64{0}}, false},
		{"int8 per channel", litefile.Tensor{Type: typeInt8, Data: []byte{256 - 64, 32, 16, 0, 32, 256 - 16}, Scale: []float32{1. / 64, 1. / 32}, Zero: []int64{0, 0}}, false},
		{"int8 through DEQUANTIZE", litefile.Tensor{Type: typeInt8, Data: []byte{256 - 32, 16, 8, 0, 32, 256 - 16}, Scale: []float32{1. / 32}, Zero: []int64{0}}, true},
	} {
		f := litefile.New(2, 2)
		c.t.Name, c.t.Shape = "w", shape
		w := f.Tensor(c.t)
		if c.dequantise {
			w = f.On(6, "wide", shape, []int32{w})
			f.Last = 0
		}
		f.Op(3, "conv", []int32{1, 2, 2, 2}, []int32{w}, litefile.PadValid, int32(1), int32(1), litefile.ActNone, int32(1), int32(1))
		if n := load(t, f, lower.Options{}); !slices.Equal(n.Nodes[0].Weight, want) {
			t.Errorf("%s: %v, want %v", c.name, n.Nodes[0].Weight, want)
		}
	}
}

// TestDepthwiseOrder checks layout and a depth multiplier against the
// definition: output channel c*multiplier+m reads input channel c.
func TestDepthwiseOrder(t *testing.T) {
	f := litefile.New(2, 2)
	w := f.Constant("w", []int32{1, 1, 1, 6}, 1, 10, 100, 1000, 10000, 100000)
	f.Op(4, "dw", []int32{1, 2, 2, 6}, []int32{w}, litefile.PadValid, int32(1), int32(1), int32(2), litefile.ActNone, int32(1), int32(1))
	n := load(t, f, lower.Options{})
	got := n.Run([]float32{1, 2, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0})[1][:6]
	if want := []float32{1, 10, 200, 2000, 30000, 300000}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestGroupedConvolution(t *testing.T) {
	f := litefile.New(1, 1)
	six := f.Constant("w6", []int32{6, 1, 1, 3}, litefile.Ramp(18)...)
	f.Op(3, "wide", []int32{1, 1, 1, 6}, []int32{six}, litefile.PadValid, int32(1), int32(1), litefile.ActNone, int32(1), int32(1))
	w := f.Constant("w", []int32{2, 1, 1, 3}, 1, 1, 1, 1, 1, 1)
	f.Op(3, "grouped", []int32{1, 1, 1, 2}, []int32{w}, litefile.PadValid, int32(1), int32(1), litefile.ActNone, int32(1), int32(1))
	n := load(t, f, lower.Options{})
	v := n.Run([]float32{1, 2, 3})
	for g := range 2 {
		if want := v[1][3*g] + v[1][3*g+1] + v[1][3*g+2]; math.Abs(float64(v[2][g]-want)) > 1e-6 {
			t.Errorf("group %d sums to %g, want %g", g, v[2][g], want)
		}
	}
}

// TestOperators holds the values of small operators against hand-made ones.
// The input is 1 x 2 pixels: (-2, -0.5, 0), (1, 4, 8).
func TestOperators(t *testing.T) {
	input := []float32{-2, -0.5, 0, 1, 4, 8}
	sigmoid := func(x float64) float32 { return float32(1 / (1 + math.Exp(-x))) }
	ints := func(f *litefile.Chain, v ...int32) int32 {
		return f.Tensor(litefile.Tensor{Name: "k", Shape: []int32{int32(len(v))}, Type: typeInt32, Data: litefile.Int32s(v...)})
	}
	full, flat := []int32{1, 1, 2, 3}, []int32{1, 6}
	for _, c := range []struct {
		name  string
		build func(f *litefile.Chain)
		shape [3]int
		want  []float32
	}{
		{"RELU", func(f *litefile.Chain) { f.Op(19, "y", full, nil) }, [3]int{1, 2, 3}, []float32{0, 0, 0, 1, 4, 8}},
		{"RELU6", func(f *litefile.Chain) { f.Op(21, "y", full, nil) }, [3]int{1, 2, 3}, []float32{0, 0, 0, 1, 4, 6}},
		{"LEAKY_RELU", func(f *litefile.Chain) { f.Op(98, "y", full, nil, float32(0.5)) }, [3]int{1, 2, 3}, []float32{-1, -0.25, 0, 1, 4, 8}},
		{"HARD_SWISH", func(f *litefile.Chain) { f.Op(117, "y", full, nil) }, [3]int{1, 2, 3}, []float32{-2. / 6, -0.5 * 2.5 / 6, 0, 4. / 6, 4, 8}},
		{"LOGISTIC", func(f *litefile.Chain) { f.Op(14, "y", full, nil) }, [3]int{1, 2, 3},
			[]float32{sigmoid(-2), sigmoid(-0.5), 0.5, sigmoid(1), sigmoid(4), sigmoid(8)}},
		{"MEAN", func(f *litefile.Chain) { f.Op(40, "y", []int32{1, 3}, []int32{ints(f, 1, 2)}) }, [3]int{1, 1, 3}, []float32{-0.5, 1.75, 4}},
		{"MEAN, negative axes", func(f *litefile.Chain) { f.Op(40, "y", []int32{1, 3}, []int32{ints(f, -2, -3)}) }, [3]int{1, 1, 3}, []float32{-0.5, 1.75, 4}},
		{"MAX_POOL_2D", func(f *litefile.Chain) {
			f.Op(17, "y", []int32{1, 1, 1, 3}, nil, litefile.PadValid, int32(1), int32(1), int32(2), int32(1), litefile.ActNone)
		}, [3]int{1, 1, 3}, []float32{1, 4, 8}},
		{"MAX_POOL_2D with ReLU6", func(f *litefile.Chain) {
			f.Op(17, "y", full, nil, litefile.PadValid, int32(1), int32(1), int32(1), int32(1), litefile.ActReLU6)
		}, [3]int{1, 2, 3}, []float32{0, 0, 0, 1, 4, 6}},
		{"AVERAGE_POOL_2D, padding not counted", func(f *litefile.Chain) {
			f.Op(1, "y", full, nil, litefile.PadSame, int32(1), int32(1), int32(2), int32(1), litefile.ActNone)
		}, [3]int{1, 2, 3}, []float32{-0.5, 1.75, 4, 1, 4, 8}},
		{"AVERAGE_POOL_2D with ReLU", func(f *litefile.Chain) {
			f.Op(1, "y", []int32{1, 1, 1, 3}, nil, litefile.PadValid, int32(1), int32(1), int32(2), int32(1), litefile.ActReLU)
		}, [3]int{1, 1, 3}, []float32{0, 1.75, 4}},
		{"ADD", func(f *litefile.Chain) { f.Op(0, "y", full, []int32{0}, litefile.ActReLU) }, [3]int{1, 2, 3}, []float32{0, 0, 0, 2, 8, 16}},
		{"ADD with RELU_N1_TO_1", func(f *litefile.Chain) { f.Op(0, "y", full, []int32{0}, litefile.ActN1To1) }, [3]int{1, 2, 3}, []float32{-1, -1, 0, 1, 1, 1}},
		{"MUL", func(f *litefile.Chain) { f.Op(18, "y", full, []int32{0}, litefile.ActNone) }, [3]int{1, 2, 3}, []float32{4, 0.25, 0, 1, 16, 64}},
		{"MUL by a constant", func(f *litefile.Chain) {
			f.Op(18, "y", full, []int32{f.Constant("k", []int32{1}, 0.5)}, litefile.ActNone)
		},
			[3]int{1, 2, 3}, []float32{-1, -0.25, 0, 0.5, 2, 4}},
		{"ADD of a constant a channel, first", func(f *litefile.Chain) {
			f.Op(98, "x", full, nil, float32(1)) // which is no part of the preparation
			k := f.Constant("k", []int32{1, 1, 1, 3}, 1, 2, 3)
			f.On(0, "y", full, []int32{k, f.Last}, litefile.ActReLU6)
		}, [3]int{1, 2, 3}, []float32{0, 1.5, 3, 2, 6, 6}},
		{"MUL with a squeeze-and-excite vector, first", func(f *litefile.Chain) {
			m := f.Op(40, "m", []int32{1, 3}, []int32{ints(f, 1, 2)})
			f.On(18, "y", full, []int32{m, 0}, litefile.ActNone)
		}, [3]int{1, 2, 3}, []float32{1, -0.875, 0, -0.5, 7, 32}},
		{"CONCATENATION", func(f *litefile.Chain) { f.Op(2, "y", []int32{1, 1, 2, 6}, []int32{0}, int32(3), litefile.ActNone) }, [3]int{1, 2, 6},
			[]float32{-2, -0.5, 0, -2, -0.5, 0, 1, 4, 8, 1, 4, 8}},
		{"CONCATENATION with ReLU", func(f *litefile.Chain) { f.Op(2, "y", []int32{1, 1, 2, 6}, []int32{0}, int32(-1), litefile.ActReLU) }, [3]int{1, 2, 6},
			[]float32{0, 0, 0, 0, 0, 0, 1, 4, 8, 1, 4, 8}},
		{"PAD", func(f *litefile.Chain) {
			k := f.Tensor(litefile.Tensor{Name: "k", Shape: []int32{4, 2}, Type: typeInt32, Data: litefile.Int32s(0, 0, 1, 0, 0, 1, 0, 0)})
			f.Op(34, "y", []int32{1, 2, 3, 3}, []int32{k})
		}, [3]int{2, 3, 3}, append(make([]float32, 9), -2, -0.5, 0, 1, 4, 8, 0, 0, 0)},
		{"PAD by 64-bit integers", func(f *litefile.Chain) {
			k := f.Tensor(litefile.Tensor{Name: "k", Shape: []int32{4, 2}, Type: typeInt64, Data: litefile.Int64s(0, 0, 0, 0, 1, 0, 0, 0)})
			f.Op(34, "y", []int32{1, 1, 3, 3}, []int32{k})
		}, [3]int{1, 3, 3}, []float32{0, 0, 0, -2, -0.5, 0, 1, 4, 8}},
		{"RESHAPE", func(f *litefile.Chain) { f.Op(98, "x", full, nil, float32(1)); f.Op(22, "y", flat, nil) }, [3]int{1, 1, 6}, input},
		{"FULLY_CONNECTED", func(f *litefile.Chain) {
			f.Op(22, "flat", flat, nil)
			w := f.Constant("w", []int32{2, 6}, 1, 0, 0, 0, 0, 1, 0, 2, 0, 2, 0, 0)
			b := f.Constant("b", []int32{2}, 1, 2)
			f.Op(9, "y", []int32{1, 2}, []int32{w, b}, litefile.ActReLU6)
		}, [3]int{1, 1, 2}, []float32{6, 3}},
		{"SOFTMAX", func(f *litefile.Chain) { f.Op(22, "flat", flat, nil); f.Op(25, "y", flat, nil, float32(1)) }, [3]int{1, 1, 6}, nil},
		{"QUANTIZE of a computed tensor", func(f *litefile.Chain) { f.Op(19, "y", full, nil); f.Op(114, "q", full, nil) }, [3]int{1, 2, 3}, []float32{0, 0, 0, 1, 4, 8}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := litefile.New(1, 2)
			c.build(f)
			n := load(t, f, lower.Options{})
			i := len(n.Tensors) - 1
			got := n.Run(input)[i]
			if n.Tensors[i].Shape != c.shape {
				t.Fatalf("shape %v, want %v", n.Tensors[i].Shape, c.shape)
			}
			if c.want == nil {
				sum := float32(0)
				for _, v := range got {
					sum += v
				}
				if math.Abs(float64(sum-1)) > 1e-6 || !(got[5] > got[4] && got[4] > got[3]) {
					t.Errorf("softmax gives %v", got)
				}
				return
			}
			for k, w := range c.want {
				if math.Abs(float64(got[k]-w)) > 1e-6 {
					t.Fatalf("%v, want %v", got, c.want)
				}
			}
		})
	}
}

// TestFusion: an activation or a padding of its own costs no pass over memory.
func TestFusion(t *testing.T) {
	f := litefile.New(4, 4)
	pads := f.Tensor(litefile.Tensor{Name: "k", Shape: []int32{4, 2}, Type: typeInt32, Data: litefile.Int32s(0, 0, 0, 1, 0, 1, 0, 0)})
	f.Op(34, "net/pad", []int32{1, 5, 5, 3}, []int32{pads})
	f.Conv("net/a/Conv2D", []int32{1, 2, 2, 3}, 3, 3, 3, 2, litefile.PadValid, litefile.ActNone)
	f.Op(21, "net/a/Relu6", []int32{1, 2, 2, 3}, nil)
	a := f.Last
	f.Conv("net/b/BiasAdd", []int32{1, 2, 2, 3}, 1, 1, 3, 1, litefile.PadSame, litefile.ActNone)
	f.Op(19, "net/b_relu", []int32{1, 2, 2, 3}, nil)
	f.Op(0, "net/sum", []int32{1, 2, 2, 3}, []int32{a}, litefile.ActNone)

	n := load(t, f, lower.Options{})
	var names []string
	for _, node := range n.Nodes {
		names = append(names, node.Op+" "+node.Name)
	}
	if want := []string{"conv net/a", "conv net/b_relu", "add net/sum"}; !slices.Equal(names, want) {
		t.Errorf("%q, want %q", names, want)
	}
	if n.Nodes[0].Pads != [4]int{0, 0, 1, 1} || n.Nodes[0].ActMax != 6 || n.Nodes[1].ActMin != 0 {
		t.Errorf("%+v", n.Nodes)
	}
	// A layer that is asked for stays.
	n = load(t, f, lower.Options{Default: "net/b"})
	if _, ok := n.Find("net/b"); !ok {
		t.Error("the default layer was fused away")
	}
}

func TestUntil(t *testing.T) {
	f := litefile.New(4, 4)
	f.Conv("one", []int32{1, 4, 4, 2}, 1, 1, 3, 1, litefile.PadSame, litefile.ActReLU)
	f.Conv("two", []int32{1, 4, 4, 2}, 1, 1, 2, 1, litefile.PadSame, litefile.ActReLU)
	f.Op(8, "unsupported", []int32{1, 8, 8, 2}, nil)
	n := load(t, f, lower.Options{Until: []string{"one"}})
	if len(n.Nodes) != 1 || n.DefaultLayer != "one" {
		t.Errorf("%+v", n.Nodes)
	}
	_, err := network(f.File(), lower.Options{Prepare: native(), Until: []string{"three"}})
	if err == nil || !strings.Contains(err.Error(), `no layer "three"`) {
		t.Errorf("unknown layer: %v", err)
	}
}

func TestLayerNames(t *testing.T) {
	for in, want := range map[string]string{
		"MobilenetV2/Conv_1/Relu6":                           "MobilenetV2/Conv_1",
		"MobilenetV2/expanded_conv_15/add":                   "MobilenetV2/expanded_conv_15/add",
		"MobilenetV2/expanded_conv_3/project/add_fold":       "MobilenetV2/expanded_conv_3/project",
		"MobilenetV2/expanded_conv/depthwise/Relu6":          "MobilenetV2/expanded_conv/depthwise",
		"MobilenetV2/Conv/BatchNorm/FusedBatchNorm":          "MobilenetV2/Conv",
		"MobilenetV2/Logits/Conv2d_1c_1x1/BiasAdd":           "MobilenetV2/Logits/Conv2d_1c_1x1",
		"net/a/Relu;net/a/BiasAdd;net/a/Conv2D;net/b/Conv2D": "net/a",
		"Relu": "Relu",
	} {
		first, _, _ := strings.Cut(in, ";")
		if got := layerName(first); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}
