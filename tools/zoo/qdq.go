package zoo

import (
	"math"

	"likeness/tools/convert/nd"
)

// QDQ returns the network with QuantizeLinear and DequantizeLinear around its
// layers, as static quantisers write it: int8 weights with a scale per output
// channel, int32 biases, uint8 activations whose ranges were seen on a few
// pictures.
func (n *Net) QDQ(seed uint64) (*nd.Graph, error) {
	ranges, err := n.ranges(seed)
	if err != nil {
		return nil, err
	}
	q := &qdq{n: n, ranges: ranges, readers: n.readers(), only: map[string]string{}, as: map[string]string{}}
	q.g = &nd.Graph{Name: n.Graph.Name, Opset: n.Graph.Opset, Inputs: n.Graph.Inputs, Outputs: n.Graph.Outputs, Const: map[string]*nd.Tensor{}}
	for _, node := range n.Graph.Nodes {
		for _, in := range node.Inputs {
			q.only[in] = node.Op
		}
	}
	q.activation("input")
	for _, node := range n.Graph.Nodes {
		q.node(node)
	}
	return q.g, nil
}

type span struct{ min, max float32 }

// ranges are those of all float tensors. An operator that copies values has
// the range of what it copies.
func (n *Net) ranges(seed uint64) (map[string]span, error) {
	inputs := n.pictures(seed)
	seen := map[string]span{"input": spanOf(inputs)}
	err := n.walk(inputs, func(node *nd.Node, in, out [][]*nd.Tensor) bool {
		r := spanOf(out[0])
		switch node.Op {
		case "MaxPool", "Flatten", "Reshape", "Transpose", "Slice", "Pad":
			r = seen[node.Inputs[0]]
		}
		seen[node.Outputs[0]] = r
		return false
	})
	return seen, err
}

func spanOf(ts []*nd.Tensor) (s span) {
	for _, t := range ts {
		for _, v := range t.F {
			s.min, s.max = min(s.min, v), max(s.max, v)
		}
	}
	return s
}

type qdq struct {
	n       *Net
	g       *nd.Graph
	ranges  map[string]span
	readers map[string]int
	only    map[string]string // operator that reads a tensor, the last one
	as      map[string]string // dequantised tensor to read instead
}

func (q *qdq) add(op, out string, attrs map[string]nd.Attr, inputs ...string) {
	q.g.Nodes = append(q.g.Nodes, nd.Node{Op: op, Name: out, Inputs: inputs, Outputs: []string{out}, Attrs: attrs})
}

func (q *qdq) scalar(name string, t nd.Type, f float32, i int64) string {
	q.g.Const[name] = &nd.Tensor{Type: t}
	if t.IsFloat() {
		q.g.Const[name].F = []float32{f}
	} else {
		q.g.Const[name].I = []int64{i}
	}
	return name
}

// node copies a node. Constants and computations on shapes stay as they are.
func (q *qdq) node(node nd.Node) {
	inputs := append([]string(nil), node.Inputs...)
	heavy := (node.Op == "Conv" || node.Op == "Gemm") && q.as[node.Inputs[0]] != ""
	for i, in := range inputs {
		if to := q.as[in]; to != "" {
			inputs[i] = to
		} else if t := q.n.Graph.Const[in]; t != nil && !(heavy && i > 0) {
			q.g.Const[in] = t
		}
	}
	if heavy {
		scales := q.weight(node.Inputs[1])
		inputs[1] = node.Inputs[1] + "_dequantized"
		if len(inputs) > 2 {
			inputs[2] = q.bias(node.Inputs[2], scales, q.step(node.Inputs[0]))
		}
	}
	node.Inputs = inputs
	q.g.Nodes = append(q.g.Nodes, node)
	if r := q.ranges[node.Outputs[0]]; r.max > r.min && node.Op != "Constant" && !q.fused(node) && node.Outputs[0] != q.g.Outputs[0].Name {
		q.activation(node.Outputs[0])
	}
}

// fused says that the node's result goes straight into its activation.
func (q *qdq) fused(node nd.Node) bool {
	next := q.only[node.Outputs[0]]
	return q.readers[node.Outputs[0]] == 1 && (next == "Relu" || next == "Clip")
}

// step is the scale of an activation in uint8.
func (q *qdq) step(name string) float32 {
	r := q.ranges[name]
	return max((r.max-r.min)/255, 1e-9)
}

func (q *qdq) activation(name string) {
	step := q.step(name)
	zero := int64(math.RoundToEven(float64(-q.ranges[name].min / step)))
	s, z := q.scalar(name+"_scale", nd.Float32, step, 0), q.scalar(name+"_zero_point", nd.Uint8, 0, zero)
	q.add("QuantizeLinear", name+"_quantized", nil, name, s, z)
	q.add("DequantizeLinear", name+"_dequantized", nil, name+"_quantized", s, z)
	q.as[name] = name + "_dequantized"
}

// weight writes [O, ...] as int8 and returns the scales.
func (q *qdq) weight(name string) []float32 {
	w := q.n.Graph.Const[name]
	out := w.Shape[0]
	per := len(w.F) / out
	ints, scales, zeros := make([]int64, len(w.F)), make([]float32, out), make([]int64, out)
	for o := range out {
		top := float32(0)
		for _, v := range w.F[o*per:][:per] {
			top = max(top, v, -v)
		}
		scales[o] = max(top/127, 1e-9)
		for i, v := range w.F[o*per:][:per] {
			ints[o*per+i] = int64(math.RoundToEven(float64(v / scales[o])))
		}
	}
	q.g.Const[name+"_quantized"] = &nd.Tensor{Type: nd.Int8, Shape: w.Shape, I: ints}
	q.perChannel(name, scales, zeros, nd.Int8)
	return scales
}

func (q *qdq) perChannel(name string, scales []float32, zeros []int64, t nd.Type) {
	q.g.Const[name+"_scale"] = &nd.Tensor{Shape: []int{len(scales)}, F: scales}
	q.g.Const[name+"_zero_point"] = &nd.Tensor{Type: t, Shape: []int{len(zeros)}, I: zeros}
	q.add("DequantizeLinear", name+"_dequantized", map[string]nd.Attr{"axis": nd.Int(0)}, name+"_quantized", name+"_scale", name+"_zero_point")
}

// bias is int32 in units of the accumulator.
func (q *qdq) bias(name string, weight []float32, step float32) string {
	b := q.n.Graph.Const[name]
	ints, scales := make([]int64, len(b.F)), make([]float32, len(b.F))
	for i, v := range b.F {
		scales[i] = weight[i] * step
		ints[i] = int64(math.RoundToEven(min(max(float64(v)/float64(scales[i]), math.MinInt32), math.MaxInt32)))
	}
	q.g.Const[name+"_quantized"] = &nd.Tensor{Type: nd.Int32, Shape: b.Shape, I: ints}
	q.perChannel(name, scales, make([]int64, len(b.F)), nd.Int32)
	return name + "_dequantized"
}
