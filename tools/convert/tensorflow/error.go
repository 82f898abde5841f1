package tensorflow

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
