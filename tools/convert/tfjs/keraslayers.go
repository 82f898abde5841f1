package tfjs

import (
	"maps"
	"math"
	"slices"

	"likeness/tools/convert/nd"
)

// kerasLayers maps classes to what makes their result.
var kerasLayers map[string]func(*kerasCall) value

// LayerClasses lists the Keras layers that layers models may use.
func LayerClasses() []string {
	return append(slices.Sorted(maps.Keys(kerasLayers)), "Functional", "InputLayer", "Model", "Sequential")
}

func init() {
	kerasLayers = map[string]func(*kerasCall) value{
		"Conv2D": (*kerasCall).conv2D, "DepthwiseConv2D": (*kerasCall).depthwiseConv2D, "SeparableConv2D": (*kerasCall).separableConv2D,
		"Dense": (*kerasCall).denseLayer, "BatchNormalization": (*kerasCall).batchNormalization, "BatchNormalizationV1": (*kerasCall).batchNormalization,
		"LayerNormalization": (*kerasCall).layerNormalization, "GroupNormalization": (*kerasCall).groupNormalization,
		"UnitNormalization": (*kerasCall).unitNormalization, "Conv2DTranspose": (*kerasCall).conv2DTranspose,
		"Activation": func(c *kerasCall) value { return c.activate(c.x()) },
		"ReLU":       (*kerasCall).relu, "PReLU": (*kerasCall).preluLayer,
		"LeakyReLU":              (*kerasCall).leaky,
		"ELU":                    func(c *kerasCall) value { return c.elu(c.name, c.x(), c.float("alpha", 1)) },
		"Softmax":                func(c *kerasCall) value { return c.softmax("Softmax", c.name, c.x(), c.axisOr(-1)) },
		"MaxPooling2D":           func(c *kerasCall) value { return c.pool("MaxPool", c.name, c.x(), c.window("pool_size")) },
		"AveragePooling2D":       func(c *kerasCall) value { return c.pool("AveragePool", c.name, c.x(), c.window("pool_size")) },
		"GlobalAveragePooling2D": func(c *kerasCall) value { return c.globalPool("ReduceMean") },
		"GlobalMaxPooling2D":     func(c *kerasCall) value { return c.globalPool("ReduceMax") },
		"ZeroPadding2D":          (*kerasCall).zeroPadding, "Cropping2D": (*kerasCall).cropping, "UpSampling2D": (*kerasCall).upSampling,
		"Add": merge("Add"), "Subtract": merge("Sub"), "Multiply": merge("Mul"), "Maximum": merge("Max"), "Minimum": merge("Min"),
		"Average":     (*kerasCall).average,
		"Concatenate": func(c *kerasCall) value { return c.concat(c.name, c.in, c.axisOr(-1)) },
		"Flatten":     (*kerasCall).flatten, "Reshape": (*kerasCall).reshapeLayer, "Permute": (*kerasCall).permuteLayer,
		"Rescaling": (*kerasCall).rescaling, "Normalization": (*kerasCall).normalization,
	}
	for _, class := range []string{"Dropout", "SpatialDropout2D", "AlphaDropout", "GaussianDropout", "GaussianNoise", "ActivityRegularization",
		"RandomFlip", "RandomRotation", "RandomZoom", "RandomContrast", "RandomTranslation", "RandomBrightness"} {
		kerasLayers[class] = func(c *kerasCall) value { return c.same(c.name, c.x()) } // they act in training only
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

func (c *kerasCall) conv2D() value {
	k := c.must("kernel", 0)
	c.agrees("filters", k, 3)
	c.kernelAgrees(k)
	return c.activate(c.conv(c.linear(), c.x(), k, c.bias(1), c.window("")))
}

// agrees refuses a number in the config that contradicts a weight's shape.
func (c *kerasCall) agrees(key string, weight value, axis int) {
	v := c.config[key]
	if v == nil || axis >= len(weight.shape) {
		return
	}
	if n := c.whole(key, v); n != weight.shape[axis] {
		c.fail(key, "%d contradicts weights of shape %v: export the model again", n, weight.shape)
	}
}

// kernelAgrees is agrees of kernel_size, height and width.
func (c *kerasCall) kernelAgrees(weight value) {
	if c.config["kernel_size"] == nil || len(weight.shape) != 4 {
		return
	}
	if k := c.pair("kernel_size", [2]int{}); k != [2]int(weight.shape[:2]) {
		c.fail("kernel_size", "%v contradicts weights of shape %v: export the model again", k, weight.shape)
	}
}

func (c *kerasCall) depthwiseConv2D() value {
	k := c.param("depthwise_kernel", 0)
	if k.c == nil {
		k = c.must("kernel", 0)
	}
	c.agrees("depth_multiplier", k, 3)
	c.kernelAgrees(k)
	return c.activate(c.depthwise(c.linear(), c.x(), k, c.bias(1), c.window("")))
}

func (c *kerasCall) separableConv2D() value {
	k, point := c.must("depthwise_kernel", 0), c.must("pointwise_kernel", 1)
	c.agrees("depth_multiplier", k, 3)
	c.agrees("filters", point, 3)
	c.kernelAgrees(k)
	y := c.depthwise(c.name+":depthwise", c.x(), k, value{}, c.window(""))
	one := window{stride: [2]int{1, 1}, dilation: [2]int{1, 1}, padding: "valid"}
	return c.activate(c.conv(c.linear(), y, point, c.bias(2), one))
}

func (c *kerasCall) denseLayer() value {
	k := c.must("kernel", 0)
	c.agrees("units", k, 1)
	return c.activate(c.dense(c.linear(), c.x(), k, c.bias(1)))
}

func (c *kerasCall) batchNormalization() value {
	x := c.x()
	last := len(x.shape) - 1
	if a := c.axis("axis", c.axisOr(-1), len(x.shape)); a != last {
		c.fail("axis", "%d of %d dimensions is not supported; the last one is", a, len(x.shape))
	}
	n := 0 // Keras 3 numbers those that exist
	next := func(name, flag string, absent float32) value {
		if flag != "" && !c.bool(flag, true) {
			return c.filled(name, x.shape[last], absent)
		}
		n++
		return c.must(name, n-1)
	}
	gamma, beta := next("gamma", "scale", 1), next("beta", "center", 0)
	return c.batchNorm(c.name, x, gamma, beta, next("moving_mean", "", 0), next("moving_variance", "", 1), c.float("epsilon", 1e-3))
}

func (c *kerasCall) layerNormalization() value {
	x := c.x()
	last := len(x.shape) - 1
	if a := c.axis("axis", c.axisOr(-1), len(x.shape)); a != last {
		c.fail("axis", "%d of %d dimensions is not supported; the last one is", a, len(x.shape))
	}
	gamma, beta := c.filled("gamma", x.shape[last], 1), value{}
	if c.bool("scale", true) {
		gamma = c.must("gamma", 0)
	}
	in := []value{x, gamma}
	if c.bool("center", true) {
		beta = c.must("beta", 1)
		in = append(in, beta)
	}
	for _, v := range in[1:] {
		if t := c.weight(v, "parameter", 1); t.Shape[0] != x.shape[last] {
			c.fail("", "parameter %v for %d channels", t.Shape, x.shape[last])
		}
	}
	return c.emit("LayerNormalization", c.name, x.shape, attrs{"axis": nd.Int(-1), "epsilon": nd.Float(c.float("epsilon", 1e-3))}, in...)
}

// relu is max(x, 0) up to max_value, negative_slope*(x-threshold) below the
// threshold.
func (c *kerasCall) relu() value {
	x := c.x()
	slope, top := c.float("negative_slope", 0), math.Inf(1)
	if t := c.float("threshold", 0); t != 0 {
		c.fail("threshold", "%v is not supported; 0 is", t)
	}
	if c.config["max_value"] != nil {
		top = float64(c.float("max_value", 0))
	}
	switch limited := !math.IsInf(top, 1); {
	case slope == 0 && limited:
		return c.clip(c.name, x, 0, float32(top))
	case slope == 0:
		return c.unary("Relu", c.name, x, nil)
	case limited:
		return c.clip(c.name, c.leakyRelu(c.name+":leaky", x, slope), float32(negInf), float32(top))
	}
	return c.leakyRelu(c.name, x, slope)
}

func (c *kerasCall) leaky() value {
	key := "alpha"
	if c.config[key] == nil {
		key = "negative_slope" // of Keras 3
	}
	return c.leakyRelu(c.name, c.x(), c.float(key, 0.3))
}

func (c *kerasCall) preluLayer() value { return c.prelu(c.name, c.x(), c.must("alpha", 0)) }

func (c *kerasCall) globalPool(op string) value {
	c.rank(c.x(), 4)
	return c.reduce(op, c.name, c.x(), []int{1, 2}, c.bool("keepdims", false))
}

func (c *kerasCall) zeroPadding() value {
	e := c.edges("padding")
	c.rank(c.x(), 4)
	return c.pad(c.name, c.x(), [][2]int{{}, e[0], e[1], {}}, 0)
}

func (c *kerasCall) cropping() value {
	x := c.x()
	c.rank(x, 4)
	e := c.edges("cropping")
	begin, size := make([]int, 4), slices.Clone(x.shape)
	for i := range 2 {
		begin[1+i] = e[i][0]
		size[1+i] -= e[i][0] + e[i][1]
	}
	return c.slice(c.name, x, begin, size, []int{1, 1, 1, 1})
}

// upSampling interpolates as TensorFlow.js does: with corners, not centres,
// in place, which for nearest is the same.
func (c *kerasCall) upSampling() value {
	x := c.x()
	c.rank(x, 4)
	by := c.pair("size", [2]int{2, 2})
	if by[0] < 1 || by[1] < 1 || by[0] > maxSide || by[1] > maxSide {
		c.fail("size", "%v is out of range", by)
	}
	mode := c.str("interpolation", "nearest")
	if mode != "nearest" && mode != "bilinear" {
		c.fail("interpolation", "%q is not supported; nearest and bilinear are", mode)
	}
	if mode == "bilinear" {
		mode = "linear"
	}
	return c.resize(c.name, x, mode, x.shape[1]*by[0], x.shape[2]*by[1], false, false)
}

// merge combines all inputs with a binary operator, from the left.
func merge(op string) func(*kerasCall) value {
	return func(c *kerasCall) value { return c.fold(op, c.name) }
}

func (c *kerasCall) fold(op, name string) value {
	if len(c.in) < 2 || op == "Sub" && len(c.in) != 2 {
		c.fail("inbound_nodes", "%d inputs are not enough, or too many", len(c.in))
	}
	x := c.in[0]
	for i, y := range c.in[1:] {
		part := name
		if i < len(c.in)-2 {
			part = nameOfOutput(name+":part", i)
		}
		x = c.binary(op, part, x, y)
	}
	return x
}

func (c *kerasCall) average() value {
	return c.binary("Mul", c.name, c.fold("Add", c.name+":sum"), c.scalar(c.name+":share", 1/float32(len(c.in))))
}

func (c *kerasCall) flatten() value {
	x := c.x()
	return c.reshape(c.name, x, []int{1, nd.Elems(x.shape)})
}

func (c *kerasCall) reshapeLayer() value {
	x := c.x()
	shape, free, known := []int{1}, -1, 1
	for i, d := range c.ints("target_shape") {
		switch {
		case d == -1 && free < 0:
			free = 1 + i
		case d < 1 || known > nd.MaxElems/d:
			c.fail("target_shape", "%v is not possible", c.config["target_shape"])
		default:
			known *= d
		}
		shape = append(shape, d)
	}
	if free > 0 {
		shape[free] = nd.Elems(x.shape) / known
	}
	return c.reshape(c.name, x, shape)
}

// permuteLayer counts dimensions from 1, without the batch.
func (c *kerasCall) permuteLayer() value {
	return c.transpose(c.name, c.x(), append([]int{0}, c.ints("dims")...))
}

// rescaling is x*scale + offset.
func (c *kerasCall) rescaling() value {
	scale, offset := c.float("scale", 1), c.float("offset", 0)
	y := c.binary("Mul", c.name+":scaled", c.x(), c.scalar(c.name+":scale", scale))
	return c.binary("Add", c.name, y, c.scalar(c.name+":offset", offset))
}

// normalization is (x - mean) / max(sqrt(variance), 1e-7), along the last axis.
func (c *kerasCall) normalization() value {
	x := c.x()
	if a := c.axis("axis", c.axisOr(-1), len(x.shape)); a != len(x.shape)-1 || c.bool("invert", false) {
		c.fail("axis", "only the last axis, and not the inverse, is supported")
	}
	n := x.shape[len(x.shape)-1]
	mean, variance := c.statistic("mean", 0, n), c.statistic("variance", 1, n)
	dev := &nd.Tensor{Type: nd.Float32, Shape: []int{n}, F: make([]float32, n)}
	for i, v := range variance.F {
		dev.F[i] = float32(max(math.Sqrt(float64(v)), 1e-7))
	}
	y := c.binary("Sub", c.name+":centred", x, c.constant(c.name+":mean", mean))
	return c.binary("Div", c.name, y, c.constant(c.name+":deviation", dev))
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
		t.F = c.weight(c.must(name, number), name, -1).F
	}
	if len(t.F) == 1 {
		t.F = slices.Repeat(t.F, n)
	}
	if len(t.F) != n {
		c.fail(name, "%d values for %d channels", len(t.F), n)
	}
	return t
}
