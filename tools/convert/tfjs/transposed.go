package tfjs

import (
	"slices"

	"likeness/tools/convert/nd"
)

// convTranspose is a transposed convolution of x [1,H,W,I] with a kernel
// [KH,KW,O,I] and a bias [O], which may be absent, to the given height and width,
// or, where these are 0, to those of TensorFlow's padding.
func (b *builder) convTranspose(name string, x, kernel, bias value, w window, size [2]int) value {
	b.rank(x, 4)
	k := b.weight(kernel, "kernel", 4)
	if k.Shape[3] != x.shape[3] {
		b.fail("", "kernel %v does not fit the input %v", k.Shape, x.shape)
	}
	more := [2]int{}
	for i := range 2 {
		s, full := w.stride[i], (x.shape[1+i]-1)*w.stride[i]+(k.Shape[i]-1)*w.dilation[i]+1
		switch {
		case s < 1 || w.dilation[i] < 1 || full > maxSide:
			b.fail("strides", "stride %v and dilation %v of the input %v are out of range", w.stride, w.dilation, x.shape)
		case size[i] == 0 && w.padding == "same":
			size[i] = x.shape[1+i] * s
		case size[i] == 0 && w.padding == "valid":
			size[i] = max(full, x.shape[1+i]*s)
		case size[i] == 0:
			b.fail("padding", "%q is not supported; same and valid are", w.padding)
		}
		more[i] = max(size[i]-full, 0)
	}
	in := []value{b.toNCHW(x), b.permuted(kernel, ":iohw", 3, 2, 0, 1)}
	if bias.name != "" {
		if t := b.weight(bias, "bias", 1); t.Shape[0] != k.Shape[2] {
			b.fail("", "bias %v for %d channels", t.Shape, k.Shape[2])
		}
		in = append(in, bias)
	}
	a := attrs{"strides": nd.Ints(w.stride[0], w.stride[1]), "dilations": nd.Ints(w.dilation[0], w.dilation[1]),
		"output_padding": nd.Ints(more[0], more[1]), "output_shape": nd.Ints(size[0], size[1])}
	y := b.emit("ConvTranspose", name+":conv", []int{1, k.Shape[2], size[0], size[1]}, a, in...)
	return b.toNHWC(name, y)
}

func (c *kerasCall) conv2DTranspose() value {
	k := c.must("kernel", 0)
	c.agrees("filters", k, 2)
	if c.config["output_padding"] != nil {
		c.fail("output_padding", "it is not supported")
	}
	return c.activate(c.convTranspose(c.linear(), c.x(), k, c.bias(1), c.window(""), [2]int{}))
}

// backpropInput is how graphs spell a transposed convolution.
func (c *call) backpropInput() {
	c.nhwc()
	s := c.integers(c.in[0], "input_sizes")
	if len(s) != 4 || min(s[1], s[2]) < 1 || max(s[1], s[2]) > maxSide {
		c.fail("input_sizes", "%v is no size of a picture", s)
	}
	c.convTranspose(c.Name, c.in[2], c.in[1], value{}, c.window(), [2]int{s[1], s[2]})
}

// mirrorPad pads by reflection, with or without the edge.
func (c *call) mirrorPad() {
	if mode := c.str("mode", "REFLECT"); mode != "REFLECT" {
		c.fail("mode", "%q is not supported; REFLECT is", mode)
	}
	c.padding()
	for i := range c.g.Nodes {
		if n := &c.g.Nodes[i]; n.Op == "Pad" && n.Outputs[0] == c.Name {
			n.Attrs["mode"] = nd.String("reflect")
		}
	}
}

// groupNormalization normalises groups of the last axis over all places.
func (c *kerasCall) groupNormalization() value {
	x := c.x()
	c.rank(x, 4)
	if a := c.axis("axis", c.axisOr(-1), 4); a != 3 {
		c.fail("axis", "%d is not supported; the last one is", a)
	}
	channels, groups := x.shape[3], 32
	if v := c.config["groups"]; v != nil {
		groups = c.whole("groups", v)
	}
	if groups == -1 {
		groups = channels
	}
	if groups < 1 || channels%groups != 0 {
		c.fail("groups", "%d do not divide %d channels", groups, channels)
	}
	name := c.name + ":group"
	each := c.reshape(name+":in", c.toNCHW(x), []int{1, groups, channels / groups * x.shape[1] * x.shape[2]})
	y := c.emit("InstanceNormalization", name, each.shape, attrs{"epsilon": nd.Float(c.float("epsilon", 1e-3))}, each,
		c.filled("ones", groups, 1), c.filled("zeros", groups, 0))
	y = c.reshape(name+":out", y, []int{1, channels, x.shape[1], x.shape[2]})
	y = c.toNHWC(name+":plain", y)
	if c.bool("scale", true) {
		y = c.binary("Mul", name+":scaled", y, c.must("gamma", 0))
	}
	if c.bool("center", true) {
		y = c.binary("Add", name+":shifted", y, c.must("beta", 1))
	}
	return c.same(c.name, y)
}

// unitNormalization divides the last axis by its length.
func (c *kerasCall) unitNormalization() value {
	x := c.x()
	if a := c.axis("axis", c.axisOr(-1), len(x.shape)); a != len(x.shape)-1 || slices.Contains(x.shape[1:], 0) {
		c.fail("axis", "%d of %d dimensions is not supported; the last one is", a, len(x.shape))
	}
	return c.emit("LpNormalization", c.name, x.shape, attrs{"axis": nd.Int(-1), "p": nd.Int(2)}, x)
}
