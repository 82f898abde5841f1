package tfjs

import (
	"maps"
	"slices"

	"likeness/tools/convert/nd"
	"likeness/tools/convert/tensorflow"
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
		"DepthToSpace":               {1, 1, func(c *call) { c.nhwc(); c.Blocks("DepthToSpace", c.Name, c.in[0], c.int("block_size", 0)) }},
		"LeakyRelu":                  {1, 1, func(c *call) { c.LeakyRelu(c.Name, c.in[0], c.float("alpha", 0.2)) }},
		"Prelu":                      {2, 2, func(c *call) { c.Prelu(c.Name, c.in[0], c.in[1]) }},
		"ClipByValue":                {3, 3, func(c *call) { c.Clip(c.Name, c.in[0], c.Number(c.in[1], "limit"), c.Number(c.in[2], "limit")) }},
		"Minimum":                    {2, 2, func(c *call) { c.Limit(c.Name, c.in[0], c.in[1], true) }},
		"Maximum":                    {2, 2, func(c *call) { c.Limit(c.Name, c.in[0], c.in[1], false) }},
		"AddN":                       {1, -1, func(c *call) { c.Sum(c.Name, c.in) }},
		"Square":                     {1, 1, func(c *call) { c.Binary("Mul", c.Name, c.in[0], c.in[0]) }},
		"SquaredDifference":          {2, 2, func(c *call) { c.SquaredDifference(c.Name, c.in[0], c.in[1]) }},
		"Rsqrt":                      {1, 1, func(c *call) { c.Unary("Reciprocal", c.Name, c.Unary("Sqrt", c.Name+":sqrt", c.in[0], nil), nil) }},
		"Cast":                       {1, 1, (*call).cast},
		"Split":                      {2, 2, (*call).split},
		"SplitV":                     {3, 3, (*call).splitV},
	}
	for name, op := range map[string]string{"Relu": "relu", "Relu6": "relu6", "Elu": "elu", "Selu": "selu", "Sigmoid": "sigmoid", "Tanh": "tanh", "Softplus": "softplus", "Softmax": "softmax", "LogSoftmax": "log_softmax"} {
		graphOps[name] = graphOp{1, 1, func(c *call) { tensorflow.Activations[op](c.Builder, c.Name, c.in[0]) }}
	}
	for name, op := range map[string]string{"Sqrt": "Sqrt", "Neg": "Neg", "Reciprocal": "Reciprocal", "Inv": "Reciprocal", "Abs": "Abs", "Exp": "Exp", "Log": "Log", "Floor": "Floor", "Erf": "Erf"} {
		graphOps[name] = graphOp{1, 1, func(c *call) { c.Unary(op, c.Name, c.in[0], nil) }}
	}
	for name, op := range map[string]string{"Add": "Add", "AddV2": "Add", "Sub": "Sub", "Mul": "Mul", "RealDiv": "Div", "Div": "Div", "Pow": "Pow"} {
		graphOps[name] = graphOp{2, 2, func(c *call) { c.Binary(op, c.Name, c.in[0], c.in[1]) }}
	}
	for name, op := range map[string]string{"Mean": "ReduceMean", "Max": "ReduceMax", "Min": "ReduceMin", "Sum": "ReduceSum"} {
		graphOps[name] = graphOp{2, 2, func(c *call) { c.reduction(op) }}
	}
	for _, name := range []string{"Identity", "StopGradient", "PreventGradient", "CheckNumerics", "PlaceholderWithDefault", "Snapshot"} {
		graphOps[name] = graphOp{1, 1, func(c *call) { c.Same(c.Name, c.in[0]) }}
	}
	maps.Copy(graphOps, shapeOps)
}

// nhwc refuses the other layout.
func (c *call) nhwc() {
	if f := c.str("data_format", "NHWC"); f != "NHWC" {
		c.Fail("data_format", "%q is not supported; NHWC is", f)
	}
}

// spatial picks height and width of a list over [N, H, W, C].
func (c *call) spatial(name string, def int) [2]int {
	v := c.ints(name)
	if len(v) == 0 && def > 0 {
		return [2]int{def, def}
	}
	if len(v) != 4 || v[0] != 1 || v[3] != 1 {
		c.Fail(name, "%v is not supported; [1, height, width, 1] is", v)
	}
	return [2]int{v[1], v[2]}
}

func (c *call) window() tensorflow.Window {
	w := tensorflow.Window{Stride: c.spatial("strides", 0), Dilation: c.spatial("dilations", 1)}
	switch p := c.str("padding", ""); p {
	case "SAME":
		w.Padding = "same"
	case "VALID":
		w.Padding = "valid"
	case "EXPLICIT":
		e := c.ints("explicit_paddings")
		if len(e) != 8 || e[0] != 0 || e[1] != 0 || e[6] != 0 || e[7] != 0 {
			c.Fail("explicit_paddings", "%v is not supported; [0 0 top bottom left right 0 0] is", e)
		}
		w.Padding, w.Explicit = "explicit", [2][2]int{{e[2], e[3]}, {e[4], e[5]}}
	default:
		c.Fail("padding", "%q is not supported; SAME, VALID and EXPLICIT are", p)
	}
	return w
}

