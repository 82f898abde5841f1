package float

import (
	"fmt"
	"strings"
)

// UnsupportedError names what the importer cannot convert: a node, its operator
// and, where these are at fault, an attribute and its value.
type UnsupportedError struct {
	Node, Operator, Tensor string
	Attribute, Value       string
	Reason                 string
	Supported              []string // operators, where few enough to list
	Hint                   string   // what else to do
}

// Error says what is not supported, where, and what else to do.
func (e *UnsupportedError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "operator %s", e.Operator)
	if e.Node != "" {
		fmt.Fprintf(&b, " (node %q)", e.Node)
	}
	fmt.Fprintf(&b, ", which makes tensor %q, is not supported", e.Tensor)
	if e.Attribute != "" {
		fmt.Fprintf(&b, " with %s = %s", e.Attribute, e.Value)
	}
	if e.Reason != "" {
		b.WriteString(": " + e.Reason)
	}
	if e.Supported != nil {
		b.WriteString("; supported are " + strings.Join(e.Supported, ", "))
	} else {
		b.WriteString("; likeness convert --operators lists what is")
	}
	return b.String() + e.Hint
}
