package tfjs

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"likeness/tools/convert/failure"
	"likeness/tools/convert/nd"
	"likeness/tools/convert/tensorflow"
)

// layersJSON is a model or a layer: {"class_name", "config", ...}.
type layersJSON struct {
	ClassName    string          `json:"class_name"`
	Name         string          `json:"name"`
	Config       json.RawMessage `json:"config"`
	InboundNodes json.RawMessage `json:"inbound_nodes"`
}

// modelConfig is the config of a functional or sequential model.
type modelConfig struct {
	Name         string          `json:"name"`
	Layers       []layersJSON    `json:"layers"`
	InputLayers  json.RawMessage `json:"input_layers"`
	OutputLayers json.RawMessage `json:"output_layers"`
}

// maxNesting of models in models.
const maxNesting = 16

// layer is one layer and the calls of it, each with its inputs.
type layer struct {
	layersJSON
	name  string // as weights and values are called
	calls [][]ref
}

// ref is an output of a call of a layer.
type ref struct {
	layer        string
	call, output int
}

// kerasModel is a model in work; weights are found by layer name.
type kerasModel struct {
	*tensorflow.Builder
	weights map[string]*nd.Tensor
	short   map[string]string // weight names without the part before the last
}

// readLayersModel translates a Keras topology.
func readLayersModel(b *tensorflow.Builder, topology []byte, weights map[string]*nd.Tensor) (err error) {
	defer tensorflow.Catch(&err)
	var m layersJSON
	if err := json.Unmarshal(topology, &m); err != nil {
		return fmt.Errorf("modelTopology: %w", err)
	}
	k := &kerasModel{b, weights, map[string]string{}}
	for name := range weights {
		if parts := strings.Split(name, "/"); len(parts) > 2 {
			k.short[strings.Join(slices.Delete(slices.Clone(parts), len(parts)-2, len(parts)-1), "/")] = name
		}
	}
	outputs := k.model(&m, "", nil, 0)
	b.At("", "")
	for _, v := range outputs {
		b.Out.Outputs = append(b.Out.Outputs, nd.Value{Name: v.Name, Type: nd.Float32, Shape: v.Shape, Fault: v.Fault})
	}
	return nil
}

// model translates a model called with inputs, or the whole one, whose input
// layers make the picture. prefix comes before the names of its layers.
func (k *kerasModel) model(m *layersJSON, prefix string, inputs []tensorflow.Value, depth int) []tensorflow.Value {
	k.At(prefix+m.Name, m.ClassName)
	if depth > maxNesting {
		k.Fail("", "more than %d models within models", maxNesting)
	}
	sequential := m.ClassName == "Sequential"
	if !sequential && !isModel(m.ClassName) {
		k.Fail("", "a model is wanted: Functional, Model or Sequential")
	}
	var c modelConfig
	if list := strings.TrimSpace(string(m.Config)); strings.HasPrefix(list, "[") { // older Sequential
		k.decode("config", m.Config, &c.Layers)
	} else {
		k.decode("config", m.Config, &c)
	}
	if sequential {
		return k.sequential(&c, prefix, inputs, depth)
	}
	return k.functional(&c, prefix, inputs, depth)
}

func isModel(class string) bool { return class == "Functional" || class == "Model" }

func (k *kerasModel) decode(attr string, raw json.RawMessage, v any) {
	if err := json.Unmarshal(raw, v); err != nil {
		k.Fail(attr, "%v", err)
	}
}

// layerName is the one that other layers refer to.
func (k *kerasModel) layerName(l *layersJSON) string {
	if l.Name != "" {
		return l.Name
	}
	var c struct{ Name string }
	if json.Unmarshal(l.Config, &c) != nil || c.Name == "" {
		k.Fail("", "a layer (%s) has no name", l.ClassName)
	}
	return c.Name
}

// sequential layers each take what the one before made.
func (k *kerasModel) sequential(c *modelConfig, prefix string, x []tensorflow.Value, depth int) []tensorflow.Value {
	for i := range c.Layers {
		l := &layer{layersJSON: c.Layers[i]}
		l.name = k.layerName(&l.layersJSON)
		if l.ClassName == "InputLayer" && i == 0 && x != nil {
			continue
		}
		if i == 0 && x == nil && l.ClassName != "InputLayer" && !isModel(l.ClassName) && l.ClassName != "Sequential" {
			k.At(prefix+l.name, l.ClassName)
			shape := k.inputShape(l)
			if shape == nil {
				k.Fail("batch_input_shape", "the first layer has none, so the size of pictures is not known")
			}
			x = []tensorflow.Value{k.Picture(k.free(prefix+l.name+"_input"), shape)}
		}
		x = k.layer(l, prefix, 0, x, depth)
	}
	if len(x) == 0 {
		k.Fail("layers", "the model has no layers")
	}
	return x
}

// free is the name, or with a prime if something has it.
func (k *kerasModel) free(name string) string {
	for k.Values[name].Name != "" {
		name += "'"
	}
	return name
}

