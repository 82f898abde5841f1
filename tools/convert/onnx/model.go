package onnx

import (
	"cmp"
	"errors"
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

	functions map[string]*function // that the file defines, by domain and name
	depth     int                  // of graphs within graphs
}

// refusal is what a file holds that is not supported, in words. It matters only
// where it is needed.
type refusal string

func (r refusal) Error() string { return string(r) }

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
	if err == nil {
		err = g.Fault()
	}
	if err != nil {
		return nil, err
	}
	return g, nil
}

// DecodeFiles is Decode, and lists the files of external data that were read,
// as the model names them, each once. What the file holds that is not supported
// is only marked, as a Fault of the node or weight: it may not be needed.
func DecodeFiles(data []byte, dir string) (g *nd.Graph, external []string, err error) {
	return decode(data, dir, MinOpset)
}

func decode(data []byte, dir string, least int64) (*nd.Graph, []string, error) {
	var (
		r     = reader{dir: dir, budget: maxTotal}
		graph []byte
		found bool
		opset int64
		own   [][]byte // functions
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
		case 25: // functions
			own = append(own, f.bytes)
			return f.want(protowire.BytesType)
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
	if err := r.readFunctions(own); err != nil {
		return nil, nil, err
	}
	if err := r.graph(graph, g); err != nil {
		return nil, nil, err
	}
	for i := range g.Nodes {
		n := &g.Nodes[i]
		if err := n.CheckArity(); err != nil {
			if len(n.Outputs) == 0 {
				return nil, nil, err
			}
			n.Fault = cmp.Or(n.Fault, err)
		}
	}
	checkWeights(g)
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
			n, refs, err := r.node(f)
			if len(refs) > 0 {
				n.Fault = cmp.Or(n.Fault, fmt.Errorf("%s: attribute refers to an attribute of a function, and it is in none", n.Title()))
			}
			if err == nil {
				g.Nodes, err = r.inline(g.Nodes, n, 0)
			}
			return err
		case 2:
			return f.text(&g.Name)
		case 5: // initializer
			name, t, err := r.tensor(f)
			var refused refusal
			if errors.As(err, &refused) {
				t, err = &nd.Tensor{Shape: []int{0}, Fault: err}, nil
			}
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
	return r.checkValues(g)
}

// checkValues checks what the graph takes and makes.
func (r *reader) checkValues(g *nd.Graph) error {
	// Before IR version 4 the weights were listed among the inputs as well.
	inputs := g.Inputs[:0]
	for _, v := range g.Inputs {
		if _, ok := g.Const[v.Name]; !ok {
			inputs = append(inputs, v)
		}
	}
	g.Inputs = inputs
	for i := range g.Inputs {
		if err := checkValue(&g.Inputs[i]); err != nil {
			return err
		}
	}
	for i := range g.Outputs {
		if r.depth == 0 { // those of a branch are what the If declares
			g.Outputs[i].Fault = checkValue(&g.Outputs[i])
		}
	}
	return nil
}

// node reads a NodeProto. refs are the attributes that are those of the function
// around it, by that function's names.
func (r *reader) node(f field) (n nd.Node, refs map[string]string, err error) {
	n = nd.Node{Attrs: map[string]nd.Attr{}}
	if err := f.want(protowire.BytesType); err != nil {
		return n, nil, err
	}
	var attrs []field // read last, when the name is known
	err = message(f.bytes, func(f field) error {
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
		return n, nil, fmt.Errorf("%s: %w", n.Title(), err)
	}
	if ownDomain(n.Domain) {
		n.Domain = ""
	}
	if refs, err = r.attributes(&n, attrs); err != nil {
		return n, nil, err
	}
	r.branches(&n)
	return n, refs, nil
}
