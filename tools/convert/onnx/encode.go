package onnx

import (
	"encoding/binary"
	"fmt"
	"maps"
	"math"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"

	"likeness/tools/convert/nd"
)

// irVersions are those that appeared with each operator set; readers refuse a
// file whose operators are newer than its IR.
func irVersion(opset int) uint64 {
	switch {
	case opset <= 8:
		return 3
	case opset <= 9:
		return 4
	case opset == 10:
		return 5
	case opset == 11:
		return 6
	case opset <= 14:
		return 7
	case opset <= 18:
		return 8
	case opset <= 20:
		return 9
	case opset <= 22:
		return 10
	case opset == 23:
		return 11
	}
	return 12
}

// Encode writes a model: what Decode reads back as the same graph. It refuses
// a graph of 2 GiB and more, which protobuf cannot hold.
func Encode(g *nd.Graph) ([]byte, error) {
	if g.Opset < MinOpset || g.Opset > MaxOpset {
		return nil, fmt.Errorf("operator set %d is outside %d to %d", g.Opset, MinOpset, MaxOpset)
	}
	graph, err := encodeGraph(g)
	if err != nil {
		return nil, err
	}
	var b []byte
	b = putInt(b, 1, irVersion(g.Opset))
	b = putText(b, 2, "likeness")
	domains := map[string]uint64{"": uint64(g.Opset)}
	for i := range g.Nodes {
		if d := g.Nodes[i].Domain; d != "" {
			domains[d] = 1
		}
	}
	for _, d := range slices.Sorted(maps.Keys(domains)) {
		set := putText(nil, 1, d)
		b = putBytes(b, 8, putInt(set, 2, domains[d]))
	}
	// The graph comes last and is not copied again where its room suffices.
	b = putBytes(b, 7, graph)
	if len(b) > math.MaxInt32 {
		return nil, fmt.Errorf("the model has %d bytes, more than protobuf's 2 GiB", len(b))
	}
	return b, nil
}

func encodeGraph(g *nd.Graph) ([]byte, error) {
	size := 0
	for _, t := range g.Const {
		size += 8*max(len(t.F), len(t.I)) + 256
	}
	b := make([]byte, 0, size/2)
	for i := range g.Nodes {
		n, err := encodeNode(&g.Nodes[i])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", g.Nodes[i].Title(), err)
		}
		b = putBytes(b, 1, n)
	}
	name := g.Name
	if name == "" {
		name = "graph" // ONNX's checker wants one
	}
	b = putText(b, 2, name)
	for _, name := range slices.Sorted(maps.Keys(g.Const)) {
		t, err := EncodeTensor(name, g.Const[name])
		if err != nil {
			return nil, fmt.Errorf("weight %q: %w", name, err)
		}
		b = putBytes(b, 5, t)
	}
	for _, v := range g.Inputs {
		b = putBytes(b, 11, encodeValue(v))
	}
	if g.Opset <= 8 { // IR 3 wants every weight among the inputs
		for _, name := range slices.Sorted(maps.Keys(g.Const)) {
			t := g.Const[name]
			b = putBytes(b, 11, encodeValue(nd.Value{Name: name, Type: t.Type, Shape: t.Shape}))
		}
	}
	for _, v := range g.Outputs {
		b = putBytes(b, 12, encodeValue(v))
	}
	return b, nil
}

func encodeNode(n *nd.Node) ([]byte, error) {
	var b []byte
	for _, s := range n.Inputs {
		b = putText(b, 1, s)
	}
	for _, s := range n.Outputs {
		b = putText(b, 2, s)
	}
	b = putText(b, 3, n.Name)
	b = putText(b, 4, n.Op)
	for _, name := range slices.Sorted(maps.Keys(n.Attrs)) {
		a, err := encodeAttr(name, n.Attrs[name])
		if err != nil {
			return nil, fmt.Errorf("attribute %q: %w", name, err)
		}
		b = putBytes(b, 5, a)
	}
	if n.Domain != "" {
		b = putText(b, 7, n.Domain)
	}
	return b, nil
}

