package tfjs

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"likeness/tools/convert/failure"
	"likeness/tools/convert/nd"
	"likeness/tools/convert/tensorflow"
)

// graphDef is TensorFlow's GraphDef in the JSON of protocol buffers.
type graphDef struct {
	Node []*graphNode `json:"node"`
}

type graphNode struct {
	Name  string              `json:"name"`
	Op    string              `json:"op"`
	Input []string            `json:"input"`
	Attr  map[string]attrJSON `json:"attr"`
}

type signature struct {
	Inputs  map[string]tensorInfo `json:"inputs"`
	Outputs map[string]tensorInfo `json:"outputs"`
}

type tensorInfo struct {
	Name string `json:"name"`
}

// attrJSON is one attribute. Integers may be strings, strings are base64 or
// lists of character codes.
type attrJSON struct {
	S, I, F, Type json.RawMessage
	B             *bool
	Shape         *shapeJSON
	List          *struct{ S, I []json.RawMessage }
}

type shapeJSON struct {
	UnknownRank bool `json:"unknownRank"`
	Dim         []struct{ Size json.RawMessage }
}

// readGraphModel translates a GraphDef.
func readGraphModel(b *tensorflow.Builder, topology []byte, sig *signature, weights map[string]*nd.Tensor) (err error) {
	defer tensorflow.Catch(&err)
	var def graphDef
	if err := json.Unmarshal(topology, &def); err != nil {
		return fmt.Errorf("modelTopology: %w", err)
	}
	if len(def.Node) > tensorflow.MaxNodes {
		return &failure.Error{Code: failure.CodeFile, Reason: fmt.Sprintf("the graph has more than %d nodes", tensorflow.MaxNodes)}
	}
	nodes := map[string]*graphNode{}
	for _, n := range def.Node {
		if n == nil || n.Name == "" || strings.Contains(n.Name, ":") {
			return &failure.Error{Code: failure.CodeFile, Reason: "the graph has a node without a proper name"}
		}
		if nodes[n.Name] != nil {
			return &failure.Error{Code: failure.CodeFile, Node: n.Name, Operator: n.Op, Reason: "two nodes have this name"}
		}
		nodes[n.Name] = n
	}
	outputs, err := graphOutputs(&def, sig, nodes)
	if err != nil {
		return err
	}
	order, err := sortNodes(nodes, outputs)
	if err != nil {
		return err
	}
	for _, n := range order {
		err := tensorflow.Attempt(func() { translate(b, n, weights) })
		if err != nil && n.Op == "Placeholder" && (!b.Opt.Partial || fourSided(n)) {
			return err
		}
		if err != nil {
			b.Faulty(n.Name, n.Op, made(b, n), err)
		}
	}
	b.At("", "")
	for _, o := range outputs {
		v := b.Values[o]
		if v.Fault == nil && v.Name == "" {
			v.Fault = b.Values[nodeName(o)].Fault
		}
		if v.Fault != nil {
			b.Out.Outputs = append(b.Out.Outputs, nd.Value{Name: nodeName(o), Type: nd.Float32, Fault: v.Fault})
			continue
		}
		if v.Name == "" || v.Const != nil {
			return &failure.Error{Code: failure.CodeFile, Reason: fmt.Sprintf("output %q does not depend on the picture", o)}
		}
		b.Out.Outputs = append(b.Out.Outputs, nd.Value{Name: o, Type: nd.Float32, Shape: v.Shape})
	}
	return nil
}

// fourSided reports whether an input is declared with four dimensions, as pictures are.
func fourSided(n *graphNode) bool {
	s := n.Attr["shape"].Shape
	return s != nil && len(s.Dim) == 4
}

// made are the inputs of a node that are there.
func made(b *tensorflow.Builder, n *graphNode) (in []tensorflow.Value) {
	for _, name := range n.Input {
		if v, ok := b.Values[valueName(name)]; ok {
			in = append(in, v)
		}
	}
	return in
}

