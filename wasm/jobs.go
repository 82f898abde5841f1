//go:build js && wasm

package main

import (
	"syscall/js"
	"time"

	"likeness/engine/search"
)

// job is a long call. Its last argument is {pause(), onProgress(stage, done),
// onFrame(coords, done)}, each of which may be missing: pause gives a promise
// of whether to stop, and until it is kept the worker takes other messages.
type job struct {
	arguments
	pause, progress, frame js.Value
	resumed                chan bool
	resume                 js.Func
	last                   time.Time
}

// between is how long a job works at a time before others have a turn.
const between = 30 * time.Millisecond

var errStopped = &coded{"stopped", "the work was stopped"}

// promised wraps a long call: a promise of {value} or {error}.
func promised(name string, f func(j *job) (any, error)) js.Func {
	return js.FuncOf(func(_ js.Value, args []js.Value) any {
		return promise(func() (any, error) {
			j := newJob(name, args)
			defer j.resume.Release()
			return f(j)
		})
	})
}

// promise runs work beside the event loop.
func promise(work func() (any, error)) any {
	executor := js.FuncOf(func(_ js.Value, p []js.Value) any {
		resolve := p[0]
		go func() { resolve.Invoke(guarded(work)) }()
		return nil
	})
	defer executor.Release()
	return js.Global().Get("Promise").New(executor)
}

func newJob(name string, args []js.Value) *job {
	j := &job{arguments: arguments{name, args}, resumed: make(chan bool, 1), last: time.Now()}
	if len(args) > 0 {
		last := args[len(args)-1]
		if last.Type() == js.TypeObject {
			j.pause, j.progress, j.frame = last.Get("pause"), last.Get("onProgress"), last.Get("onFrame")
		}
	}
	j.resume = js.FuncOf(func(_ js.Value, args []js.Value) any {
		j.resumed <- len(args) > 0 && args[0].Truthy()
		return nil
	})
	return j
}

// check is what the engine calls now and then in one stage of the work.
func (j *job) check(stage string) search.Check {
	return func(done float64) error {
		if time.Since(j.last) < between {
			return nil
		}
		if j.progress.Type() == js.TypeFunction {
			j.progress.Invoke(stage, done)
		}
		return j.rest()
	}
}

// rest lets the worker take other messages.
func (j *job) rest() error {
	defer func() { j.last = time.Now() }()
	if j.pause.Type() != js.TypeFunction {
		return nil
	}
	j.pause.Invoke().Call("then", j.resume)
	if <-j.resumed {
		return errStopped
	}
	return nil
}
