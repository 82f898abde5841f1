// Package flatbuffer reads tables of FlatBuffers files, the form of TensorFlow
// Lite's networks and of the metadata in them
// (https://flatbuffers.dev/internals/). Fields are numbered in the schema's order.
// Files may be damaged or hostile: every offset is checked, and what is read of
// one is bounded by its size.
package flatbuffer

import (
	"encoding/binary"
	"fmt"
	"math"
)

// Table is a table in a file. What leads outside the file panics with a Damage;
// Catch makes an error of it. budget is how many more bytes of vectors and strings
// may be read: a file whose offsets all point at one long vector must not multiply
// it.
type Table struct {
	file   []byte
	pos    int
	budget *int
}

// Damage is why a file cannot be read.
type Damage string

func (d Damage) Error() string { return string(d) }

// Catch makes an error of a Damage, in a function that defers it. Other panics pass.
func Catch(err *error) {
	switch r := recover().(type) {
	case nil:
	case Damage:
		*err = r
	default:
		panic(r)
	}
}

// MaxTables bounds a list of tables: the tensors, operators or buffers of the
// largest graph.
const MaxTables = 1 << 16

// Root is the table that a file begins with.
func Root(data []byte) Table {
	budget := 4 * len(data)
	t := Table{data, 0, &budget}
	return t.at(t.u32(0))
}

func (t Table) at(pos int) Table { return Table{t.file, pos, t.budget} }

// bytesAt are n bytes of the file.
func (t Table) bytesAt(pos, n int) []byte {
	if pos < 0 || n < 0 || pos > len(t.file) || n > len(t.file)-pos {
		panic(Damage("an offset leads outside the file"))
	}
	return t.file[pos:][:n]
}

func (t Table) u16(pos int) int { return int(binary.LittleEndian.Uint16(t.bytesAt(pos, 2))) }

// u32 is an unsigned number of 32 bits: an offset or a length.
func (t Table) u32(pos int) int {
	v := binary.LittleEndian.Uint32(t.bytesAt(pos, 4))
	if v > math.MaxInt32 {
		panic(Damage("an offset leads outside the file"))
	}
	return int(v)
}

func (t Table) spend(n int) {
	if *t.budget -= n; *t.budget < 0 {
		panic(Damage("its vectors overlap"))
	}
}

// field is the place of field i in the file, 0 if the table has none.
func (t Table) field(i int) int {
	fields := t.pos - int(int32(binary.LittleEndian.Uint32(t.bytesAt(t.pos, 4)))) // the table's list of offsets
	if at := 4 + 2*i; at+2 <= t.u16(fields) {
		if o := t.u16(fields + at); o != 0 {
			return t.pos + o
		}
	}
	return 0
}

// Int32 is a number, def if the table has none.
func (t Table) Int32(i int, def int32) int32 {
	if o := t.field(i); o != 0 {
		return int32(binary.LittleEndian.Uint32(t.bytesAt(o, 4)))
	}
	return def
}

// Int8 is a number of one byte, 0 if the table has none.
func (t Table) Int8(i int) int8 {
	if o := t.field(i); o != 0 {
		return int8(t.bytesAt(o, 1)[0])
	}
	return 0
}

// Float32 is a number, 0 if the table has none.
func (t Table) Float32(i int) float32 {
	if o := t.field(i); o != 0 {
		return math.Float32frombits(binary.LittleEndian.Uint32(t.bytesAt(o, 4)))
	}
	return 0
}

// String is a text, "" if the table has none.
func (t Table) String(i int) string {
	at, n := t.vector(i, 1)
	t.spend(n)
	return string(t.bytesAt(at, n))
}

// Table is a table within the table; ok is false if there is none.
func (t Table) Table(i int) (in Table, ok bool) {
	o := t.field(i)
	if o == 0 {
		return Table{}, false
	}
	return t.at(o + t.u32(o)), true
}

// vector returns the position and length of a vector whose elements fit into
// the file.
func (t Table) vector(i, size int) (at, n int) {
	o := t.field(i)
	if o == 0 {
		return 0, 0
	}
	at = o + t.u32(o)
	n = t.u32(at)
	if at += 4; n > (len(t.file)-at)/size {
		panic(Damage(fmt.Sprintf("a vector of %d elements does not fit the file", n)))
	}
	t.spend(n*(size&^1) + 4) // bytes are not copied
	return at, n
}

// Bytes are a vector of bytes, in the file's own memory.
func (t Table) Bytes(i int) []byte {
	at, n := t.vector(i, 1)
	return t.bytesAt(at, n)
}

func vectorOf[T any](t Table, i, size int, read func([]byte) T) []T {
	at, n := t.vector(i, size)
	v := make([]T, n)
	for j := range v {
		v[j] = read(t.file[at+size*j:])
	}
	return v
}

// Int32s are a vector of 32-bit integers.
func (t Table) Int32s(i int) []int {
	return vectorOf(t, i, 4, func(b []byte) int { return int(int32(binary.LittleEndian.Uint32(b))) })
}

// Uint16s are a vector of 16-bit unsigned integers.
func (t Table) Uint16s(i int) []int {
	return vectorOf(t, i, 2, func(b []byte) int { return int(binary.LittleEndian.Uint16(b)) })
}

// Int64s are a vector of 64-bit integers.
func (t Table) Int64s(i int) []int64 {
	return vectorOf(t, i, 8, func(b []byte) int64 { return int64(binary.LittleEndian.Uint64(b)) })
}

// Floats are a vector of float32, widened.
func (t Table) Floats(i int) []float64 {
	return vectorOf(t, i, 4, func(b []byte) float64 { return float64(math.Float32frombits(binary.LittleEndian.Uint32(b))) })
}

// Tables are a vector of tables.
func (t Table) Tables(i int) []Table {
	at, n := t.vector(i, 4)
	if n > MaxTables {
		panic(Damage(fmt.Sprintf("a list of %d, at most %d are read", n, MaxTables)))
	}
	v := make([]Table, n)
	for j := range v {
		v[j] = t.at(at + 4*j + t.u32(at+4*j))
	}
	return v
}
