//go:build unix

package main

import (
	"os"
	"os/signal"
	"syscall"
)

var stopSignals = []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP}

// noticeClosedPipes makes a write to a closed pipe an error, where it would
// else end the program before it has cleaned up.
func noticeClosedPipes() { signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE) }

func signalNumber(s os.Signal) int {
	if n, ok := s.(syscall.Signal); ok {
		return int(n)
	}
	return int(syscall.SIGINT)
}

func isClosedPipe(err error) bool { return isErrno(err, syscall.EPIPE) }
