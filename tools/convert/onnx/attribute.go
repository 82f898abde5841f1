package onnx

import (
	"cmp"
	"errors"
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"

	"likeness/tools/convert/nd"
)

// maxDepth bounds graphs within graphs.
const maxDepth = 8

// attributes reads those of a node. refs are those that are the function's around
// it, by that function's names.
func (r *reader) attributes(n *nd.Node, attrs []field) (refs map[string]string, err error) {
	for _, f := range attrs {
		name, ref, a, err := r.attribute(f.bytes)
		if err == nil {
			if _, twice := n.Attrs[name]; twice {
				return nil, fmt.Errorf("%s: attribute %q comes twice", n.Title(), name)
			}
		}
		var refused refusal
		switch {
		case errors.As(err, &refused):
			n.Fault = cmp.Or(n.Fault, fmt.Errorf("%s: attribute %q: %w", n.Title(), name, err))
		case err != nil:
			return nil, fmt.Errorf("%s: attribute %q: %w", n.Title(), name, err)
		case ref != "":
			if refs == nil {
				refs = map[string]string{}
			}
			refs[name] = ref
		default:
			n.Attrs[name] = a
		}
	}
	return refs, nil
}

// attributeKinds maps AttributeProto.AttributeType to our kinds.
var attributeKinds = map[int64]nd.Kind{
	1: nd.KindFloat, 2: nd.KindInt, 3: nd.KindString, 4: nd.KindTensor, 5: nd.KindGraph, 6: nd.KindFloats, 7: nd.KindInts,
}

var refusedKinds = map[int64]string{
	8: "is a list of strings, which is not supported", 9: "is a list of tensors, which is not supported",
	10: "is a list of graphs, and control flow is not supported", 11: "is a sparse tensor, which is not supported",
}

// attribute reads an AttributeProto. Old files omit the type.
func (r *reader) attribute(b []byte) (name, ref string, a nd.Attr, err error) {
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
		case 6:
			seen = 5
			if err := f.want(protowire.BytesType); err != nil {
				return err
			}
			if r.depth++; r.depth > maxDepth {
				return fmt.Errorf("graphs lie within graphs, more than %d deep", maxDepth)
			}
			a.Graph = &nd.Graph{Const: map[string]*nd.Tensor{}}
			err := r.graph(f.bytes, a.Graph)
			r.depth--
			return err
		case 9, 10, 11, 22:
			seen = map[protowire.Number]int64{9: 8, 10: 9, 11: 10, 22: 11}[f.id]
		case 20:
			return f.int(&typ)
		case 21:
			return f.text(&ref)
		}
		return nil
	})
	if err == nil && ref == "" {
		if typ == 0 {
			typ = seen
		}
		err = settle(&a, typ)
	}
	return name, ref, a, err
}

// settle makes an attribute what its type says.
func settle(a *nd.Attr, typ int64) error {
	kind, ok := attributeKinds[typ]
	if !ok {
		why := refusedKinds[typ]
		if why == "" {
			why = fmt.Sprintf("has type %d, which ONNX does not define", typ)
		}
		return refusal(why)
	}
	// A field that is zero or an empty list may be left out of the file.
	a.Kind = kind
	switch {
	case kind == nd.KindTensor && a.Tensor == nil || kind == nd.KindGraph && a.Graph == nil:
		return errTruncated
	case kind == nd.KindInts && a.Ints == nil:
		a.Ints = []int64{}
	case kind == nd.KindFloats && a.Floats == nil:
		a.Floats = []float32{}
	}
	return nil
}
