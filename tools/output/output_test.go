package output

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

var notes = Kind{"notes", func(head []byte) bool { return bytes.HasPrefix(head, []byte("note")) }}

// write writes one output.
func write(path, text string) error {
	var s Set
	defer s.Discard()
	f, err := s.Create(path, notes)
	if err != nil {
		return err
	}
	if _, err := f.WriteString(text); err != nil {
		return err
	}
	return s.Commit()
}

func content(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func put(t *testing.T, path, text string, mode os.FileMode) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}

// names lists a folder.
func names(t *testing.T, dir string) (all []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

func TestCreate(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	put(t, at("old"), "note 1", 0o600)
	put(t, at("empty"), "", 0o640)
	put(t, at("photo.jpg"), "\xff\xd8\xff", 0o644)
	put(t, at("protected"), "note 2", 0o444)
	if err := os.Mkdir(at("folder"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, want string }{
		{"new", ""}, {"old", ""}, {"empty", ""},
		{strings.Repeat("n", 255), ""}, {strings.Repeat("é", 127), ""},
		{"photo.jpg", "does not hold notes"},
		{"protected", "write-protected"},
		{"folder", "is a folder"},
		{"gone/new", "there is no folder"},
		{strings.Repeat("n", 256), "cannot write"},
	} {
		err := write(at(c.name), "note 3")
		if c.want != "" {
			if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), ".tmp") {
				t.Errorf("%.20s: %v, want %q", c.name, err, c.want)
			}
		} else if err != nil {
			t.Errorf("%.20s: %v", c.name, err)
		} else if got := content(t, at(c.name)); got != "note 3" {
			t.Errorf("%.20s holds %q", c.name, got)
		}
	}
	if content(t, at("photo.jpg")) != "\xff\xd8\xff" || content(t, at("protected")) != "note 2" {
		t.Error("a refused file was changed")
	}
	for _, name := range names(t, dir) {
		if strings.HasPrefix(name, ".") {
			t.Errorf("%s is left behind", name)
		}
	}
}

// TestNothingHalf: before Commit the old file is there, whole.
func TestNothingHalf(t *testing.T) {
	dir := t.TempDir()
	path, second := filepath.Join(dir, "a"), filepath.Join(dir, "b")
	put(t, path, "note 1", 0o644)
	var s Set
	f, err := s.Create(path, notes)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Create(second, notes); err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString("note 2"); err != nil {
		t.Fatal(err)
	}
	if got := content(t, path); got != "note 1" {
		t.Errorf("%q before Commit", got)
	}
	s.Discard()
	if got := names(t, dir); len(got) != 1 || content(t, path) != "note 1" {
		t.Errorf("after Discard there are %q", got)
	}
	s.Discard() // again is no harm
}

func TestDirect(t *testing.T) {
	if runtime.GOOS == "windows" || runtime.GOOS == "js" {
		t.Skip("no /dev/null here")
	}
	if err := write(os.DevNull, "note"); err != nil {
		t.Error(err)
	}
	if info, err := os.Stat(os.DevNull); err != nil || info.Mode().IsRegular() {
		t.Fatalf("%s was replaced: %v", os.DevNull, err)
	}
}

func TestLinks(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	put(t, at("real"), "note 1", 0o644)
	if err := os.Symlink("real", at("link")); err != nil {
		t.Skip("no links here:", err)
	}
	for _, l := range [][2]string{{"to come", "dangling"}, {"circle", "circle"}} {
		if err := os.Symlink(l[0], at(l[1])); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range [][2]string{{"link", "real"}, {"dangling", "to come"}} {
		if err := write(at(c[0]), "note 2"); err != nil || content(t, at(c[1])) != "note 2" {
			t.Errorf("%s: %v", c[0], err)
		}
		if info, err := os.Lstat(at(c[0])); err != nil || info.Mode()&os.ModeSymlink == 0 {
			t.Errorf("%s is no link any more: %v", c[0], err)
		}
	}
	if err := write(at("circle"), "note"); err == nil {
		t.Error("a circle of links was written to")
	}
}

func TestDistinct(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	put(t, at("photo"), "x", 0o644)
	put(t, at("other"), "y", 0o644)
	links := os.Symlink("photo", at("soft")) == nil && os.Link(at("photo"), at("hard")) == nil
	pictures := Inputs{"picture", []string{at("other"), at("gone"), at("photo")}}
	for _, c := range []struct {
		outputs []string
		same    bool
		link    bool
	}{
		{[]string{at("new"), at("new.json")}, false, false},
		{[]string{at("photo")}, true, false},
		{[]string{filepath.Join(dir, ".", "..", filepath.Base(dir), "photo")}, true, false},
		{[]string{at("new"), at("photo")}, true, false},
		{[]string{at("soft")}, true, true},
		{[]string{at("hard")}, true, true},
	} {
		if c.link && !links {
			continue
		}
		err := Distinct(c.outputs, Inputs{"model", []string{at("gone")}}, pictures)
		if (err != nil) != c.same {
			t.Errorf("%q: %v", c.outputs, err)
		}
		if err != nil && (!strings.Contains(err.Error(), c.outputs[len(c.outputs)-1]) || !strings.Contains(err.Error(), "the picture "+at("photo"))) {
			t.Errorf("both are to be named: %v", err)
		}
	}
	if err := Distinct([]string{at("photo"), at("photo")}); err == nil {
		t.Error("one file for two outputs")
	}
}
