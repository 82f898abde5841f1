//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package output

import (
	"errors"
	"os"
	"syscall"
	"time"
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

// folderPatience is how long lockFolder waits: a process that stands still
// must not keep others from finishing.
const folderPatience = 2 * time.Second

// lockFolder keeps other processes from renaming files of theirs in dir, as far
// as its file system has locks of folders, until unlock is called.
func lockFolder(dir string) (unlock func()) {
	d, err := os.Open(dir)
	if err != nil {
		return func() {}
	}
	for end := time.Now().Add(folderPatience); errors.Is(tryLock(d), errHeld) && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
	return func() { d.Close() }
}

// openStale opens a temporary file that nobody holds a lock of, and locks it.
func openStale(path string, _ int) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK|syscall.O_NOFOLLOW, 0)
	if err != nil {
		return nil, err
	}
	if err = tryLock(f); err == nil && !at(f, path) {
		err = errHeld // it was just put in its place
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}
