package learn

import "fmt"

// Codes of Error.
const (
	CodeData     = "learn-data"         // lengths that do not fit each other
	CodeClasses  = "learn-few-classes"  // fewer than two classes
	CodePictures = "learn-few-pictures" // a class of fewer than two pictures, see Error.Class
	CodeValue    = "learn-not-finite"   // NaN or infinite values among the vectors
	CodeDim      = "learn-dimension"    // a vector of another length
	CodeOptions  = "learn-options"      // options outside their range
	CodeDiverged = "learn-diverged"     // the loss is no number any more; the last good head is returned
	CodeAttach   = "learn-attach"       // the head and the network do not fit each other
	CodeStopped  = "learn-stopped"      // the context has ended; the head so far is returned
)

// Error says why nothing, or nothing more, can be learned and what to do.
type Error struct {
	Code  string
	Class string // the label of CodePictures
	Msg   string
	Err   error
}

func (e *Error) Error() string { return e.Msg }
func (e *Error) Unwrap() error { return e.Err }

// ErrorCode is the code, for programs.
func (e *Error) ErrorCode() string { return e.Code }

func errorf(code, format string, args ...any) error {
	return &Error{Code: code, Msg: fmt.Sprintf(format, args...)}
}

func stopped(err error) error {
	return &Error{Code: CodeStopped, Msg: "learning was stopped: what was learned so far is kept", Err: err}
}
