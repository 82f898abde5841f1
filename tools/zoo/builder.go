package zoo

import (
	"fmt"
	"strconv"
	"strings"

	"likeness/tools/convert/nd"
)

// builder appends nodes to a graph, with the names that PyTorch's exporter
// gives them.
type builder struct {
	g         *nd.Graph
	opt       Options
	scopes    map[string]*scope
	embedding string // the features that classifiers read
}

// val is a tensor in the making.
type val struct {
	name  string
	shape []int
}

// scope is one call of one module: "layer1.0.relu", shown by the exporter as
// "/layer1/layer1.0/relu".
type scope struct {
	b           *builder
	path, shown string
	ops         map[string]int // nodes so far, by operator
	calls       map[string]int // calls of children so far
}

func newBuilder(name string, opt Options, size int) (*builder, val) {
	return newBuilderOf(name, opt, size, size)
}

func newBuilderOf(name string, opt Options, height, width int) (*builder, val) {
	shape := []int{1, 3, height, width}
	b := &builder{opt: opt, scopes: map[string]*scope{}, g: &nd.Graph{Name: name, Opset: opt.Opset,
		Inputs: []nd.Value{{Name: "input", Shape: shape}}, Const: map[string]*nd.Tensor{}}}
	return b, val{"input", shape}
}

// top is the network's own scope.
func (b *builder) top() *scope { return b.in("") }

// in is the scope of a module that has been entered once; its nodes are those
// that its forward function makes itself.
func (b *builder) in(path string) *scope {
	s := b.scopes[path]
	if s == nil {
		s = &scope{b: b, path: path, shown: shown(path), ops: map[string]int{}, calls: map[string]int{}}
		b.scopes[path] = s
	}
	return s
}

// sub is the scope of a child.
func (s *scope) sub(name string) *scope { return s.b.in(join(s.path, name)) }

// call is the scope of one call of a child; a second call gets a suffix.
func (s *scope) call(name string) *scope {
	n := s.calls[name]
	s.calls[name]++
	c := s.sub(name)
	if n == 0 {
		return c
	}
	again := s.sub(name + "_" + strconv.Itoa(n))
	again.path = c.path
	return again
}

func join(a, b string) string {
	if a == "" {
		return b
	}
	return a + "." + b
}

// shown turns "layer1.0.conv1" into "/layer1/layer1.0/conv1": children that
// have numbers carry their parent's name.
func shown(path string) string {
	if path == "" {
		return ""
	}
	out, last := "", ""
	for _, part := range strings.Split(path, ".") {
		if part[0] >= '0' && part[0] <= '9' {
			part = last + "." + part
		}
		out, last = out+"/"+part, part
	}
	return out
}

// op appends a node. Empty input names are absent inputs.
func (s *scope) op(op string, attrs map[string]nd.Attr, shape []int, inputs ...string) val {
	name := s.shown + "/" + op
	if n := s.ops[op]; n > 0 {
		name += "_" + strconv.Itoa(n)
	}
	s.ops[op]++
	out := name + "_output_0"
	s.b.g.Nodes = append(s.b.g.Nodes, nd.Node{Op: op, Name: name, Inputs: inputs, Outputs: []string{out}, Attrs: attrs})
	return val{out, shape}
}

// constant appends a Constant node.
func (s *scope) constant(t *nd.Tensor) string {
	return s.op("Constant", map[string]nd.Attr{"value": nd.TensorAttr(t)}, t.Shape).name
}

func (s *scope) scalar(v float32) string {
	return s.constant(&nd.Tensor{F: []float32{v}})
}

func (s *scope) ints(v ...int64) string {
	return s.constant(&nd.Tensor{Type: nd.Int64, Shape: []int{len(v)}, I: v})
}

// weight adds an initialiser, "PATH.NAME".
func (s *scope) weight(name string, fill func(n int, r *random) []float32, shape ...int) string {
	name = join(s.path, name)
	n := 1
	for _, d := range shape {
		n *= d
	}
	s.b.g.Const[name] = &nd.Tensor{Shape: shape, F: fill(n, newRandom(s.b.opt.Seed, name))}
	return name
}

// finish settles the weights and writes what the options ask for.
func (b *builder) finish(out val) (*Net, error) {
	b.g.Outputs = []nd.Value{{Name: out.name, Shape: out.shape}}
	if b.embedding == out.name {
		b.embedding = "output"
	}
	last := &b.g.Nodes[len(b.g.Nodes)-1]
	last.Outputs[0], b.g.Outputs[0].Name = "output", "output"
	n := &Net{Graph: b.g, Embedding: b.embedding, Size: b.g.Inputs[0].Shape[2], Width: b.g.Inputs[0].Shape[3]}
	if b.opt.NoTop {
		n.cut()
	}
	if !b.opt.Unsettled {
		if err := n.settle(b.opt.Seed); err != nil {
			return nil, fmt.Errorf("%s: %w", b.g.Name, err)
		}
	}
	if !b.opt.KeepBatchNorm {
		n.fold()
	}
	return n, nil
}
