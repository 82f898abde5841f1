package tfjs

import (
	"maps"
	"math"
	"slices"

	"likeness/tools/convert/nd"
	"likeness/tools/convert/tensorflow"
)

// kerasLayers maps classes to what makes their result.
var kerasLayers map[string]func(*kerasCall) tensorflow.Value

// LayerClasses lists the Keras layers that layers models may use.
func LayerClasses() []string {
	return append(slices.Sorted(maps.Keys(kerasLayers)), "Functional", "InputLayer", "Model", "Sequential")
}

func init() {
	kerasLayers = map[string]func(*kerasCall) tensorflow.Value{
		"Conv2D": (*kerasCall).conv2D, "DepthwiseConv2D": (*kerasCall).depthwiseConv2D, "SeparableConv2D": (*kerasCall).separableConv2D,
		"Dense": (*kerasCall).denseLayer, "BatchNormalization": (*kerasCall).batchNormalization, "BatchNormalizationV1": (*kerasCall).batchNormalization,
		"LayerNormalization": (*kerasCall).layerNormalization, "GroupNormalization": (*kerasCall).groupNormalization,
		"UnitNormalization": (*kerasCall).unitNormalization, "Conv2DTranspose": (*kerasCall).conv2DTranspose,
		"Activation": func(c *kerasCall) tensorflow.Value { return c.activate(c.x()) },
		"ReLU":       (*kerasCall).relu, "PReLU": (*kerasCall).preluLayer,
		"LeakyReLU":    (*kerasCall).leaky,
		"ELU":          func(c *kerasCall) tensorflow.Value { return c.Elu(c.name, c.x(), c.float("alpha", 1)) },
		"Softmax":      func(c *kerasCall) tensorflow.Value { return c.Softmax("Softmax", c.name, c.x(), c.axisOr(-1)) },
		"MaxPooling2D": func(c *kerasCall) tensorflow.Value { return c.Pool("MaxPool", c.name, c.x(), c.window("pool_size")) },
		"AveragePooling2D": func(c *kerasCall) tensorflow.Value {
			return c.Pool("AveragePool", c.name, c.x(), c.window("pool_size"))
		},
		"GlobalAveragePooling2D": func(c *kerasCall) tensorflow.Value { return c.globalPool("ReduceMean") },
		"GlobalMaxPooling2D":     func(c *kerasCall) tensorflow.Value { return c.globalPool("ReduceMax") },
		"ZeroPadding2D":          (*kerasCall).zeroPadding, "Cropping2D": (*kerasCall).cropping, "UpSampling2D": (*kerasCall).upSampling,
		"Add": merge("Add"), "Subtract": merge("Sub"), "Multiply": merge("Mul"), "Maximum": merge("Max"), "Minimum": merge("Min"),
		"Average":     (*kerasCall).average,
		"Concatenate": func(c *kerasCall) tensorflow.Value { return c.Concat(c.name, c.in, c.axisOr(-1)) },
		"Flatten":     (*kerasCall).flatten, "Reshape": (*kerasCall).reshapeLayer, "Permute": (*kerasCall).permuteLayer,
		"Rescaling": (*kerasCall).rescaling, "Normalization": (*kerasCall).normalization,
	}
	for _, class := range []string{"Dropout", "SpatialDropout2D", "AlphaDropout", "GaussianDropout", "GaussianNoise", "ActivityRegularization",
		"RandomFlip", "RandomRotation", "RandomZoom", "RandomContrast", "RandomTranslation", "RandomBrightness"} {
		kerasLayers[class] = func(c *kerasCall) tensorflow.Value { return c.Same(c.name, c.x()) } // they act in training only
	}
}

func (c *kerasCall) axisOr(def int) int {
	v := c.config["axis"]
	if list, ok := v.([]any); ok && len(list) == 1 {
		v = list[0]
	}
	if v == nil {
		return def
	}
	return c.whole("axis", v)
}

func (c *kerasCall) conv2D() tensorflow.Value {
	k := c.must("kernel", 0)
	c.agrees("filters", k, 3)
	c.kernelAgrees(k)
	return c.activate(c.Conv(c.linear(), c.x(), k, c.bias(1), c.window("")))
}

// agrees refuses a number in the config that contradicts a weight's shape.
func (c *kerasCall) agrees(key string, weight tensorflow.Value, axis int) {
	v := c.config[key]
	if v == nil || axis >= len(weight.Shape) {
		return
	}
	if n := c.whole(key, v); n != weight.Shape[axis] {
		c.Fail(key, "%d contradicts weights of shape %v: export the model again", n, weight.Shape)
	}
}

// kernelAgrees is agrees of kernel_size, height and width.
func (c *kerasCall) kernelAgrees(weight tensorflow.Value) {
	if c.config["kernel_size"] == nil || len(weight.Shape) != 4 {
		return
	}
	if k := c.pair("kernel_size", [2]int{}); k != [2]int(weight.Shape[:2]) {
		c.Fail("kernel_size", "%v contradicts weights of shape %v: export the model again", k, weight.Shape)
	}
}

