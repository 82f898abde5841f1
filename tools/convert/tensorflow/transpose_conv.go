package tensorflow

import (
	"likeness/tools/convert/nd"
)

// ConvTranspose is a transposed convolution of x [1,H,W,I] with a kernel
// [KH,KW,O,I] and a bias [O], which may be absent, to the given height and width,
// or, where these are 0, to those of TensorFlow's padding.
func (b *Builder) ConvTranspose(name string, x, kernel, bias Value, w Window, size [2]int) Value {
	b.Rank(x, 4)
	k := b.Weight(kernel, "kernel", 4)
	if k.Shape[3] != x.Shape[3] {
		b.Fail("", "kernel %v does not fit the input %v", k.Shape, x.Shape)
	}
	more := [2]int{}
	for i := range 2 {
		s, full := w.Stride[i], (x.Shape[1+i]-1)*w.Stride[i]+(k.Shape[i]-1)*w.Dilation[i]+1
		switch {
		case s < 1 || w.Dilation[i] < 1 || full > MaxSide:
			b.Fail("strides", "stride %v and dilation %v of the input %v are out of range", w.Stride, w.Dilation, x.Shape)
		case size[i] == 0 && w.Padding == "same":
			size[i] = x.Shape[1+i] * s
		case size[i] == 0 && w.Padding == "valid":
			size[i] = max(full, x.Shape[1+i]*s)
		case size[i] == 0:
			b.Fail("padding", "%q is not supported; same and valid are", w.Padding)
		}
		more[i] = max(size[i]-full, 0)
	}
	in := []Value{b.ToNCHW(x), b.Permuted(kernel, ":iohw", 3, 2, 0, 1)}
	if bias.Name != "" {
		if t := b.Weight(bias, "bias", 1); t.Shape[0] != k.Shape[2] {
			b.Fail("", "bias %v for %d channels", t.Shape, k.Shape[2])
		}
		in = append(in, bias)
	}
	a := Attrs{"strides": nd.Ints(w.Stride[0], w.Stride[1]), "dilations": nd.Ints(w.Dilation[0], w.Dilation[1]),
		"output_padding": nd.Ints(more[0], more[1]), "output_shape": nd.Ints(size[0], size[1]), "auto_pad": nd.String("SAME_UPPER")} // of an odd number to cut off, the larger half at the end
	y := b.Emit("ConvTranspose", name+":conv", []int{1, k.Shape[2], size[0], size[1]}, a, in...)
	return b.ToNHWC(name, y)
}
