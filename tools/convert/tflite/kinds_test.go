package tflite

import (
	"math"
	"testing"

	"likeness/tools/convert/litefile"
	"likeness/tools/convert/lower"
	"likeness/tools/convert/quantise"
)

// liteRun converts a chain and gives the values of a layer and of the one before.
func liteRun(t *testing.T, f *litefile.Chain, opt lower.Options, layer, before string) (y, x []float32, shape [3]int) {
	t.Helper()
	n := load(t, f, opt)
	if _, err := quantise.Model(n, quantise.ModelOptions{}); err != nil {
		t.Fatal(err)
	}
	in := n.Tensors[0].Shape
	p := make([]float32, in[0]*in[1]*in[2])
	for i := range p {
		p[i] = float32(i*37%23)/11 - 1
	}
	vals := n.Run(p)
	at, ok := n.Find(layer)
	from, ok2 := n.Find(before)
	if !ok || !ok2 {
		t.Fatalf("no layer %s or %s among %s", layer, before, n.SomeLayers())
	}
	return vals[at], vals[from], n.Tensors[at].Shape
}

// TestLiteKinds: operators of files for phones, each against its formula.
func TestLiteKinds(t *testing.T) {
	shape := []int32{1, 4, 4, 2}
	conv := func() *litefile.Chain {
		f := litefile.New(4, 4)
		f.Conv("conv", shape, 1, 1, 3, 1, litefile.PadSame, litefile.ActNone)
		return f
	}
	slopes := []float32{.5, -2}
	for name, c := range map[string]struct {
		build func(f *litefile.Chain)
		want  func(x []float32, i int) float64
	}{
		"PRELU": {func(f *litefile.Chain) { f.Op(54, "y", shape, []int32{f.Constant("s", []int32{1, 1, 2}, slopes...)}) }, func(x []float32, i int) float64 {
			return max(float64(x[i]), 0) + min(float64(x[i]), 0)*float64(slopes[i%2])
		}},
		"SUB of a constant": {func(f *litefile.Chain) {
			f.Op(41, "y", shape, []int32{f.Constant("s", []int32{2}, slopes...)}, int8(0))
		}, func(x []float32, i int) float64 {
			return float64(x[i]) - float64(slopes[i%2])
		}},
		"SUB from a constant": {func(f *litefile.Chain) { f.On(41, "y", shape, []int32{f.Constant("s", []int32{}, 3), f.Last}, int8(0)) }, func(x []float32, i int) float64 {
			return 3 - float64(x[i])
		}},
		"L2_NORMALIZATION": {func(f *litefile.Chain) { f.Op(11, "y", shape, nil, int8(0)) }, func(x []float32, i int) float64 {
			return float64(x[i]) / math.Hypot(float64(x[i/2*2]), float64(x[i/2*2+1]))
		}},
		"PAD of channels": {func(f *litefile.Chain) {
			f.Op(34, "y", []int32{1, 4, 4, 5}, []int32{f.Tensor(litefile.Tensor{Name: "pads", Shape: []int32{4, 2}, Type: typeInt32, Data: litefile.Int32s(0, 0, 0, 0, 0, 0, 1, 2)})})
		}, func(x []float32, i int) float64 {
			if c := i % 5; c == 1 || c == 2 {
				return float64(x[i/5*2+c-1])
			}
			return 0
		}},
		"CONCATENATION along height": {func(f *litefile.Chain) {
			f.Op(2, "y", []int32{1, 12, 4, 2}, []int32{f.Last, f.Last}, int32(1), int8(0))
		}, func(x []float32, i int) float64 { return float64(x[i%32]) }},
		"TANH": {func(f *litefile.Chain) { f.Op(28, "y", shape, nil) }, func(x []float32, i int) float64 { return math.Tanh(float64(x[i])) }},
		"RESIZE_NEAREST_NEIGHBOR": {func(f *litefile.Chain) {
			f.Op(97, "y", []int32{1, 8, 8, 2}, []int32{f.Tensor(litefile.Tensor{Name: "size", Shape: []int32{2}, Type: typeInt32, Data: litefile.Int32s(8, 8)})}, int8(0), int8(1))
		}, func(x []float32, i int) float64 {
			return float64(x[(i/2/8/2*4+i/2%8/2)*2+i%2])
		}},
	} {
		t.Run(name, func(t *testing.T) {
			f := conv()
			c.build(f)
			y, x, _ := liteRun(t, f, lower.Options{Keep: []string{"conv"}}, "y", "conv")
			for i, v := range y {
				if want := c.want(x, i); math.Abs(float64(v)-want) > 2e-3*max(1, math.Abs(want)) {
					t.Fatalf("value %d is %g, want %g", i, v, want)
				}
			}
		})
	}
}

