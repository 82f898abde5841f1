package tfjs

import (
	"likeness/tools/convert/nd"
)

// window is how a kernel moves over a picture; pairs are height, width.
type window struct {
	kernel, stride, dilation [2]int
	padding                  string    // same, valid or explicit
	explicit                 [2][2]int // height, width; before, after
}

// fit computes the output size and the padding for an input [1, H, W, C].
func (b *builder) fit(x value, w *window) (out [2]int, pads []int) {
	b.rank(x, 4)
	pads = make([]int, 4) // top, left, bottom, right
	for i := range 2 {
		k, s, d, in := w.kernel[i], w.stride[i], w.dilation[i], x.shape[1+i]
		if k < 1 || k > maxSide || s < 1 || s > maxSide || d < 1 || d > maxSide {
			b.fail("kernel", "kernel %v, stride %v, dilation %v: each from 1 to %d is possible", w.kernel, w.stride, w.dilation, maxSide)
		}
		reach := (k-1)*d + 1
		before, after := 0, 0
		switch w.padding {
		case "valid":
		case "same": // of an odd sum, the larger part comes after
			total := max(0, ((in+s-1)/s-1)*s+reach-in)
			before = total / 2
			after = total - before
		case "explicit":
			before, after = w.explicit[i][0], w.explicit[i][1]
			if before < 0 || after < 0 || before > maxSide || after > maxSide {
				b.fail("explicit_paddings", "%v is out of range", w.explicit)
			}
		default:
			b.fail("padding", "%q is not supported; same and valid are", w.padding)
		}
		if in+before+after < reach {
			b.fail("", "a kernel of %d pixels does not fit the input %v", reach, x.shape)
		}
		out[i] = (in+before+after-reach)/s + 1
		pads[i], pads[2+i] = before, after
	}
	return out, pads
}

func (w *window) attrs(pads []int) attrs {
	return attrs{"kernel_shape": nd.Ints(w.kernel[0], w.kernel[1]), "strides": nd.Ints(w.stride[0], w.stride[1]), "dilations": nd.Ints(w.dilation[0], w.dilation[1]), "pads": nd.Ints(pads...)}
}

// conv convolves x [1,H,W,C] with a kernel [KH,KW,C/groups,O] and adds bias
// [O], which may be absent (the zero value).
func (b *builder) conv(name string, x, kernel, bias value, w window) value {
	b.rank(x, 4)
	k := b.weight(kernel, "kernel", 4)
	in, out := k.Shape[2], k.Shape[3]
	if in < 1 || x.shape[3]%in != 0 || out%(x.shape[3]/in) != 0 {
		b.fail("", "kernel %v does not fit the input %v", k.Shape, x.shape)
	}
	oihw := b.permuted(kernel, ":oihw", 3, 2, 0, 1)
	return b.convolve(name, x, oihw, bias, w, x.shape[3]/in)
}

// depthwise convolves each channel of x [1,H,W,C] with kernels [KH,KW,C,M].
func (b *builder) depthwise(name string, x, kernel, bias value, w window) value {
	b.rank(x, 4)
	k := b.weight(kernel, "kernel", 4)
	c, m := k.Shape[2], k.Shape[3]
	if c != x.shape[3] {
		b.fail("", "kernel %v does not fit the input %v", k.Shape, x.shape)
	}
	chw := b.permuted(kernel, ":chw", 2, 3, 0, 1) // [C,M,KH,KW]
	flat := *chw.c
	flat.Shape = []int{c * m, 1, k.Shape[0], k.Shape[1]}
	return b.convolve(name, x, b.constant(kernel.name+":depthwise", &flat), bias, w, c)
}

// convolve emits a convolution with a kernel [O,C/groups,KH,KW].
func (b *builder) convolve(name string, x, kernel, bias value, w window, groups int) value {
	k := kernel.c.Shape
	w.kernel = [2]int{k[2], k[3]}
	size, pads := b.fit(x, &w)
	a := w.attrs(pads)
	a["group"] = nd.Int(groups)
	in := []value{b.toNCHW(x), kernel}
	if bias.name != "" {
		if t := b.weight(bias, "bias", 1); t.Shape[0] != k[0] {
			b.fail("", "bias %v for %d channels", t.Shape, k[0])
		}
		in = append(in, bias)
	}
	y := b.emit("Conv", name+":conv", []int{1, k[0], size[0], size[1]}, a, in...)
	return b.toNHWC(name, y)
}

// permuted transposes a constant of four dimensions; branches that use one
// weight share the result.
func (b *builder) permuted(v value, suffix string, perm ...int) value {
	if done, ok := b.values[v.name+suffix]; ok {
		return done
	}
	return b.constant(v.name+suffix, permute(v.c, perm))
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

// pool is MaxPool or AveragePool of x [1,H,W,C]; padding never counts.
func (b *builder) pool(op, name string, x value, w window) value {
	w.dilation = [2]int{1, 1}
	size, pads := b.fit(x, &w)
	a := w.attrs(pads)
	delete(a, "dilations")
	y := b.emit(op, name+":pool", []int{1, x.shape[3], size[0], size[1]}, a, b.toNCHW(x))
	return b.toNHWC(name, y)
}

// batchNorm normalises the last axis with constants [C].
func (b *builder) batchNorm(name string, x, gamma, beta, mean, variance value, epsilon float32) value {
	c := x.shape[len(x.shape)-1]
	for _, v := range []value{gamma, beta, mean, variance} {
		if t := b.weight(v, "parameter", 1); t.Shape[0] != c {
			b.fail("", "parameter %q has shape %v for %d channels", v.name, t.Shape, c)
		}
	}
	a := attrs{"epsilon": nd.Float(epsilon)}
	if len(x.shape) != 4 {
		b.rank(x, 2) // ONNX's channel axis is 1, the last one of a vector
		return b.emit("BatchNormalization", name, x.shape, a, x, gamma, beta, mean, variance)
	}
	in := b.toNCHW(x)
	y := b.emit("BatchNormalization", name+":bn", in.shape, a, in, gamma, beta, mean, variance)
	return b.toNHWC(name, y)
}

// dense multiplies the last axis of x by a matrix [I,O] and adds bias [O],
// which may be absent.
func (b *builder) dense(name string, x, kernel, bias value) value {
	k := b.weight(kernel, "kernel", 2)
	rank := len(x.shape)
	if rank < 1 || x.shape[rank-1] != k.Shape[0] {
		b.fail("", "kernel %v does not fit the input %v", k.Shape, x.shape)
	}
	if bias.name != "" {
		if t := b.weight(bias, "bias", 1); t.Shape[0] != k.Shape[1] {
			b.fail("", "bias %v for %d outputs", t.Shape, k.Shape[1])
		}
	}
	shape := append(append([]int{}, x.shape[:rank-1]...), k.Shape[1])
	if rank == 2 {
		in := []value{x, kernel}
		if bias.name != "" {
			in = append(in, bias)
		}
		return b.emit("Gemm", name, shape, nil, in...)
	}
	if bias.name == "" {
		return b.emit("MatMul", name, shape, nil, x, kernel)
	}
	return b.emit("Add", name, shape, nil, b.emit("MatMul", name+":product", shape, nil, x, kernel), bias)
}
