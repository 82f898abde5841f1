package onnx

import (
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"

	"likeness/tools/convert/nd"
)

// reader carries what the messages of one file share.
type reader struct {
	dir    string   // of external data, "" for none
	files  []string // of external data, in the order they are first named
	known  map[string]bool
	budget int64 // bytes that weights may still take
	parts  int   // see maxParts
	ints   int   // see maxInts
}

// part accounts for n more parts of the file.
func (r *reader) part(n int) error {
	if r.parts += n; r.parts > maxParts {
		return fmt.Errorf("holds more than %d nodes, names, attributes and weights: this is no network of pictures", maxParts)
	}
	return nil
}

// list accounts for a repeated integer field before it is copied: an integer
// takes at least one byte of the file, and eight of memory.
func (r *reader) list(f field) error {
	if r.ints += max(f.count(), 1); r.ints > maxInts {
		return fmt.Errorf("holds more than %d integers in lists: export the network with raw data", maxInts)
	}
	return nil
}

// Decode reads a model from bytes. dir is where its external data lies; with
// "" such weights are refused.
func Decode(data []byte, dir string) (*nd.Graph, error) {
	g, _, err := decode(data, dir, MinOpset)
	return g, err
}

// DecodeFiles is Decode, and lists the files of external data that were read,
// as the model names them, each once.
func DecodeFiles(data []byte, dir string) (g *nd.Graph, external []string, err error) {
	return decode(data, dir, MinOpset)
}

func decode(data []byte, dir string, least int64) (*nd.Graph, []string, error) {
	var (
		r     = reader{dir: dir, budget: maxTotal}
		graph []byte
		found bool
		opset int64
	)
	err := message(data, func(f field) error {
		switch f.id {
		case 7: // graph
			graph, found = f.bytes, true
			return f.want(protowire.BytesType)
		case 8: // opset_import
			domain, version, err := operatorSet(f)
			if err == nil && ownDomain(domain) {
				opset = version
			}
			return err
		}
		return nil
	})
	switch {
	case err != nil:
		return nil, nil, err
	case !found:
		return nil, nil, fmt.Errorf("holds no graph: %w", errTruncated)
	case opset < least || opset > MaxOpset:
		return nil, nil, fmt.Errorf("operator set %d of ONNX is not supported, %d to %d are: export the network with one of them", opset, MinOpset, MaxOpset)
	}
	g := &nd.Graph{Opset: int(opset), Const: map[string]*nd.Tensor{}}
	if err := r.graph(graph, g); err != nil {
		return nil, nil, err
	}
	if err := g.CheckArity(); err != nil {
		return nil, nil, err
	}
	if err := checkWeights(g); err != nil {
		return nil, nil, err
	}
	if err := g.Arrange(); err != nil {
		return nil, nil, err
	}
	return g, r.files, nil
}

// ownDomain reports whether a domain is ONNX's own, which has two names.
func ownDomain(domain string) bool { return domain == "" || domain == "ai.onnx" }

func operatorSet(f field) (domain string, version int64, err error) {
	if err := f.want(protowire.BytesType); err != nil {
		return "", 0, err
	}
	err = message(f.bytes, func(f field) error {
		switch f.id {
		case 1:
			return f.text(&domain)
		case 2:
			return f.int(&version)
		}
		return nil
	})
	return domain, version, err
}

