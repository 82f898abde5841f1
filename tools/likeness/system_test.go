package main

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// windowsPaths is how paths behave there, with files of the test's own.
func windowsPaths(matches map[string][]string) system {
	s := systemOf("windows")
	s.glob = func(pattern string) ([]string, error) {
		if pattern == "[" {
			return nil, filepath.ErrBadPattern
		}
		return matches[pattern], nil
	}
	return s
}

func TestPathsOfWindows(t *testing.T) {
	s := windowsPaths(map[string][]string{`C:\photos\*.jpg`: {`C:\photos\a.jpg`, `C:\photos\B.JPG`}})
	given := []string{`C:\photos\*.jpg`, `photos\2024`, `\\server\share\x.png`, `*.gif`, `\\?\C:\a*b\c.jpg`, "d.jpg"}
	want := []string{"C:/photos/a.jpg", "C:/photos/B.JPG", "photos/2024", "//server/share/x.png", "*.gif", `\\?\C:\a*b\c.jpg`, "d.jpg"}
	if got := s.paths(given); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	for _, goos := range []string{"linux", "darwin"} {
		if got := systemOf(goos).paths(given); !slices.Equal(got, given) {
			t.Errorf("%s changes paths: %q", goos, got)
		}
	}
}

// Two spellings are one file only if they are: folders can mind case, also on
// systems that do not as a rule.
func TestCase(t *testing.T) {
	defer func(s system) { here = s }(here)
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "a.jpg"), []byte("x"))
	writeFile(t, filepath.Join(dir, "b.jpg"), []byte("y"))
	for _, c := range []struct {
		goos           string
		same           bool // whether the file system takes A.JPG for a.jpg
		files, doubles int
	}{{"windows", true, 2, 1}, {"darwin", true, 2, 1}, {"windows", false, 3, 0}, {"linux", true, 3, 0}} {
		here = systemOf(c.goos)
		here.backslash = false // as the files of the test are
		here.stat = func(path string) (os.FileInfo, error) {
			if filepath.Base(path) == "A.JPG" {
				if !c.same {
					return nil, errors.New("another file")
				}
				path = filepath.Join(filepath.Dir(path), "a.jpg")
			}
			return os.Stat(path)
		}
		g := &gathered{}
		for _, name := range []string{"a.jpg", "A.JPG", "b.jpg"} {
			g.file(filepath.Join(dir, name))
		}
		if len(g.files) != c.files || g.passed.Duplicates != c.doubles {
			t.Errorf("%s, one file %v: %d files, %d named twice", c.goos, c.same, len(g.files), g.passed.Duplicates)
		}
	}
}

// What other systems leave among photos is passed over, in a folder that came
// from one of them too.
func TestLeftByMacOS(t *testing.T) {
	dir := t.TempDir()
	library := filepath.Join(dir, "Photos Library.photoslibrary")
	for _, name := range []string{"a.jpg", "._a.jpg", ".DS_Store", "__MACOSX/._a.jpg"} {
		put(t, filepath.Join(dir, filepath.FromSlash(name)))
	}
	for _, name := range []string{"originals/0/b.heic", "resources/derivatives/b.jpg", "database/c.jpg", "private/d.jpg"} {
		put(t, filepath.Join(library, filepath.FromSlash(name)))
	}
	g := gather([]string{dir}, nil)
	var got []string
	for _, f := range g.files {
		got = append(got, filepath.Base(f))
	}
	slices.Sort(got)
	if !slices.Equal(got, []string{"a.jpg", "b.heic"}) {
		t.Errorf("gathered %q", got)
	}
	if g.passed.Folders != 4 || g.passed.System != 2 {
		t.Errorf("%d folders and %d files passed over", g.passed.Folders, g.passed.System)
	}
}

func put(t *testing.T, path string) {
	t.Helper()
	mkdir(t, filepath.Dir(path))
	writeFile(t, path, []byte("x"))
}
