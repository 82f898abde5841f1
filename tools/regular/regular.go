// Package regular reads regular files within a stated bound: pictures, models,
// shards, archives. What is no regular file is refused before it is opened, so
// that a pipe cannot make a program wait and a device cannot fill its memory,
// and a file that changes while it is read is noticed.
package regular

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// Codes of Error.
const (
	CodeKind    = "file-kind"      // a folder, pipe, device or socket
	CodeLarge   = "file-too-large" // more bytes than the limit
	CodeChanged = "file-changed"   // it was written while it was read
)

// Error says why a file is not read. Its text does not name the file: callers
// put the name before it.
type Error struct {
	Code, Msg string
}

func (e *Error) Error() string { return e.Msg }

// ErrorCode is the code, for programs.
func (e *Error) ErrorCode() string { return e.Code }

// Check refuses what is no regular file, or has more than limit bytes.
func Check(info fs.FileInfo, limit int64) error {
	if kind := kindOf(info.Mode()); kind != "" {
		return &Error{CodeKind, kind}
	}
	if info.Size() > limit {
		return &Error{CodeLarge, fmt.Sprintf("it has %s, more than the limit of %s", megabytes(info.Size()), megabytes(limit))}
	}
	return nil
}

// kindOf tells what a file is and what to do instead, or "" if it is regular.
func kindOf(m fs.FileMode) string {
	switch {
	case m.IsRegular():
		return ""
	case m.IsDir():
		return "it is a folder: name a file in it"
	case m&fs.ModeNamedPipe != 0:
		return "it is a pipe: save what comes through it as a file first"
	case m&fs.ModeSocket != 0:
		return "it is a socket, not a file"
	case m&fs.ModeDevice != 0:
		return "it is a device, not a file"
	}
	return "it is no regular file"
}

func megabytes(n int64) string {
	if n < 1<<20 {
		return fmt.Sprintf("%d bytes", n)
	}
	return fmt.Sprintf("%d MiB", n>>20)
}

// Open opens a file of at most limit bytes. Links are followed.
func Open(name string, limit int64) (*os.File, fs.FileInfo, error) {
	// Looked at before it is opened: opening a pipe waits for its writer, and
	// opening some devices does something.
	info, err := os.Stat(name)
	if err != nil {
		return nil, nil, err
	}
	if err := Check(info, limit); err != nil {
		return nil, nil, err
	}
	f, err := os.OpenFile(name, os.O_RDONLY|nonblock, 0)
	if err != nil {
		return nil, nil, err
	}
	if info, err = f.Stat(); err == nil {
		err = Check(info, limit) // another file may have taken its name
	}
	if err != nil {
		f.Close()
		return nil, nil, err
	}
	return f, info, nil
}

// Read reads a whole file of at most limit bytes. info is what the file was
// when the reading began; a file that changed until the end is refused.
func Read(name string, limit int64) (data []byte, info fs.FileInfo, err error) {
	f, info, err := Open(name, limit)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	data, err = ReadAll(f, info)
	return data, info, err
}

// ReadAll reads an open file whose size info holds, and refuses one that
// changed meanwhile.
func ReadAll(f fs.File, info fs.FileInfo) ([]byte, error) {
	data := make([]byte, info.Size())
	n, err := io.ReadFull(f, data)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, changed("has %d bytes less than at first", info.Size()-int64(n))
	}
	if err != nil {
		return nil, err
	}
	if n, err := f.Read(make([]byte, 1)); n > 0 {
		return nil, changed("has grown")
	} else if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	after, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if after.Size() != info.Size() || !after.ModTime().Equal(info.ModTime()) {
		return nil, changed("was written to")
	}
	return data, nil
}

func changed(format string, args ...any) error {
	return &Error{CodeChanged, "it " + fmt.Sprintf(format, args...) + " while it was read: wait until it is complete and try again"}
}
