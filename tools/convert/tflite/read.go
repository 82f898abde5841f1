package tflite

import (
	"encoding/binary"
	"fmt"
	"math"
)

// The tables of TensorFlow Lite's schema (tensorflow/lite/schema/schema.fbs),
// as far as they are read. Fields are numbered in the schema's order.

// table is a FlatBuffers table in the file. Every offset is checked: one that
// leads outside panics with a damage, which Read turns into an error.
// budget is how many more bytes of vectors and strings may be copied: a file
// whose offsets all point at one long vector must not multiply it.
type table struct {
	file   []byte
	pos    int
	budget *int
}

// damage is why a file cannot be read, thrown from deep inside it.
type damage string

func root(data []byte) table {
	budget := 4 * len(data)
	t := table{data, 0, &budget}
	return t.at(t.u32(0))
}

func (t table) at(pos int) table { return table{t.file, pos, t.budget} }

// bytesAt are n bytes of the file.
func (t table) bytesAt(pos, n int) []byte {
	if pos < 0 || n < 0 || pos > len(t.file) || n > len(t.file)-pos {
		panic(damage("an offset leads outside the file"))
	}
	return t.file[pos:][:n]
}

func (t table) u16(pos int) int { return int(binary.LittleEndian.Uint16(t.bytesAt(pos, 2))) }

// u32 is an unsigned number of 32 bits: an offset or a length.
func (t table) u32(pos int) int {
	v := binary.LittleEndian.Uint32(t.bytesAt(pos, 4))
	if v > math.MaxInt32 {
		panic(damage("an offset leads outside the file"))
	}
	return int(v)
}

func (t table) spend(n int) {
	if *t.budget -= n; *t.budget < 0 {
		panic(damage("its vectors overlap"))
	}
}

// field is the place of field i in the file, 0 if the table has none.
func (t table) field(i int) int {
	fields := t.pos - int(int32(binary.LittleEndian.Uint32(t.bytesAt(t.pos, 4)))) // the table's list of offsets
	if at := 4 + 2*i; at+2 <= t.u16(fields) {
		if o := t.u16(fields + at); o != 0 {
			return t.pos + o
		}
	}
	return 0
}

func (t table) int32(i int, def int32) int32 {
	if o := t.field(i); o != 0 {
		return int32(binary.LittleEndian.Uint32(t.bytesAt(o, 4)))
	}
	return def
}

func (t table) int8(i int) int8 {
	if o := t.field(i); o != 0 {
		return int8(t.bytesAt(o, 1)[0])
	}
	return 0
}

func (t table) float32(i int) float32 {
	if o := t.field(i); o != 0 {
		return t.floatAt(o)
	}
	return 0
}

func (t table) floatAt(pos int) float32 {
	return math.Float32frombits(binary.LittleEndian.Uint32(t.bytesAt(pos, 4)))
}

func (t table) int64At(pos int) int64 {
	return int64(binary.LittleEndian.Uint64(t.bytesAt(pos, 8)))
}

func (t table) string(i int) string {
	at, n := t.vector(i, 1)
	t.spend(n)
	return string(t.bytesAt(at, n))
}

func (t table) table(i int) (table, bool) {
	o := t.field(i)
	if o == 0 {
		return table{}, false
	}
	return t.at(o + t.u32(o)), true
}

// vector returns the position and length of a vector whose elements fit into
// the file.
func (t table) vector(i, size int) (at, n int) {
	o := t.field(i)
	if o == 0 {
		return 0, 0
	}
	at = o + t.u32(o)
	n = t.u32(at)
	if at += 4; n > (len(t.file)-at)/size {
		panic(damage(fmt.Sprintf("a vector of %d elements does not fit the file", n)))
	}
	t.spend(n * (size &^ 1)) // bytes are not copied
	return at, n
}

func (t table) bytes(i int) []byte {
	at, n := t.vector(i, 1)
	return t.bytesAt(at, n)
}

func (t table) int32s(i int) []int {
	at, n := t.vector(i, 4)
	v := make([]int, n)
	for j := range v {
		v[j] = int(int32(binary.LittleEndian.Uint32(t.bytesAt(at+4*j, 4))))
	}
	return v
}

// maxTables bounds a list of tables: the tensors, operators or buffers of the
// largest graph.
const maxTables = 1 << 16

func (t table) tables(i int) []table {
	at, n := t.vector(i, 4)
	if n > maxTables {
		panic(damage(fmt.Sprintf("a list of %d, at most %d are read", n, maxTables)))
	}
	v := make([]table, n)
	for j := range v {
		v[j] = t.at(at + 4*j + t.u32(at+4*j))
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
			lt.scale = append(lt.scale, float64(q.floatAt(at+4*j)))
		}
		at, n = q.vector(3, 8)
		for j := range n {
			lt.zero = append(lt.zero, q.int64At(at+8*j))
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
