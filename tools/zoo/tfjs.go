package zoo

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"likeness/tools/convert/nd"
)

// shardBytes is the size of weight files that the TensorFlow.js converter
// makes.
const shardBytes = 4 << 20

// WriteTFJS writes the network into a folder as a TensorFlow.js graph model:
// NHWC, with biases and activations fused, as that project's converter leaves
// a Keras network. The input is "input" [1, Size, Width, 3].
func (n *Net) WriteTFJS(dir string) error {
	w := &tfjs{g: n.Graph, readers: n.readers(), made: map[string]*nd.Node{}, name: map[string]string{}, shape: map[string][3]int{}, skip: map[string]bool{}}
	w.place("input", map[string]any{"dtype": typed("DT_FLOAT"), "shape": tfShape(1, n.Size, n.Width, 3)})
	w.name["input"], w.shape["input"] = "input", [3]int{n.Size, n.Width, 3}
	for i := range n.Graph.Nodes {
		node := &n.Graph.Nodes[i]
		w.made[node.Outputs[0]] = node
		if w.skip[node.Outputs[0]] || node.Op == "Constant" {
			continue
		}
		if err := w.node(node); err != nil {
			return fmt.Errorf("node %s: %w", node.Name, err)
		}
	}
	return w.write(dir)
}

type tfNode struct {
	Name  string         `json:"name"`
	Op    string         `json:"op"`
	Input []string       `json:"input,omitempty"`
	Attr  map[string]any `json:"attr"`
}

type tfWeight struct {
	Name  string `json:"name"`
	Shape []int  `json:"shape"`
	DType string `json:"dtype"`
}

// tfjs writes one network. Tensors are known by their ONNX names.
type tfjs struct {
	g       *nd.Graph
	readers map[string]int
	made    map[string]*nd.Node
	name    map[string]string // in the file
	shape   map[string][3]int // H, W, C; flat ones 1, 1, C
	skip    map[string]bool   // fused into what they read
	nodes   []tfNode
	weights []tfWeight
	data    []byte
}

// Attributes as JSON has them; strings are base64, integers are strings.
func typed(t string) any        { return map[string]any{"type": t} }
func tfText(s string) any       { return map[string]any{"s": base64.StdEncoding.EncodeToString([]byte(s))} }
func tfBool(b bool) any         { return map[string]any{"b": b} }
func tfInt(i int) any           { return map[string]any{"i": strconv.Itoa(i)} }
func tfInts(v ...int) any       { return map[string]any{"list": map[string]any{"i": decimals(v)}} }
func tfTexts(v ...string) any   { return map[string]any{"list": map[string]any{"s": encoded(v)}} }
func tfShape(dims ...int) any   { return map[string]any{"shape": dimensions(dims)} }
func dimensions(dims []int) any { return map[string]any{"dim": sizes(dims)} }

func decimals(v []int) (s []string) {
	for _, i := range v {
		s = append(s, strconv.Itoa(i))
	}
	return s
}

func encoded(v []string) (s []string) {
	for _, t := range v {
		s = append(s, base64.StdEncoding.EncodeToString([]byte(t)))
	}
	return s
}

func sizes(dims []int) []any {
	s := []any{}
	for _, d := range dims {
		s = append(s, map[string]string{"size": strconv.Itoa(d)})
	}
	return s
}

func (w *tfjs) place(name string, attr map[string]any) {
	w.nodes = append(w.nodes, tfNode{Name: name, Op: "Placeholder", Attr: attr})
}

// add appends a node that makes the tensor of this ONNX name.
func (w *tfjs) add(op, tensor string, shape [3]int, attr map[string]any, inputs ...string) {
	name := strings.TrimPrefix(strings.TrimSuffix(tensor, "_output_0"), "/")
	attr["T"] = typed("DT_FLOAT")
	w.nodes = append(w.nodes, tfNode{name, op, inputs, attr})
	w.name[tensor], w.shape[tensor] = name, shape
}

func (w *tfjs) constant(name string, values []float32, shape ...int) string {
	for _, v := range values {
		w.data = binary.LittleEndian.AppendUint32(w.data, math.Float32bits(v))
	}
	return w.declare(name, "float32", "DT_FLOAT", shape)
}

func (w *tfjs) integers(name string, values []int, shape ...int) string {
	for _, v := range values {
		w.data = binary.LittleEndian.AppendUint32(w.data, uint32(int32(v)))
	}
	return w.declare(name, "int32", "DT_INT32", shape)
}

func (w *tfjs) declare(name, dtype, tf string, shape []int) string {
	name = strings.TrimPrefix(name, "/")
	w.weights = append(w.weights, tfWeight{name, append([]int{}, shape...), dtype})
	w.nodes = append(w.nodes, tfNode{Name: name, Op: "Const", Attr: map[string]any{"dtype": typed(tf),
		"value": map[string]any{"tensor": map[string]any{"dtype": tf, "tensorShape": dimensions(shape)}}}})
	return name
}

func (w *tfjs) write(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	shards := (len(w.data) + shardBytes - 1) / shardBytes
	var paths []string
	i := 0
	for shard := range slices.Chunk(w.data, shardBytes) {
		i++
		paths = append(paths, fmt.Sprintf("group1-shard%dof%d.bin", i, shards))
		if err := os.WriteFile(filepath.Join(dir, paths[i-1]), shard, 0o644); err != nil {
			return err
		}
	}
	model, err := json.Marshal(map[string]any{
		"format": "graph-model", "generatedBy": "likeness", "convertedBy": "likeness zoo",
		"modelTopology":   map[string]any{"node": w.nodes, "library": map[string]any{}, "versions": map[string]any{"producer": 1}},
		"weightsManifest": []any{map[string]any{"paths": paths, "weights": w.weights}},
	})
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "model.json"), model, 0o644)
}
