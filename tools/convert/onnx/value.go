package onnx

import (
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"

	"likeness/tools/convert/nd"
)

// notTensor marks a value of a type that is no tensor, or of elements that are
// not numbers, until it is known whether a weight replaces it.
const notTensor nd.Type = -1

// value reads a ValueInfoProto.
func value(f field) (nd.Value, error) {
	v := nd.Value{Type: notTensor}
	if err := f.want(protowire.BytesType); err != nil {
		return v, err
	}
	err := message(f.bytes, func(f field) error {
		switch f.id {
		case 1:
			return f.text(&v.Name)
		case 2: // TypeProto
			if err := f.want(protowire.BytesType); err != nil {
				return err
			}
			return message(f.bytes, func(f field) error {
				if f.id != 1 { // another kind than tensor
					return nil
				}
				if err := f.want(protowire.BytesType); err != nil {
					return err
				}
				return tensorType(f.bytes, &v)
			})
		}
		return nil
	})
	if err != nil {
		return v, fmt.Errorf("value %q: %w", v.Name, err)
	}
	return v, nil
}

// tensorType reads a TypeProto.Tensor.
func tensorType(b []byte, v *nd.Value) error {
	return message(b, func(f field) error {
		switch f.id {
		case 1:
			var code int64
			if err := f.int(&code); err != nil {
				return err
			}
			if e, ok := elements[code]; ok {
				v.Type = e.typ
			}
		case 2:
			if err := f.want(protowire.BytesType); err != nil {
				return err
			}
			v.Shape = []int{}
			return message(f.bytes, func(f field) error {
				if f.id != 1 {
					return nil
				}
				if err := f.want(protowire.BytesType); err != nil {
					return err
				}
				if len(v.Shape) > maxRank { // refused by checkValue
					return nil
				}
				d, err := dimension(f.bytes)
				v.Shape = append(v.Shape, d)
				return err
			})
		}
		return nil
	})
}

// dimension reads a TensorShapeProto.Dimension: a number, a name, or nothing.
// Some exporters write 0 or -1 for what they do not know.
func dimension(b []byte) (int, error) {
	d := int64(-1)
	err := message(b, func(f field) error {
		if f.id == 1 {
			return f.int(&d)
		}
		return nil
	})
	if d < -1 || d > nd.MaxElems {
		return 0, fmt.Errorf("has a dimension of %d", d)
	}
	if d == 0 {
		d = -1
	}
	return int(d), err
}

func checkValue(v *nd.Value) error {
	if v.Type == notTensor {
		return fmt.Errorf("%q is no tensor of numbers, and only those are supported", v.Name)
	}
	if len(v.Shape) > maxRank {
		return fmt.Errorf("%q has %d dimensions, more than %d", v.Name, len(v.Shape), maxRank)
	}
	return nil
}
