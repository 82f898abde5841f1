//go:build unix

package regular

import "syscall"

// nonblock keeps an open from waiting, should a pipe take the file's name
// after it was looked at.
const nonblock = syscall.O_NONBLOCK
