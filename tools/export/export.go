// Package export writes a model file as ONNX, for other programs: TensorFlow,
// Keras and TensorFlow.js users get theirs through it.
//
// It builds the graph that tools/convert/nd can also evaluate, so that what is
// written is checked against the engine. It imports engine/model, engine/graph
// and tools/convert.
package export

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"

	"likeness/engine/graph"
	"likeness/engine/model"
	"likeness/tools/convert/nd"
	"likeness/tools/convert/onnx"
)

// Form is how numbers are written.
type Form int

const (
	// QDQ holds weights as int8 and rounds activations to int16 where the engine
	// does, by QuantizeLinear and DequantizeLinear (operator set 21).
	QDQ Form = iota
	// Float holds all as float32 (operator set 17).
	Float
)

const (
	floatOpset = 17
	qdqOpset   = 21
)

// Input and Vector are the names of the graph's input, [1, 3, H, W], a picture
// as it is prepared (RGB or BGR, minus mean, over std), and of its first output,
// [1, C]: the default layer's mean over places, as the engine has it before it is
// divided by its length.
const (
	Input  = "picture"
	Vector = "vector"
)

// ONNX writes a model. It refuses by name an operator that ONNX does not have.
func ONNX(f *model.File, form Form) ([]byte, error) {
	g, err := Graph(f, form)
	if err != nil {
		return nil, err
	}
	b, err := onnx.Encode(g)
	if err != nil {
		return nil, err
	}
	return appendProperties(b, f)
}

// Graph is the network as ONNX operators over NCHW.
func Graph(f *model.File, form Form) (*nd.Graph, error) {
	w := &writer{f: f, form: form, g: &nd.Graph{Name: f.Graph.Name, Opset: qdqOpset, Const: map[string]*nd.Tensor{}}}
	if form == Float {
		w.g.Opset = floatOpset
	}
	in := f.Graph.Tensors[0]
	w.g.Inputs = []nd.Value{{Name: Input, Type: nd.Float32, Shape: []int{1, in.Shape[2], in.Shape[0], in.Shape[1]}}}
	w.value = make([]string, len(f.Graph.Tensors))
	w.value[0] = Input
	if form == QDQ {
		w.value[0] = w.round(Input, 0)
	}
	for i := range f.Graph.Nodes {
		if err := w.node(&f.Graph.Nodes[i]); err != nil {
			return nil, err
		}
	}
	return w.g, w.outputs()
}

// writer makes the graph node by node.
type writer struct {
	f     *model.File
	form  Form
	g     *nd.Graph
	value []string // the name of each tensor of the engine's graph
	made  int
}

func (w *writer) tensor(i int) graph.Tensor { return w.f.Graph.Tensors[i] }

// emit adds an operator and returns the name of what it makes.
func (w *writer) emit(op string, attrs map[string]nd.Attr, inputs ...string) string {
	w.made++
	return w.emitAs(op+"_"+strconv.Itoa(w.made), op, attrs, inputs...)
}

func (w *writer) emitAs(name, op string, attrs map[string]nd.Attr, inputs ...string) string {
	w.g.Nodes = append(w.g.Nodes, nd.Node{Name: "n" + strconv.Itoa(len(w.g.Nodes)), Op: op, Attrs: attrs, Inputs: inputs, Outputs: []string{name}})
	return name
}

// floats adds a constant.
func (w *writer) floats(values []float32, shape ...int) string {
	return w.constant(&nd.Tensor{Type: nd.Float32, Shape: append([]int{}, shape...), F: values})
}

func (w *writer) float(v float64) string { return w.floats([]float32{float32(v)}) }

// ints adds a constant of one axis.
func (w *writer) ints(values ...int) string {
	t := &nd.Tensor{Type: nd.Int64, Shape: []int{len(values)}}
	for _, v := range values {
		t.I = append(t.I, int64(v))
	}
	return w.constant(t)
}

func (w *writer) constant(t *nd.Tensor) string {
	w.made++
	name := "c" + strconv.Itoa(w.made)
	w.g.Const[name] = t
	return name
}

// round rounds values to those that the engine's tensor can hold.
func (w *writer) round(x string, tensor int) string {
	scale := w.floats([]float32{w.tensor(tensor).Scale})
	zero := w.constant(&nd.Tensor{Type: nd.Int16, Shape: []int{}, I: []int64{0}})
	return w.emit("DequantizeLinear", nil, w.emit("QuantizeLinear", nil, x, scale, zero), scale, zero)
}

// finish bounds the values of a computed tensor as the engine does, rounds them
// where that is asked for, and gives them the layer's name.
func (w *writer) finish(x string, tensor int) {
	t := w.tensor(tensor)
	x = w.emit("Clip", nil, x, w.float(float64(t.Lo)*float64(t.Scale)), w.float(float64(t.Hi)*float64(t.Scale)))
	if w.form == QDQ {
		x = w.round(x, tensor)
	}
	w.keep(x, tensor)
}

// keep gives values the layer's name, unless something has it already.
func (w *writer) keep(x string, tensor int) {
	w.value[tensor] = x
	last := &w.g.Nodes[len(w.g.Nodes)-1]
	name := w.tensor(tensor).Name
	if name == "" || name == Input || name == Vector || last.Outputs[0] != x || w.has(name) {
		return
	}
	last.Outputs[0], w.value[tensor] = name, name
}

func (w *writer) has(name string) bool {
	if _, ok := w.g.Const[name]; ok {
		return true
	}
	for i := range w.g.Nodes {
		if w.g.Nodes[i].Outputs[0] == name {
			return true
		}
	}
	return false
}

// outputs names the vector, and the scores where the network has any.
func (w *writer) outputs() error {
	i, ok := w.f.Graph.Tensor(w.f.Graph.DefaultLayer)
	if !ok {
		return fmt.Errorf("the model has no layer %q", w.f.Graph.DefaultLayer)
	}
	c := w.tensor(i).Shape[2]
	pooled := w.emit("GlobalAveragePool", nil, w.value[i])
	w.emitAs(Vector, "Reshape", nil, pooled, w.ints(1, c))
	w.g.Outputs = append(w.g.Outputs, nd.Value{Name: Vector, Type: nd.Float32, Shape: []int{1, c}})
	if o, ok := w.f.Graph.Tensor(w.f.Graph.Output); ok && w.f.Graph.Output != "" && o != i {
		t := w.tensor(o)
		w.g.Outputs = append(w.g.Outputs, nd.Value{Name: w.value[o], Type: nd.Float32, Shape: []int{1, t.Shape[2], t.Shape[0], t.Shape[1]}})
	}
	return nil
}

// appendProperties adds what a reader must know of the picture, and the labels,
// as properties of the model: field 14 of ModelProto, which may stand anywhere.
func appendProperties(b []byte, f *model.File) ([]byte, error) {
	prepare, err := json.Marshal(f.Graph.Prepare)
	if err != nil {
		return nil, err
	}
	add := func(key, value string) {
		if value == "" {
			return
		}
		entry := protowire.AppendString(protowire.AppendTag(nil, 1, protowire.BytesType), key)
		entry = protowire.AppendString(protowire.AppendTag(entry, 2, protowire.BytesType), value)
		b = protowire.AppendBytes(protowire.AppendTag(b, 14, protowire.BytesType), entry)
	}
	add("prepare", string(prepare))
	add("default_layer", f.Graph.DefaultLayer)
	add("labels", strings.Join(f.Graph.Labels, "\n"))
	add("license", f.License)
	add("source", f.Source)
	return b, nil
}
