package output

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"golang.org/x/sys/windows"
)

// renamesOpen: a file may be renamed while it is open.
const renamesOpen = false

// lockAt is the byte that is locked: Windows keeps others from reading what is
// locked, so it lies beyond the end of any file.
const lockAt = 1 << 62

// tryLock takes the file's lock, which the system frees when the process ends,
// however it ends. The error is errHeld if another has it.
func tryLock(f *os.File) error {
	c, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var locked error
	err = c.Control(func(fd uintptr) {
		where := windows.Overlapped{OffsetHigh: lockAt >> 32}
		locked = windows.LockFileEx(windows.Handle(fd), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, &where)
	})
	if errors.Is(locked, windows.ERROR_LOCK_VIOLATION) || errors.Is(locked, windows.ERROR_IO_PENDING) {
		return errHeld
	}
	return errors.Join(err, locked)
}

// folderPatience is how long lockFolder waits: a process that stands still
// must not keep others from finishing.
const folderPatience = 2 * time.Second

// lockFolder keeps other processes of this session from renaming files of
// theirs in dir until unlock is called. Folders cannot be locked here, so the
// lock is a mutex that is named for the folder; it belongs to a thread.
func lockFolder(dir string) (unlock func()) {
	none := func() {}
	name, err := windows.UTF16PtrFromString(folderMutex(dir))
	if err != nil {
		return none
	}
	mutex, err := windows.CreateMutex(nil, false, name)
	if err != nil && !errors.Is(err, windows.ERROR_ALREADY_EXISTS) || mutex == 0 {
		return none
	}
	runtime.LockOSThread()
	got, err := windows.WaitForSingleObject(mutex, uint32(folderPatience.Milliseconds()))
	return func() {
		if err == nil && (got == windows.WAIT_OBJECT_0 || got == windows.WAIT_ABANDONED) {
			windows.ReleaseMutex(mutex)
		}
		runtime.UnlockOSThread()
		windows.CloseHandle(mutex)
	}
}

// folderMutex is the name of a folder's mutex: of the folder itself, by
// whatever links and letters it is reached.
func folderMutex(dir string) string {
	if abs, err := filepath.Abs(dir); err == nil {
		dir = abs
	}
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real
	}
	return fmt.Sprintf("likeness-%x", sha256.Sum256([]byte(strings.ToLower(filepath.Clean(dir)))))
}

// openStale opens a temporary file that nobody holds a lock of and whose
// process is gone, and locks it. The lock alone does not tell: a file is closed
// for a moment before it is renamed.
func openStale(path string, pid int) (*os.File, error) {
	if !gone(pid) {
		return nil, errHeld
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0)
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

// gone reports whether there is no process of that number.
func gone(pid int) bool {
	p, err := windows.OpenProcess(windows.PROCESS_QUERY_LIMITED_INFORMATION, false, uint32(pid))
	if err != nil {
		return errors.Is(err, windows.ERROR_INVALID_PARAMETER)
	}
	defer windows.CloseHandle(p)
	const stillActive = 259
	var status uint32
	return windows.GetExitCodeProcess(p, &status) == nil && status != stillActive
}