func (c *kerasCall) depthwiseConv2D() tensorflow.Value {
	k := c.param("depthwise_kernel", 0)
	if k.Const == nil {
		k = c.must("kernel", 0)
	}
	c.agrees("depth_multiplier", k, 3)
	c.kernelAgrees(k)
	return c.activate(c.Depthwise(c.linear(), c.x(), k, c.bias(1), c.window("")))
}

func (c *kerasCall) separableConv2D() tensorflow.Value {
	k, point := c.must("depthwise_kernel", 0), c.must("pointwise_kernel", 1)
	c.agrees("depth_multiplier", k, 3)
	c.agrees("filters", point, 3)
	c.kernelAgrees(k)
	y := c.Depthwise(c.name+":depthwise", c.x(), k, tensorflow.Value{}, c.window(""))
	one := tensorflow.Window{Stride: [2]int{1, 1}, Dilation: [2]int{1, 1}, Padding: "valid"}
	return c.activate(c.Conv(c.linear(), y, point, c.bias(2), one))
}

func (c *kerasCall) denseLayer() tensorflow.Value {
	k := c.must("kernel", 0)
	c.agrees("units", k, 1)
	return c.activate(c.Dense(c.linear(), c.x(), k, c.bias(1)))
}

func (c *kerasCall) batchNormalization() tensorflow.Value {
	x := c.x()
	last := len(x.Shape) - 1
	if a := c.Axis("axis", c.axisOr(-1), len(x.Shape)); a != last {
		c.Fail("axis", "%d of %d dimensions is not supported; the last one is", a, len(x.Shape))
	}
	n := 0 // Keras 3 numbers those that exist
	next := func(name, flag string, absent float32) tensorflow.Value {
		if flag != "" && !c.bool(flag, true) {
			return c.filled(name, x.Shape[last], absent)
		}
		n++
		return c.must(name, n-1)
	}
	gamma, beta := next("gamma", "scale", 1), next("beta", "center", 0)
	return c.BatchNorm(c.name, x, gamma, beta, next("moving_mean", "", 0), next("moving_variance", "", 1), c.float("epsilon", 1e-3))
}

func (c *kerasCall) layerNormalization() tensorflow.Value {
	x := c.x()
	last := len(x.Shape) - 1
	if a := c.Axis("axis", c.axisOr(-1), len(x.Shape)); a != last {
		c.Fail("axis", "%d of %d dimensions is not supported; the last one is", a, len(x.Shape))
	}
	gamma, beta := c.filled("gamma", x.Shape[last], 1), tensorflow.Value{}
	if c.bool("scale", true) {
		gamma = c.must("gamma", 0)
	}
	in := []tensorflow.Value{x, gamma}
	if c.bool("center", true) {
		beta = c.must("beta", 1)
		in = append(in, beta)
	}
	for _, v := range in[1:] {
		if t := c.Weight(v, "parameter", 1); t.Shape[0] != x.Shape[last] {
			c.Fail("", "parameter %v for %d channels", t.Shape, x.Shape[last])
		}
	}
	return c.Emit("LayerNormalization", c.name, x.Shape, tensorflow.Attrs{"axis": nd.Int(-1), "epsilon": nd.Float(c.float("epsilon", 1e-3))}, in...)
}

// relu is max(x, 0) up to max_value, negative_slope*(x-threshold) below the
// threshold.
func (c *kerasCall) relu() tensorflow.Value {
	x := c.x()
	slope, top := c.float("negative_slope", 0), math.Inf(1)
	if t := c.float("threshold", 0); t != 0 {
		c.Fail("threshold", "%v is not supported; 0 is", t)
	}
	if c.config["max_value"] != nil {
		top = float64(c.float("max_value", 0))
	}
	switch limited := !math.IsInf(top, 1); {
	case slope == 0 && limited:
		return c.Clip(c.name, x, 0, float32(top))
	case slope == 0:
		return c.Unary("Relu", c.name, x, nil)
	case limited:
		return c.Clip(c.name, c.LeakyRelu(c.name+":leaky", x, slope), float32(math.Inf(-1)), float32(top))
	}
	return c.LeakyRelu(c.name, x, slope)
}

func (c *kerasCall) leaky() tensorflow.Value {
	key := "alpha"
	if c.config[key] == nil {
		key = "negative_slope" // of Keras 3
	}
	return c.LeakyRelu(c.name, c.x(), c.float(key, 0.3))
}

func (c *kerasCall) preluLayer() tensorflow.Value { return c.Prelu(c.name, c.x(), c.must("alpha", 0)) }

func (c *kerasCall) globalPool(op string) tensorflow.Value {
	c.Rank(c.x(), 4)
	return c.Reduce(op, c.name, c.x(), []int{1, 2}, c.bool("keepdims", false))
}

func (c *kerasCall) zeroPadding() tensorflow.Value {
	e := c.edges("padding")
	c.Rank(c.x(), 4)
	return c.Pad(c.name, c.x(), [][2]int{{}, e[0], e[1], {}}, 0)
}

