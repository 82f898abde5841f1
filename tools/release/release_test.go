package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Archives do not depend on the order in which files come, and give back what
// was put in.
func TestArchives(t *testing.T) {
	files := []file{{"b/c.txt", []byte("two"), false}, {"a", []byte("one"), true}}
	other := []file{files[1], files[0]}
	want := []string{"top/a 755 one", "top/b/c.txt 644 two"}

	z, err := zipped("top", files)
	again, _ := zipped("top", other)
	if err != nil || !bytes.Equal(z, again) {
		t.Fatalf("zip: the order of files changes it (%v)", err)
	}
	r, err := zip.NewReader(bytes.NewReader(z), int64(len(z)))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range r.File {
		c, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(c)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, entry(f.Name, f.Mode().Perm().String() == "-rwxr-xr-x", data))
	}
	if !slices.Equal(got, want) {
		t.Errorf("zip holds %q, want %q", got, want)
	}

	z, err = tarred("top", files)
	again, _ = tarred("top", other)
	if err != nil || !bytes.Equal(z, again) {
		t.Fatalf("tar: the order of files changes it (%v)", err)
	}
	g, err := gzip.NewReader(bytes.NewReader(z))
	if err != nil {
		t.Fatal(err)
	}
	got = nil
	for r := tar.NewReader(g); ; {
		h, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, entry(h.Name, h.Mode == 0o755, data))
	}
	if !slices.Equal(got, want) {
		t.Errorf("tar holds %q, want %q", got, want)
	}
}

func entry(name string, program bool, data []byte) string {
	mode := " 644 "
	if program {
		mode = " 755 "
	}
	return name + mode + string(data)
}

func TestSection(t *testing.T) {
	name := filepath.Join(t.TempDir(), "CHANGELOG.md")
	if err := os.WriteFile(name, []byte("# Changelog\n\n## 0.2.0 (2026-01-02)\n\n## 0.1.0\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for version, want := range map[string]bool{"0.2.0": true, "0.1.0": true, "0.1": false, "0.3.0": false} {
		if err := hasSection(name, version); (err == nil) != want {
			t.Errorf("%s: %v", version, err)
		}
	}
}

// Every module of every platform has a licence, and a folder without one is an
// error, not a gap.
func TestLicences(t *testing.T) {
	t.Chdir("../..")
	for _, p := range platforms {
		all, err := modules(p, "./tools/likeness")
		if err != nil {
			t.Fatalf("%v: %v", p, err)
		}
		if !slices.ContainsFunc(all, func(l licence) bool { return strings.Contains(l.part, "tetratelabs/wazero") }) {
			t.Errorf("%v: wazero is not in the list of %d", p, len(all))
		}
	}
	if _, err := licenceText(t.TempDir()); err == nil {
		t.Error("a folder without a licence is accepted")
	}
}
