package output

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
)

// ErrLocked is what OpenLocked ends in while another process has the file.
var ErrLocked = errors.New("another process is writing it: wait until that has ended")

// OpenLocked opens a file that is kept over several runs for reading and
// writing, or makes it, and keeps other processes from doing so until it is
// closed, where the system has locks. A new file has the mode of the file
// called like, if that exists, else what the umask leaves.
func OpenLocked(path, like string) (*os.File, error) {
	if err := checkName(runtime.GOOS, path); err != nil {
		return nil, err
	}
	perm := fs.FileMode(0o666)
	if info, err := os.Stat(like); err == nil {
		perm = info.Mode().Perm()
	}
	for range 100 {
		if info, err := os.Lstat(path); err == nil && !info.Mode().IsRegular() {
			return nil, fmt.Errorf("cannot write %s: it is no regular file: move it away", path)
		}
		f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, perm)
		if err != nil {
			return nil, cannot(path, err)
		}
		if errors.Is(tryLock(f), errHeld) {
			f.Close()
			return nil, fmt.Errorf("cannot write %s: %w", path, ErrLocked)
		}
		if at(f, path) {
			return f, nil
		}
		f.Close() // removed by another process before it was locked
	}
	return nil, fmt.Errorf("cannot write %s: it changes all the time", path)
}