// TestLiteTransposed: a transposed convolution of stride 2 spreads each value.
func TestLiteTransposed(t *testing.T) {
	f := litefile.New(4, 4)
	f.Conv("conv", []int32{1, 4, 4, 2}, 1, 1, 3, 1, litefile.PadSame, litefile.ActNone)
	w := litefile.Ramp(3 * 3 * 3 * 2)
	size := f.Tensor(litefile.Tensor{Name: "size", Shape: []int32{4}, Type: typeInt32, Data: litefile.Int32s(1, 8, 8, 3)})
	f.On(67, "y", []int32{1, 8, 8, 3}, []int32{size, f.Constant("w", []int32{3, 3, 3, 2}, w...), f.Last}, int8(0), int32(2), int32(2), int8(0))
	y, x, shape := liteRun(t, f, lower.Options{Keep: []string{"conv"}}, "y", "conv")
	if shape != [3]int{8, 8, 3} {
		t.Fatalf("shape %v", shape)
	}
	want := make([]float64, len(y))
	for i, v := range x {
		for p := range 27 {
			o, kh, kw := p/9, p/3%3, p%3
			if h, wd := i/8*2+kh, i/2%4*2+kw; h < 8 && wd < 8 {
				want[(h*8+wd)*3+o] += float64(v) * float64(w[p*2+i%2])
			}
		}
	}
	for i, v := range y {
		if math.Abs(float64(v)-want[i]) > 1e-4 {
			t.Fatalf("value %d is %g, want %g", i, v, want[i])
		}
	}
}

// TestLiteOpenFlatten: the shape of a reshape may be computed from another.
func TestLiteOpenFlatten(t *testing.T) {
	f := litefile.New(4, 4)
	conv := f.Conv("conv", []int32{1, 4, 4, 2}, 1, 1, 3, 1, litefile.PadSame, litefile.ActNone)
	number := func(v int32) int32 {
		return f.Tensor(litefile.Tensor{Name: "n", Shape: []int32{1}, Type: typeInt32, Data: litefile.Int32s(v)})
	}
	s := f.On(77, "shape", []int32{4}, []int32{conv}, int8(0))
	p := f.On(45, "batch", []int32{}, []int32{s, number(0), number(1), number(1)}, int32(0), int32(0), int32(0), int32(0), int32(1))
	all := f.Tensor(litefile.Tensor{Name: "all", Shape: []int32{}, Type: typeInt32, Data: litefile.Int32s(-1)})
	q := f.On(83, "packed", []int32{2}, []int32{p, all}, int32(2), int32(0))
	f.On(22, "y", []int32{1, 1}, []int32{conv, q})
	y, x, shape := liteRun(t, f, lower.Options{Keep: []string{"conv"}}, "y", "conv")
	if shape != [3]int{1, 1, 32} || len(y) != len(x) || y[5] != x[5] {
		t.Errorf("shape %v", shape)
	}
}

// TestLiteGrey: a network of grey pictures takes colours as BT.601 weighs them.
func TestLiteGrey(t *testing.T) {
	f := &litefile.Chain{Lite: litefile.Lite{Tensors: []litefile.Tensor{{Name: "input", Shape: []int32{1, 4, 4, 1}}}}}
	f.Conv("conv", []int32{1, 4, 4, 6}, 3, 3, 1, 1, litefile.PadSame, litefile.ActNone)
	n := load(t, f, lower.Options{})
	if n.Nodes[0].Name != "grey" || n.Tensors[n.Nodes[1].Inputs[0]].Shape != [3]int{4, 4, 1} {
		t.Errorf("%s", n.SomeLayers())
	}
}
