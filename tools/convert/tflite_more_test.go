package convert

import (
	"math"
	"testing"
)

// liteRun converts a chain and gives the values of a layer and of the one before.
func liteRun(t *testing.T, f *chain, opt Options, layer, before string) (y, x []float32, shape [3]int) {
	t.Helper()
	n := load(t, f, opt)
	if _, err := n.Model(ModelOptions{}); err != nil {
		t.Fatal(err)
	}
	in := n.Tensors[0].Shape
	p := make([]float32, in[0]*in[1]*in[2])
	for i := range p {
		p[i] = float32(i*37%23)/11 - 1
	}
	vals := n.Run(p)
	at, ok := n.tensor(layer)
	from, ok2 := n.tensor(before)
	if !ok || !ok2 {
		t.Fatalf("no layer %s or %s among %s", layer, before, n.someLayers())
	}
	return vals[at], vals[from], n.Tensors[at].Shape
}

// TestLiteKinds: operators of files for phones, each against its formula.
func TestLiteKinds(t *testing.T) {
	shape := []int32{1, 4, 4, 2}
	conv := func() *chain {
		f := newChain(4, 4)
		f.conv("conv", shape, 1, 1, 3, 1, same, actNone)
		return f
	}
	slopes := []float32{.5, -2}
	for name, c := range map[string]struct {
		build func(f *chain)
		want  func(x []float32, i int) float64
	}{
		"PRELU": {func(f *chain) { f.op(54, "y", shape, []int32{f.constant("s", []int32{1, 1, 2}, slopes...)}) }, func(x []float32, i int) float64 {
			return max(float64(x[i]), 0) + min(float64(x[i]), 0)*float64(slopes[i%2])
		}},
		"SUB of a constant": {func(f *chain) { f.op(41, "y", shape, []int32{f.constant("s", []int32{2}, slopes...)}, int8(0)) }, func(x []float32, i int) float64 {
			return float64(x[i]) - float64(slopes[i%2])
		}},
		"SUB from a constant": {func(f *chain) { f.on(41, "y", shape, []int32{f.constant("s", []int32{}, 3), f.last}, int8(0)) }, func(x []float32, i int) float64 {
			return 3 - float64(x[i])
		}},
		"L2_NORMALIZATION": {func(f *chain) { f.op(11, "y", shape, nil, int8(0)) }, func(x []float32, i int) float64 {
			return float64(x[i]) / math.Hypot(float64(x[i/2*2]), float64(x[i/2*2+1]))
		}},
		"PAD of channels": {func(f *chain) {
			f.op(34, "y", []int32{1, 4, 4, 5}, []int32{f.tensor(liteT{name: "pads", shape: []int32{4, 2}, typ: typeInt32, data: i32(0, 0, 0, 0, 0, 0, 1, 2)})})
		}, func(x []float32, i int) float64 {
			if c := i % 5; c == 1 || c == 2 {
				return float64(x[i/5*2+c-1])
			}
			return 0
		}},
		"CONCATENATION along height": {func(f *chain) {
			f.op(2, "y", []int32{1, 12, 4, 2}, []int32{f.last, f.last}, int32(1), int8(0))
		}, func(x []float32, i int) float64 { return float64(x[i%32]) }},
		"TANH": {func(f *chain) { f.op(28, "y", shape, nil) }, func(x []float32, i int) float64 { return math.Tanh(float64(x[i])) }},
		"RESIZE_NEAREST_NEIGHBOR": {func(f *chain) {
			f.op(97, "y", []int32{1, 8, 8, 2}, []int32{f.tensor(liteT{name: "size", shape: []int32{2}, typ: typeInt32, data: i32(8, 8)})}, int8(0), int8(1))
		}, func(x []float32, i int) float64 {
			return float64(x[(i/2/8/2*4+i/2%8/2)*2+i%2])
		}},
	} {
		t.Run(name, func(t *testing.T) {
			f := conv()
			c.build(f)
			y, x, _ := liteRun(t, f, Options{Keep: []string{"conv"}}, "y", "conv")
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
	f := newChain(4, 4)
	f.conv("conv", []int32{1, 4, 4, 2}, 1, 1, 3, 1, same, actNone)
	w := ramp(3 * 3 * 3 * 2)
	size := f.tensor(liteT{name: "size", shape: []int32{4}, typ: typeInt32, data: i32(1, 8, 8, 3)})
	f.on(67, "y", []int32{1, 8, 8, 3}, []int32{size, f.constant("w", []int32{3, 3, 3, 2}, w...), f.last}, int8(0), int32(2), int32(2), int8(0))
	y, x, shape := liteRun(t, f, Options{Keep: []string{"conv"}}, "y", "conv")
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
	f := newChain(4, 4)
	conv := f.conv("conv", []int32{1, 4, 4, 2}, 1, 1, 3, 1, same, actNone)
	number := func(v int32) int32 {
		return f.tensor(liteT{name: "n", shape: []int32{1}, typ: typeInt32, data: i32(v)})
	}
	s := f.on(77, "shape", []int32{4}, []int32{conv}, int8(0))
	p := f.on(45, "batch", []int32{}, []int32{s, number(0), number(1), number(1)}, int32(0), int32(0), int32(0), int32(0), int32(1))
	all := f.tensor(liteT{name: "all", shape: []int32{}, typ: typeInt32, data: i32(-1)})
	q := f.on(83, "packed", []int32{2}, []int32{p, all}, int32(2), int32(0))
	f.on(22, "y", []int32{1, 1}, []int32{conv, q})
	y, x, shape := liteRun(t, f, Options{Keep: []string{"conv"}}, "y", "conv")
	if shape != [3]int{1, 1, 32} || len(y) != len(x) || y[5] != x[5] {
		t.Errorf("shape %v", shape)
	}
}

// TestLiteGrey: a network of grey pictures takes colours as BT.601 weighs them.
func TestLiteGrey(t *testing.T) {
	f := &chain{lite: lite{tensors: []liteT{{name: "input", shape: []int32{1, 4, 4, 1}}}}}
	f.conv("conv", []int32{1, 4, 4, 6}, 3, 3, 1, 1, same, actNone)
	n := load(t, f, Options{})
	if n.Nodes[0].Name != "grey" || n.Tensors[n.Nodes[1].Inputs[0]].Shape != [3]int{4, 4, 1} {
		t.Errorf("%s", n.someLayers())
	}
}
