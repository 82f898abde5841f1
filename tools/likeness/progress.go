package main

import (
	"fmt"
	"io"
	"time"
)

// progress tells how far long work has come: on a terminal by one line that
// changes, elsewhere by a line now and then.
type progress struct {
	w           io.Writer
	terminal    bool
	start, last time.Time
	shown       bool // a changing line is on the terminal
}

func newProgress(w io.Writer) *progress {
	now := time.Now()
	return &progress{w: w, terminal: changesLines(w), start: now, last: now}
}

// step shows done of total things, if it is time to.
func (p *progress) step(verb, things string, done, total int) {
	interval := 5 * time.Second
	if p.terminal {
		interval = 100 * time.Millisecond
	}
	if now := time.Now(); now.Sub(p.last) < interval || done == 0 {
		return
	}
	p.last = time.Now()
	seconds := time.Since(p.start).Seconds()
	text := fmt.Sprintf("%s %d of %d %s, %.1f a second, %s left", verb, done, total, things,
		float64(done)/seconds, left(seconds/float64(done)*float64(total-done)))
	if p.terminal {
		fmt.Fprintf(p.w, "\r\x1b[K%s", text)
		p.shown = true
		return
	}
	fmt.Fprintln(p.w, text)
}

// line prints a message between progress.
func (p *progress) line(format string, args ...any) {
	p.clear()
	fmt.Fprintln(p.w, forTerminal(fmt.Sprintf(format, args...)))
}

// clear removes the changing line.
func (p *progress) clear() {
	if p.shown {
		fmt.Fprint(p.w, "\r\x1b[K")
		p.shown = false
	}
}

// left rounds seconds for people.
func left(seconds float64) string {
	if seconds < 90 {
		return fmt.Sprintf("%.0f s", seconds)
	}
	return fmt.Sprintf("%.0f min", seconds/60)
}
