package nd

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"likeness/tools/convert/failure"
)

// operator is what one kind of node means: attributes by name ("axes<13" is
// one that operator set 13 took away), the least and greatest number of
// inputs, the greatest number of outputs, the rule for types and shapes, and
// the computation. note tells users what is not done.
type operator struct {
	attrs  string
	in     int
	most   int // many: any number
	outs   int
	infer  func(c *call) error
	eval   func(c *call, y []*Tensor) error
	absent []int // inputs below in that may be left out all the same
	note   string
	from   int // first operator set that has it, 0: before 7
	before int // first operator set without it, 0: none
}

const many = 1 << 30

// operators holds the families, one in each op_ file.
var operators = collect(
	activationOperators, arithmeticOperators, compareOperators, variadicOperators,
	convOperators, transposedOperators, poolOperators, matmulOperators, normOperators, lrnOperators, softmaxOperators,
	reduceOperators, argOperators, shapeOperators, reshapeOperators, moveOperators, joinOperators,
	padOperators, sliceOperators, gatherOperators, castOperators, resizeOperators, depthOperators,
	quantiseOperators, integerOperators, microsoftOperators,
)

func collect(families ...map[string]operator) map[string]*operator {
	all := map[string]*operator{}
	for _, f := range families {
		for name, op := range f {
			if all[name] != nil {
				panic("nd: operator " + name + " is defined twice")
			}
			all[name] = &op
		}
	}
	return all
}

// key is the operator's name with its domain.
func (n *Node) key() string {
	if n.Domain == "" {
		return n.Op
	}
	return n.Domain + "." + n.Op
}

// Operators lists the operators that are supported, one line each: name, the
// operator sets that have it, attributes, and what is left out.
func Operators() []string {
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(operators)) {
		op := operators[name]
		line := name
		switch {
		case op.before != 0:
			line += fmt.Sprintf(" (opset 7 to %d)", op.before-1)
		case op.from > 7:
			line += fmt.Sprintf(" (opset %d on)", op.from)
		}
		if op.attrs != "" {
			line += ": " + strings.ReplaceAll(op.attrs, " ", ", ")
		}
		if op.note != "" {
			line += "; " + op.note
		}
		lines = append(lines, line)
	}
	return lines
}

// lookup finds a node's operator and checks what can be checked by counting.
func lookup(n *Node, opset int) (*operator, error) {
	op := operators[n.key()]
	if op == nil {
		return nil, n.unsupported(failure.Error{Code: failure.CodeOperator, Reason: fmt.Sprintf("the operator %s is not supported", n.key())})
	}
	if opset < op.from || op.before > 0 && opset >= op.before {
		return nil, fmt.Errorf("%s: operator set %d has no %s", n.Title(), opset, n.key())
	}
	for _, name := range slices.Sorted(maps.Keys(n.Attrs)) {
		if !op.hasAttr(name, opset) {
			return nil, n.unsupported(failure.Error{Code: failure.CodeAttribute, Attribute: name, Value: n.Attrs[name].Text()})
		}
	}
	if len(n.Inputs) < op.in || len(n.Inputs) > op.most {
		return nil, fmt.Errorf("%s: it has %d inputs, the operator takes %d to %d", n.Title(), len(n.Inputs), op.in, op.most)
	}
	if len(n.Outputs) == 0 {
		return nil, fmt.Errorf("%s: it has no output", n.Title())
	}
	if len(n.Outputs) > op.outs {
		return nil, n.unsupported(failure.Error{Code: failure.CodeUse, Reason: fmt.Sprintf("output %d is not supported", op.outs)})
	}
	return op, nil
}

func (op *operator) hasAttr(name string, opset int) bool {
	for a := range strings.FieldsSeq(op.attrs) {
		a, until, limited := strings.Cut(a, "<")
		if a == name {
			var n int
			fmt.Sscan(until, &n)
			return !limited || opset < n
		}
	}
	return false
}

// unsupported gives an error the node's place.
func (n *Node) unsupported(e failure.Error) error {
	e.Node, e.Operator = n.Name, n.Op
	if len(n.Outputs) > 0 {
		e.Tensor = n.Outputs[0]
	}
	return &e
}
