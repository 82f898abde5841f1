package tflite

import (
	"likeness/tools/convert/nd"
	"likeness/tools/convert/tensorflow"
)

// binary is an element-wise operator of two inputs.
func (c *call) binary(op string) {
	act := c.byte(0)
	c.activate(act, c.Binary(op, c.linear(act), c.operand(0), c.operand(1)))
}

// window reads the padding and the strides that convolutions and pools begin their
// options with.
func (c *call) window() tensorflow.Window {
	if !c.hasOptions {
		c.Fail("", "the options are missing")
	}
	w := tensorflow.Window{Stride: [2]int{c.int(2, 1), c.int(1, 1)}, Dilation: [2]int{1, 1}, Padding: "valid"}
	if c.byte(0) == 0 {
		w.Padding = "same"
	}
	return w
}

// weights are constant input 1 with the given number of axes.
func (c *call) weights(rank int) tensorflow.Value {
	w := c.floats(1)
	if len(w.Shape) != rank {
		c.Fail("", "weights have shape %v, %d dimensions are wanted", w.Shape, rank)
	}
	return w
}

// bias is constant input i, the zero value if it is left out.
func (c *call) bias(i, channels int) tensorflow.Value {
	if len(c.inputs) <= i || c.inputs[i] < 0 {
		return tensorflow.Value{}
	}
	b := c.floats(i)
	if n := nd.Elems(b.Shape); n != channels {
		c.Fail("", "%d biases for %d channels", n, channels)
	}
	return c.Reshape(b.Name+":flat", b, []int{channels})
}

// agrees refuses weights that make other channels than the file declares for
// the output.
func (c *call) agrees(channels int) {
	if s := c.declaredShape(); len(s) > 0 && s[len(s)-1] != channels {
		c.Fail("", "weights for %d channels contradict the output's shape %v: export the network again", channels, s)
	}
}

// step notes the distance between the quantised weights of a per-tensor file,
// which are now the constant of that name.
func (c *call) step(name string) {
	if t := &c.tensors[c.inputs[1]]; len(t.scale) == 1 && t.data != nil {
		c.Out.Steps[name] = t.scale
	}
}

// conv is CONV_2D with weights [O, KH, KW, I] or DEPTHWISE_CONV_2D with [1, KH, KW, C].
func (c *call) conv() {
	x, w, window := c.computed(0), c.weights(4), c.window()
	c.Rank(x, 4)
	act, dilation, channels, groups := 3, 4, w.Shape[0], 1
	kernel, in := tensorflow.Value{}, x.Shape[3]
	if c.code == 4 {
		act, dilation, channels, groups = 4, 5, w.Shape[3], in
		if w.Shape[0] != 1 || channels%in != 0 {
			c.Fail("", "weights of shape %v do not fit %d input channels", w.Shape, in)
		}
		kernel = c.Permuted(w, ":oihw", 3, 0, 1, 2)
	} else {
		if groups = in / w.Shape[3]; in%w.Shape[3] != 0 || channels%groups != 0 {
			c.Fail("", "weights of shape %v do not fit %d input channels", w.Shape, in)
		}
		kernel = c.Permuted(w, ":oihw", 0, 3, 1, 2)
	}
	c.agrees(channels)
	window.Dilation = [2]int{c.int(dilation+1, 1), c.int(dilation, 1)}
	c.step(kernel.Name)
	code := c.byte(act)
	c.activate(code, c.Convolve(c.linear(code), x, kernel, c.bias(2, channels), window, groups))
}

// transposeConv takes the size of the output, weights [O, KH, KW, I], the input and
// perhaps a bias.
func (c *call) transposeConv() {
	x, w, window := c.computed(2), c.weights(4), c.window()
	c.Rank(x, 4)
	if w.Shape[3] != x.Shape[3] {
		c.Fail("", "weights of shape %v do not fit %d input channels", w.Shape, x.Shape[3])
	}
	var size [2]int // at another input size TensorFlow's padding tells it
	if file := c.tensors[c.inputs[2]].shape; len(file) == 4 && file[1] == x.Shape[1] && file[2] == x.Shape[2] {
		if s := c.numbers(0); len(s) == 4 && min(s[1], s[2]) > 0 && max(s[1], s[2]) <= tensorflow.MaxSide {
			size = [2]int{s[1], s[2]}
		}
	}
	code := c.byte(3)
	kernel := c.Permuted(w, ":hwoi", 1, 2, 0, 3)
	c.activate(code, c.ConvTranspose(c.linear(code), x, kernel, c.bias(3, w.Shape[0]), window, size))
}

