package tfjs

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

// attempt runs a part of the translation and gives its error.
func attempt(f func()) (err error) {
	defer catch(&err)
	f()
	return nil
}

// catch turns a bailout into the error of the function that defers it. Other
// panics are mistakes of this package and pass.
func catch(err *error) {
	switch r := recover().(type) {
	case nil:
	case bailout:
		*err = r.err
	default:
		panic(r)
	}
}
