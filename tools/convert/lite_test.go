package convert

import (
	"encoding/binary"
	"math"

	flatbuffers "github.com/google/flatbuffers/go"
)

// lite describes a TensorFlow Lite file for tests. Tensor 0 is the input,
// the last operator's output is the output.
type lite struct {
	tensors []liteT
	ops     []liteO
	custom  string // name of the custom operator, code 32
}

// liteT is a tensor; data makes it a constant.
type liteT struct {
	name  string
	shape []int32
	typ   int8
	data  []byte
	scale []float32
	zero  []int64
	axis  int32
}

// liteO is an operator; fields are its options in the schema's order.
type liteO struct {
	code    int32
	in, out []int32
	fields  []any // int32, int8 or float32
}

func f32(v ...float32) (b []byte) {
	for _, x := range v {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
	}
	return b
}

func i32(v ...int32) (b []byte) {
	for _, x := range v {
		b = binary.LittleEndian.AppendUint32(b, uint32(x))
	}
	return b
}

func i64(v ...int64) (b []byte) {
	for _, x := range v {
		b = binary.LittleEndian.AppendUint64(b, uint64(x))
	}
	return b
}

// file writes the FlatBuffers file.
func (l *lite) file() []byte {
	b := flatbuffers.NewBuilder(1024)
	buffers := []flatbuffers.UOffsetT{makeTable(b, nil)}
	var tensors, ops, codes []flatbuffers.UOffsetT
	for _, t := range l.tensors {
		buffer := int32(0)
		if t.data != nil {
			data := b.CreateByteVector(t.data)
			buffer = int32(len(buffers))
			buffers = append(buffers, makeTable(b, []any{data}))
		}
		fields := []any{int32s(b, t.shape), t.typ, buffer, b.CreateString(t.name)}
		if t.scale != nil {
			fields = append(fields, makeTable(b, []any{nil, nil, float32s(b, t.scale), int64s(b, t.zero), nil, nil, t.axis}))
		}
		tensors = append(tensors, makeTable(b, fields))
	}
	for i, o := range l.ops {
		fields := []any{int32(i), int32s(b, o.in), int32s(b, o.out)}
		if o.fields != nil {
			fields = append(fields, int8(1), makeTable(b, o.fields))
		}
		ops = append(ops, makeTable(b, fields))
		code := []any{int8(min(o.code, 127)), nil, nil, o.code}
		if o.code == 32 {
			code[1] = b.CreateString(l.custom)
		}
		codes = append(codes, makeTable(b, code))
	}
	last := l.ops[len(l.ops)-1]
	sub := makeTable(b, []any{tableVector(b, tensors), int32s(b, []int32{0}), int32s(b, last.out), tableVector(b, ops)})
	root := makeTable(b, []any{int32(3), tableVector(b, codes), tableVector(b, []flatbuffers.UOffsetT{sub}), nil, tableVector(b, buffers)})
	b.FinishWithFileIdentifier(root, []byte("TFL3"))
	return b.FinishedBytes()
}

func makeTable(b *flatbuffers.Builder, fields []any) flatbuffers.UOffsetT {
	b.StartObject(len(fields))
	for i, f := range fields {
		switch v := f.(type) {
		case int32:
			b.PrependInt32Slot(i, v, v+1)
		case int8:
			b.PrependInt8Slot(i, v, v+1)
		case float32:
			b.PrependFloat32Slot(i, v, v+1)
		case flatbuffers.UOffsetT:
			b.PrependUOffsetTSlot(i, v, 0)
		}
	}
	return b.EndObject()
}

func vectorOf[T any](b *flatbuffers.Builder, size int, v []T, prepend func(T)) flatbuffers.UOffsetT {
	b.StartVector(size, len(v), size)
	for i := len(v) - 1; i >= 0; i-- {
		prepend(v[i])
	}
	return b.EndVector(len(v))
}

func int32s(b *flatbuffers.Builder, v []int32) flatbuffers.UOffsetT {
	return vectorOf(b, 4, v, b.PrependInt32)
}

func int64s(b *flatbuffers.Builder, v []int64) flatbuffers.UOffsetT {
	return vectorOf(b, 8, v, b.PrependInt64)
}

func float32s(b *flatbuffers.Builder, v []float32) flatbuffers.UOffsetT {
	return vectorOf(b, 4, v, b.PrependFloat32)
}

func tableVector(b *flatbuffers.Builder, v []flatbuffers.UOffsetT) flatbuffers.UOffsetT {
	return vectorOf(b, 4, v, b.PrependUOffsetT)
}

// chain is a file under construction, a picture of h x w at its start.
type chain struct {
	lite
	last int32
}

func newChain(h, w int32) *chain {
	return &chain{lite: lite{tensors: []liteT{{name: "input", shape: []int32{1, h, w, 3}}}}}
}

// constant adds a float32 constant.
func (c *chain) constant(name string, shape []int32, v ...float32) int32 {
	return c.tensor(liteT{name: name, shape: shape, data: f32(v...)})
}

func (c *chain) tensor(t liteT) int32 {
	c.tensors = append(c.tensors, t)
	return int32(len(c.tensors) - 1)
}

// op adds an operator on the last result and further inputs.
func (c *chain) op(code int32, name string, shape []int32, more []int32, fields ...any) int32 {
	return c.on(code, name, shape, append([]int32{c.last}, more...), fields...)
}

// on adds an operator on the given inputs.
func (c *chain) on(code int32, name string, shape []int32, in []int32, fields ...any) int32 {
	out := c.tensor(liteT{name: name, shape: shape})
	c.ops = append(c.ops, liteO{code, in, []int32{out}, fields})
	c.last = out
	return out
}

// ramp is n small values of both signs that no permutation leaves unchanged.
func ramp(n int) []float32 {
	v := make([]float32, n)
	for i := range v {
		v[i] = float32((i*37+11)%101-50) / 100
	}
	return v
}

// conv adds a CONV_2D with ramp weights and the given fused activation.
func (c *chain) conv(name string, outShape []int32, kh, kw, in, stride int32, padding, act int8) int32 {
	o := outShape[3]
	w := c.constant(name+"/w", []int32{o, kh, kw, in}, ramp(int(o*kh*kw*in))...)
	b := c.constant(name+"/b", []int32{o}, ramp(int(o))...)
	return c.op(3, name, outShape, []int32{w, b}, padding, stride, stride, act, int32(1), int32(1))
}
