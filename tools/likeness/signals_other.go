//go:build !unix

package main

import (
	"os"
	"runtime"
	"syscall"
)

var stopSignals = []os.Signal{os.Interrupt, syscall.SIGTERM}

func noticeClosedPipes() {}

func signalNumber(s os.Signal) int {
	if s == syscall.SIGTERM {
		return 15
	}
	return 2
}

func isClosedPipe(err error) bool {
	const errorBrokenPipe, errorNoData = 109, 232 // of Windows
	return isErrno(err, syscall.EPIPE) || runtime.GOOS == "windows" && (isErrno(err, errorBrokenPipe) || isErrno(err, errorNoData))
}
