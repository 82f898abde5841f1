package convert

import (
	"encoding/binary"
	"fmt"
	"math"

	flatbuffers "github.com/google/flatbuffers/go"
)

// The tables of TensorFlow Lite's schema (tensorflow/lite/schema/schema.fbs),
// as far as they are read. Fields are numbered in the schema's order.

// table reads fields of a FlatBuffers table. The runtime panics on offsets
// outside the file; FromTFLite turns that into an error. budget is how many
// more bytes of vectors and strings may be copied: a file whose offsets all
// point at one long vector must not multiply it.
type table struct {
	flatbuffers.Table
	budget *int
}

func root(data []byte) table {
	budget := 4 * len(data)
	return table{flatbuffers.Table{Bytes: data, Pos: flatbuffers.GetUOffsetT(data)}, &budget}
}

func (t table) at(pos flatbuffers.UOffsetT) table {
	return table{flatbuffers.Table{Bytes: t.Bytes, Pos: pos}, t.budget}
}

func (t table) spend(n int) {
	if *t.budget -= n; *t.budget < 0 {
		panic("its vectors overlap")
	}
}

func (t table) field(i int) flatbuffers.UOffsetT {
	return flatbuffers.UOffsetT(t.Offset(flatbuffers.VOffsetT(4 + 2*i)))
}

func (t table) int32(i int, def int32) int32 {
	if o := t.field(i); o != 0 {
		return t.GetInt32(t.Pos + o)
	}
	return def
}

func (t table) int8(i int) int8 {
	if o := t.field(i); o != 0 {
		return t.GetInt8(t.Pos + o)
	}
	return 0
}

func (t table) float32(i int) float32 {
	if o := t.field(i); o != 0 {
		return t.GetFloat32(t.Pos + o)
	}
	return 0
}

func (t table) string(i int) string {
	if o := t.field(i); o != 0 {
		b := t.ByteVector(t.Pos + o)
		t.spend(len(b))
		return string(b)
	}
	return ""
}

func (t table) table(i int) (table, bool) {
	o := t.field(i)
	if o == 0 {
		return table{}, false
	}
	return t.at(t.Indirect(t.Pos + o)), true
}

// vector returns the position and length of a vector whose elements fit into
// the file.
func (t table) vector(i, size int) (flatbuffers.UOffsetT, int) {
	o := t.field(i)
	if o == 0 {
		return 0, 0
	}
	at, n := t.Vector(o), t.VectorLen(o)
	if n < 0 || int(at) > len(t.Bytes) || n > (len(t.Bytes)-int(at))/size {
		panic(fmt.Sprintf("a vector of %d elements does not fit the file", n))
	}
	t.spend(n * (size &^ 1)) // bytes are not copied
	return at, n
}

func (t table) bytes(i int) []byte {
	at, n := t.vector(i, 1)
	return t.Bytes[at : int(at)+n]
}

func (t table) int32s(i int) []int {
	at, n := t.vector(i, 4)
	v := make([]int, n)
	for j := range v {
		v[j] = int(t.GetInt32(at + flatbuffers.UOffsetT(4*j)))
	}
	return v
}

func (t table) tables(i int) []table {
	at, n := t.vector(i, 4)
	v := make([]table, n)
	for j := range v {
		v[j] = t.at(t.Indirect(at + flatbuffers.UOffsetT(4*j)))
	}
	return v
}

// Tensor types of the schema.
const (
	typeFloat32 = 0
	typeFloat16 = 1
	typeInt32   = 2
	typeUint8   = 3
	typeInt64   = 4
	typeInt8    = 9
)

// liteTensor is one tensor of the file.
type liteTensor struct {
	name   string
	sparse bool
	shape  []int
	typ    int8
	data   []byte // constant data, or nil
	scale  []float64
	zero   []int64
	axis   int // of per-channel scales
	origin int // constant tensor this one is a dequantised copy of, or -1
}

func readTensor(t table, buffers []table) liteTensor {
	lt := liteTensor{name: t.string(3), shape: t.int32s(0), typ: t.int8(1), origin: -1}
	if b := int(uint32(t.int32(2, 0))); b > 0 && b < len(buffers) {
		if d := buffers[b].bytes(0); len(d) > 0 {
			lt.data = d
		}
	}
	if q, ok := t.table(4); ok {
		at, n := q.vector(2, 4)
		for j := range n {
			lt.scale = append(lt.scale, float64(q.GetFloat32(at+flatbuffers.UOffsetT(4*j))))
		}
		at, n = q.vector(3, 8)
		for j := range n {
			lt.zero = append(lt.zero, q.GetInt64(at+flatbuffers.UOffsetT(8*j)))
		}
		lt.axis = int(q.int32(6, 0))
	}
	_, lt.sparse = t.table(6)
	return lt
}

// elems multiplies the shape, or returns -1 when that is absurd.
func (t *liteTensor) elems() int {
	n := 1
	for _, d := range t.shape {
		if d < 1 || n > math.MaxInt32/d {
			return -1
		}
		n *= d
	}
	return n
}

// floats widens constant data to float32.
func (t *liteTensor) floats() ([]float32, error) {
	size := map[int8]int{typeFloat32: 4, typeFloat16: 2, typeInt32: 4, typeInt64: 8, typeUint8: 1, typeInt8: 1}[t.typ]
	n := t.elems()
	if t.sparse {
		return nil, fmt.Errorf("constant %q is stored sparsely, which is not supported", t.name)
	}
	if size == 0 || n < 0 || len(t.data) != n*size {
		return nil, fmt.Errorf("constant %q of type %d and shape %v has %d bytes", t.name, t.typ, t.shape, len(t.data))
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
	v := make([]float32, n)
	for i := range v {
		switch t.typ {
		case typeFloat32:
			v[i] = math.Float32frombits(binary.LittleEndian.Uint32(t.data[4*i:]))
		case typeFloat16:
			v[i] = half(binary.LittleEndian.Uint16(t.data[2*i:]))
		case typeInt32:
			v[i] = float32(t.real(i/inner, int64(int32(binary.LittleEndian.Uint32(t.data[4*i:])))))
		case typeInt64:
			v[i] = float32(t.real(i/inner, int64(binary.LittleEndian.Uint64(t.data[8*i:]))))
		case typeUint8:
			v[i] = float32(t.real(i/inner, int64(t.data[i])))
		case typeInt8:
			v[i] = float32(t.real(i/inner, int64(int8(t.data[i]))))
		}
		if v[i] != v[i] || math.IsInf(float64(v[i]), 0) {
			return nil, fmt.Errorf("constant %q holds %g at %d", t.name, v[i], i)
		}
	}
	return v, nil
}

// declared is the range of real values that a quantised activation can take.
func (t *liteTensor) declared() (lo, hi float64, ok bool) {
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
func (t *liteTensor) real(channel int, q int64) float64 {
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

// half widens IEEE 754 binary16.
func half(h uint16) float32 {
	sign, exp, frac := uint32(h>>15)<<31, int(h>>10&31), uint32(h&1023)
	switch exp {
	case 0:
		return math.Float32frombits(sign) + float32(math.Copysign(math.Ldexp(float64(frac), -24), 1-2*float64(h>>15)))
	case 31:
		return math.Float32frombits(sign | 0x7f800000 | frac<<13)
	}
	return math.Float32frombits(sign | uint32(exp+112)<<23 | frac<<13)
}
