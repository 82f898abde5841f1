package tflite

import (
	"math"
	"testing"

	"likeness/tools/convert/litefile"
	"likeness/tools/convert/lower"
)

// TestFurtherOperators: each operator on the values x of a convolution,
// [1, 4, 4, 2], against its formula for value i of the result.
func TestFurtherOperators(t *testing.T) {
	whole := []int32{1, 4, 4, 2}
	ints := func(f *litefile.Chain, name string, v ...int32) int32 {
		return f.Tensor(litefile.Tensor{Name: name, Shape: []int32{int32(len(v))}, Type: typeInt32, Data: litefile.Int32s(v...)})
	}
	pads := func(f *litefile.Chain, v ...int32) int32 {
		return f.Tensor(litefile.Tensor{Name: "pads", Shape: []int32{4, 2}, Type: typeInt32, Data: litefile.Int32s(v...)})
	}
	each := func(f func(v float64) float64) func([]float32, int) float64 {
		return func(x []float32, i int) float64 { return f(float64(x[i])) }
	}
	over := func(start float64, f func(sum, v float64) float64) func([]float32, int) float64 { // height and width
		return func(x []float32, i int) float64 {
			r := start
			for p := range 16 {
				r = f(r, float64(x[2*p+i]))
			}
			return r
		}
	}
	add := func(sum, v float64) float64 { return sum + v }
	for name, c := range map[string]struct {
		build func(f *litefile.Chain)
		want  func(x []float32, i int) float64
	}{
		"RELU_N1_TO_1": {func(f *litefile.Chain) { f.Op(20, "y", whole, nil) }, each(func(v float64) float64 { return min(max(v, -1), 1) })},
		"RELU_0_TO_1":  {func(f *litefile.Chain) { f.Op(152, "y", whole, nil) }, each(func(v float64) float64 { return min(max(v, 0), 1) })},
		"NEG":          {func(f *litefile.Chain) { f.Op(59, "y", whole, nil) }, each(func(v float64) float64 { return -v })},
		"CAST":         {func(f *litefile.Chain) { f.Op(53, "y", whole, nil) }, each(func(v float64) float64 { return v })},
		"GELU":         {func(f *litefile.Chain) { f.Op(150, "y", whole, nil, int8(0)) }, each(func(v float64) float64 { return v / 2 * (1 + math.Erf(v/math.Sqrt2)) })},
		"GELU by tanh": {func(f *litefile.Chain) { f.Op(150, "y", whole, nil, int8(1)) }, each(func(v float64) float64 {
			return v / 2 * (1 + math.Tanh(math.Sqrt(2/math.Pi)*(v+0.044715*v*v*v)))
		})},
		"SQUARE":              {func(f *litefile.Chain) { f.Op(92, "y", whole, nil) }, each(func(v float64) float64 { return v * v })},
		"POW":                 {func(f *litefile.Chain) { f.Op(78, "y", whole, []int32{f.Constant("k", nil, 3)}) }, each(func(v float64) float64 { return v * v * v })},
		"RSQRT behind EXP":    {func(f *litefile.Chain) { f.Op(47, "e", whole, nil); f.Op(76, "y", whole, nil) }, each(func(v float64) float64 { return math.Exp(-v / 2) })},
		"MAXIMUM of a number": {func(f *litefile.Chain) { f.Op(55, "y", whole, []int32{f.Constant("k", nil, 0.25)}) }, each(func(v float64) float64 { return max(v, 0.25) })},
		"MINIMUM of two": {func(f *litefile.Chain) {
			x := f.Last
			f.Op(59, "n", whole, nil)
			f.Op(57, "y", whole, []int32{x})
		}, each(func(v float64) float64 { return -math.Abs(v) })},
		"SQUARED_DIFFERENCE": {func(f *litefile.Chain) { f.Op(99, "y", whole, []int32{f.Constant("k", []int32{2}, 1, -1)}) }, func(x []float32, i int) float64 {
			d := float64(x[i]) - float64(1-2*(i%2))
			return d * d
		}},
		"ADD_N":        {func(f *litefile.Chain) { f.Op(106, "y", whole, []int32{f.Last, f.Last}) }, each(func(v float64) float64 { return 3 * v })},
		"ADD and TANH": {func(f *litefile.Chain) { f.Op(0, "y", whole, []int32{f.Last}, int8(4)) }, each(func(v float64) float64 { return math.Tanh(2 * v) })},
		"SUM":          {func(f *litefile.Chain) { f.Op(74, "y", []int32{1, 2}, []int32{ints(f, "axes", 1, 2)}, int8(0)) }, over(0, add)},
		"REDUCE_MAX":   {func(f *litefile.Chain) { f.Op(82, "y", []int32{1, 2}, []int32{ints(f, "axes", 1, 2)}, int8(0)) }, over(math.Inf(-1), math.Max)},
		"REDUCE_MIN":   {func(f *litefile.Chain) { f.Op(89, "y", []int32{1, 2}, []int32{ints(f, "axes", 1, 2)}, int8(0)) }, over(math.Inf(1), math.Min)},
		"MEAN over rows": {func(f *litefile.Chain) { f.Op(40, "y", []int32{1, 4, 2}, []int32{ints(f, "axes", 1)}, int8(0)) }, func(x []float32, i int) (m float64) {
			for row := range 4 {
				m += float64(x[8*row+i]) / 4
			}
			return m
		}},
		"MEAN over channels, kept": {func(f *litefile.Chain) { f.Op(40, "y", []int32{1, 4, 4, 1}, []int32{ints(f, "axes", 3)}, int8(1)) }, func(x []float32, i int) float64 {
			return (float64(x[2*i]) + float64(x[2*i+1])) / 2
		}},
		"TRANSPOSE at the end": {func(f *litefile.Chain) {
			f.Op(39, "y", whole, []int32{ints(f, "perm", 0, 2, 1, 3)})
		}, func(x []float32, i int) float64 { return float64(x[(i/2%4*4+i/8)*2+i%2]) }},
		"TRANSPOSE before a flatten": {func(f *litefile.Chain) {
			f.Op(39, "t", whole, []int32{ints(f, "perm", 0, 2, 1, 3)})
			f.Op(22, "y", []int32{1, 32}, nil)
		}, func(x []float32, i int) float64 { return float64(x[(i/2%4*4+i/8)*2+i%2]) }},
		"SLICE": {func(f *litefile.Chain) {
			f.Op(65, "y", []int32{1, 2, 3, 1}, []int32{ints(f, "begin", 0, 1, 1, 1), ints(f, "size", 1, 2, -1, 1)})
		}, func(x []float32, i int) float64 { return float64(x[((1+i/3)*4+1+i%3)*2+1]) }},
		"STRIDED_SLICE": {func(f *litefile.Chain) {
			f.Op(45, "y", []int32{1, 2, 4, 2}, []int32{ints(f, "begin", 0, 1, 0, 0), ints(f, "end", 1, 4, 4, 2), ints(f, "step", 1, 2, 1, 1)}, int32(0), int32(0), int32(0), int32(0), int32(0))
		}, func(x []float32, i int) float64 { return float64(x[(1+2*(i/8))*8+i%8]) }},
		"SPLIT": {func(f *litefile.Chain) {
			x := f.Last
			f.On(49, "y", []int32{1, 4, 4, 1}, []int32{ints(f, "axis", 3), x}, int32(2))
			o := &f.Ops[len(f.Ops)-1]
			o.Out = append([]int32{f.Tensor(litefile.Tensor{Name: "z", Shape: []int32{1, 4, 4, 1}})}, o.Out...) // y is the second
			f.On(59, "end", []int32{1, 4, 4, 1}, []int32{f.Last})
		}, func(x []float32, i int) float64 { return float64(x[2*i+1]) }},
		"EXPAND_DIMS of a mean": {func(f *litefile.Chain) {
			f.Op(40, "m", []int32{1, 2}, []int32{ints(f, "axes", 1, 2)}, int8(0))
			f.Op(70, "e", []int32{1, 1, 2}, []int32{ints(f, "at", 1)})
			f.Op(59, "y", []int32{1, 1, 2}, nil)
		}, func(x []float32, i int) float64 { return -over(0, add)(x, i) / 16 }},
		"PADV2": {func(f *litefile.Chain) {
			f.Op(60, "y", []int32{1, 5, 4, 2}, []int32{pads(f, 0, 0, 1, 0, 0, 0, 0, 0), f.Constant("k", nil, 0.5)})
		}, func(x []float32, i int) float64 {
			if i < 8 {
				return 0.5
			}
			return float64(x[i-8])
		}},
		"MIRROR_PAD": {func(f *litefile.Chain) {
			f.Op(100, "y", []int32{1, 5, 4, 2}, []int32{pads(f, 0, 0, 1, 0, 0, 0, 0, 0)}, int8(0))
		}, func(x []float32, i int) float64 {
			if i < 8 {
				return float64(x[8+i])
			}
			return float64(x[i-8])
		}},
	} {
		t.Run(name, func(t *testing.T) {
			f := litefile.New(4, 4)
			f.Conv("conv", whole, 1, 1, 3, 1, litefile.PadSame, litefile.ActNone)
			c.build(f)
			y, x, _ := liteRun(t, f, lower.Options{Keep: []string{"conv", "y"}}, "y", "conv")
			for i, v := range y {
				if want := c.want(x, i); math.Abs(float64(v)-want) > 2e-3*max(1, math.Abs(want)) {
					t.Fatalf("value %d of %d is %g, want %g", i, len(y), v, want)
				}
			}
		})
	}
}
