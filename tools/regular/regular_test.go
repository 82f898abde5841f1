package regular_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"
	"time"

	"likeness/tools/regular"
)

func code(err error) string {
	var e *regular.Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

func TestRead(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	for name, size := range map[string]int{"none": 0, "ten": 10, "eleven": 11} {
		if err := os.WriteFile(at(name), make([]byte, size), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		name, code string
		size       int
	}{{"none", "", 0}, {"ten", "", 10}, {"eleven", regular.CodeLarge, 0}, {"", regular.CodeKind, 0}} {
		data, _, err := regular.Read(at(c.name), 10)
		if code(err) != c.code || (err != nil) != (c.code != "") || len(data) != c.size {
			t.Errorf("%q: %d bytes, %v", c.name, len(data), err)
		}
		data, err = regular.ReadFS(os.DirFS(dir), filepath.ToSlash(filepath.Join(".", c.name)), 10)
		if code(err) != c.code || (err != nil) != (c.code != "") || len(data) != c.size {
			t.Errorf("%q in a file system: %d bytes, %v", c.name, len(data), err)
		}
	}
	if _, _, err := regular.Read(at("gone"), 10); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing: %v", err)
	}
}

// changing is a file that is not what its Stat said at first.
type changing struct {
	fs.File
	data []byte
}

func (c *changing) Read(p []byte) (int, error) {
	n := copy(p, c.data)
	if c.data = c.data[n:]; n == 0 {
		return c.File.Read(p)
	}
	return n, nil
}

func TestChanged(t *testing.T) {
	fsys := fstest.MapFS{"f": {Data: nil, ModTime: time.Unix(1, 0)}, "five": {Data: make([]byte, 5), ModTime: time.Unix(1, 0)}, "later": {Data: make([]byte, 5), ModTime: time.Unix(2, 0)}}
	stat := func(name string) fs.FileInfo {
		info, err := fs.Stat(fsys, name)
		if err != nil {
			t.Fatal(err)
		}
		return info
	}
	for _, c := range []struct {
		name, file string
		before     fs.FileInfo
		extra      int
		ok         bool
	}{
		{"unchanged", "five", stat("five"), 0, true},
		{"shrunk", "f", stat("five"), 0, false},
		{"grown", "five", stat("f"), 0, false},
		{"same size, later", "later", stat("five"), 0, false},
		{"bytes after the end", "five", stat("five"), 3, false},
	} {
		f, err := fsys.Open(c.file)
		if err != nil {
			t.Fatal(err)
		}
		_, err = regular.ReadAll(&changing{File: f, data: make([]byte, c.extra)}, c.before)
		if (err == nil) != c.ok || !c.ok && code(err) != regular.CodeChanged {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}
