package output

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"sync"
)

// ErrAbandoned is what outputs end in after Abandon.
var ErrAbandoned = errors.New("interrupted")

// errHeld: another process, or another opening, has the lock.
var errHeld = errors.New("the lock is held")

// live is the temporary files and folders of this process.
var live = struct {
	sync.Mutex
	temps     map[string]*os.File
	folders   map[string]bool
	abandoned bool
}{temps: map[string]*os.File{}, folders: map[string]bool{}}

// Abandon removes all temporary files and folders of this process and keeps it
// from making outputs, for when it is about to end. Files that are being
// committed are finished first.
func Abandon() {
	live.Lock()
	defer live.Unlock()
	live.abandoned = true
	for name, f := range live.temps {
		os.Remove(name)
		f.Close()
		os.Remove(name) // some systems remove closed files only
	}
	for name := range live.folders {
		os.RemoveAll(name)
	}
	clear(live.temps)
	clear(live.folders)
}

// tempName matches temporary files: they are short, whatever the length of the
// output's name, and hold the writer's process number.
var tempName = regexp.MustCompile(`^\.likeness-([0-9]+)-[0-9a-f]{8}\.tmp$`)

// createTemp makes a locked file in dir. perm 0 leaves the mode to the umask;
// otherwise the file is never more open than perm.
func createTemp(dir string, perm fs.FileMode) (*os.File, error) {
	if perm == 0 {
		perm = 0o666
	}
	live.Lock()
	defer live.Unlock()
	if live.abandoned {
		return nil, ErrAbandoned
	}
	for range 100 {
		name := filepath.Join(dir, fmt.Sprintf(".likeness-%d-%08x.tmp", os.Getpid(), rand.Uint32()))
		f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, perm)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		// Another process that sweeps may have been first: it has the lock, and
		// is about to remove the file or has done so. Without locks the file
		// counts as alive for ever.
		if err := tryLock(f); errors.Is(err, errHeld) || !at(f, name) {
			f.Close()
			continue
		}
		live.temps[name] = f
		return f, nil
	}
	return nil, errors.New("no temporary name is free")
}

// at reports whether the file of that name is still f.
func at(f *os.File, name string) bool {
	a, err := f.Stat()
	if err != nil {
		return false
	}
	b, err := os.Lstat(name)
	return err == nil && os.SameFile(a, b)
}

// release removes a temporary file.
func release(f *os.File) {
	live.Lock()
	defer live.Unlock()
	if _, ok := live.temps[f.Name()]; !ok {
		return
	}
	delete(live.temps, f.Name())
	os.Remove(f.Name())
	f.Close()
	os.Remove(f.Name())
}

// Temp makes a file in the system's folder for such files, with no target.
func (s *Set) Temp() (*File, error) {
	sweep(os.TempDir())
	f, err := createTemp(os.TempDir(), 0o600)
	if err != nil {
		return nil, fmt.Errorf("cannot write in %s: %w", os.TempDir(), bare(err))
	}
	out := &File{File: f}
	s.files = append(s.files, out)
	return out, nil
}

// TempFolder makes a folder and returns what removes it.
func TempFolder() (dir string, remove func(), err error) {
	live.Lock()
	defer live.Unlock()
	if live.abandoned {
		return "", nil, ErrAbandoned
	}
	dir, err = os.MkdirTemp("", "likeness-*")
	if err != nil {
		return "", nil, err
	}
	live.folders[dir] = true
	return dir, func() {
		os.RemoveAll(dir)
		live.Lock()
		defer live.Unlock()
		delete(live.folders, dir)
	}, nil
}

// sweep removes the temporary files in dir whose writers are gone.
func sweep(dir string) {
	stale(dir, func(path string, pid int) {
		f, err := openStale(path, pid)
		if err != nil {
			return
		}
		if !renamesOpen { // nor removes open ones
			f.Close()
		}
		os.Remove(path)
		f.Close()
	})
}

// Recover puts a temporary file whose writer was killed in the place of path,
// if is says that it belongs there. It reports whether there was one.
func Recover(path string, is func(f *os.File, info fs.FileInfo) bool) (found bool) {
	target, err := follow(path)
	if err != nil {
		return false
	}
	was, err := os.Stat(target)
	if err != nil || !was.Mode().IsRegular() {
		return false
	}
	stale(filepath.Dir(target), func(temp string, pid int) {
		if found {
			return
		}
		f, err := openStale(temp, pid)
		if err != nil {
			return
		}
		defer f.Close()
		info, err := f.Stat()
		if err != nil || !is(f, info) || f.Chmod(was.Mode().Perm()) != nil {
			return
		}
		if !renamesOpen {
			f.Close()
		}
		found = os.Rename(temp, target) == nil
	})
	return found
}

// stale calls do for the temporary files in dir that are not of this process.
func stale(dir string, do func(path string, pid int)) {
	d, err := os.Open(dir)
	if err != nil {
		return
	}
	defer d.Close()
	names, _ := d.Readdirnames(-1)
	for _, name := range names {
		m := tempName.FindStringSubmatch(name)
		if m == nil {
			continue
		}
		pid, err := strconv.Atoi(m[1])
		path := filepath.Join(dir, name)
		if info, statErr := os.Lstat(path); err == nil && statErr == nil && info.Mode().IsRegular() && !ours(path) {
			do(path, pid)
		}
	}
}

func ours(path string) bool {
	live.Lock()
	defer live.Unlock()
	return live.temps[path] != nil
}
