// Package guard keeps a panic of a reader or converter from a user: it becomes
// an error that names the file and asks for it. Such a panic is a fault of this
// program, so tests and fuzz targets call what is inside, unguarded.
package guard

import (
	"cmp"
	"errors"
	"fmt"
	"path"
	"runtime"
	"strings"
	"sync"

	"likeness/engine/printable"
	"likeness/tools/convert/failure"
)

// Fault is a panic that was caught.
type Fault struct {
	Value any
	At    string // file and line of this program, "" if unknown
}

func (f *Fault) Error() string {
	text, at := printable.Message(printable.Clip(fmt.Sprint(f.Value))), f.At
	if at != "" {
		at = " at " + at
	}
	return fmt.Sprintf("likeness failed on this file (%s%s): that is a fault of the program, not yours; please report it to its authors with the file", strings.ReplaceAll(text, "\n", " "), at)
}

// Run calls work and turns a panic of it into a *Fault.
func Run(work func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = caught(r)
		}
	}()
	return work()
}

// caught makes a Fault of a recovered value, where the panic is still on the
// stack.
func caught(r any) *Fault {
	if f, ok := r.(*Fault); ok { // of another goroutine
		return f
	}
	return &Fault{r, where()}
}

// where is the innermost place of this program on the stack, this package aside.
func where() string {
	pcs := make([]uintptr, 64)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs)])
	panicking := false
	for {
		f, more := frames.Next()
		switch {
		case strings.HasPrefix(f.Function, "runtime."):
			panicking = true // what follows is what panicked
		case panicking && strings.HasPrefix(f.Function, "likeness/") && !strings.Contains(f.Function, "convert/guard."):
			return fmt.Sprintf("%s:%d", path.Base(f.File), f.Line)
		}
		if !more {
			return ""
		}
	}
}

// Group runs functions at once. A panic of one of them is raised again by
// Wait, in the goroutine that waits, where Run can catch it.
type Group struct {
	wg    sync.WaitGroup
	mu    sync.Mutex
	fault *Fault
}

// Go runs f in a goroutine.
func (g *Group) Go(f func()) {
	g.wg.Go(func() {
		defer func() {
			if r := recover(); r != nil {
				fault := caught(r)
				g.mu.Lock()
				defer g.mu.Unlock()
				if g.fault == nil {
					g.fault = fault
				}
			}
		}()
		f()
	})
}

// Wait waits for all of them.
func (g *Group) Wait() {
	g.wg.Wait()
	if g.fault != nil {
		panic(g.fault)
	}
}

// advice are words by which a message tells what to do.
var advice = []string{"again", "--", "likeness ", "beside model.json", "report it", "supported", "wanted", "smaller", "are read", "save what", "name a"}

// Remedy adds what to do to an error that does not say: what helps with its code,
// or else remedy.
func Remedy(err error, remedy string) error {
	if err == nil {
		return nil
	}
	for _, word := range advice {
		if strings.Contains(err.Error(), word) {
			return err
		}
	}
	if e := (*failure.Error)(nil); errors.As(err, &e) {
		remedy = cmp.Or(failure.Helps(e.Code), remedy)
	}
	return fmt.Errorf("%w: %s", err, remedy)
}
