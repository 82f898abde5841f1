package onnx

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"google.golang.org/protobuf/encoding/protowire"

	"likeness/tools/convert/nd"
)

// element is a TensorProto.DataType that is read: its size in raw_data and
// which typed field holds it otherwise (of TensorProto, by number).
type element struct {
	typ   nd.Type
	size  int
	typed protowire.Number
}

const (
	floatData  protowire.Number = 4
	int32Data  protowire.Number = 5
	int64Data  protowire.Number = 7
	doubleData protowire.Number = 10
	uint64Data protowire.Number = 11
)

var elements = map[int64]element{
	1:  {nd.Float32, 4, floatData},
	2:  {nd.Uint8, 1, int32Data},
	3:  {nd.Int8, 1, int32Data},
	4:  {nd.Uint16, 2, int32Data},
	5:  {nd.Int16, 2, int32Data},
	6:  {nd.Int32, 4, int32Data},
	7:  {nd.Int64, 8, int64Data},
	9:  {nd.Bool, 1, int32Data},
	10: {nd.Float16, 2, int32Data},
	11: {nd.Float64, 8, doubleData},
	12: {nd.Uint32, 4, uint64Data},
	13: {nd.Uint64, 8, uint64Data},
	16: {nd.BFloat16, 2, int32Data},
}

var refusedElements = map[int64]string{
	8: "strings", 14: "complex64", 15: "complex128", 17: "float8e4m3fn", 18: "float8e4m3fnuz",
	19: "float8e5m2", 20: "float8e5m2fnuz", 21: "uint4", 22: "int4", 23: "float4e2m1",
}

// tensorProto is the message as it stands in the file.
type tensorProto struct {
	name     string
	dims     []int64
	code     int64
	raw      []byte
	hasRaw   bool
	floats   []float32
	doubles  []float64
	ints     map[protowire.Number][]int64 // by field
	external map[string]string
	outside  int64 // data_location: 1 is external
	r        *reader
}

// tensor reads a TensorProto.
func (r *reader) tensor(f field) (string, *nd.Tensor, error) {
	if err := f.want(protowire.BytesType); err != nil {
		return "", nil, err
	}
	p := tensorProto{ints: map[protowire.Number][]int64{}, external: map[string]string{}, r: r}
	err := message(f.bytes, p.field)
	if err == nil {
		var t *nd.Tensor
		if t, err = r.convert(&p); err == nil {
			return p.name, t, nil
		}
	}
	return p.name, nil, fmt.Errorf("tensor %q: %w", p.name, err)
}

func (p *tensorProto) field(f field) error {
	switch f.id {
	case 1:
		if err := p.r.list(f); err != nil {
			return err
		}
		return f.ints(&p.dims)
	case 2:
		return f.int(&p.code)
	case 3:
		return fmt.Errorf("is stored in segments, which is not supported")
	case floatData:
		return f.floats(&p.floats)
	case int32Data, int64Data, uint64Data:
		if err := p.r.list(f); err != nil {
			return err
		}
		v := p.ints[f.id]
		err := f.ints(&v)
		p.ints[f.id] = v
		return err
	case doubleData:
		return f.doubles(&p.doubles)
	case 8:
		return f.text(&p.name)
	case 9:
		p.raw, p.hasRaw = f.bytes, true
		return f.want(protowire.BytesType)
	case 13: // external_data: StringStringEntryProto
		if err := errors.Join(p.r.part(1), f.want(protowire.BytesType)); err != nil {
			return err
		}
		var key, val string
		err := message(f.bytes, func(f field) error {
			switch f.id {
			case 1:
				return f.text(&key)
			case 2:
				return f.text(&val)
			}
			return nil
		})
		p.external[key] = val
		return err
	case 14:
		return f.int(&p.outside)
	}
	return nil
}

// convert checks the shape against what the message holds, then widens.
func (r *reader) convert(p *tensorProto) (*nd.Tensor, error) {
	e, ok := elements[p.code]
	if !ok {
		if why := refusedElements[p.code]; why != "" {
			return nil, refusal(fmt.Sprintf("elements of type %s are not supported", why))
		}
		return nil, fmt.Errorf("elements have type %d, which ONNX does not define", p.code)
	}
	if len(p.dims) > maxRank {
		return nil, fmt.Errorf("has %d dimensions, more than %d", len(p.dims), maxRank)
	}
	t := &nd.Tensor{Type: e.typ, Shape: make([]int, len(p.dims))}
	for i, d := range p.dims {
		if d < 0 || d > nd.MaxElems {
			return nil, fmt.Errorf("shape %v has a dimension outside 0 to %d", p.dims, nd.MaxElems)
		}
		t.Shape[i] = int(d)
	}
	n := nd.Elems(t.Shape)
	if n < 0 {
		return nil, fmt.Errorf("shape %v holds more than %d numbers", p.dims, nd.MaxElems)
	}
	held := int64(n) * 8
	if t.Type.IsFloat() {
		held = int64(n) * 4
	}
	if r.budget -= held; r.budget < 0 {
		return nil, fmt.Errorf("the weights together take more than %d bytes of memory", int64(maxTotal))
	}
	if p.outside == 1 {
		raw, err := r.external(p.external, n*e.size)
		if err != nil {
			return nil, err
		}
		p.raw, p.hasRaw = raw, true
	}
	if p.hasRaw {
		if len(p.raw) != n*e.size {
			return nil, fmt.Errorf("shape %v of %s needs %d bytes, the file holds %d", p.dims, e.typ, n*e.size, len(p.raw))
		}
		fromRaw(t, n, p.raw)
		return t, nil
	}
	return t, p.fromTyped(t, n, e)
}

