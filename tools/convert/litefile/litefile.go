// Package litefile writes TensorFlow Lite files, for tests and for tools/zoo.
package litefile

import (
	"encoding/binary"
	"math"

	flatbuffers "github.com/google/flatbuffers/go"
)

// Lite describes a TensorFlow Lite file for tests. Tensor 0 is the input,
// the last operator's output is the output.
type Lite struct {
	Tensors []Tensor
	Ops     []liteO
	Custom  string // name of the custom operator, code 32
	// Metadata is the buffer TFLITE_METADATA: see [Classifier].
	Metadata []byte
}

// Sparse leaves out zeros of a tensor: the order of its axes and blocks, the axes
// that blocks cut, and the places of each level.
type Sparse struct {
	Order, Blocks []int32
	Levels        []Level
}

// Level is an axis of so many places or, with segments, of those listed.
type Level struct {
	Size             int32
	Segments, Places []int32
}

// table is SparsityParameters of the schema.
func (s *Sparse) table(b *flatbuffers.Builder) flatbuffers.UOffsetT {
	var levels []flatbuffers.UOffsetT
	for _, l := range s.Levels {
		fields := []any{int8(0), l.Size}
		if l.Segments != nil {
			vector := func(v []int32) flatbuffers.UOffsetT { return makeTable(b, []any{int32s(b, v)}) }
			fields = []any{int8(1), int32(0), int8(1), vector(l.Segments), int8(1), vector(l.Places)}
		}
		levels = append(levels, makeTable(b, fields))
	}
	return makeTable(b, []any{int32s(b, s.Order), int32s(b, s.Blocks), tableVector(b, levels)})
}

// Tensor is a tensor; data makes it a constant.
type Tensor struct {
	Name   string
	Shape  []int32
	Type   int8
	Data   []byte
	Scale  []float32
	Zero   []int64
	Axis   int32
	Sparse *Sparse
}

// liteO is an operator; fields are its options in the schema's order.
type liteO struct {
	code    int32
	in, Out []int32
	fields  []any // int32, int8 or float32
}

// Float32s are the bytes of a constant.
func Float32s(v ...float32) (b []byte) {
	for _, x := range v {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
	}
	return b
}

// Int32s are the bytes of a constant.
func Int32s(v ...int32) (b []byte) {
	for _, x := range v {
		b = binary.LittleEndian.AppendUint32(b, uint32(x))
	}
	return b
}

// Int64s are the bytes of a constant.
func Int64s(v ...int64) (b []byte) {
	for _, x := range v {
		b = binary.LittleEndian.AppendUint64(b, uint64(x))
	}
	return b
}

