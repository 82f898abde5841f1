package picture

import "fmt"

// Codes of Error.
const (
	CodeEmpty    = "picture-empty"     // no bytes
	CodeFormat   = "picture-format"    // not a picture, or of a kind that is not read
	CodeHEIC     = "picture-heic"      // HEIC or AVIF: only some browsers decode it
	CodeCorrupt  = "picture-corrupt"   // damaged or cut off
	CodeTooLarge = "picture-too-large" // more pixels than the limit
	CodeZeroSize = "picture-zero-size" // no width or no height
)

// Error says why a picture cannot be used and what to do.
type Error struct {
	Code string
	Msg  string
	Err  error
}

func (e *Error) Error() string { return e.Msg }
func (e *Error) Unwrap() error { return e.Err }

func errorf(code string, err error, format string, args ...any) error {
	return &Error{Code: code, Msg: fmt.Sprintf(format, args...), Err: err}
}