// functional layers name their inputs; calls are translated once these exist.
func (k *kerasModel) functional(c *modelConfig, prefix string, inputs []tensorflow.Value, depth int) []tensorflow.Value {
	if len(c.Layers) > tensorflow.MaxNodes {
		k.Fail("layers", "more than %d layers", tensorflow.MaxNodes)
	}
	made := map[ref][]tensorflow.Value{} // by layer and call, output 0
	if inputs != nil {
		refs := k.refs("input_layers", c.InputLayers)
		if len(refs) != len(inputs) {
			k.Fail("input_layers", "%d inputs, the model is called with %d", len(refs), len(inputs))
		}
		for i, r := range refs {
			made[ref{r.layer, 0, 0}] = []tensorflow.Value{inputs[i]}
		}
	}
	open := k.calls(c, prefix, made)
	results := k.refs("output_layers", c.OutputLayers)
	fromZero := map[string]bool{} // layers whose first call is number 0
	for _, r := range results {
		fromZero[r.layer] = fromZero[r.layer] || r.call == 0
	}
	for _, o := range open {
		for _, r := range o.l.calls[o.n] {
			fromZero[r.layer] = fromZero[r.layer] || r.call == 0
		}
	}
	patience := 64 * tensorflow.MaxNodes
	for left := len(open); left > 0; {
		var waiting []layerCall
		for _, o := range open {
			if x, ok := k.ready(o.l.calls[o.n], made); ok {
				made[ref{o.l.name, o.n + first(o.l, fromZero), 0}] = k.layer(o.l, prefix, o.n, x, depth)
				continue
			}
			waiting = append(waiting, o)
		}
		if len(waiting) == left {
			o := waiting[0]
			k.At(prefix+o.l.name, o.l.ClassName)
			k.Fail("inbound_nodes", "its inputs %v are not made by any layer, or by one that waits for this one", names(o.l.calls[o.n]))
		}
		// Layers that run backwards must not cost the square of their number.
		if patience -= len(waiting); patience < 0 {
			k.Fail("layers", "the layers are in too confused an order")
		}
		open, left = waiting, len(waiting)
	}
	k.At(strings.TrimSuffix(prefix, "/"), "Functional")
	outputs, ok := k.ready(results, made)
	if !ok || len(outputs) == 0 {
		k.Fail("output_layers", "they are missing, or no layer makes them")
	}
	return outputs
}

// first is the number of a layer's first call. Keras counts a model's own
// definition as call 0, unless the file shows that it does not.
func first(l *layer, fromZero map[string]bool) int {
	if (isModel(l.ClassName) || l.ClassName == "Sequential") && !fromZero[l.name] {
		return 1
	}
	return 0
}

// layer translates one call of a layer.
func (k *kerasModel) layer(l *layer, prefix string, call int, x []tensorflow.Value, depth int) []tensorflow.Value {
	name := prefix + l.name
	if call > 0 {
		name = nameOfOutput(name, call)
	}
	if isModel(l.ClassName) || l.ClassName == "Sequential" {
		m := l.layersJSON
		m.Name = l.name
		return k.model(&m, name+"/", x, depth+1)
	}
	k.At(name, l.ClassName)
	if l.ClassName == "InputLayer" {
		shape := k.inputShape(l)
		if shape == nil {
			k.Fail("batch_input_shape", "the input has none")
		}
		return []tensorflow.Value{k.Picture(name, shape)}
	}
	var out tensorflow.Value
	if err := tensorflow.Attempt(func() { out = k.run(l, name, prefix, x) }); err != nil {
		out = k.Faulty(name, l.ClassName, x, err)
	}
	return []tensorflow.Value{out}
}

// run translates one call of a layer that is no model.
func (k *kerasModel) run(l *layer, name, prefix string, x []tensorflow.Value) tensorflow.Value {
	k.Usable(x)
	run, ok := kerasLayers[l.ClassName]
	if !ok {
		k.FailAs(failure.CodeOperator, "", "the layer is not supported")
	}
	if len(x) == 0 {
		k.Fail("inbound_nodes", "it has no input")
	}
	c := &kerasCall{kerasModel: k, name: name, prefix: prefix, layer: l.name, in: x}
	k.decode("config", l.Config, &c.config)
	if f, ok := c.config["data_format"]; ok && f != nil && f != "channels_last" && f != "channelsLast" {
		k.Fail("data_format", "%q is not supported; channels_last is", f)
	}
	return run(c)
}

// inputShape is batch_input_shape (Keras 2) or batch_shape (Keras 3), with -1
// where the file fixes no size.
func (k *kerasModel) inputShape(l *layer) []int {
	var c struct {
		BatchInputShape []*int `json:"batch_input_shape"`
		BatchShape      []*int `json:"batch_shape"`
	}
	k.decode("config", l.Config, &c)
	if c.BatchInputShape == nil {
		c.BatchInputShape = c.BatchShape
	}
	if c.BatchInputShape == nil {
		return nil
	}
	shape := make([]int, len(c.BatchInputShape))
	for i, d := range c.BatchInputShape {
		if shape[i] = -1; d != nil {
			shape[i] = *d
		}
	}
	return shape
}

// layerCall is call n of a layer.
type layerCall struct {
	l *layer
	n int
}

// calls lists what is to be computed: all calls of all layers but the inputs that
// are bound in made.
func (k *kerasModel) calls(c *modelConfig, prefix string, made map[ref][]tensorflow.Value) (open []layerCall) {
	byName := map[string]bool{}
	for i := range c.Layers {
		l := &layer{layersJSON: c.Layers[i]}
		l.name = k.layerName(&l.layersJSON)
		k.At(prefix+l.name, l.ClassName)
		if byName[l.name] {
			k.Fail("", "two layers have this name")
		}
		byName[l.name] = true
		if made[ref{l.name, 0, 0}] != nil {
			continue // an input layer that is already bound
		}
		l.calls = k.inbound(l.InboundNodes)
		if l.ClassName == "InputLayer" {
			l.calls = [][]ref{nil}
		}
		for n := range l.calls {
			open = append(open, layerCall{l, n})
		}
	}
	return open
}