// graphOutputs are the outputs of the signature, or else the nodes that
// nothing reads.
func graphOutputs(def *graphDef, sig *signature, nodes map[string]*graphNode) ([]string, error) {
	var out []string
	if sig != nil {
		for key, info := range sig.Outputs {
			name := info.Name
			if name == "" {
				name = key
			}
			out = append(out, valueName(name))
		}
		slices.Sort(out)
		out = slices.Compact(out)
	}
	for _, name := range out {
		node, _, _ := strings.Cut(name, ":")
		if nodes[node] == nil {
			return nil, &failure.Error{Code: failure.CodeFile, Reason: fmt.Sprintf("the signature names output %q, which no node makes", name)}
		}
	}
	if len(out) > 0 {
		return out, nil
	}
	read := map[string]bool{}
	for _, n := range def.Node {
		for _, in := range n.Input {
			read[strings.TrimPrefix(nodeName(in), "^")] = true
		}
	}
	for _, n := range def.Node {
		if !read[n.Name] && n.Op != "Const" && n.Op != "Placeholder" && n.Op != "NoOp" {
			out = append(out, n.Name)
		}
	}
	if len(out) == 0 {
		return nil, &failure.Error{Code: failure.CodeFile, Reason: "the graph has no output: its nodes form a cycle, or compute nothing"}
	}
	return out, nil
}

// valueName drops the number of a node's first output.
func valueName(in string) string { return strings.TrimSuffix(in, ":0") }

func nodeName(in string) string {
	name, _, _ := strings.Cut(in, ":")
	return name
}

// sortNodes gives the nodes that the outputs need, each after its inputs.
func sortNodes(nodes map[string]*graphNode, outputs []string) ([]*graphNode, error) {
	const open, done = 1, 2
	type frame struct {
		n    *graphNode
		next int
	}
	state := map[string]int{}
	var order []*graphNode
	for _, o := range outputs {
		stack := []frame{{n: nodes[nodeName(o)]}}
		for len(stack) > 0 {
			f := &stack[len(stack)-1]
			if f.next == 0 {
				if state[f.n.Name] == done {
					stack = stack[:len(stack)-1]
					continue
				}
				state[f.n.Name] = open
			}
			if f.next == len(f.n.Input) {
				state[f.n.Name] = done
				order = append(order, f.n)
				stack = stack[:len(stack)-1]
				continue
			}
			in := f.n.Input[f.next]
			f.next++
			if strings.HasPrefix(in, "^") { // order of execution only
				continue
			}
			m := nodes[nodeName(in)]
			if m == nil {
				return nil, &failure.Error{Code: failure.CodeFile, Node: f.n.Name, Operator: f.n.Op, Reason: fmt.Sprintf("it reads %q, which no node makes", in)}
			}
			switch state[m.Name] {
			case open:
				return nil, &failure.Error{Code: failure.CodeFile, Node: f.n.Name, Operator: f.n.Op, Reason: fmt.Sprintf("it is part of a cycle, through %q", m.Name)}
			case 0:
				stack = append(stack, frame{n: m})
			}
		}
	}
	return order, nil
}

// translate translates one node, whose inputs exist.
func translate(b *tensorflow.Builder, n *graphNode, weights map[string]*nd.Tensor) {
	b.At(n.Name, n.Op)
	c := &call{Builder: b, graphNode: n}
	for _, name := range n.Input {
		if strings.HasPrefix(name, "^") {
			continue
		}
		v, ok := b.Values[valueName(name)]
		if err := b.Values[nodeName(name)].Fault; err != nil {
			tensorflow.Bail(err)
		}
		if !ok {
			b.Fail("", "it reads %q; that output of the node is not supported", name)
		}
		c.in = append(c.in, v)
	}
	switch n.Op {
	case "Const":
		t := weights[n.Name]
		if t == nil {
			b.Fail("", "the weights manifest does not hold its value")
		}
		if t.Fault != nil {
			tensorflow.Bail(t.Fault)
		}
		b.Constant(n.Name, t)
		return
	case "Placeholder":
		b.Picture(n.Name, c.shape("shape"))
		return
	}
	op, ok := graphOps[n.Op]
	if !ok {
		b.FailAs(failure.CodeOperator, "", "the operator is not supported")
	}
	if len(c.in) < op.least || op.most >= 0 && len(c.in) > op.most {
		b.Fail("", "%d inputs, %d are wanted", len(c.in), op.least)
	}
	op.run(c)
}

