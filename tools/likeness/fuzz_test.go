package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// FuzzStatic: no path leads out of the folder that is served, whatever it is,
// and links and hidden files are not followed.
func FuzzStatic(f *testing.F) {
	dir := f.TempDir()
	for name, text := range map[string]string{"secret.txt": "secret", "page/index.html": "start", "page/a.js": "script", "page/.git/config": "secret", "page/sub/index.html": "inner", "page/sub/b.css": "style"} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			f.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			f.Fatal(err)
		}
	}
	os.Symlink(filepath.Join("..", "secret.txt"), filepath.Join(dir, "page", "link.txt"))
	os.Symlink("..", filepath.Join(dir, "page", "up"))
	root, err := os.OpenRoot(filepath.Join(dir, "page"))
	if err != nil {
		f.Fatal(err)
	}
	defer root.Close()
	h := localOnly(static(root))
	for _, s := range []string{"/", "/a.js", "/sub", "/sub/", "/../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt", "/sub/..\\..\\secret.txt", "/link.txt", "/up/secret.txt", "/.git/config", "//evil.example/", "/\x00", "/a.js/", "/sub//b.css", "C:/x"} {
		f.Add(s, "localhost", "bytes=0-3", "br;q=1, gzip")
	}
	f.Add("/a.js", "[::1]:80", "bytes=-0", "*;q=0")
	f.Fuzz(func(t *testing.T, path, host, ranges, accept string) {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		r.URL, r.Host = &url.URL{Path: path}, host
		r.Header.Set("Range", ranges)
		r.Header.Set("Accept-Encoding", accept)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if strings.Contains(w.Body.String(), "secret") && !strings.Contains(path, "secret") || w.Body.String() == "secret" {
			t.Errorf("%q gives %q", path, w.Body)
		}
		if w.Code >= 500 && w.Code != http.StatusHTTPVersionNotSupported {
			t.Errorf("%q: status %d: %s", path, w.Code, w.Body)
		}
		if to := w.Header().Get("Location"); strings.HasPrefix(to, "/") || strings.Contains(to, "//") {
			t.Errorf("%q leads to %q", path, to)
		}
		if w.Code == http.StatusOK && !isLocal(host) {
			t.Errorf("the host %q is answered", host)
		}
	})
}

// FuzzJournal: any file in the journal's place is refused, or what is read of
// it goes on as a journal.
func FuzzJournal(f *testing.F) {
	s := setting{origin: origin{Format: "npy", Dim: 2}}
	dir := f.TempDir()
	file := filepath.Join(dir, "v.npy")
	j, err := openJournal(file, s)
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range []string{"a", "b\xff"} {
		if err := j.add(&embedded{file: name, vector: []float32{1, 2}}); err != nil {
			f.Fatal(err)
		}
	}
	j.close()
	data, err := os.ReadFile(file + ".partial")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add(data[:len(data)-1])
	f.Add([]byte(journalMagic))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := os.WriteFile(file+".partial", data, 0o600); err != nil {
			t.Fatal(err)
		}
		j, err := openJournal(file, s)
		if err != nil {
			return
		}
		n := len(j.at)
		for i := range n {
			if name, v, err := j.Row(i, nil); err != nil || len(v) != 2 || name != j.found.names[i] {
				t.Fatalf("record %d: %q %v (%v)", i, name, v, err)
			}
		}
		if err := j.add(&embedded{file: "next", vector: []float32{3, 4}}); err != nil {
			t.Fatal(err)
		}
		j.close()
		if j, err = openJournal(file, s); err != nil {
			t.Fatal(err)
		}
		defer j.f.Close()
		if len(j.at) != n+1 || j.found.names[n] != "next" {
			t.Errorf("%d records after one more than %d", len(j.at), n)
		}
	})
}

// FuzzSideFile: any FILE.json is refused, or is what encode writes.
func FuzzSideFile(f *testing.F) {
	s := &sideFile{setting: setting{origin: origin{ModelHash: "h", Format: "npy"}}, Count: 1, Names: []exactName{"\xff"}, Sizes: []int64{1}, Times: []int64{-1}}
	data, err := s.encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte("{}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := readSideFile(data)
		if err != nil {
			return
		}
		again, err := s.encode()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := readSideFile(again); err != nil {
			t.Errorf("what was read is not read again: %v", err)
		}
	})
}

// FuzzReadPaths: a list with NULs comes back exactly; one of lines gives no
// path with a line end.
func FuzzReadPaths(f *testing.F) {
	for _, s := range []string{"a\nb", "a\r\nb\r\n", "\ufeffa\n", "a\x00b\x00", "\xff\n\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		paths, err := readPaths(bytes.NewReader(data), true)
		if err == nil {
			want := slices.DeleteFunc(strings.Split(string(data), "\x00"), func(s string) bool { return s == "" })
			if !slices.Equal(paths, want) {
				t.Errorf("%q, want %q", paths, want)
			}
		}
		paths, err = readPaths(bytes.NewReader(data), false)
		for _, p := range paths {
			if err == nil && (p == "" || strings.ContainsAny(p, "\n\x00")) {
				t.Errorf("%q is a path", p)
			}
		}
	})
}
