package nd

import (
	"fmt"
	"slices"
)

var transposedOperators = map[string]operator{
	"ConvTranspose": {attrs: convAttrs + " output_padding output_shape", in: 2, most: 3, outs: 1, infer: inferTransposed, eval: evalTransposed, note: "1 to 3 spatial axes"},
}

// Transposed is how a transposed convolution walks over one axis: input i adds to
// outputs i*Stride - Begin + k*Dilation, for k in 0..Kernel.
type Transposed struct {
	In, Out, Kernel, Stride, Dilation int
	Begin, End                        int // cut off
	More                              int // zeros behind the end
}

// Resolve settles what is cut off and the size of the output, where size is that of
// the attribute output_shape, 0 for none (ONNX, ConvTranspose-11).
func (t *Transposed) Resolve(auto string, size int) error {
	full := (t.In-1)*t.Stride + (t.Kernel-1)*t.Dilation + 1 + t.More
	same := auto == "SAME_UPPER" || auto == "SAME_LOWER"
	switch {
	case auto != "NOTSET" && auto != "" && auto != "VALID" && !same:
		return errAutoPad
	case same && size == 0:
		size = t.In * t.Stride
	case auto == "VALID":
		t.Begin, t.End, size = 0, 0, 0
	}
	if size > 0 {
		if size > full {
			t.More += size - full
			full = size
		}
		total := full - size
		t.Begin, t.End = total-total/2, total/2
		if auto == "SAME_UPPER" {
			t.Begin, t.End = t.End, t.Begin
		}
	}
	if t.Out = full - t.Begin - t.End; t.Out < 1 || t.Begin < 0 || t.End < 0 {
		return fmt.Errorf("padding of %d and %d leaves %d of %d", t.Begin, t.End, t.Out, full)
	}
	return nil
}

// transposed is a resolved one: x [N][C][D][H][W], w [C][M/groups][kd][kh][kw].
type transposed struct {
	n, c, m, groups int
	axes            [3]Transposed
}

func resolveTransposed(c *call) (*transposed, []int, error) {
	if err := c.rank(0, 3, 5); err != nil {
		return nil, nil, err
	}
	xs, ws := c.shape(0), c.shape(1)
	if err := c.rank(1, len(xs), len(xs)); err != nil {
		return nil, nil, err
	}
	rank := len(xs) - 2
	v := &transposed{n: xs[0], c: xs[1], groups: c.attrInt("group", 1)}
	if v.groups < 1 || ws[0] != v.c || v.c%v.groups != 0 {
		return nil, nil, fmt.Errorf("%d groups of weights %v do not fit an input of shape %v", v.groups, ws, xs)
	}
	v.m = ws[1] * v.groups
	shape := []int{v.n, v.m}
	for i := range v.axes {
		v.axes[i] = Transposed{In: 1, Out: 1, Kernel: 1, Stride: 1, Dilation: 1}
	}
	axes, err := c.transposedAxes(xs[2:], ws[2:])
	for i, t := range axes {
		v.axes[3-rank+i] = t
		shape = append(shape, t.Out)
	}
	return v, shape, err
}

// transposedAxes resolves the attributes over the spatial axes of input and weights.
func (c *call) transposedAxes(in, kernel []int) ([]Transposed, error) {
	rank := len(in)
	lists := map[string][]int{}
	for _, a := range []struct {
		name            string
		n, least, value int
	}{{"strides", rank, 1, 1}, {"dilations", rank, 1, 1}, {"pads", 2 * rank, 0, 0}, {"output_padding", rank, 0, 0}, {"output_shape", rank, 1, 0}} {
		list := c.attrInts(a.name)
		if list == nil {
			lists[a.name] = slices.Repeat([]int{a.value}, a.n)
			continue
		}
		if a.name == "output_shape" && len(list) == rank+2 { // with batch and channels, as some writers have it
			list = list[2:]
		}
		if len(list) != a.n {
			return nil, fmt.Errorf("%s %v should be a list of %d", a.name, list, a.n)
		}
		if slices.Min(list) < a.least || slices.Max(list) > maxStep {
			return nil, fmt.Errorf("%s %v is outside %d to %d", a.name, list, a.least, maxStep)
		}
		lists[a.name] = list
	}
	axes := make([]Transposed, rank)
	for i := range axes {
		t := Transposed{In: in[i], Kernel: kernel[i], Stride: lists["strides"][i], Dilation: lists["dilations"][i],
			Begin: lists["pads"][i], End: lists["pads"][rank+i], More: lists["output_padding"][i]}
		if min(t.In, t.Kernel) < 1 || max(t.In, t.Kernel) > maxStep {
			return nil, fmt.Errorf("input of %v places and weights of %v", in, kernel)
		}
		if err := t.Resolve(c.attrString("auto_pad", "NOTSET"), lists["output_shape"][i]); err == errAutoPad {
			return nil, c.unsupported("auto_pad")
		} else if err != nil {
			return nil, err
		}
		axes[i] = t
	}
	return axes, nil
}

func inferTransposed(c *call) error {
	if err := c.floats(0, 1, 2); err != nil {
		return err
	}
	if err := c.same(0, 1, 2); err != nil {
		return err
	}
	v, shape, err := resolveTransposed(c)
	if err != nil {
		return err
	}
	if err := c.vector(2, v.m); err != nil {
		return err
	}
	return c.set(c.in[0].Type, shape)
}

func evalTransposed(c *call, y []*Tensor) error {
	v, _, err := resolveTransposed(c)
	if err != nil {
		return err
	}
	d, h, w := &v.axes[0], &v.axes[1], &v.axes[2]
	plane, size := d.In*h.In*w.In, d.Out*h.Out*w.Out
	each, taps := v.m/v.groups, d.Kernel*h.Kernel*w.Kernel
	x, k, bias, out := c.x(0).F, c.x(1).F, c.x(2), y[0].F
	parallel(v.n*v.m, 1, func(lo, hi int) {
		for r := lo; r < hi; r++ {
			n, m := r/v.m, r%v.m
			g, per := m/each, v.c/v.groups
			to := out[r*size:][:size]
			if bias != nil {
				for i := range to {
					to[i] = bias.F[m]
				}
			}
			for ch := g * per; ch < (g+1)*per; ch++ {
				from, weights := x[(n*v.c+ch)*plane:][:plane], k[(ch*each+m%each)*taps:][:taps]
				for pos, value := range from {
					v.spread(to, weights, value, pos/(h.In*w.In), pos/w.In%h.In, pos%w.In)
				}
			}
		}
	})
	return nil
}

// spread adds one input times all weights to where they belong.
func (v *transposed) spread(to, weights []float32, value float32, id, ih, iw int) {
	d, h, w := &v.axes[0], &v.axes[1], &v.axes[2]
	for i, k := range weights {
		kd, kh, kw := i/(h.Kernel*w.Kernel), i/w.Kernel%h.Kernel, i%w.Kernel
		od, oh, ow := id*d.Stride-d.Begin+kd*d.Dilation, ih*h.Stride-h.Begin+kh*h.Dilation, iw*w.Stride-w.Begin+kw*w.Dilation
		if od >= 0 && od < d.Out && oh >= 0 && oh < h.Out && ow >= 0 && ow < w.Out {
			to[(od*h.Out+oh)*w.Out+ow] += float32(value * k)
		}
	}
}
