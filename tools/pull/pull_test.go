package pull

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func tgz(t *testing.T, name, content string) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	w := tar.NewWriter(z)
	if err := w.WriteHeader(&tar.Header{Name: name, Size: int64(len(content)), Mode: 0o600}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte(content)); err != nil {
		t.Fatal(err)
	}
	w.Close()
	z.Close()
	return b.Bytes()
}

func TestSources(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "m.bin"), []byte("0123456789"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("LIKENESS_MODELS", dir)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/m.tgz" {
			http.NotFound(w, r)
			return
		}
		w.Write(tgz(t, "./m.bin", "0123456789"))
	}))
	defer srv.Close()
	for _, c := range []struct {
		name string
		s    Source
		want string // content, or part of the error after "!"
	}{
		{"folder", Source{Kind: "dir", File: "m.bin"}, "0123456789"},
		{"range", Source{Kind: "dir", File: "m.bin", Range: [2]int64{2, 5}}, "234"},
		{"range beyond the end", Source{Kind: "dir", File: "m.bin", Range: [2]int64{2, 11}}, "!10 bytes"},
		{"missing", Source{Kind: "dir", File: "none"}, "!none"},
		{"archive", Source{Kind: "https", URL: srv.URL + "/m.tgz", File: "m.bin"}, "0123456789"},
		{"no such member", Source{Kind: "https", URL: srv.URL + "/m.tgz", File: "x"}, "!no x"},
		{"404", Source{Kind: "https", URL: srv.URL + "/x", File: "x"}, "!404"},
		{"closed", Source{Kind: "https", URL: "http://127.0.0.1:1/x", File: "x"}, "!refused"},
	} {
		all, err := c.s.fetch(context.Background(), &Entry{}, nil)
		got := ""
		if err == nil {
			got = string(all[0].data)
		}
		if part, isErr := strings.CutPrefix(c.want, "!"); isErr {
			if err == nil || !strings.Contains(err.Error(), part) {
				t.Errorf("%s: %v, want %q", c.name, err, part)
			}
		} else if err != nil || got != c.want {
			t.Errorf("%s: %q %v, want %q", c.name, got, err, c.want)
		}
	}
}

func TestVerify(t *testing.T) {
	if err := (&Entry{SHA256: "00"}).verify(files{{"x", nil}}); err == nil || !strings.Contains(err.Error(), "damaged") {
		t.Errorf("wrong hash: %v", err)
	}
}

func TestUnknownName(t *testing.T) {
	_, err := Get(context.Background(), "resnet9000", Options{})
	if err == nil || !strings.Contains(err.Error(), "mobilenet_v2_oid") {
		t.Errorf("%v, want the names that exist", err)
	}
}
