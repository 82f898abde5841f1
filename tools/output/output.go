// Package output is the one road by which commands write files. A file is
// written beside its place under a temporary name, synced and renamed, so that
// it is there whole or not at all; what was there before keeps its mode, and
// new files follow the umask. Nothing replaces an input, or a file that the
// command could not have written itself.
//
// Temporary files are locked while their writer lives. Abandon removes those
// of this process, for instance at a signal; those of processes that were
// killed are recognised by their lock being free, and removed when the next
// output is made in the same folder.
package output

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
)

// Kind is what a file of the command's own looks like. Only such files, and
// empty ones, are replaced.
type Kind struct {
	Name string                 // "vectors", "a model"
	Is   func(head []byte) bool // head is the first 32 KiB, or fewer
}

// headLen is how much of an existing file a Kind is shown.
const headLen = 32 << 10

// Set is the files that one command writes: they appear together.
type Set struct {
	files []*File
	done  bool
}

// File is a file being written. It is used by one goroutine.
type File struct {
	*os.File        // under its temporary name, or the target itself if Direct
	Path     string // of the target, links followed
	// Direct: the target is no regular file (a pipe, /dev/null) and is written
	// as it is.
	Direct bool
	closed bool
}

// Create begins a file. What stands in the way is found here, before any work:
// a missing folder, one that may not be written, a write-protected file, a
// folder or a foreign file of that name.
func (s *Set) Create(path string, k Kind) (*File, error) {
	if err := checkName(runtime.GOOS, path); err != nil {
		return nil, err
	}
	target, err := follow(path)
	if err != nil {
		return nil, fmt.Errorf("cannot write %s: %w", path, err)
	}
	info, err := os.Stat(target)
	var mode fs.FileMode
	switch {
	case errors.Is(err, fs.ErrNotExist):
		info = nil
	case err != nil:
		return nil, cannot(path, err)
	case info.IsDir():
		return nil, fmt.Errorf("cannot write %s: it is a folder: name a file in it", path)
	case !info.Mode().IsRegular():
		return s.direct(path, target)
	default:
		mode = info.Mode().Perm()
		if err := replaceable(path, target, info, k); err != nil {
			return nil, err
		}
	}
	dir := filepath.Dir(target)
	sweep(dir)
	f, err := createTemp(dir, mode)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("cannot write %s: there is no folder %s: make it first, or choose another place", path, dir)
	}
	if err != nil {
		return nil, cannot(path, err)
	}
	if info != nil {
		keepOwner(f, info)
		// The umask may have taken something from the mode.
		if err := f.Chmod(mode); err != nil {
			release(f)
			return nil, cannot(path, err)
		}
	}
	out := &File{File: f, Path: target}
	s.files = append(s.files, out)
	return out, nil
}

func (s *Set) direct(path, target string) (*File, error) {
	f, err := os.OpenFile(target, os.O_WRONLY, 0)
	if err != nil {
		return nil, cannot(path, err)
	}
	out := &File{File: f, Path: target, Direct: true}
	s.files = append(s.files, out)
	return out, nil
}

func cannot(path string, err error) error {
	return fmt.Errorf("cannot write %s: %w: choose another place", path, bare(err))
}

// bare drops the operation and the path, which may be that of a temporary
// file, from an error.
func bare(err error) error {
	var p *fs.PathError
	var l *os.LinkError
	switch {
	case errors.As(err, &p):
		return p.Err
	case errors.As(err, &l):
		return l.Err
	}
	return err
}

// follow resolves links, those that lead to nothing yet included.
func follow(path string) (string, error) {
	for range 40 {
		to, err := os.Readlink(path)
		if err != nil {
			return path, nil // no link
		}
		if !filepath.IsAbs(to) {
			to = filepath.Join(filepath.Dir(path), to)
		}
		path = to
	}
	return "", errors.New("its links go in a circle")
}

// replaceable refuses an existing file that is protected, or foreign.
func replaceable(path, target string, info fs.FileInfo, k Kind) error {
	if info.Mode().Perm()&0o200 == 0 {
		return fmt.Errorf("cannot write %s: it is write-protected: choose another name, or allow writing first", path)
	}
	w, err := os.OpenFile(target, os.O_WRONLY, 0) // changes nothing
	if err != nil {
		return cannot(path, err)
	}
	w.Close()
	if info.Size() == 0 || k.Is == nil {
		return nil
	}
	f, err := os.Open(target)
	if err != nil {
		return fmt.Errorf("cannot write %s: it cannot be looked at before it is replaced (%w): choose another name", path, bare(err))
	}
	defer f.Close()
	head := make([]byte, headLen)
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return cannot(path, err)
	}
	if !k.Is(head[:n]) {
		return fmt.Errorf("cannot write %s: a file of that name is there and does not hold %s, so it is not replaced: choose another name, or remove it first", path, k.Name)
	}
	return nil
}

// Commit makes all files final, the first one last: should the process be
// killed between two renames, Recover can finish that. On an error those that
// were not yet renamed are removed.
func (s *Set) Commit() error {
	defer s.Discard()
	for _, f := range s.files {
		if err := f.sync(); err != nil {
			return cannot(f.Path, err)
		}
	}
	if len(s.files) > 1 {
		// Two processes that write the same names must not end with some files
		// of each.
		defer lockFolder(filepath.Dir(s.files[0].Path))()
	}
	live.Lock()
	defer live.Unlock()
	if live.abandoned {
		return ErrAbandoned
	}
	folders := map[string]bool{}
	for _, f := range slices.Backward(s.files) {
		if f.Direct {
			continue
		}
		if err := f.rename(); err != nil {
			return cannot(f.Path, err)
		}
		delete(live.temps, f.File.Name())
		folders[filepath.Dir(f.Path)] = true
	}
	for dir := range folders {
		syncFolder(dir)
	}
	s.done = true
	return nil
}

// sync makes sure that all bytes have reached the disk.
func (f *File) sync() error {
	if f.Direct {
		f.closed = true
		return f.Close()
	}
	return f.Sync()
}

// rename puts the file in its place. Where open files can be renamed the lock
// is held until the temporary name is gone.
func (f *File) rename() error {
	if !renamesOpen {
		f.closed = true
		if err := f.Close(); err != nil {
			return err
		}
	}
	if err := os.Rename(f.File.Name(), f.Path); err != nil {
		return err
	}
	if renamesOpen {
		f.closed = true
		return f.Close()
	}
	return nil
}

// Discard removes what Commit has not made final. It may be called at any
// time, also after Commit.
func (s *Set) Discard() {
	for _, f := range s.files {
		switch {
		case f.Direct && !f.closed:
			f.closed = true
			f.Close()
		case !f.Direct && !s.done:
			release(f.File)
		}
	}
	s.files = nil
}
