package tfjs

import (
	"maps"
	"slices"

	"likeness/tools/convert/nd"
)

// graphOp translates one of TensorFlow's operators; least and most bound its
// inputs, most -1 is without bound.
type graphOp struct {
	least, most int
	run         func(*call)
}

var graphOps map[string]graphOp

// GraphOperators lists the TensorFlow operators that graph models may use.
func GraphOperators() []string {
	return slices.Sorted(maps.Keys(graphOps))
}

func init() {
	graphOps = map[string]graphOp{
		"Const": {}, "Placeholder": {},
		"Conv2D":                     {2, 2, (*call).conv2D},
		"_FusedConv2D":               {2, -1, (*call).conv2D},
		"DepthwiseConv2dNative":      {2, 2, (*call).conv2D},
		"FusedDepthwiseConv2dNative": {2, -1, (*call).conv2D},
		"Conv2DBackpropInput":        {3, 3, (*call).backpropInput},
		"MatMul":                     {2, 2, (*call).matMul},
		"_FusedMatMul":               {2, -1, (*call).matMul},
		"BatchMatMul":                {2, 2, (*call).matMul},
		"BatchMatMulV2":              {2, 2, (*call).matMul},
		"FusedBatchNorm":             {5, 5, (*call).fusedBatchNorm},
		"FusedBatchNormV2":           {5, 5, (*call).fusedBatchNorm},
		"FusedBatchNormV3":           {5, 5, (*call).fusedBatchNorm},
		"BiasAdd":                    {2, 2, (*call).biasAdd},
		"MaxPool":                    {1, 1, func(c *call) { c.pooling("MaxPool") }},
		"AvgPool":                    {1, 1, func(c *call) { c.pooling("AveragePool") }},
		"LRN":                        {1, 1, (*call).lrn},
		"ResizeBilinear":             {2, 2, func(c *call) { c.resizing("linear") }},
		"ResizeNearestNeighbor":      {2, 2, func(c *call) { c.resizing("nearest") }},
		"DepthToSpace":               {1, 1, (*call).depthToSpace},
		"LeakyRelu":                  {1, 1, func(c *call) { c.leakyRelu(c.Name, c.in[0], c.float("alpha", 0.2)) }},
		"Prelu":                      {2, 2, func(c *call) { c.prelu(c.Name, c.in[0], c.in[1]) }},
		"ClipByValue":                {3, 3, func(c *call) { c.clip(c.Name, c.in[0], c.number(c.in[1], "limit"), c.number(c.in[2], "limit")) }},
		"Minimum":                    {2, 2, (*call).limit},
		"Maximum":                    {2, 2, (*call).limit},
		"AddN":                       {1, -1, (*call).addN},
		"Square":                     {1, 1, func(c *call) { c.binary("Mul", c.Name, c.in[0], c.in[0]) }},
		"SquaredDifference":          {2, 2, (*call).squaredDifference},
		"Rsqrt":                      {1, 1, func(c *call) { c.unary("Reciprocal", c.Name, c.unary("Sqrt", c.Name+":sqrt", c.in[0], nil), nil) }},
		"Cast":                       {1, 1, (*call).cast},
		"Split":                      {2, 2, (*call).split},
		"SplitV":                     {3, 3, (*call).splitV},
	}
	for name, op := range map[string]string{"Relu": "relu", "Relu6": "relu6", "Elu": "elu", "Selu": "selu", "Sigmoid": "sigmoid", "Tanh": "tanh", "Softplus": "softplus", "Softmax": "softmax", "LogSoftmax": "log_softmax"} {
		graphOps[name] = graphOp{1, 1, func(c *call) { activations[op](c.builder, c.Name, c.in[0]) }}
	}
	for name, op := range map[string]string{"Sqrt": "Sqrt", "Neg": "Neg", "Reciprocal": "Reciprocal", "Inv": "Reciprocal", "Abs": "Abs", "Exp": "Exp", "Log": "Log", "Floor": "Floor", "Erf": "Erf"} {
		graphOps[name] = graphOp{1, 1, func(c *call) { c.unary(op, c.Name, c.in[0], nil) }}
	}
	for name, op := range map[string]string{"Add": "Add", "AddV2": "Add", "Sub": "Sub", "Mul": "Mul", "RealDiv": "Div", "Div": "Div", "Pow": "Pow"} {
		graphOps[name] = graphOp{2, 2, func(c *call) { c.binary(op, c.Name, c.in[0], c.in[1]) }}
	}
	for name, op := range map[string]string{"Mean": "ReduceMean", "Max": "ReduceMax", "Min": "ReduceMin", "Sum": "ReduceSum"} {
		graphOps[name] = graphOp{2, 2, func(c *call) { c.reduction(op) }}
	}
	for _, name := range []string{"Identity", "StopGradient", "PreventGradient", "CheckNumerics", "PlaceholderWithDefault", "Snapshot"} {
		graphOps[name] = graphOp{1, 1, func(c *call) { c.same(c.Name, c.in[0]) }}
	}
	maps.Copy(graphOps, shapeOps)
}

