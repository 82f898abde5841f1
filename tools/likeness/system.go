package main

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// system is how paths behave where the program runs, so that tests can have the
// ways of other systems anywhere.
type system struct {
	expands    bool // the shell leaves * and ? to programs
	ignoreCase bool // photo.jpg and Photo.JPG are one file, as a rule
	backslash  bool // separates folders
	glob       func(pattern string) ([]string, error)
	stat       func(path string) (os.FileInfo, error)
}

var here = systemOf(runtime.GOOS)

func systemOf(goos string) system {
	windows := goos == "windows"
	return system{windows, windows || goos == "darwin", windows, filepath.Glob, os.Stat}
}

// paths are those that were given, patterns replaced by what they match where
// no shell does that. What matches nothing stays, and is an error later.
func (s system) paths(given []string) (all []string) {
	for _, p := range given {
		found := []string{p}
		if s.expands && !s.verbatim(p) && strings.ContainsAny(p, "*?") {
			if match, err := s.glob(p); err == nil && len(match) > 0 {
				found = match
			}
		}
		for _, p := range found {
			all = append(all, s.slashed(p))
		}
	}
	return all
}

// slashed has folders separated as everywhere else, which Windows reads too:
// what holds names is the same wherever it was made.
func (s system) slashed(p string) string {
	if s.backslash && !s.verbatim(p) {
		return strings.ReplaceAll(p, `\`, "/")
	}
	return p
}

// verbatim reports whether Windows takes a path as it is: \\?\ and \\.\.
func (s system) verbatim(p string) bool {
	return s.backslash && (strings.HasPrefix(p, `\\?\`) || strings.HasPrefix(p, `\\.\`))
}

// key is equal for two spellings that may be one path.
func (s system) key(p string) string {
	if s.ignoreCase {
		return strings.ToLower(s.slashed(p))
	}
	return p
}

// isSame reports whether two paths of one key are one file: folders can be told
// to mind case, and then they are two.
func (s system) isSame(a, b string) bool {
	if a == b {
		return true
	}
	x, err := s.stat(a)
	if err != nil {
		return false
	}
	y, err := s.stat(b)
	return err == nil && os.SameFile(x, y)
}
