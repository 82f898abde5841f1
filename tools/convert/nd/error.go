package nd

import "fmt"

// UnsupportedError names what of a graph cannot be run or converted: a whole
// operator, or the value of one of its attributes.
type UnsupportedError struct {
	Node  string // as Node.Title gives it
	Op    string // with its domain, if that is not ONNX's own
	Attr  string // "" when the operator itself is not supported
	Value string // of the attribute, or what else is not supported
}

func (e *UnsupportedError) Error() string {
	switch {
	case e.Attr != "":
		return fmt.Sprintf("%s: %s=%s is not supported", e.Node, e.Attr, e.Value)
	case e.Value != "":
		return fmt.Sprintf("%s: %s not supported", e.Node, e.Value)
	}
	return fmt.Sprintf("%s: the operator %s is not supported", e.Node, e.Op)
}