// fromRaw widens little-endian values, n of them.
func fromRaw(t *nd.Tensor, n int, raw []byte) {
	le := binary.LittleEndian
	if t.Type.IsFloat() {
		t.F = make([]float32, n)
		for i := range t.F {
			switch t.Type {
			case nd.Float32:
				t.F[i] = math.Float32frombits(le.Uint32(raw[4*i:]))
			case nd.Float16:
				t.F[i] = nd.Half(le.Uint16(raw[2*i:]))
			case nd.BFloat16:
				t.F[i] = nd.BFloat(le.Uint16(raw[2*i:]))
			case nd.Float64:
				t.F[i] = float32(math.Float64frombits(le.Uint64(raw[8*i:])))
			}
		}
		return
	}
	t.I = make([]int64, n)
	for i := range t.I {
		switch t.Type {
		case nd.Int8:
			t.I[i] = int64(int8(raw[i]))
		case nd.Uint8:
			t.I[i] = int64(raw[i])
		case nd.Bool:
			t.I[i] = int64(min(raw[i], 1))
		case nd.Int16:
			t.I[i] = int64(int16(le.Uint16(raw[2*i:])))
		case nd.Uint16:
			t.I[i] = int64(le.Uint16(raw[2*i:]))
		case nd.Int32:
			t.I[i] = int64(int32(le.Uint32(raw[4*i:])))
		case nd.Uint32:
			t.I[i] = int64(le.Uint32(raw[4*i:]))
		case nd.Int64, nd.Uint64:
			t.I[i] = int64(le.Uint64(raw[8*i:]))
		}
	}
}

// fromTyped takes values from the field that the type is kept in.
func (p *tensorProto) fromTyped(t *nd.Tensor, n int, e element) error {
	ints := p.ints[e.typed]
	if have := map[protowire.Number]int{floatData: len(p.floats), doubleData: len(p.doubles)}[e.typed] + len(ints); have != n {
		return fmt.Errorf("shape %v needs %d numbers, the file holds %d", p.dims, n, have)
	}
	switch {
	case e.typed == floatData:
		t.F = p.floats
		if t.F == nil {
			t.F = []float32{}
		}
		return nil
	case t.Type.IsFloat():
		t.F = make([]float32, n)
		for i := range t.F {
			switch t.Type {
			case nd.Float64:
				t.F[i] = float32(p.doubles[i])
			case nd.Float16:
				t.F[i] = nd.Half(uint16(ints[i]))
			case nd.BFloat16:
				t.F[i] = nd.BFloat(uint16(ints[i]))
			}
		}
		return nil
	}
	t.I = ints
	if t.I == nil {
		t.I = []int64{}
	}
	for i, v := range ints {
		if w := nd.Wrap(t.Type, v); w != v && t.Type != nd.Bool {
			return fmt.Errorf("value %d at %d is not a %s", v, i, t.Type)
		} else {
			ints[i] = w
		}
	}
	return nil
}

// checkWeights marks weights with numbers that no trained network holds. A bound that is
// infinite in a clip or a padding is a bound, not a weight.
func checkWeights(g *nd.Graph) {
	bound := map[string]bool{}
	for i := range g.Nodes {
		n := &g.Nodes[i]
		for j, in := range n.Inputs {
			switch {
			case n.Op == "Clip" && j > 0, n.Op == "Pad" && j == 2, n.Op == "Min", n.Op == "Max":
				bound[in] = true
			}
		}
	}
	for name, t := range g.Const {
		if err := checkFinite(t, bound[name]); err != nil {
			t.Fault = cmp.Or(t.Fault, fmt.Errorf("weight %q %w", name, err))
		}
	}
	for i := range g.Nodes {
		n := &g.Nodes[i]
		if n.Op != "Constant" || len(n.Outputs) != 1 || n.Attrs["value"].Tensor == nil {
			continue
		}
		if err := checkFinite(n.Attrs["value"].Tensor, bound[n.Outputs[0]]); err != nil {
			n.Fault = cmp.Or(n.Fault, fmt.Errorf("the value of %s %w", n.Title(), err))
		}
	}
}

func checkFinite(t *nd.Tensor, bound bool) error {
	for i, v := range t.F {
		if v-v == 0 || bound && v == v && len(t.F) == 1 {
			continue
		}
		return fmt.Errorf("holds %v at %d of shape %v: the file is damaged or the training diverged", v, i, t.Shape)
	}
	return nil
}
