package tflite

import (
	"encoding/binary"
	"fmt"
	"math"

	"likeness/tools/convert/flatbuffer"
	"likeness/tools/convert/nd"
)

// Tensor types of the schema.
const (
	typeFloat32 = 0
	typeFloat16 = 1
	typeInt32   = 2
	typeUint8   = 3
	typeInt64   = 4
	typeInt8    = 9
)

// sizes are the bytes of a number of each type that constants may have.
var sizes = map[int8]int{typeFloat32: 4, typeFloat16: 2, typeInt32: 4, typeInt64: 8, typeUint8: 1, typeInt8: 1}

// tensor is one tensor of the file.
type tensor struct {
	name   string
	shape  []int
	typ    int8
	data   []byte // constant data, or nil
	scale  []float64
	zero   []int64
	axis   int     // of per-channel scales
	sparse *sparse // how data lies, where zeros are left out
	origin int     // constant tensor this one is a copy of, with wider numbers or zeros, or -1
}

func readTensor(t flatbuffer.Table, buffers []flatbuffer.Table) tensor {
	out := tensor{name: t.String(3), shape: t.Int32s(0), typ: t.Int8(1), origin: -1}
	if b := int(uint32(t.Int32(2, 0))); b > 0 && b < len(buffers) {
		if d := buffers[b].Bytes(0); len(d) > 0 {
			out.data = d
		}
	}
	if q, ok := t.Table(4); ok {
		out.scale, out.zero, out.axis = q.Floats(2), q.Int64s(3), int(q.Int32(6, 0))
	}
	if s, ok := t.Table(6); ok {
		out.sparse = readSparse(s)
	}
	return out
}

// elems multiplies the shape, or returns -1 when that is absurd.
func (t *tensor) elems() int {
	n := 1
	for _, d := range t.shape {
		if d < 1 || n > math.MaxInt32/d {
			return -1
		}
		n *= d
	}
	return n
}

// bytes are the constant's numbers, zeros included.
func (t *tensor) bytes() ([]byte, error) {
	size, n := sizes[t.typ], t.elems()
	if size == 0 || n < 0 {
		return nil, fmt.Errorf("constant %q of type %d and shape %v is not supported", t.name, t.typ, t.shape)
	}
	data := t.data
	if t.sparse != nil {
		var err error
		if data, err = t.sparse.dense(t, size); err != nil {
			return nil, fmt.Errorf("constant %q, stored sparsely: %w", t.name, err)
		}
	}
	if len(data) != n*size {
		return nil, fmt.Errorf("constant %q of type %d and shape %v has %d bytes", t.name, t.typ, t.shape, len(data))
	}
	return data, nil
}

// whole reads number i of a constant of integers.
func (t *tensor) whole(data []byte, i int) int64 {
	switch t.typ {
	case typeInt32:
		return int64(int32(binary.LittleEndian.Uint32(data[4*i:])))
	case typeInt64:
		return int64(binary.LittleEndian.Uint64(data[8*i:]))
	case typeUint8:
		return int64(data[i])
	}
	return int64(int8(data[i]))
}

// integers widens a constant of integers that stand for themselves.
func (t *tensor) integers() (*nd.Tensor, error) {
	if t.typ == typeFloat32 || t.typ == typeFloat16 {
		return nil, fmt.Errorf("constant %q is of floats, integers are wanted", t.name)
	}
	data, err := t.bytes()
	if err != nil {
		return nil, err
	}
	out := &nd.Tensor{Type: nd.Int32, Shape: t.shape, I: make([]int64, t.elems())}
	for i := range out.I {
		out.I[i] = t.whole(data, i)
	}
	return out, nil
}

// floats widens constant data to float32.
func (t *tensor) floats() (*nd.Tensor, error) {
	data, err := t.bytes()
	if err != nil {
		return nil, err
	}
	inner := 1 // elements per step along the axis of scales
	if len(t.scale) > 1 {
		if t.axis < 0 || t.axis >= len(t.shape) || t.shape[t.axis] != len(t.scale) {
			return nil, fmt.Errorf("constant %q has %d scales along axis %d of %v", t.name, len(t.scale), t.axis, t.shape)
		}
		for _, d := range t.shape[t.axis+1:] {
			inner *= d
		}
	}
	v := make([]float32, t.elems())
	for i := range v {
		switch t.typ {
		case typeFloat32:
			v[i] = math.Float32frombits(binary.LittleEndian.Uint32(data[4*i:]))
		case typeFloat16:
			v[i] = nd.Half(binary.LittleEndian.Uint16(data[2*i:]))
		default:
			v[i] = float32(t.real(i/inner, t.whole(data, i)))
		}
		if v[i] != v[i] || math.IsInf(float64(v[i]), 0) {
			return nil, fmt.Errorf("constant %q holds %g at %d", t.name, v[i], i)
		}
	}
	return &nd.Tensor{Type: nd.Float32, Shape: t.shape, F: v}, nil
}

// declared is the range of real values that a quantised activation can take.
func (t *tensor) declared() (lo, hi float64, ok bool) {
	if len(t.scale) != 1 || !(t.scale[0] > 0 && t.scale[0] < 1e30) {
		return 0, 0, false
	}
	switch t.typ {
	case typeUint8:
		return t.real(0, 0), t.real(0, 255), true
	case typeInt8:
		return t.real(0, -128), t.real(0, 127), true
	}
	return 0, 0, false
}

// real dequantises one integer.
func (t *tensor) real(channel int, q int64) float64 {
	if len(t.scale) == 0 {
		return float64(q)
	}
	c := channel % len(t.scale)
	zero := int64(0)
	if len(t.zero) > 0 {
		zero = t.zero[c%len(t.zero)]
	}
	return float64(q-zero) * t.scale[c]
}