func (c *kerasCall) cropping() tensorflow.Value {
	x := c.x()
	c.Rank(x, 4)
	e := c.edges("cropping")
	begin, size := make([]int, 4), slices.Clone(x.Shape)
	for i := range 2 {
		begin[1+i] = e[i][0]
		size[1+i] -= e[i][0] + e[i][1]
	}
	return c.Slice(c.name, x, begin, size, []int{1, 1, 1, 1})
}

// upSampling interpolates as TensorFlow.js does: with corners, not centres,
// in place, which for nearest is the same.
func (c *kerasCall) upSampling() tensorflow.Value {
	x := c.x()
	c.Rank(x, 4)
	by := c.pair("size", [2]int{2, 2})
	if by[0] < 1 || by[1] < 1 || by[0] > tensorflow.MaxSide || by[1] > tensorflow.MaxSide {
		c.Fail("size", "%v is out of range", by)
	}
	mode := c.str("interpolation", "nearest")
	if mode != "nearest" && mode != "bilinear" {
		c.Fail("interpolation", "%q is not supported; nearest and bilinear are", mode)
	}
	if mode == "bilinear" {
		mode = "linear"
	}
	return c.Resize(c.name, x, mode, x.Shape[1]*by[0], x.Shape[2]*by[1], false, false)
}

// merge combines all inputs with a binary operator, from the left.
func merge(op string) func(*kerasCall) tensorflow.Value {
	return func(c *kerasCall) tensorflow.Value { return c.fold(op, c.name) }
}

func (c *kerasCall) fold(op, name string) tensorflow.Value {
	if len(c.in) < 2 || op == "Sub" && len(c.in) != 2 {
		c.Fail("inbound_nodes", "%d inputs are not enough, or too many", len(c.in))
	}
	x := c.in[0]
	for i, y := range c.in[1:] {
		part := name
		if i < len(c.in)-2 {
			part = nameOfOutput(name+":part", i)
		}
		x = c.Binary(op, part, x, y)
	}
	return x
}

func (c *kerasCall) average() tensorflow.Value {
	return c.Binary("Mul", c.name, c.fold("Add", c.name+":sum"), c.Scalar(c.name+":share", 1/float32(len(c.in))))
}

func (c *kerasCall) flatten() tensorflow.Value {
	x := c.x()
	return c.Reshape(c.name, x, []int{1, nd.Elems(x.Shape)})
}

func (c *kerasCall) reshapeLayer() tensorflow.Value {
	x := c.x()
	shape, free, known := []int{1}, -1, 1
	for i, d := range c.ints("target_shape") {
		switch {
		case d == -1 && free < 0:
			free = 1 + i
		case d < 1 || known > nd.MaxElems/d:
			c.Fail("target_shape", "%v is not possible", c.config["target_shape"])
		default:
			known *= d
		}
		shape = append(shape, d)
	}
	if free > 0 {
		shape[free] = nd.Elems(x.Shape) / known
	}
	return c.Reshape(c.name, x, shape)
}

// permuteLayer counts dimensions from 1, without the batch.
func (c *kerasCall) permuteLayer() tensorflow.Value {
	return c.Transpose(c.name, c.x(), append([]int{0}, c.ints("dims")...))
}

// rescaling is x*scale + offset.
func (c *kerasCall) rescaling() tensorflow.Value {
	scale, offset := c.float("scale", 1), c.float("offset", 0)
	y := c.Binary("Mul", c.name+":scaled", c.x(), c.Scalar(c.name+":scale", scale))
	return c.Binary("Add", c.name, y, c.Scalar(c.name+":offset", offset))
}

// normalization is (x - mean) / max(sqrt(variance), 1e-7), along the last axis.
func (c *kerasCall) normalization() tensorflow.Value {
	x := c.x()
	if a := c.Axis("axis", c.axisOr(-1), len(x.Shape)); a != len(x.Shape)-1 || c.bool("invert", false) {
		c.Fail("axis", "only the last axis, and not the inverse, is supported")
	}
	n := x.Shape[len(x.Shape)-1]
	mean, variance := c.statistic("mean", 0, n), c.statistic("variance", 1, n)
	dev := &nd.Tensor{Type: nd.Float32, Shape: []int{n}, F: make([]float32, n)}
	for i, v := range variance.F {
		dev.F[i] = float32(max(math.Sqrt(float64(v)), 1e-7))
	}
	y := c.Binary("Sub", c.name+":centred", x, c.Constant(c.name+":mean", mean))
	return c.Binary("Div", c.name, y, c.Constant(c.name+":deviation", dev))
}

// statistic is in the config or among the weights; one value is for all.
func (c *kerasCall) statistic(name string, number, n int) *nd.Tensor {
	t := &nd.Tensor{Type: nd.Float32, Shape: []int{n}}
	var add func(v any)
	add = func(v any) {
		switch v := v.(type) {
		case float64:
			t.F = append(t.F, float32(v))
		case []any:
			for _, x := range v {
				add(x)
			}
		}
	}
	if add(c.config[name]); len(t.F) == 0 {
		t.F = c.Weight(c.must(name, number), name, -1).F
	}
	if len(t.F) == 1 {
		t.F = slices.Repeat(t.F, n)
	}
	if len(t.F) != n {
		c.Fail(name, "%d values for %d channels", len(t.F), n)
	}
	return t
}