// call is a node in work: its attributes and its inputs.
type call struct {
	*tensorflow.Builder
	*graphNode
	in []tensorflow.Value
}

func (c *call) attr(name string, kind string) (attrJSON, bool) {
	a, ok := c.Attr[name]
	if !ok {
		return a, false
	}
	present := map[string]bool{"string": a.S != nil, "integer": a.I != nil, "number": a.F != nil || a.I != nil, "truth value": a.B != nil, "list": a.List != nil, "shape": a.Shape != nil}[kind]
	if !present && kind != "integer" && kind != "truth value" && kind != "number" { // zeros may be left out
		c.Fail(name, "a %s is wanted", kind)
	}
	return a, present
}

// text decodes a string.
func (c *call) text(name string, raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		if d, err := base64.StdEncoding.DecodeString(s); err == nil {
			return string(d)
		}
		c.Fail(name, "%.40q is not base64", s)
	}
	var codes []uint8Code
	if json.Unmarshal(raw, &codes) != nil {
		c.Fail(name, "a string is wanted")
	}
	d := make([]byte, len(codes))
	for i, k := range codes {
		d[i] = byte(k)
	}
	return string(d)
}

// uint8Code keeps a list of codes from being read as base64.
type uint8Code uint16

// whole decodes an integer, which may be quoted.
func (c *call) whole(name string, raw json.RawMessage) int {
	v, err := strconv.ParseInt(strings.Trim(string(raw), `"`), 10, 64)
	if err != nil || v < math.MinInt32 || v > math.MaxInt32 {
		c.Fail(name, "%.40s is not an integer in range", raw)
	}
	return int(v)
}

func (c *call) str(name, def string) string {
	if a, ok := c.attr(name, "string"); ok {
		return c.text(name, a.S)
	}
	return def
}

func (c *call) int(name string, def int) int {
	if a, ok := c.attr(name, "integer"); ok {
		return c.whole(name, a.I)
	}
	return def
}

func (c *call) bool(name string) bool {
	a, ok := c.attr(name, "truth value")
	return ok && *a.B
}

func (c *call) float(name string, def float64) float32 {
	a, ok := c.attr(name, "number")
	if !ok {
		return float32(def)
	}
	raw := a.F
	if raw == nil {
		raw = a.I
	}
	v, err := strconv.ParseFloat(strings.Trim(string(raw), `"`), 64)
	if err != nil || !finite(v) {
		c.Fail(name, "%.40s is not a finite number", raw)
	}
	return float32(v)
}

func (c *call) ints(name string) []int {
	a, ok := c.attr(name, "list")
	if !ok {
		return nil
	}
	out := make([]int, len(a.List.I))
	for i, raw := range a.List.I {
		out[i] = c.whole(name, raw)
	}
	return out
}

func (c *call) strs(name string) []string {
	a, ok := c.attr(name, "list")
	if !ok {
		return nil
	}
	out := make([]string, len(a.List.S))
	for i, raw := range a.List.S {
		out[i] = c.text(name, raw)
	}
	return out
}

// shape is an attribute with -1 where the file fixes no size.
func (c *call) shape(name string) []int {
	a, ok := c.attr(name, "shape")
	if !ok || a.Shape.UnknownRank {
		return nil
	}
	out := make([]int, len(a.Shape.Dim))
	for i, d := range a.Shape.Dim {
		if d.Size != nil {
			out[i] = c.whole(name, d.Size)
		}
	}
	return out
}

// nameOfOutput is how inputs refer to the i-th output of a node.
func nameOfOutput(node string, i int) string { return node + ":" + strconv.Itoa(i) }
