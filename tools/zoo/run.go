package zoo

import (
	"fmt"
	"math"

	"likeness/tools/convert/nd"
)

// run evaluates one node of those that the networks here consist of. It wants
// no generality: the reference is nd.Run, which tests hold against this.
func run(node *nd.Node, in []*nd.Tensor) (*nd.Tensor, error) {
	switch node.Op {
	case "Constant":
		return node.Attrs["value"].Tensor, nil
	case "Conv":
		return runConv(node, in), nil
	case "Gemm", "MatMul":
		return runProduct(node, in), nil
	case "BatchNormalization":
		return runNorm(node, in), nil
	case "MaxPool", "AveragePool":
		return runPool(node, in[0]), nil
	case "GlobalAveragePool", "ReduceMean":
		return runMean(node, in[0]), nil
	case "LayerNormalization":
		return runLayerNorm(node, in), nil
	case "Add", "Sub", "Mul", "Div", "Pow":
		return runBinary(node.Op, in[0], in[1]), nil
	case "Concat", "Flatten", "Pad", "Reshape", "Transpose", "Slice", "Shape", "Gather":
		return runMove(node, in), nil
	}
	f := pointwise(node, in)
	if f == nil {
		return nil, fmt.Errorf("operator %s is not one of the zoo's", node.Op)
	}
	y := like(in[0])
	for i, v := range in[0].F {
		y.F[i] = float32(f(float64(v)))
	}
	return y, nil
}

func like(x *nd.Tensor) *nd.Tensor { return fresh(x.Shape...) }

func fresh(shape ...int) *nd.Tensor {
	return &nd.Tensor{Shape: shape, F: make([]float32, nd.Elems(shape))}
}

func pointwise(node *nd.Node, in []*nd.Tensor) func(float64) float64 {
	switch node.Op {
	case "Relu":
		return func(v float64) float64 { return max(v, 0) }
	case "Clip":
		lo, hi := float64(in[1].F[0]), float64(in[2].F[0])
		return func(v float64) float64 { return min(max(v, lo), hi) }
	case "Sigmoid":
		return func(v float64) float64 { return 1 / (1 + math.Exp(-v)) }
	case "HardSigmoid":
		return func(v float64) float64 { return min(max(v/6+0.5, 0), 1) }
	case "HardSwish":
		return func(v float64) float64 { return v * min(max(v/6+0.5, 0), 1) }
	case "Erf":
		return math.Erf
	case "Sqrt":
		return math.Sqrt
	}
	return nil
}

// runNorm is batch normalisation of [1, C, ...].
func runNorm(node *nd.Node, in []*nd.Tensor) *nd.Tensor {
	y, c := like(in[0]), in[0].Shape[1]
	per := len(y.F) / c
	for o := range c {
		f := float64(in[1].F[o]) / math.Sqrt(float64(in[4].F[o])+float64(node.Attrs["epsilon"].Float))
		for i, v := range in[0].F[o*per:][:per] {
			y.F[o*per+i] = float32((float64(v)-float64(in[3].F[o]))*f + float64(in[2].F[o]))
		}
	}
	return y
}

func runPool(node *nd.Node, x *nd.Tensor) *nd.Tensor {
	a := node.Attrs
	k, s, pad := int(a["kernel_shape"].Ints[0]), int(a["strides"].Ints[0]), 0
	if p := a["pads"].Ints; p != nil {
		pad = int(p[0])
	}
	c, h, w := x.Shape[1], x.Shape[2], x.Shape[3]
	size := func(n int) int {
		o := (n+2*pad-k)/s + 1
		if a["ceil_mode"].Int == 1 && (n+2*pad-k)%s != 0 && o*s < n+pad {
			o++
		}
		return o
	}
	y := fresh(1, c, size(h), size(w))
	oh, ow := y.Shape[2], y.Shape[3]
	for i := range y.F {
		px, py, plane := i%ow*s-pad, i/ow%oh*s-pad, x.F[i/(oh*ow)*h*w:]
		top, sum := float32(math.Inf(-1)), float32(0)
		for v := max(py, 0); v < min(py+k, h); v++ {
			for _, e := range plane[v*w+max(px, 0) : v*w+min(px+k, w)] {
				top, sum = max(top, e), sum+e
			}
		}
		if y.F[i] = top; node.Op == "AveragePool" {
			y.F[i] = sum / float32(k*k)
		}
	}
	return y
}