// File writes the FlatBuffers file.
func (l *Lite) File() []byte {
	b := flatbuffers.NewBuilder(1024)
	buffers := []flatbuffers.UOffsetT{makeTable(b, nil)}
	var tensors, ops, codes []flatbuffers.UOffsetT
	for _, t := range l.Tensors {
		buffer := int32(0)
		if t.Data != nil {
			data := b.CreateByteVector(t.Data)
			buffer = int32(len(buffers))
			buffers = append(buffers, makeTable(b, []any{data}))
		}
		fields := []any{int32s(b, t.Shape), t.Type, buffer, b.CreateString(t.Name)}
		if t.Scale != nil {
			fields = append(fields, makeTable(b, []any{nil, nil, float32s(b, t.Scale), int64s(b, t.Zero), nil, nil, t.Axis}))
		}
		if t.Sparse != nil {
			fields = append(fields, make([]any, 6-len(fields))...)
			fields = append(fields, t.Sparse.table(b))
		}
		tensors = append(tensors, makeTable(b, fields))
	}
	for i, o := range l.Ops {
		fields := []any{int32(i), int32s(b, o.in), int32s(b, o.Out)}
		if o.fields != nil {
			fields = append(fields, int8(1), makeTable(b, o.fields))
		}
		ops = append(ops, makeTable(b, fields))
		code := []any{int8(min(o.code, 127)), nil, nil, o.code}
		if o.code == 32 {
			code[1] = b.CreateString(l.Custom)
		}
		codes = append(codes, makeTable(b, code))
	}
	last := l.Ops[len(l.Ops)-1]
	sub := makeTable(b, []any{tableVector(b, tensors), int32s(b, []int32{0}), int32s(b, last.Out), tableVector(b, ops)})
	var described any
	if l.Metadata != nil {
		buffers = append(buffers, makeTable(b, []any{b.CreateByteVector(l.Metadata)}))
		described = tableVector(b, []flatbuffers.UOffsetT{makeTable(b, []any{b.CreateString("TFLITE_METADATA"), int32(len(buffers) - 1)})})
	}
	root := makeTable(b, []any{int32(3), tableVector(b, codes), tableVector(b, []flatbuffers.UOffsetT{sub}), nil, tableVector(b, buffers), nil, described})
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

// Chain is a file under construction, a picture of h x w at its start.
type Chain struct {
	Lite
	Last int32
}

// New starts a chain on a picture [1 h w 3].
func New(h, w int32) *Chain {
	return &Chain{Lite: Lite{Tensors: []Tensor{{Name: "input", Shape: []int32{1, h, w, 3}}}}}
}

// Constant adds a float32 constant.
func (c *Chain) Constant(name string, shape []int32, v ...float32) int32 {
	return c.Tensor(Tensor{Name: name, Shape: shape, Data: Float32s(v...)})
}

// Tensor adds a tensor and gives its index.
func (c *Chain) Tensor(t Tensor) int32 {
	c.Tensors = append(c.Tensors, t)
	return int32(len(c.Tensors) - 1)
}

// Op adds an operator on the last result and further inputs.
func (c *Chain) Op(code int32, name string, shape []int32, more []int32, fields ...any) int32 {
	return c.On(code, name, shape, append([]int32{c.Last}, more...), fields...)
}

// On adds an operator on the given inputs.
func (c *Chain) On(code int32, name string, shape []int32, in []int32, fields ...any) int32 {
	out := c.Tensor(Tensor{Name: name, Shape: shape})
	c.Ops = append(c.Ops, liteO{code, in, []int32{out}, fields})
	c.Last = out
	return out
}

// Ramp is n small values of both signs that no permutation leaves unchanged.
func Ramp(n int) []float32 {
	v := make([]float32, n)
	for i := range v {
		v[i] = float32((i*37+11)%101-50) / 100
	}
	return v
}

// Conv adds a CONV_2D with ramp weights and the given fused activation.
func (c *Chain) Conv(name string, outShape []int32, kh, kw, in, stride int32, padding, act int8) int32 {
	o := outShape[3]
	w := c.Constant(name+"/w", []int32{o, kh, kw, in}, Ramp(int(o*kh*kw*in))...)
	b := c.Constant(name+"/b", []int32{o}, Ramp(int(o))...)
	return c.Op(3, name, outShape, []int32{w, b}, padding, stride, stride, act, int32(1), int32(1))
}

// Axes adds the constant axes of a mean over places.
func Axes(f *Chain) int32 {
	return f.Tensor(Tensor{Name: "axes", Shape: []int32{2}, Type: Int32, Data: Int32s(1, 2)})
}

// Connected appends a fully connected layer of ramp weights.
func (c *Chain) Connected(name string, out, in int32, act int8) {
	w := c.Constant(name+"/w", []int32{out, in}, Ramp(int(out*in))...)
	c.Op(9, name, []int32{1, out}, []int32{w, c.Constant(name+"/b", []int32{out}, Ramp(int(out))...)}, act)
}

// Uniform adds a convolution whose weights are all v.
func (c *Chain) Uniform(name string, side, out, k, in int32, v float32, act int8, bias ...float32) {
	w := make([]float32, out*k*k*in)
	for i := range w {
		w[i] = v
	}
	more := []int32{c.Constant(name+"/w", []int32{out, k, k, in}, w...)}
	if bias != nil {
		more = append(more, c.Constant(name+"/b", []int32{out}, bias...))
	}
	c.Op(3, name, []int32{1, side, side, out}, more, PadSame, int32(1), int32(1), act, int32(1), int32(1))
}

const (
	PadSame, PadValid = int8(0), int8(1)
	ActNone           = int8(0)
	ActReLU           = int8(1)
	ActN1To1          = int8(2)
	ActReLU6          = int8(3)
)

// Types of tensors of the schema.
const (
	Int32 = int8(2)
	Uint8 = int8(3)
)
