package tfjs

import (
	"fmt"
	"math"
	"slices"

	"likeness/tools/convert/nd"
	"likeness/tools/convert/tensorflow"
)

// kerasCall is one call of a layer in work.
type kerasCall struct {
	*kerasModel
	name          string // of what it makes
	prefix, layer string // of its weights
	in            []tensorflow.Value
	config        map[string]any
}

// x is the input of a layer that takes one.
func (c *kerasCall) x() tensorflow.Value {
	if len(c.in) != 1 {
		c.Fail("inbound_nodes", "%d inputs, 1 is wanted", len(c.in))
	}
	return c.in[0]
}

// param finds a weight of the layer: by its name, within nested models too, or
// by its number, as Keras 3 writes it. A missing one is the zero value.
func (c *kerasCall) param(name string, number int) tensorflow.Value {
	for _, n := range []string{c.layer + "/" + name, c.prefix + c.layer + "/" + name, fmt.Sprintf("%s/%d", c.layer, number), fmt.Sprintf("%s%s/%d", c.prefix, c.layer, number)} {
		for _, full := range []string{n, c.short[n]} {
			if t := c.weights[full]; t != nil {
				if t.Fault != nil {
					tensorflow.Bail(t.Fault)
				}
				// Layers of two nested models may share a name, so values
				// called after weights say which weight they are.
				return c.Constant("weights:"+full, t)
			}
		}
	}
	return tensorflow.Value{}
}

// must is param for a weight that the layer cannot do without.
func (c *kerasCall) must(name string, number int) tensorflow.Value {
	v := c.param(name, number)
	if v.Const == nil {
		c.Fail("", "the weights manifest does not hold %s/%s", c.layer, name)
	}
	return v
}

func (c *kerasCall) bool(key string, def bool) bool {
	switch v := c.config[key].(type) {
	case nil:
		return def
	case bool:
		return v
	}
	c.Fail(key, "%v is not true or false", c.config[key])
	return false
}

func (c *kerasCall) str(key, def string) string {
	switch v := c.config[key].(type) {
	case nil:
		return def
	case string:
		return v
	}
	c.Fail(key, "%v is not a text", c.config[key])
	return ""
}

func (c *kerasCall) float(key string, def float64) float32 {
	switch v := c.config[key].(type) {
	case nil:
		return float32(def)
	case float64:
		if finite(v) {
			return float32(v)
		}
	case map[string]any: // an array as a TensorFlow.js object
		if list, ok := v["value"].(float64); ok && finite(list) {
			return float32(list)
		}
	}
	c.Fail(key, "%v is not a number", c.config[key])
	return 0
}

func (c *kerasCall) whole(key string, v any) int {
	f, ok := v.(float64)
	if !ok || f != math.Trunc(f) || math.Abs(f) > math.MaxInt32 {
		c.Fail(key, "%v is not an integer", v)
	}
	return int(f)
}

// ints is a list of integers; TensorFlow.js writes -1 as null.
func (c *kerasCall) ints(key string) []int {
	list, ok := c.config[key].([]any)
	if !ok {
		c.Fail(key, "%v is not a list", c.config[key])
	}
	out := make([]int, len(list))
	for i, v := range list {
		if v == nil {
			v = -1.0
		}
		out[i] = c.whole(key, v)
	}
	return out
}

// pair is [height, width], or one number for both.
func (c *kerasCall) pair(key string, def [2]int) [2]int {
	switch v := c.config[key].(type) {
	case nil:
		return def
	case float64:
		return [2]int{c.whole(key, v), c.whole(key, v)}
	}
	v := c.ints(key)
	if len(v) == 1 {
		v = append(v, v[0])
	}
	if len(v) != 2 {
		c.Fail(key, "%v is not height and width", c.config[key])
	}
	return [2]int{v[0], v[1]}
}

// edges is [[top, bottom], [left, right]], or two numbers, or one.
func (c *kerasCall) edges(key string) [2][2]int {
	if list, ok := c.config[key].([]any); ok && len(list) == 2 {
		if _, nested := list[0].([]any); nested {
			var out [2][2]int
			for i, item := range list {
				p, ok := item.([]any)
				if !ok || len(p) != 2 {
					c.Fail(key, "%v is not a list of pairs", list)
				}
				out[i] = [2]int{c.whole(key, p[0]), c.whole(key, p[1])}
			}
			return out
		}
	}
	p := c.pair(key, [2]int{1, 1})
	return [2][2]int{{p[0], p[0]}, {p[1], p[1]}}
}

// activation is a name, or an object {class_name, config}.
func (c *kerasCall) activation(key string) (string, map[string]any) {
	switch v := c.config[key].(type) {
	case nil:
		return "linear", nil
	case string:
		return v, nil
	case map[string]any:
		name, _ := v["class_name"].(string)
		config, _ := v["config"].(map[string]any)
		if name == "function" || name == "" {
			name, _ = v["config"].(string)
		}
		return name, config
	}
	c.Fail(key, "%v is not an activation function", c.config[key])
	return "", nil
}

// linear is the name of what precedes the layer's activation function.
func (c *kerasCall) linear() string {
	if name, _ := c.activation("activation"); name == "linear" {
		return c.name
	}
	return c.name + ":linear"
}

// activate applies the activation function of a layer that has made x.
func (c *kerasCall) activate(x tensorflow.Value) tensorflow.Value {
	name, config := c.activation("activation")
	if name == "linear" {
		if x.Name == c.name {
			return x
		}
		return c.Same(c.name, x)
	}
	if f := tensorflow.Activations[name]; f != nil {
		return f(c.Builder, c.name, x)
	}
	if f := kerasLayers[name]; f != nil && config != nil && slices.Contains(activationLayers, name) {
		return f(&kerasCall{c.kerasModel, c.name, c.prefix, c.layer, []tensorflow.Value{x}, config})
	}
	switch name {
	case "hard_silu", "hard_swish":
		return c.Unary("HardSwish", c.name, x, nil)
	case "leaky_relu":
		return c.LeakyRelu(c.name, x, 0.2)
	}
	c.Fail("activation", "%q is not supported", name)
	return tensorflow.Value{}
}

var activationLayers = []string{"ReLU", "LeakyReLU", "ELU", "Softmax"}

func (c *kerasCall) window(kernel string) tensorflow.Window {
	w := tensorflow.Window{Dilation: c.pair("dilation_rate", [2]int{1, 1}), Padding: c.str("padding", "valid")}
	if kernel != "" {
		w.Kernel = c.pair(kernel, [2]int{2, 2})
		w.Stride = c.pair("strides", w.Kernel)
		return w
	}
	w.Stride = c.pair("strides", [2]int{1, 1})
	return w
}

// bias is the layer's bias if it has one.
func (c *kerasCall) bias(number int) tensorflow.Value {
	if !c.bool("use_bias", true) {
		return tensorflow.Value{}
	}
	return c.must("bias", number)
}

// filled is a parameter that the file leaves out: n times the same.
func (c *kerasCall) filled(what string, n int, v float32) tensorflow.Value {
	return c.Constant(c.name+":"+what, &nd.Tensor{Type: nd.Float32, Shape: []int{n}, F: slices.Repeat([]float32{v}, n)})
}
