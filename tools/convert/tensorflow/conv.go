package tensorflow

import (
	"likeness/tools/convert/nd"
)

// Window is how a kernel moves over a picture; pairs are height, width.
type Window struct {
	Kernel, Stride, Dilation [2]int
	Padding                  string    // same, valid or explicit
	Explicit                 [2][2]int // height, width; before, after
}

// fit computes the output size and the padding for an input [1, H, W, C].
func (b *Builder) fit(x Value, w *Window) (out [2]int, pads []int) {
	b.Rank(x, 4)
	pads = make([]int, 4) // top, left, bottom, right
	for i := range 2 {
		k, s, d, in := w.Kernel[i], w.Stride[i], w.Dilation[i], x.Shape[1+i]
		if k < 1 || k > MaxSide || s < 1 || s > MaxSide || d < 1 || d > MaxSide {
			b.Fail("kernel", "kernel %v, stride %v, dilation %v: each from 1 to %d is possible", w.Kernel, w.Stride, w.Dilation, MaxSide)
		}
		reach := (k-1)*d + 1
		before, after := 0, 0
		switch w.Padding {
		case "valid":
		case "same": // of an odd sum, the larger part comes after
			total := max(0, ((in+s-1)/s-1)*s+reach-in)
			before = total / 2
			after = total - before
		case "explicit":
			before, after = w.Explicit[i][0], w.Explicit[i][1]
			if before < 0 || after < 0 || before > MaxSide || after > MaxSide {
				b.Fail("explicit_paddings", "%v is out of range", w.Explicit)
			}
		default:
			b.Fail("padding", "%q is not supported; same and valid are", w.Padding)
		}
		if in+before+after < reach {
			b.Fail("", "a kernel of %d pixels does not fit the input %v", reach, x.Shape)
		}
		out[i] = (in+before+after-reach)/s + 1
		pads[i], pads[2+i] = before, after
	}
	return out, pads
}

func (w *Window) attrs(pads []int) Attrs {
	return Attrs{"kernel_shape": nd.Ints(w.Kernel[0], w.Kernel[1]), "strides": nd.Ints(w.Stride[0], w.Stride[1]), "dilations": nd.Ints(w.Dilation[0], w.Dilation[1]), "pads": nd.Ints(pads...)}
}

// Conv convolves x [1,H,W,C] with a kernel [KH,KW,C/groups,O] and adds bias
// [O], which may be absent (the zero value).
func (b *Builder) Conv(name string, x, kernel, bias Value, w Window) Value {
	b.Rank(x, 4)
	k := b.Weight(kernel, "kernel", 4)
	in, out := k.Shape[2], k.Shape[3]
	if in < 1 || x.Shape[3]%in != 0 || out%(x.Shape[3]/in) != 0 {
		b.Fail("", "kernel %v does not fit the input %v", k.Shape, x.Shape)
	}
	oihw := b.Permuted(kernel, ":oihw", 3, 2, 0, 1)
	return b.Convolve(name, x, oihw, bias, w, x.Shape[3]/in)
}

// Depthwise convolves each channel of x [1,H,W,C] with kernels [KH,KW,C,M].
func (b *Builder) Depthwise(name string, x, kernel, bias Value, w Window) Value {
	b.Rank(x, 4)
	k := b.Weight(kernel, "kernel", 4)
	c, m := k.Shape[2], k.Shape[3]
	if c != x.Shape[3] {
		b.Fail("", "kernel %v does not fit the input %v", k.Shape, x.Shape)
	}
	chw := b.Permuted(kernel, ":chw", 2, 3, 0, 1) // [C,M,KH,KW]
	flat := *chw.Const
	flat.Shape = []int{c * m, 1, k.Shape[0], k.Shape[1]}
	return b.Convolve(name, x, b.Constant(kernel.Name+":depthwise", &flat), bias, w, c)
}

// Convolve emits a convolution with a kernel [O,C/groups,KH,KW].
func (b *Builder) Convolve(name string, x, kernel, bias Value, w Window, groups int) Value {
	k := kernel.Const.Shape
	w.Kernel = [2]int{k[2], k[3]}
	size, pads := b.fit(x, &w)
	a := w.attrs(pads)
	a["group"] = nd.Int(groups)
	in := []Value{b.ToNCHW(x), kernel}
	if bias.Name != "" {
		if t := b.Weight(bias, "bias", 1); t.Shape[0] != k[0] {
			b.Fail("", "bias %v for %d channels", t.Shape, k[0])
		}
		in = append(in, bias)
	}
	y := b.Emit("Conv", name+":conv", []int{1, k[0], size[0], size[1]}, a, in...)
	return b.ToNHWC(name, y)
}