// fullyConnected multiplies rows of values by weights [O, I].
func (c *call) fullyConnected() {
	x, w := c.computed(0), c.weights(2)
	total, n, channels := nd.Elems(x.Shape), w.Shape[1], w.Shape[0]
	if total%n != 0 || total/n > 1 && x.Shape[len(x.Shape)-1] != n {
		c.Fail("", "weights of shape %v do not fit an input of %v", w.Shape, x.Shape)
	}
	c.agrees(channels)
	if f := c.byte(1); f != 0 {
		c.Fail("weights_format", "weights format %d is not supported, only 0 is", f)
	}
	if len(x.Shape) != 2 || x.Shape[1] != n {
		x = c.Reshape(c.name+":rows", x, []int{total / n, n})
	}
	c.step(w.Name)
	in := []tensorflow.Value{x, w}
	if b := c.bias(2, channels); b.Name != "" {
		in = append(in, b)
	}
	code := c.byte(0)
	name, shape := c.linear(code), []int{total / n, channels}
	if rank := len(c.declaredShape()); rank > 2 && rank <= tensorflow.MaxRank {
		y := c.Emit("Gemm", c.name+":product", shape, tensorflow.Attrs{"transB": nd.Int(1)}, in...)
		c.within(y.Name, tensorflow.Value{Name: c.name})
		shape = append(ones(rank-2), shape...)
		c.activate(code, c.Reshape(name, y, shape))
		return
	}
	c.activate(code, c.Emit("Gemm", name, shape, tensorflow.Attrs{"transB": nd.Int(1)}, in...))
}

func ones(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = 1
	}
	return out
}

// pool is MAX_POOL_2D or AVERAGE_POOL_2D; padding never counts.
func (c *call) pool(op string) {
	x, w := c.computed(0), c.window()
	w.Kernel = [2]int{c.int(4, 1), c.int(3, 1)}
	code := c.byte(5)
	c.within(c.linear(code), x)
	c.activate(code, c.Pool(op, c.linear(code), x, w))
}

func (c *call) concat() {
	var in []tensorflow.Value
	for i := range c.inputs {
		in = append(in, c.operand(i))
	}
	axis := c.int(0, 0)
	if a := c.Axis("axis", axis, len(in[0].Shape)); a == 0 && len(in[0].Shape) > 1 {
		c.Fail("axis", "only along height, width and channels, not along pictures")
	}
	code := c.byte(1)
	c.within(c.linear(code), in...)
	c.activate(code, c.Concat(c.linear(code), in, axis))
}

func (c *call) softmax() {
	x := c.computed(0)
	if c.hasOptions && c.float(0) != 1 {
		c.Fail("beta", "%g is not supported, only 1 is", c.float(0))
	}
	c.Softmax("Softmax", c.name, x, -1)
}

// unitLength divides each place by its length.
func (c *call) unitLength() {
	x, code := c.computed(0), c.byte(0)
	c.activate(code, c.Emit("LpNormalization", c.linear(code), x.Shape, tensorflow.Attrs{"axis": nd.Int(-1), "p": nd.Int(2)}, x))
}

// reduce is a mean and the like over axes.
func (c *call) reduce(op string) {
	x := c.computed(0)
	keep := c.byte(0) != 0 || len(c.declaredShape()) == len(x.Shape)
	c.Reduce(op, c.name, x, c.numbers(1), keep)
}

func (c *call) gelu() {
	approximate := "none"
	if c.byte(0) != 0 {
		approximate = "tanh"
	}
	c.Unary("Gelu", c.name, c.computed(0), tensorflow.Attrs{"approximate": nd.String(approximate)})
}

func (c *call) sum() {
	var in []tensorflow.Value
	for i := range c.inputs {
		in = append(in, c.operand(i))
	}
	c.Sum(c.name, in)
}
