package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync/atomic"
	"syscall"
)

// app is where a command writes, and what tells it to stop.
type app struct {
	ctx    context.Context
	stdout *standardOut
	stderr io.Writer
	kept   atomic.Pointer[string] // see leaves
}

func newApp(ctx context.Context, stdout, stderr io.Writer) *app {
	return &app{ctx: ctx, stdout: &standardOut{w: stdout}, stderr: stderr}
}

// errInterrupted is what commands end in when they are told to stop.
var errInterrupted = errors.New("interrupted")

// interrupted describes the end of a command that was told to stop.
func (a *app) interrupted() error { return fmt.Errorf("%w; %s", errInterrupted, a.left()) }

// leaves says what stays if the command is interrupted from now on.
func (a *app) leaves(format string, args ...any) {
	s := fmt.Sprintf(format, args...)
	a.kept.Store(&s)
}

func (a *app) left() string {
	if s := a.kept.Load(); s != nil {
		return *s
	}
	return "nothing was written"
}

// say prints a line for people on standard error.
func (a *app) say(format string, args ...any) {
	fmt.Fprintln(a.stderr, forTerminal(fmt.Sprintf(format, args...)))
}

// text is standard output for people: safe for a terminal.
func (a *app) text() io.Writer { return &safeWriter{a.stdout} }

// interruptible abandons work that cannot be stopped by itself.
func (a *app) interruptible(work func() error) error {
	done := make(chan error, 1)
	go func() { done <- work() }()
	select {
	case err := <-done:
		return err
	case <-a.ctx.Done():
		return a.interrupted()
	}
}

// standardOut notices when its reader has gone away, or nothing more fits
// where it leads.
type standardOut struct {
	w      io.Writer
	closed atomic.Bool
	failed atomic.Pointer[error] // the last one
}

func (o *standardOut) Write(p []byte) (int, error) {
	n, err := o.w.Write(p)
	if isClosedPipe(err) {
		o.closed.Store(true)
	} else if err != nil {
		o.failed.Store(&err)
	}
	return n, err
}

// broken reports whether a command has ended because nobody reads its output
// any more.
func (a *app) broken() bool { return a.stdout.closed.Load() }

// lost is why something that was printed has not arrived, or nil.
func (a *app) lost() error {
	if err := a.stdout.failed.Load(); err != nil {
		return fmt.Errorf("standard output cannot be written: %w", cause(*err))
	}
	return nil
}

func isErrno(err error, want syscall.Errno) bool {
	var e syscall.Errno
	return errors.As(err, &e) && e == want
}

// isTerminal reports whether w is a terminal.
func isTerminal(w io.Writer) bool { return terminalOf(w) != nil }

// changesLines reports whether w is a terminal on which what was written can be
// replaced.
func changesLines(w io.Writer) bool {
	f := terminalOf(w)
	return f != nil && obeysEscapes(f)
}

func terminalOf(w io.Writer) *os.File {
	if o, ok := w.(*standardOut); ok {
		w = o.w
	}
	f, ok := w.(*os.File)
	if !ok || f.Name() == os.DevNull {
		return nil
	}
	if info, err := f.Stat(); err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return nil
	}
	return f
}