// Permuted transposes a constant of four dimensions; branches that use one
// weight share the result.
func (b *Builder) Permuted(v Value, suffix string, perm ...int) Value {
	if done, ok := b.Values[v.Name+suffix]; ok {
		return done
	}
	return b.Constant(v.Name+suffix, permute(v.Const, perm))
}

// permute transposes a float tensor: the result's dimension i is perm[i] of t.
func permute(t *nd.Tensor, perm []int) *nd.Tensor {
	steps := make([]int, len(perm))
	step := 1
	for i := len(perm) - 1; i >= 0; i-- {
		steps[i] = step
		step *= t.Shape[i]
	}
	out := &nd.Tensor{Type: t.Type, Shape: make([]int, len(perm)), F: make([]float32, len(t.F))}
	for i, p := range perm {
		out.Shape[i] = t.Shape[p]
	}
	at := make([]int, len(perm))
	from := 0
	for i := range out.F {
		out.F[i] = t.F[from]
		for k := len(perm) - 1; k >= 0; k-- {
			at[k]++
			from += steps[perm[k]]
			if at[k] < out.Shape[k] {
				break
			}
			from -= at[k] * steps[perm[k]]
			at[k] = 0
		}
	}
	return out
}

// Pool is MaxPool or AveragePool of x [1,H,W,C]; padding never counts.
func (b *Builder) Pool(op, name string, x Value, w Window) Value {
	w.Dilation = [2]int{1, 1}
	size, pads := b.fit(x, &w)
	a := w.attrs(pads)
	delete(a, "dilations")
	y := b.Emit(op, name+":pool", []int{1, x.Shape[3], size[0], size[1]}, a, b.ToNCHW(x))
	return b.ToNHWC(name, y)
}

// BatchNorm normalises the last axis with constants [C].
func (b *Builder) BatchNorm(name string, x, gamma, beta, mean, variance Value, epsilon float32) Value {
	c := x.Shape[len(x.Shape)-1]
	for _, v := range []Value{gamma, beta, mean, variance} {
		if t := b.Weight(v, "parameter", 1); t.Shape[0] != c {
			b.Fail("", "parameter %q has shape %v for %d channels", v.Name, t.Shape, c)
		}
	}
	a := Attrs{"epsilon": nd.Float(epsilon)}
	if len(x.Shape) != 4 {
		b.Rank(x, 2) // ONNX's channel axis is 1, the last one of a vector
		return b.Emit("BatchNormalization", name, x.Shape, a, x, gamma, beta, mean, variance)
	}
	in := b.ToNCHW(x)
	y := b.Emit("BatchNormalization", name+":bn", in.Shape, a, in, gamma, beta, mean, variance)
	return b.ToNHWC(name, y)
}

// Dense multiplies the last axis of x by a matrix [I,O] and adds bias [O],
// which may be absent.
func (b *Builder) Dense(name string, x, kernel, bias Value) Value {
	k := b.Weight(kernel, "kernel", 2)
	rank := len(x.Shape)
	if rank < 1 || x.Shape[rank-1] != k.Shape[0] {
		b.Fail("", "kernel %v does not fit the input %v", k.Shape, x.Shape)
	}
	if bias.Name != "" {
		if t := b.Weight(bias, "bias", 1); t.Shape[0] != k.Shape[1] {
			b.Fail("", "bias %v for %d outputs", t.Shape, k.Shape[1])
		}
	}
	shape := append(append([]int{}, x.Shape[:rank-1]...), k.Shape[1])
	if rank == 2 {
		in := []Value{x, kernel}
		if bias.Name != "" {
			in = append(in, bias)
		}
		return b.Emit("Gemm", name, shape, nil, in...)
	}
	if bias.Name == "" {
		return b.Emit("MatMul", name, shape, nil, x, kernel)
	}
	return b.Emit("Add", name, shape, nil, b.Emit("MatMul", name+":product", shape, nil, x, kernel), bias)
}