// nhwc refuses the other layout.
func (c *call) nhwc() {
	if f := c.str("data_format", "NHWC"); f != "NHWC" {
		c.fail("data_format", "%q is not supported; NHWC is", f)
	}
}

// spatial picks height and width of a list over [N, H, W, C].
func (c *call) spatial(name string, def int) [2]int {
	v := c.ints(name)
	if len(v) == 0 && def > 0 {
		return [2]int{def, def}
	}
	if len(v) != 4 || v[0] != 1 || v[3] != 1 {
		c.fail(name, "%v is not supported; [1, height, width, 1] is", v)
	}
	return [2]int{v[1], v[2]}
}

func (c *call) window() window {
	w := window{stride: c.spatial("strides", 0), dilation: c.spatial("dilations", 1)}
	switch p := c.str("padding", ""); p {
	case "SAME":
		w.padding = "same"
	case "VALID":
		w.padding = "valid"
	case "EXPLICIT":
		e := c.ints("explicit_paddings")
		if len(e) != 8 || e[0] != 0 || e[1] != 0 || e[6] != 0 || e[7] != 0 {
			c.fail("explicit_paddings", "%v is not supported; [0 0 top bottom left right 0 0] is", e)
		}
		w.padding, w.explicit = "explicit", [2][2]int{{e[2], e[3]}, {e[4], e[5]}}
	default:
		c.fail("padding", "%q is not supported; SAME, VALID and EXPLICIT are", p)
	}
	return w
}

// fusion is what follows a fused operator.
type fusion struct {
	bias, slope value
	activation  string
}

// fused reads fused_ops and the inputs that they take, from the third on.
func (c *call) fused() fusion {
	var f fusion
	args := c.in[2:]
	next := func(what string) value {
		if len(args) == 0 {
			c.fail("fused_ops", "there is no input for its %s", what)
		}
		v := args[0]
		args = args[1:]
		return v
	}
	for i, op := range c.strs("fused_ops") {
		switch {
		case op == "BiasAdd" && i == 0:
			f.bias = next("bias")
		case f.activation != "":
			c.fail("fused_ops", "%q after %q is not supported", op, f.activation)
		case op == "Prelu":
			f.activation, f.slope = op, next("slope")
		case fusedActivations[op] != "" || op == "LeakyRelu":
			f.activation = op
		default:
			c.fail("fused_ops", "%q is not supported; BiasAdd, Relu, Relu6, LeakyRelu, Prelu, Elu, Sigmoid and Tanh are", op)
		}
	}
	return f
}

var fusedActivations = map[string]string{"Relu": "relu", "Relu6": "relu6", "Elu": "elu", "Sigmoid": "sigmoid", "Tanh": "tanh"}

// linear is the name of what precedes the fused activation.
func (c *call) linear(f fusion) string {
	if f.activation == "" {
		return c.Name
	}
	return c.Name + ":linear"
}

func (c *call) activate(f fusion, x value) {
	switch f.activation {
	case "":
	case "Prelu":
		c.prelu(c.Name, x, f.slope)
	case "LeakyRelu":
		c.leakyRelu(c.Name, x, c.float("leakyrelu_alpha", 0.2))
	default:
		activations[fusedActivations[f.activation]](c.builder, c.Name, x)
	}
}

func (c *call) conv2D() {
	c.nhwc()
	f := c.fused()
	if c.Op == "DepthwiseConv2dNative" || c.Op == "FusedDepthwiseConv2dNative" {
		c.activate(f, c.depthwise(c.linear(f), c.in[0], c.in[1], f.bias, c.window()))
		return
	}
	c.activate(f, c.conv(c.linear(f), c.in[0], c.in[1], f.bias, c.window()))
}

