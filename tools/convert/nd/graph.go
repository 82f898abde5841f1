// Package nd is the common language of the importers: a float32 graph of
// tensors of any rank with the semantics of the ONNX operator set (NCHW
// convolutions, named inputs and outputs, attributes). tools/convert/onnx,
// tfjs and tflite read files into it, tools/convert/lower lowers it to the
// engine's NHWC operators, and Eval runs it as the plain reference. It imports
// the standard library, gonum's matrix product and tools/convert/guard.
package nd

import (
	"fmt"
	"maps"
	"slices"

	"likeness/tools/convert/failure"
)

// Type is the element type that a file declares. Floating-point types are held
// as float32; integers and booleans as int64.
type Type int

// Element types. The narrow ones matter to casts, saturation and wrap-around.
const (
	Float32 Type = iota
	Float16
	BFloat16
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

var typeNames = [...]string{"float32", "float16", "bfloat16", "float64",
	"int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "bool"}

func (t Type) String() string {
	if t < 0 || int(t) >= len(typeNames) {
		return fmt.Sprintf("type %d", int(t))
	}
	return typeNames[t]
}

// Tensor is a dense array in row-major order; a scalar has an empty Shape.
// Exactly one of F and I is in use, by Type.
type Tensor struct {
	Type  Type
	Shape []int
	F     []float32
	I     []int64
	Fault error // why it cannot be used, found when it was read
}

// Kind says which field of an Attr counts.
type Kind int

// Kinds of attributes.
const (
	KindUnset Kind = iota // the field that is not zero; a zero is an integer
	KindInt
	KindFloat
	KindString
	KindInts
	KindFloats
	KindTensor
	KindGraph
)

func (k Kind) String() string {
	return [...]string{"unset", "integer", "float", "string", "list of integers", "list of floats", "tensor", "graph"}[k]
}

// Attr is the value of an attribute. Int, Float and the like make one.
type Attr struct {
	Kind   Kind
	Int    int64
	Float  float32
	String string
	Ints   []int64
	Floats []float32
	Tensor *Tensor
	Graph  *Graph // a branch of If
}

// Int is an integer attribute; a truth value is 0 or 1.
func Int(v int) Attr { return Attr{Kind: KindInt, Int: int64(v)} }

// Float is a floating-point attribute.
func Float(v float32) Attr { return Attr{Kind: KindFloat, Float: v} }

// String is a text attribute.
func String(v string) Attr { return Attr{Kind: KindString, String: v} }

// Ints is a list attribute.
func Ints(v ...int) Attr {
	a := Attr{Kind: KindInts, Ints: make([]int64, len(v))}
	for i, x := range v {
		a.Ints[i] = int64(x)
	}
	return a
}

// Floats is a list attribute.
func Floats(v ...float32) Attr { return Attr{Kind: KindFloats, Floats: v} }

// TensorAttr is a tensor attribute, as Constant has.
func TensorAttr(t *Tensor) Attr { return Attr{Kind: KindTensor, Tensor: t} }

// Of is the attribute's kind, found from its value where Kind is unset.
func (a Attr) Of() Kind {
	switch {
	case a.Kind != KindUnset:
		return a.Kind
	case a.Tensor != nil:
		return KindTensor
	case a.Graph != nil:
		return KindGraph
	case a.Ints != nil:
		return KindInts
	case a.Floats != nil:
		return KindFloats
	case a.String != "":
		return KindString
	case a.Float != 0:
		return KindFloat
	}
	return KindInt
}

// Text is the value as messages show it.
func (a Attr) Text() string {
	switch a.Of() {
	case KindFloat:
		return fmt.Sprint(a.Float)
	case KindString:
		return fmt.Sprintf("%q", a.String)
	case KindInts:
		return fmt.Sprint(a.Ints)
	case KindFloats:
		return fmt.Sprint(a.Floats)
	case KindTensor:
		return fmt.Sprintf("tensor %v", a.Tensor.Shape)
	case KindGraph:
		return "a graph"
	}
	return fmt.Sprint(a.Int)
}

// Node is one operator. An absent optional input or output is "".
type Node struct {
	Op, Domain, Name string // Domain "" is ONNX's own
	Inputs, Outputs  []string
	Attrs            map[string]Attr
	// Fault is why the node cannot be run, found when it was read. It matters only
	// to those who need the node.
	Fault error
}

// Title names the node in messages: its operator, and its name or the value
// it makes.
func (n *Node) Title() string {
	made := ""
	if len(n.Outputs) > 0 {
		made = n.Outputs[0]
	}
	return failure.Title(n.Op, n.Name, made)
}

// Value is an input or output of the graph. A dimension of -1 is not fixed by
// the file (a named or missing dimension).
type Value struct {
	Name  string
	Type  Type
	Shape []int // nil if the file declares none
	Fault error // why it is no value that can be read or made
}

// Graph is a network as read: nodes in an order in which each reads what was
// made before it (readers sort and refuse cycles).
type Graph struct {
	Name            string
	Opset           int // of ONNX's own domain
	Inputs, Outputs []Value
	Const           map[string]*Tensor // initialisers
	Nodes           []Node

	// Inner: names of values are the reader's own; layers are called as their nodes.
	Inner bool
	// Ranges are the least and the greatest real number that a quantised file
	// declares for values, by name. They are what such values may hold, no clamp.
	Ranges map[string][2]float64
	// Steps are the distances between the numbers of constants that were integers
	// in the file, by name: one, or one for each output channel.
	Steps map[string][]float64
}

// Fault is the first thing in the graph that cannot be used, or nil.
func (g *Graph) Fault() error {
	for i := range g.Nodes {
		if err := g.Nodes[i].Fault; err != nil {
			return err
		}
	}
	for _, v := range g.Outputs {
		if v.Fault != nil {
			return v.Fault
		}
	}
	for _, name := range slices.Sorted(maps.Keys(g.Const)) {
		if err := g.Const[name].Fault; err != nil {
			return err
		}
	}
	return nil
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
