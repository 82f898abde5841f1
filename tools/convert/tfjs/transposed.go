package tfjs

import (
	"slices"

	"likeness/tools/convert/nd"
	"likeness/tools/convert/tensorflow"
)

func (c *kerasCall) conv2DTranspose() tensorflow.Value {
	k := c.must("kernel", 0)
	c.agrees("filters", k, 2)
	if c.config["output_padding"] != nil {
		c.Fail("output_padding", "it is not supported")
	}
	return c.activate(c.ConvTranspose(c.linear(), c.x(), k, c.bias(1), c.window(""), [2]int{}))
}

// backpropInput is how graphs spell a transposed convolution.
func (c *call) backpropInput() {
	c.nhwc()
	s := c.Integers(c.in[0], "input_sizes")
	if len(s) != 4 || min(s[1], s[2]) < 1 || max(s[1], s[2]) > tensorflow.MaxSide {
		c.Fail("input_sizes", "%v is no size of a picture", s)
	}
	c.ConvTranspose(c.Name, c.in[2], c.in[1], tensorflow.Value{}, c.window(), [2]int{s[1], s[2]})
}

// mirrorPad pads by reflection, with or without the edge.
func (c *call) mirrorPad() {
	if mode := c.str("mode", "REFLECT"); mode != "REFLECT" {
		c.Fail("mode", "%q is not supported; REFLECT is", mode)
	}
	c.padding()
	for i := range c.Out.Nodes {
		if n := &c.Out.Nodes[i]; n.Op == "Pad" && n.Outputs[0] == c.Name {
			n.Attrs["mode"] = nd.String("reflect")
		}
	}
}

// groupNormalization normalises groups of the last axis over all places.
func (c *kerasCall) groupNormalization() tensorflow.Value {
	x := c.x()
	c.Rank(x, 4)
	if a := c.Axis("axis", c.axisOr(-1), 4); a != 3 {
		c.Fail("axis", "%d is not supported; the last one is", a)
	}
	channels, groups := x.Shape[3], 32
	if v := c.config["groups"]; v != nil {
		groups = c.whole("groups", v)
	}
	if groups == -1 {
		groups = channels
	}
	if groups < 1 || channels%groups != 0 {
		c.Fail("groups", "%d do not divide %d channels", groups, channels)
	}
	name := c.name + ":group"
	each := c.Reshape(name+":in", c.ToNCHW(x), []int{1, groups, channels / groups * x.Shape[1] * x.Shape[2]})
	y := c.Emit("InstanceNormalization", name, each.Shape, tensorflow.Attrs{"epsilon": nd.Float(c.float("epsilon", 1e-3))}, each,
		c.filled("ones", groups, 1), c.filled("zeros", groups, 0))
	y = c.Reshape(name+":out", y, []int{1, channels, x.Shape[1], x.Shape[2]})
	y = c.ToNHWC(name+":plain", y)
	if c.bool("scale", true) {
		y = c.Binary("Mul", name+":scaled", y, c.must("gamma", 0))
	}
	if c.bool("center", true) {
		y = c.Binary("Add", name+":shifted", y, c.must("beta", 1))
	}
	return c.Same(c.name, y)
}

// unitNormalization divides the last axis by its length.
func (c *kerasCall) unitNormalization() tensorflow.Value {
	x := c.x()
	if a := c.Axis("axis", c.axisOr(-1), len(x.Shape)); a != len(x.Shape)-1 || slices.Contains(x.Shape[1:], 0) {
		c.Fail("axis", "%d of %d dimensions is not supported; the last one is", a, len(x.Shape))
	}
	return c.Emit("LpNormalization", c.name, x.Shape, tensorflow.Attrs{"axis": nd.Int(-1), "p": nd.Int(2)}, x)
}