// runMean is the mean over the planes of [1, C, H, W], or over the last
// dimension.
func runMean(node *nd.Node, x *nd.Tensor) *nd.Tensor {
	shape := append([]int(nil), x.Shape...)
	per := 1
	if axes := node.Attrs["axes"].Ints; len(axes) == 1 {
		last := len(shape) - 1
		per, shape[last] = shape[last], 1
	} else {
		per, shape[2], shape[3] = shape[2]*shape[3], 1, 1
		if node.Op == "ReduceMean" && node.Attrs["keepdims"].Int == 0 {
			shape = shape[:2]
		}
	}
	y := fresh(shape...)
	for i := range y.F {
		sum := 0.0
		for _, v := range x.F[i*per:][:per] {
			sum += float64(v)
		}
		y.F[i] = float32(sum / float64(per))
	}
	return y
}

func runLayerNorm(node *nd.Node, in []*nd.Tensor) *nd.Tensor {
	x, y := in[0], like(in[0])
	c := x.Shape[len(x.Shape)-1]
	for at := 0; at < len(x.F); at += c {
		mean, power := 0.0, 0.0
		for _, v := range x.F[at:][:c] {
			mean += float64(v) / float64(c)
		}
		for _, v := range x.F[at:][:c] {
			power += (float64(v) - mean) * (float64(v) - mean) / float64(c)
		}
		f := 1 / math.Sqrt(power+float64(node.Attrs["epsilon"].Float))
		for i, v := range x.F[at:][:c] {
			y.F[at+i] = float32((float64(v)-mean)*f*float64(in[1].F[i]) + float64(in[2].F[i]))
		}
	}
	return y
}

func apply[T int64 | float32](op string, a, b T) T {
	switch op {
	case "Add":
		return a + b
	case "Sub":
		return a - b
	case "Mul":
		return a * b
	case "Div":
		return a / b
	}
	return a * a // Pow: squares only
}

// runBinary broadcasts as ONNX does.
func runBinary(op string, a, b *nd.Tensor) *nd.Tensor {
	if !a.Type.IsFloat() {
		y := &nd.Tensor{Type: nd.Int64, Shape: a.Shape}
		for i := range a.I {
			y.I = append(y.I, apply(op, a.I[i], b.I[i%len(b.I)]))
		}
		return y
	}
	shape := make([]int, max(len(a.Shape), len(b.Shape)))
	steps := [2][]int{make([]int, len(shape)), make([]int, len(shape))}
	for t, x := range []*nd.Tensor{a, b} {
		step := 1
		for d := len(x.Shape) - 1; d >= 0; d-- {
			to := d + len(shape) - len(x.Shape)
			if x.Shape[d] > 1 {
				steps[t][to] = step
			}
			shape[to] = max(shape[to], x.Shape[d])
			step *= x.Shape[d]
		}
	}
	y, at := fresh(shape...), make([]int, len(shape))
	i, j := 0, 0
	for k := range y.F {
		y.F[k] = apply(op, a.F[i], b.F[j])
		for d := len(shape) - 1; d >= 0; d-- {
			at[d]++
			i, j = i+steps[0][d], j+steps[1][d]
			if at[d] < shape[d] {
				break
			}
			at[d], i, j = 0, i-shape[d]*steps[0][d], j-shape[d]*steps[1][d]
		}
	}
	return y
}
