package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// maxPath bounds one path of a list, bytes; systems allow 4096 or 32767
// characters.
const maxPath = 1 << 17

// pathsFrom reads the paths of a list: a file, a pipe, or - for standard
// input.
func (a *app) pathsFrom(list string, null bool) (paths []string, err error) {
	in := io.Reader(os.Stdin)
	if list != "-" {
		f, err := os.Open(list)
		if err != nil {
			return nil, fmt.Errorf("--files-from %s cannot be read: %w", shown(list), cause(err))
		}
		defer f.Close()
		in = f
	}
	err = a.interruptible(func() error {
		paths, err = readPaths(in, null)
		return err
	})
	if err != nil && !errors.Is(err, errInterrupted) {
		err = fmt.Errorf("--files-from %s: %w", shown(list), cause(err))
	}
	return paths, err
}

// readPaths reads paths, their bytes unchanged, one a line, or each with a NUL
// after it. Empty lines are passed over. A list of lines that all end in CR LF
// is taken as written on Windows, and a byte order mark before the first line
// belongs to no name; with NUL such names can be given too.
func readPaths(r io.Reader, null bool) (paths []string, err error) {
	end := byte('\n')
	if null {
		end = 0
	}
	in := bufio.NewScanner(r)
	in.Buffer(nil, maxPath)
	in.Split(func(data []byte, atEOF bool) (int, []byte, error) {
		if i := bytes.IndexByte(data, end); i >= 0 {
			return i + 1, data[:i], nil
		}
		if atEOF && len(data) > 0 {
			return len(data), data, nil
		}
		return 0, nil, nil
	})
	windows := !null
	for in.Scan() {
		p := in.Text()
		if !null && len(paths) == 0 {
			p = strings.TrimPrefix(p, "\ufeff")
		}
		if p == "" {
			continue
		}
		if !null && strings.IndexByte(p, 0) >= 0 {
			return nil, errors.New("a line holds a NUL character: is the list one for -0?")
		}
		windows = windows && strings.HasSuffix(p, "\r")
		paths = append(paths, p)
	}
	if errors.Is(in.Err(), bufio.ErrTooLong) {
		return nil, fmt.Errorf("path %d has more than %d bytes: one path a line is wanted, or one after another with NUL between and -0", len(paths)+1, maxPath)
	}
	if windows {
		kept := paths[:0]
		for _, p := range paths {
			if p = strings.TrimSuffix(p, "\r"); p != "" {
				kept = append(kept, p)
			}
		}
		paths = kept
	}
	return paths, in.Err()
}
