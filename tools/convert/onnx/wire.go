package onnx

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"
)

// field is one field of a message: a number in num (varint, fixed32, fixed64)
// or bytes.
type field struct {
	id    protowire.Number
	typ   protowire.Type
	num   uint64
	bytes []byte // part of the file, not a copy
}

var errTruncated = errors.New("truncated or damaged: this is no ONNX file, or not the whole of it")

// message visits the fields of a message in order.
func message(b []byte, visit func(f field) error) error {
	for len(b) > 0 {
		id, typ, n := protowire.ConsumeTag(b)
		if n < 0 {
			return errTruncated
		}
		b = b[n:]
		f := field{id: id, typ: typ}
		switch typ {
		case protowire.VarintType:
			f.num, n = protowire.ConsumeVarint(b)
		case protowire.Fixed32Type:
			var v uint32
			v, n = protowire.ConsumeFixed32(b)
			f.num = uint64(v)
		case protowire.Fixed64Type:
			f.num, n = protowire.ConsumeFixed64(b)
		case protowire.BytesType:
			f.bytes, n = protowire.ConsumeBytes(b)
		default: // groups: none in onnx.proto
			n = protowire.ConsumeFieldValue(id, typ, b)
		}
		if n < 0 {
			return errTruncated
		}
		b = b[n:]
		if err := visit(f); err != nil {
			return err
		}
	}
	return nil
}

// want refuses a field whose encoding is not the one onnx.proto gives it.
func (f field) want(typ protowire.Type) error {
	if f.typ != typ {
		return fmt.Errorf("field %d has wire type %d instead of %d: %w", f.id, f.typ, typ, errTruncated)
	}
	return nil
}

func (f field) text(to *string) error {
	*to = string(f.bytes)
	return f.want(protowire.BytesType)
}

func (f field) int(to *int64) error {
	*to = int64(f.num)
	return f.want(protowire.VarintType)
}

func (f field) float(to *float32) error {
	*to = math.Float32frombits(uint32(f.num))
	return f.want(protowire.Fixed32Type)
}

// count is how many integers a packed field holds.
func (f field) count() (n int) {
	for _, b := range f.bytes {
		if b < 0x80 {
			n++
		}
	}
	return n
}

// ints appends a repeated integer field, packed or single.
func (f field) ints(to *[]int64) error {
	if f.typ == protowire.VarintType {
		*to = append(*to, int64(f.num))
		return nil
	}
	if err := f.want(protowire.BytesType); err != nil {
		return err
	}
	if *to == nil {
		*to = []int64{}
	}
	*to = slices.Grow(*to, f.count())
	for b := f.bytes; len(b) > 0; {
		v, n := protowire.ConsumeVarint(b)
		if n < 0 {
			return errTruncated
		}
		*to = append(*to, int64(v))
		b = b[n:]
	}
	return nil
}

// floats appends a repeated float field, packed or single.
func (f field) floats(to *[]float32) error {
	if f.typ == protowire.Fixed32Type {
		*to = append(*to, math.Float32frombits(uint32(f.num)))
		return nil
	}
	if err := f.want(protowire.BytesType); err != nil {
		return err
	}
	if len(f.bytes)%4 != 0 {
		return errTruncated
	}
	if *to == nil {
		*to = []float32{}
	}
	for b := f.bytes; len(b) > 0; b = b[4:] {
		*to = append(*to, math.Float32frombits(binary.LittleEndian.Uint32(b)))
	}
	return nil
}

// doubles appends a repeated double field, packed or single, as bits.
func (f field) doubles(to *[]float64) error {
	if f.typ == protowire.Fixed64Type {
		*to = append(*to, math.Float64frombits(f.num))
		return nil
	}
	if err := f.want(protowire.BytesType); err != nil {
		return err
	}
	if len(f.bytes)%8 != 0 {
		return errTruncated
	}
	for b := f.bytes; len(b) > 0; b = b[8:] {
		*to = append(*to, math.Float64frombits(binary.LittleEndian.Uint64(b)))
	}
	return nil
}