func (c *call) matMul() {
	x, k := c.in[0], c.in[1]
	if c.bool("transpose_a") || c.bool("adj_x") {
		c.fail("transpose_a", "a transposed input is not supported")
	}
	transposed := c.bool("transpose_b") || c.bool("adj_y")
	if k.c == nil {
		c.fail("", "a product of two computed tensors is not supported")
	}
	if transposed {
		c.weight(k, "kernel", 2)
		k = c.transpose(k.name+":transposed", k, []int{1, 0})
	}
	f := c.fused()
	c.activate(f, c.dense(c.linear(f), x, k, f.bias))
}

func (c *call) fusedBatchNorm() {
	c.nhwc()
	if c.bool("is_training") {
		c.fail("is_training", "a network in training is not supported; export it for inference")
	}
	c.batchNorm(c.Name, c.in[0], c.in[1], c.in[2], c.in[3], c.in[4], c.float("epsilon", 1e-4))
}

func (c *call) biasAdd() {
	c.nhwc()
	c.rank(c.in[1], 1)
	c.binary("Add", c.Name, c.in[0], c.in[1])
}

func (c *call) pooling(op string) {
	c.nhwc()
	w := c.window()
	w.kernel = c.spatial("ksize", 0)
	c.pool(op, c.Name, c.in[0], w)
}

// lrn divides by a power of the neighbouring channels' squares. ONNX's alpha
// is for their mean, TensorFlow's for their sum.
func (c *call) lrn() {
	x := c.toNCHW(c.in[0])
	r := c.int("depth_radius", 5)
	if r < 0 || r > maxSide {
		c.fail("depth_radius", "%d is out of range", r)
	}
	size := 2*r + 1
	a := attrs{"size": nd.Int(size), "alpha": nd.Float(c.float("alpha", 1) * float32(size)), "beta": nd.Float(c.float("beta", 0.5)), "bias": nd.Float(c.float("bias", 1))}
	c.toNHWC(c.Name, c.emit("LRN", c.Name+":lrn", x.shape, a, x))
}

func (c *call) resizing(mode string) {
	size := c.integers(c.in[1], "size")
	if len(size) != 2 {
		c.fail("size", "%v is not height and width", size)
	}
	c.resize(c.Name, c.in[0], mode, size[0], size[1], c.bool("align_corners"), c.bool("half_pixel_centers"))
}

func (c *call) depthToSpace() {
	c.nhwc()
	x := c.toNCHW(c.in[0])
	k := c.int("block_size", 0)
	if k < 1 || k > 64 || x.shape[1]%(k*k) != 0 {
		c.fail("block_size", "%d does not fit the input %v", k, c.in[0].shape)
	}
	y := c.emit("DepthToSpace", c.Name+":dcr", []int{1, x.shape[1] / k / k, x.shape[2] * k, x.shape[3] * k}, attrs{"blocksize": nd.Int(k), "mode": nd.String("DCR")}, x)
	c.toNHWC(c.Name, y)
}

// limit is Minimum or Maximum; with a constant number it is a limit.
func (c *call) limit() {
	x, y := c.in[0], c.in[1]
	if x.c != nil {
		x, y = y, x
	}
	upper := c.Op == "Minimum"
	switch {
	case x.c == nil && y.c != nil && nd.Elems(y.shape) == 1 && len(y.shape) <= len(x.shape):
		if v := c.number(y, "limit"); upper {
			c.clip(c.Name, x, float32(negInf), v)
		} else {
			c.clip(c.Name, x, v, float32(-negInf))
		}
	case upper:
		c.binary("Min", c.Name, x, y)
	default:
		c.binary("Max", c.Name, x, y)
	}
}

func (c *call) addN() {
	sum := c.in[0]
	for i, v := range c.in[1:] {
		name := c.Name
		if i < len(c.in)-2 {
			name = c.part(i)
		}
		sum = c.binary("Add", name, sum, v)
	}
	if len(c.in) == 1 {
		c.same(c.Name, sum)
	}
}

func (c *call) squaredDifference() {
	d := c.binary("Sub", c.Name+":difference", c.in[0], c.in[1])
	c.binary("Mul", c.Name, d, d)
}

// reduction reads the axes from the second input.
func (c *call) reduction(op string) {
	c.reduce(op, c.Name, c.in[0], c.integers(c.in[1], "axes"), c.bool("keep_dims"))
}
