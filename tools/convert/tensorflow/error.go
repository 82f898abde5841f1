package tensorflow

import (
	"fmt"
	"strings"
)

// Error says what a file holds that cannot be read or is not supported, and
// where: the node or layer, its operator or class, and the attribute.
type Error struct {
	Node, Op, Attr string // "" where there is none
	Msg            string
}

// Error is the message with its place.
func (e *Error) Error() string {
	var b strings.Builder
	if e.Node != "" || e.Op != "" {
		fmt.Fprintf(&b, "node %q (%s)", e.Node, e.Op)
		if e.Attr != "" {
			fmt.Fprintf(&b, ", %s", e.Attr)
		}
		b.WriteString(": ")
	}
	return b.String() + e.Msg
}

// bailout carries an *Error from deep inside a translation to catch; it never
// leaves the package.
type bailout struct{ err error }

// Attempt runs a part of the translation and gives its error.
func Attempt(f func()) (err error) {
	defer Catch(&err)
	f()
	return nil
}

// Catch turns a bailout into the error of the function that defers it. Other
// panics are mistakes of this package and pass.
func Catch(err *error) {
	switch r := recover().(type) {
	case nil:
	case bailout:
		*err = r.err
	default:
		panic(r)
	}
}

// Bail leaves the translation of the current node, for the reason given.
func Bail(err error) { panic(bailout{err}) }
