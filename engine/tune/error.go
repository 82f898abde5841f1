package tune

import (
	"context"
	"fmt"

	"likeness/engine/printable"
)

// Codes of Error; those of engine/learn for data and options are kept.
const (
	CodeLayer    = "tune-layer"    // the layer to train from is unknown, or not the end of a block
	CodeOperator = "tune-operator" // a layer cannot be trained
	CodeOptions  = "tune-options"  // options outside their range
	CodeDiverged = "tune-diverged" // learning got out of hand; the last good weights are kept
	CodeStopped  = "tune-stopped"  // the context has ended; the last good weights are kept
	CodeData     = "tune-data"     // what the cache holds does not fit
)

// Error says why nothing, or nothing more, can be learned and what to do.
type Error struct {
	Code string
	Msg  string
	Err  error
}

func (e *Error) Error() string { return e.Msg }
func (e *Error) Unwrap() error { return e.Err }

// ErrorCode is the code, for programs.
func (e *Error) ErrorCode() string { return e.Code }

func errorf(code, format string, args ...any) error {
	return &Error{Code: code, Msg: fmt.Sprintf(format, printable.Args(args)...)}
}

func stopped(ctx context.Context) error {
	return &Error{Code: CodeStopped, Msg: "learning was stopped: the weights of the last whole epoch are kept", Err: ctx.Err()}
}
