//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package output

import (
	"errors"
	"os"
	"syscall"
)

// renamesOpen: a file may be renamed while it is open.
const renamesOpen = true

// tryLock takes the file's lock, which the system frees when the process ends,
// however it ends. The error is errHeld if another has it.
func tryLock(f *os.File) error {
	c, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var locked error
	err = c.Control(func(fd uintptr) { locked = syscall.Flock(int(fd), syscall.LOCK_EX|syscall.LOCK_NB) })
	if locked == syscall.EWOULDBLOCK {
		return errHeld
	}
	return errors.Join(err, locked)
}

// removeStale removes a temporary file that nobody holds a lock of.
func removeStale(path string, _ int) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK|syscall.O_NOFOLLOW, 0)
	if err != nil {
		return
	}
	defer f.Close()
	if tryLock(f) == nil && at(f, path) {
		os.Remove(path)
	}
}