// graph reads a GraphProto.
func (r *reader) graph(b []byte, g *nd.Graph) error {
	err := message(b, func(f field) error {
		if err := r.part(1); err != nil {
			return err
		}
		switch f.id {
		case 1: // node
			if len(g.Nodes) >= nd.MaxNodes {
				return fmt.Errorf("the graph has more than %d nodes: this is no network of pictures", nd.MaxNodes)
			}
			n, err := r.node(f)
			g.Nodes = append(g.Nodes, n)
			return err
		case 2:
			return f.text(&g.Name)
		case 5: // initializer
			name, t, err := r.tensor(f)
			if err != nil {
				return err
			}
			if _, ok := g.Const[name]; ok || name == "" {
				return fmt.Errorf("weight %q comes twice or has no name", name)
			}
			g.Const[name] = t
			return nil
		case 11, 12:
			v, err := value(f)
			if err != nil {
				return err
			}
			to := &g.Inputs
			if f.id == 12 {
				to = &g.Outputs
			}
			*to = append(*to, v)
		case 15:
			return fmt.Errorf("the graph holds sparse weights, which are not supported")
		}
		return nil
	})
	if err != nil {
		return err
	}
	// Before IR version 4 the weights were listed among the inputs as well.
	inputs := g.Inputs[:0]
	for _, v := range g.Inputs {
		if _, ok := g.Const[v.Name]; !ok {
			inputs = append(inputs, v)
		}
	}
	g.Inputs = inputs
	for _, list := range [][]nd.Value{g.Inputs, g.Outputs} {
		for i := range list {
			if err := checkValue(&list[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// node reads a NodeProto.
func (r *reader) node(f field) (nd.Node, error) {
	n := nd.Node{Attrs: map[string]nd.Attr{}}
	if err := f.want(protowire.BytesType); err != nil {
		return n, err
	}
	var attrs []field // read last, when the name is known
	err := message(f.bytes, func(f field) error {
		if err := r.part(1); err != nil {
			return err
		}
		var s string
		switch f.id {
		case 1:
			err := f.text(&s)
			n.Inputs = append(n.Inputs, s)
			return err
		case 2:
			err := f.text(&s)
			n.Outputs = append(n.Outputs, s)
			return err
		case 3:
			return f.text(&n.Name)
		case 4:
			return f.text(&n.Op)
		case 5:
			attrs = append(attrs, f)
			return f.want(protowire.BytesType)
		case 7:
			return f.text(&n.Domain)
		}
		return nil
	})
	if err != nil {
		return n, fmt.Errorf("%s: %w", n.Title(), err)
	}
	if ownDomain(n.Domain) {
		n.Domain = ""
	}
	for _, f := range attrs {
		name, a, err := r.attribute(f.bytes)
		if err != nil {
			return n, fmt.Errorf("%s: attribute %q: %w", n.Title(), name, err)
		}
		if _, ok := n.Attrs[name]; ok {
			return n, fmt.Errorf("%s: attribute %q comes twice", n.Title(), name)
		}
		n.Attrs[name] = a
	}
	return n, nil
}

// attributeKinds maps AttributeProto.AttributeType to our kinds.
var attributeKinds = map[int64]nd.Kind{
	1: nd.KindFloat, 2: nd.KindInt, 3: nd.KindString, 4: nd.KindTensor, 6: nd.KindFloats, 7: nd.KindInts,
}

var refusedKinds = map[int64]string{
	5: "holds a graph (of If, Loop or Scan), and control flow is not supported",
	8: "is a list of strings, which is not supported", 9: "is a list of tensors, which is not supported",
	10: "is a list of graphs, and control flow is not supported", 11: "is a sparse tensor, which is not supported",
}

// attribute reads an AttributeProto. Old files omit the type.
func (r *reader) attribute(b []byte) (name string, a nd.Attr, err error) {
	var typ, seen int64
	err = message(b, func(f field) error {
		switch f.id {
		case 1:
			return f.text(&name)
		case 2:
			seen = 1
			return f.float(&a.Float)
		case 3:
			seen = 2
			return f.int(&a.Int)
		case 4:
			seen = 3
			return f.text(&a.String)
		case 5:
			seen = 4
			_, t, err := r.tensor(f)
			a.Tensor = t
			return err
		case 7:
			seen = 6
			return f.floats(&a.Floats)
		case 8:
			seen = 7
			if err := r.list(f); err != nil {
				return err
			}
			return f.ints(&a.Ints)
		case 6, 9, 10, 11, 22:
			seen = map[protowire.Number]int64{6: 5, 9: 8, 10: 9, 11: 10, 22: 11}[f.id]
		case 20:
			return f.int(&typ)
		case 21:
			return fmt.Errorf("refers to an attribute of a function, which is not supported")
		}
		return nil
	})
	if err != nil {
		return name, a, err
	}
	if typ == 0 {
		typ = seen
	}
	kind, ok := attributeKinds[typ]
	if !ok {
		why := refusedKinds[typ]
		if why == "" {
			why = fmt.Sprintf("has type %d, which ONNX does not define", typ)
		}
		return name, a, fmt.Errorf("%s", why)
	}
	// A field that is zero or an empty list may be left out of the file.
	a.Kind = kind
	switch {
	case kind == nd.KindTensor && a.Tensor == nil:
		return name, a, errTruncated
	case kind == nd.KindInts && a.Ints == nil:
		a.Ints = []int64{}
	case kind == nd.KindFloats && a.Floats == nil:
		a.Floats = []float32{}
	}
	return name, a, nil
}