func encodeAttr(name string, a nd.Attr) ([]byte, error) {
	b := putText(nil, 1, name)
	kind := a.Of()
	switch kind {
	case nd.KindFloat:
		b = protowire.AppendTag(b, 2, protowire.Fixed32Type)
		b = protowire.AppendFixed32(b, math.Float32bits(a.Float))
	case nd.KindInt:
		b = putInt(b, 3, uint64(a.Int))
	case nd.KindString:
		b = putText(b, 4, a.String)
	case nd.KindTensor:
		t, err := EncodeTensor("", a.Tensor)
		if err != nil {
			return nil, err
		}
		b = putBytes(b, 5, t)
	case nd.KindFloats:
		for _, v := range a.Floats {
			b = protowire.AppendTag(b, 7, protowire.Fixed32Type)
			b = protowire.AppendFixed32(b, math.Float32bits(v))
		}
	case nd.KindInts:
		for _, v := range a.Ints {
			b = putInt(b, 8, uint64(v))
		}
	}
	for code, k := range attributeKinds {
		if k == kind {
			b = putInt(b, 20, uint64(code))
		}
	}
	return b, nil
}

// EncodeTensor writes a TensorProto with raw data, as the node tests' .pb files are.
func EncodeTensor(name string, t *nd.Tensor) ([]byte, error) {
	n := nd.Elems(t.Shape)
	if n != max(len(t.F), len(t.I)) || len(t.F) > 0 && len(t.I) > 0 {
		return nil, fmt.Errorf("shape %v and %d floats, %d integers", t.Shape, len(t.F), len(t.I))
	}
	b := make([]byte, 0, 8*n+len(name)+64)
	for _, d := range t.Shape {
		b = putInt(b, 1, uint64(d))
	}
	code, size, ok := int64(0), 0, false
	for c, e := range elements {
		if e.typ == t.Type {
			code, size, ok = c, e.size, true
		}
	}
	if !ok || n > 0 && t.Type.IsFloat() != (len(t.F) > 0) {
		return nil, fmt.Errorf("%s with %d floats, %d integers", t.Type, len(t.F), len(t.I))
	}
	b = putInt(b, 2, uint64(code))
	b = putText(b, 8, name)
	b = protowire.AppendTag(b, 9, protowire.BytesType)
	b = protowire.AppendVarint(b, uint64(n*size))
	le := binary.LittleEndian
	for _, v := range t.F {
		switch t.Type {
		case nd.Float32:
			b = le.AppendUint32(b, math.Float32bits(v))
		case nd.Float16:
			b = le.AppendUint16(b, nd.ToHalf(v))
		case nd.BFloat16:
			b = le.AppendUint16(b, nd.ToBFloat(v))
		case nd.Float64:
			b = le.AppendUint64(b, math.Float64bits(float64(v)))
		}
	}
	for _, v := range t.I {
		switch size {
		case 1:
			b = append(b, byte(v))
		case 2:
			b = le.AppendUint16(b, uint16(v))
		case 4:
			b = le.AppendUint32(b, uint32(v))
		case 8:
			b = le.AppendUint64(b, uint64(v))
		}
	}
	return b, nil
}

// DecodeTensor reads a TensorProto with its name.
func DecodeTensor(data []byte) (string, *nd.Tensor, error) {
	r := reader{budget: maxTotal}
	return r.tensor(field{typ: protowire.BytesType, bytes: data})
}

func encodeValue(v nd.Value) []byte {
	var shape, tensor []byte
	for c, e := range elements {
		if e.typ == v.Type {
			tensor = putInt(nil, 1, uint64(c))
		}
	}
	for i, d := range v.Shape {
		var dim []byte
		if d >= 0 {
			dim = putInt(nil, 1, uint64(d))
		} else {
			dim = putText(nil, 2, fmt.Sprintf("%s_%d", v.Name, i))
		}
		shape = putBytes(shape, 1, dim)
	}
	if v.Shape != nil {
		tensor = putBytes(tensor, 2, shape)
	}
	return putBytes(putText(nil, 1, v.Name), 2, putBytes(nil, 1, tensor))
}

func putInt(b []byte, id protowire.Number, v uint64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(b, id, protowire.VarintType), v)
}

func putText(b []byte, id protowire.Number, s string) []byte {
	return protowire.AppendString(protowire.AppendTag(b, id, protowire.BytesType), s)
}

func putBytes(b []byte, id protowire.Number, v []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(b, id, protowire.BytesType), v)
}