// fusion is what follows a fused operator.
type fusion struct {
	bias, slope tensorflow.Value
	activation  string
}

// fused reads fused_ops and the inputs that they take, from the third on.
func (c *call) fused() fusion {
	var f fusion
	args := c.in[2:]
	next := func(what string) tensorflow.Value {
		if len(args) == 0 {
			c.Fail("fused_ops", "there is no input for its %s", what)
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
			c.Fail("fused_ops", "%q after %q is not supported", op, f.activation)
		case op == "Prelu":
			f.activation, f.slope = op, next("slope")
		case fusedActivations[op] != "" || op == "LeakyRelu":
			f.activation = op
		default:
			c.Fail("fused_ops", "%q is not supported; BiasAdd, Relu, Relu6, LeakyRelu, Prelu, Elu, Sigmoid and Tanh are", op)
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

func (c *call) activate(f fusion, x tensorflow.Value) {
	switch f.activation {
	case "":
	case "Prelu":
		c.Prelu(c.Name, x, f.slope)
	case "LeakyRelu":
		c.LeakyRelu(c.Name, x, c.float("leakyrelu_alpha", 0.2))
	default:
		tensorflow.Activations[fusedActivations[f.activation]](c.Builder, c.Name, x)
	}
}

func (c *call) conv2D() {
	c.nhwc()
	f := c.fused()
	if c.Op == "DepthwiseConv2dNative" || c.Op == "FusedDepthwiseConv2dNative" {
		c.activate(f, c.Depthwise(c.linear(f), c.in[0], c.in[1], f.bias, c.window()))
		return
	}
	c.activate(f, c.Conv(c.linear(f), c.in[0], c.in[1], f.bias, c.window()))
}

func (c *call) matMul() {
	x, k := c.in[0], c.in[1]
	if c.bool("transpose_a") || c.bool("adj_x") {
		c.Fail("transpose_a", "a transposed input is not supported")
	}
	transposed := c.bool("transpose_b") || c.bool("adj_y")
	if k.Const == nil {
		c.Fail("", "a product of two computed tensors is not supported")
	}
	if transposed {
		c.Weight(k, "kernel", 2)
		k = c.Transpose(k.Name+":transposed", k, []int{1, 0})
	}
	f := c.fused()
	c.activate(f, c.Dense(c.linear(f), x, k, f.bias))
}

func (c *call) fusedBatchNorm() {
	c.nhwc()
	if c.bool("is_training") {
		c.Fail("is_training", "a network in training is not supported; export it for inference")
	}
	c.BatchNorm(c.Name, c.in[0], c.in[1], c.in[2], c.in[3], c.in[4], c.float("epsilon", 1e-4))
}

func (c *call) biasAdd() {
	c.nhwc()
	c.Rank(c.in[1], 1)
	c.Binary("Add", c.Name, c.in[0], c.in[1])
}

func (c *call) pooling(op string) {
	c.nhwc()
	w := c.window()
	w.Kernel = c.spatial("ksize", 0)
	c.Pool(op, c.Name, c.in[0], w)
}

// lrn divides by a power of the neighbouring channels' squares. ONNX's alpha
// is for their mean, TensorFlow's for their sum.
func (c *call) lrn() {
	x := c.ToNCHW(c.in[0])
	r := c.int("depth_radius", 5)
	if r < 0 || r > tensorflow.MaxSide {
		c.Fail("depth_radius", "%d is out of range", r)
	}
	size := 2*r + 1
	a := tensorflow.Attrs{"size": nd.Int(size), "alpha": nd.Float(c.float("alpha", 1) * float32(size)), "beta": nd.Float(c.float("beta", 0.5)), "bias": nd.Float(c.float("bias", 1))}
	c.ToNHWC(c.Name, c.Emit("LRN", c.Name+":lrn", x.Shape, a, x))
}

func (c *call) resizing(mode string) {
	size := c.Integers(c.in[1], "size")
	if len(size) != 2 {
		c.Fail("size", "%v is not height and width", size)
	}
	c.Resize(c.Name, c.in[0], mode, size[0], size[1], c.bool("align_corners"), c.bool("half_pixel_centers"))
}

// reduction reads the axes from the second input.
func (c *call) reduction(op string) {
	c.Reduce(op, c.Name, c.in[0], c.Integers(c.in[1], "axes"), c.bool("keep_dims"))
}
