// Package nd is the common language of the importers: a float32 graph of
// tensors of any rank with the semantics of the ONNX operator set (NCHW
// convolutions, named inputs and outputs, attributes). tools/convert/onnx and
// tools/convert/tfjs read files into it, tools/convert lowers it to the
// engine's NHWC operators, and Eval runs it as the plain reference. It imports
// only the standard library.
package nd

// Type is the element type that a file declares. Floating-point types are held
// as float32; integers and booleans as int64.
type Type int

// Element types. The narrow ones matter to casts, saturation and wrap-around.
const (
	Float32 Type = iota
	Float16
	Float64
	Int8
	Int16
	Int32
	Int64
	Uint8
	Uint16
	Uint32
	Uint64
	Bool
)

// IsFloat reports whether values are in Tensor.F.
func (t Type) IsFloat() bool { return t <= Float64 }

// Tensor is a dense array in row-major order; a scalar has an empty Shape.
// Exactly one of F and I is in use, by Type.
type Tensor struct {
	Type  Type
	Shape []int
	F     []float32
	I     []int64
}

// Attr is the value of an attribute; the operator says which field counts.
type Attr struct {
	Int    int64
	Float  float32
	String string
	Ints   []int64
	Floats []float32
	Tensor *Tensor
}

// Node is one operator. An absent optional input or output is "".
type Node struct {
	Op, Domain, Name string // Domain "" is ONNX's own
	Inputs, Outputs  []string
	Attrs            map[string]Attr
}

// Value is an input or output of the graph. A dimension of -1 is not fixed by
// the file (a named or missing dimension).
type Value struct {
	Name  string
	Type  Type
	Shape []int // nil if the file declares none
}

// Graph is a network as read: nodes in an order in which each reads what was
// made before it (readers sort and refuse cycles).
type Graph struct {
	Name            string
	Opset           int // of ONNX's own domain
	Inputs, Outputs []Value
	Const           map[string]*Tensor // initialisers
	Nodes           []Node
}

// MaxElems bounds every tensor, checked before anything is allocated.
const MaxElems = 1 << 28

// Elems is the number of values of a shape, or -1 when a dimension is negative
// or the product passes MaxElems.
func Elems(shape []int) int {
	n := 1
	for _, d := range shape {
		if d < 0 || d > 0 && n > MaxElems/d {
			return -1
		}
		n *= d
	}
	return n
}
