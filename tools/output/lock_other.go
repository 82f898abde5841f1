//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd || windows)

package output

import (
	"errors"
	"os"
)

// renamesOpen: a file may be renamed while it is open.
const renamesOpen = false

// tryLock: there are no locks that end with the process.
func tryLock(*os.File) error { return errors.ErrUnsupported }

// lockFolder: there are no locks.
func lockFolder(string) (unlock func()) { return func() {} }

// openStale: whether a file is in use cannot be told.
func openStale(string, int) (*os.File, error) { return nil, errors.ErrUnsupported }
