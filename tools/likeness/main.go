// Command likeness obtains and converts models, turns pictures into vectors
// and serves the page. likeness --help lists its commands; each is one file
// here.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"time"

	"likeness/tools/output"
)

// patience is how long a command may take to stop by itself at a signal. What
// cannot be stopped, a decoder or a network at work, is then left; nothing
// half done is kept.
const patience = 600 * time.Millisecond

func main() {
	ctx, cancel := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, stopSignals...)
	noticeClosedPipes()
	a := newApp(ctx, os.Stdout, os.Stderr)
	done := make(chan int, 1)
	go func() { done <- a.main(os.Args[1:]) }()
	var status int
	select {
	case status = <-done:
	case s := <-signals:
		cancel()
		status = a.stop(s, done, signals)
	}
	output.Abandon() // whatever way the command ended
	os.Exit(status)
}

// stop waits a little for a command that was told to end, less after another
// signal, and returns the exit status.
func (a *app) stop(s os.Signal, done <-chan int, again <-chan os.Signal) int {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case status := <-done:
		if status == exitInterrupted {
			status = 128 + signalNumber(s)
		}
		return status
	case <-again:
	case <-timer.C:
	}
	output.Abandon()
	if changesLines(a.stderr) {
		fmt.Fprint(a.stderr, "\r\x1b[K") // the line of progress
	}
	a.say("likeness: interrupted; %s", a.left())
	return 128 + signalNumber(s)
}
