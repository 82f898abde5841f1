// Package failure is the one shape of what the converter says when it cannot
// convert a network: a code that programs may go by, the place, what is wrong there
// and what to do.
package failure

import (
	"errors"
	"fmt"
	"strings"
)

// Codes of Error; Table says what each usually means.
const (
	CodeOperator  = "network-operator"
	CodeAttribute = "network-attribute"
	CodeUse       = "network-use"
	CodeFile      = "network-file"
	CodeInput     = "network-input"
	CodeLayer     = "network-layer"
	CodeSize      = "network-size"
	CodeEmpty     = "network-empty"
)

// Table has for each code what it usually means and what helps.
var Table = []struct{ Code, Means, Helps string }{
	{CodeOperator, "an operator that is not converted", "keep the network up to the layer before (--until), or express the operator in those that --operators lists"},
	{CodeAttribute, "an operator with a value of an attribute that is not converted", "export with another value, or keep the network up to the layer before"},
	{CodeUse, "an operator whose inputs have shapes or are computed in ways that are not converted", "as for operators"},
	{CodeFile, "a file that is damaged, contradicts itself or is of another kind", "download or export it again"},
	{CodeInput, "inputs that are not one picture", "give the others a value (--set), or keep only what reads the picture (--until)"},
	{CodeLayer, "a layer that is asked for and is not there", "take one of those that are named"},
	{CodeSize, "a network that takes too much memory", "convert it for smaller pictures (--size), or less of it (--until)"},
	{CodeEmpty, "nothing that is computed from the picture", "export the network again, with an output that is computed from the picture"},
}

// Error says what cannot be converted. All but Code and Reason may be empty.
type Error struct {
	Code             string
	Node, Operator   string // the node's name, and its operator with its domain
	Tensor           string // what the node makes, where it has no name
	Attribute, Value string // of the node, as the file has it
	Reason           string
	Hint             string // what else to do, after a semicolon
}

// Error is the place, what is wrong and what to do.
func (e *Error) Error() string {
	var b strings.Builder
	if title := Title(e.Operator, e.Node, e.Tensor); title != "" {
		b.WriteString(title + ": ")
	}
	switch {
	case e.Attribute != "" && e.Value != "":
		fmt.Fprintf(&b, "%s=%s is not supported", e.Attribute, e.Value)
		if e.Reason != "" {
			b.WriteString(": " + e.Reason)
		}
	case e.Attribute != "":
		b.WriteString(e.Attribute + ": " + e.Reason)
	default:
		b.WriteString(e.Reason)
	}
	return b.String() + e.Hint
}

// ErrorCode is the code, for programs.
func (e *Error) ErrorCode() string { return e.Code }

// Title names a node in messages: its operator, and its name or the value it
// makes.
func Title(operator, node, tensor string) string {
	switch {
	case operator == "" && node == "":
		return ""
	case operator == "":
		return fmt.Sprintf("node %q", node)
	case node == "" && tensor != "":
		return fmt.Sprintf("%s making %q", operator, tensor)
	}
	return fmt.Sprintf("%s %q", operator, node)
}

// New is an error without a place.
func New(code, format string, args ...any) *Error {
	return &Error{Code: code, Reason: fmt.Sprintf(format, args...)}
}

// Code is the code of an error of the converter. One without a place or a code of
// its own is of the file: CodeFile.
func Code(err error) string {
	if e := (*Error)(nil); errors.As(err, &e) {
		return e.Code
	}
	return CodeFile
}

// Helps is what helps with a code, "" for others than those of Table.
func Helps(code string) string {
	for _, row := range Table {
		if row.Code == code {
			return row.Helps
		}
	}
	return ""
}
