//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package output

import (
	"errors"
	"os"
	"runtime"
)

// renamesOpen: a file may be renamed while it is open.
const renamesOpen = false

// tryLock: there are no locks that end with the process.
func tryLock(*os.File) error { return errors.ErrUnsupported }

// lockFolder: there are no locks.
func lockFolder(string) (unlock func()) { return func() {} }

// openStale: whether a file is in use cannot be told.
func openStale(string) (*os.File, error) { return nil, errors.ErrUnsupported }

// removeStale removes a temporary file whose process is gone, where that can
// be told.
func removeStale(path string, pid int) {
	if runtime.GOOS != "windows" {
		return
	}
	if p, err := os.FindProcess(pid); err == nil { // fails for a process that is gone
		p.Release()
		return
	}
	os.Remove(path)
}
