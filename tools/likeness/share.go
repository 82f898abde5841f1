package main

import (
	"fmt"
	"time"

	"likeness/engine/search"
)

// share shows how much of one piece of work, 0..1, is done, if it is time to.
func (p *progress) share(what string, done float64) {
	interval := 5 * time.Second
	if p.terminal {
		interval = 100 * time.Millisecond
	}
	if time.Since(p.last) < interval {
		return
	}
	p.last = time.Now()
	text := fmt.Sprintf("%s, %.0f %%", what, 100*done)
	if p.terminal {
		fmt.Fprintf(p.w, "\r\x1b[K%s", text)
		p.shown = true
		return
	}
	fmt.Fprintln(p.w, text)
}

// check tells of the progress of work of the engine, and ends it when the
// command is told to stop.
func (a *app) check(p *progress, what string) search.Check {
	return func(done float64) error {
		if a.ctx.Err() != nil {
			return a.interrupted()
		}
		p.share(what, done)
		return nil
	}
}
