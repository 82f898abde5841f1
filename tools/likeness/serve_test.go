package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// page is a folder to serve, and its server.
func page(t *testing.T) (dir string, h http.Handler) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "page")
	mkdir(t, filepath.Join(dir, "models"))
	writeFile(t, filepath.Join(dir, "..", "secret.txt"), []byte("secret"))
	writeFile(t, filepath.Join(dir, "index.html"), []byte("<!doctype html><title>page</title>"))
	writeFile(t, filepath.Join(dir, "likeness.wasm"), []byte("\x00asm 0123456789"))
	writeFile(t, filepath.Join(dir, "app.js"), []byte("export {}"))
	writeFile(t, filepath.Join(dir, "models", "m.safetensors"), []byte("weights"))
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { root.Close() })
	return dir, static(root)
}

// ask sends a request; header pairs follow the path.
func ask(t *testing.T, h http.Handler, method, path string, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, path, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestStatic(t *testing.T) {
	_, h := page(t)
	for _, test := range []struct {
		path, mime string
		status     int
	}{
		{"/", "text/html; charset=utf-8", 200},
		{"/index.html", "text/html; charset=utf-8", 200},
		{"/likeness.wasm", "application/wasm", 200},
		{"/app.js", "text/javascript; charset=utf-8", 200},
		{"/models/m.safetensors", "application/octet-stream", 200},
		{"/models/", "", 404},
		{"/models", "", 404},
		{"/gone.js", "", 404},
		{"/../secret.txt", "", 404},
		{"/models/../../secret.txt", "", 404},
		{"/%2e%2e/secret.txt", "", 404},
		{"/..%2fsecret.txt", "", 404},
		{"/..%5csecret.txt", "", 404},
		{"/a%00b", "", 404},
		{"/../", "text/html; charset=utf-8", 200}, // the root has no parent
	} {
		w := ask(t, h, "GET", test.path)
		if w.Code != test.status || strings.Contains(w.Body.String(), "secret") || strings.Contains(w.Body.String(), "m.safetensors") {
			t.Errorf("%s: status %d, want %d: %s", test.path, w.Code, test.status, w.Body)
		}
		if w.Code != 200 {
			continue
		}
		if got := w.Header().Get("Content-Type"); got != test.mime {
			t.Errorf("%s: type %q, want %q", test.path, got, test.mime)
		}
		if !strings.HasPrefix(w.Header().Get("Content-Security-Policy"), "default-src 'none'") || w.Header().Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: headers %v", test.path, w.Header())
		}
	}
	if w := ask(t, h, "POST", "/"); w.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST: status %d", w.Code)
	}
}

// TestStaticLinks: links are followed inside the folder only.
func TestStaticLinks(t *testing.T) {
	dir, h := page(t)
	for _, l := range [][2]string{{"../secret.txt", "out.txt"}, {"..", "up"}, {"/etc/hosts", "hosts"}, {"app.js", "in.js"}, {"models", "inside"}} {
		if err := os.Symlink(l[0], filepath.Join(dir, l[1])); err != nil {
			t.Skip("no links here:", err)
		}
	}
	writeFile(t, filepath.Join(dir, "a.js"), []byte("1"))
	if err := os.Symlink("../secret.txt", filepath.Join(dir, "a.js.br")); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]int{"/out.txt": 404, "/up/secret.txt": 404, "/up/": 404, "/hosts": 404, "/in.js": 200, "/inside/m.safetensors": 200, "/a.js": 200} {
		if w := ask(t, h, "GET", path, "Accept-Encoding", "br"); w.Code != want || strings.Contains(w.Body.String(), "secret") {
			t.Errorf("%s: status %d, want %d: %s", path, w.Code, want, w.Body)
		}
	}
}

func TestHost(t *testing.T) {
	_, h := page(t)
	h = localOnly(h)
	for host, want := range map[string]int{
		"127.0.0.1:8080": 200, "127.0.0.1": 200, "localhost:9": 200, "LOCALHOST": 200, "localhost.:80": 200, "[::1]:8080": 200, "[::1]": 200,
		"": 421, "evil.example:8080": 421, "evil.example": 421, "127.0.0.1.evil.example:8080": 421, "localhost.evil.example": 421,
		"0.0.0.0:8080": 421, "192.168.1.2:8080": 421, "[::2]:8080": 421, "[::1": 421, "127.0.0.1:": 421, "127.0.0.1:80x": 421, "user@127.0.0.1": 421, "[localhost]": 421,
	} {
		r := httptest.NewRequestWithContext(t.Context(), "GET", "/", nil)
		r.Host = host
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != want || want == 421 && (strings.Contains(w.Body.String(), "page") || !strings.Contains(w.Body.String(), "127.0.0.1")) {
			t.Errorf("%q: status %d, want %d: %s", host, w.Code, want, w.Body)
		}
	}
}

func TestETag(t *testing.T) {
	dir, h := page(t)
	app := filepath.Join(dir, "app.js")
	first := ask(t, h, "GET", "/app.js").Header().Get("ETag")
	if len(first) != 34 || ask(t, h, "GET", "/likeness.wasm").Header().Get("ETag") == first {
		t.Errorf("ETag %s", first)
	}
	if w := ask(t, h, "GET", "/app.js"); w.Header().Get("Last-Modified") != "" {
		t.Error("a time is sent: after a rollback it would be taken for a newer file's")
	}
	if w := ask(t, h, "GET", "/app.js", "If-None-Match", first); w.Code != 304 || w.Body.Len() > 0 {
		t.Errorf("status %d", w.Code)
	}
	if w := ask(t, h, "GET", "/app.js", "If-Modified-Since", time.Now().Add(time.Hour).UTC().Format(http.TimeFormat)); w.Code != 200 {
		t.Errorf("status %d by time alone", w.Code)
	}
	// Other content of the same size, and older: a rollback.
	writeFile(t, app, []byte("export[]"+";"))
	old := time.Now().Add(-24 * time.Hour)
	if err := os.Chtimes(app, old, old); err != nil {
		t.Fatal(err)
	}
	w := ask(t, h, "GET", "/app.js", "If-None-Match", first)
	if w.Code != 200 || w.Header().Get("ETag") == first {
		t.Errorf("after a rollback: status %d, ETag %s", w.Code, w.Header().Get("ETag"))
	}
	writeFile(t, app, []byte("export {}"))
	if again := ask(t, h, "GET", "/app.js").Header().Get("ETag"); again != first {
		t.Errorf("the same content has another ETag: %s, %s", again, first)
	}
	// A file put in its place with the same size and time.
	info, err := os.Stat(app)
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, app+".new", []byte("export[]"+";"))
	if err := os.Chtimes(app+".new", info.ModTime(), info.ModTime()); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(app+".new", app); err != nil {
		t.Fatal(err)
	}
	if w := ask(t, h, "GET", "/app.js", "If-None-Match", first); w.Code != 200 {
		t.Errorf("another file of the same size and time: status %d", w.Code)
	}
}

func TestCompressed(t *testing.T) {
	dir, h := page(t)
	wasm := filepath.Join(dir, "likeness.wasm")
	plain, err := os.ReadFile(wasm)
	if err != nil {
		t.Fatal(err)
	}
	var z bytes.Buffer
	g := gzip.NewWriter(&z)
	g.Write(plain)
	g.Close()
	writeFile(t, wasm+".gz", z.Bytes())
	writeFile(t, wasm+".br", []byte("brotli's"))
	writeFile(t, filepath.Join(dir, "app.js.gz"), nil) // unfinished
	tags := map[string]bool{}
	for _, c := range []struct{ accept, encoding string }{
		{"gzip, deflate, br, zstd", "br"}, {"gzip", "gzip"}, {"br;q=0, gzip;q=0.5", "gzip"}, {"br;q=0.000,*", "gzip"}, {"*", "br"},
		{"", ""}, {"identity", ""}, {"br;q=0,gzip;q=0", ""}, {"*;q=0", ""}, {"brotli, xgzip", ""},
	} {
		w := ask(t, h, "GET", "/likeness.wasm", "Accept-Encoding", c.accept)
		got := w.Header().Get("Content-Encoding")
		if w.Code != 200 || got != c.encoding || w.Header().Get("Content-Type") != "application/wasm" || w.Header().Get("Vary") != "Accept-Encoding" {
			t.Errorf("%q: status %d, %v", c.accept, w.Code, w.Header())
		}
		body := w.Body.Bytes()
		if got == "gzip" {
			g, err := gzip.NewReader(bytes.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			if body, err = io.ReadAll(g); err != nil {
				t.Fatal(err)
			}
		}
		if got != "br" && !bytes.Equal(body, plain) || got == "br" && string(body) != "brotli's" {
			t.Errorf("%q: body %q", c.accept, body)
		}
		tags[w.Header().Get("ETag")] = true
	}
	if len(tags) != 3 {
		t.Errorf("%d ETags for three representations", len(tags))
	}
	if w := ask(t, h, "GET", "/app.js", "Accept-Encoding", "gzip"); w.Header().Get("Content-Encoding") != "" || w.Body.String() != "export {}" {
		t.Errorf("an empty file is taken for the compressed one: %v", w.Header())
	}
	// Never older than the file.
	later := time.Now().Add(time.Minute)
	if err := os.Chtimes(wasm, later, later); err != nil {
		t.Fatal(err)
	}
	if w := ask(t, h, "GET", "/likeness.wasm", "Accept-Encoding", "br, gzip"); w.Header().Get("Content-Encoding") != "" || !bytes.Equal(w.Body.Bytes(), plain) {
		t.Errorf("a stale file is served: %v", w.Header())
	}
}

func TestHeadAndRanges(t *testing.T) {
	dir, h := page(t)
	writeFile(t, filepath.Join(dir, "likeness.wasm.br"), []byte("brotli's"))
	w := ask(t, h, "HEAD", "/likeness.wasm")
	if w.Code != 200 || w.Body.Len() > 0 || w.Header().Get("Content-Length") != "15" || w.Header().Get("Accept-Ranges") != "bytes" {
		t.Errorf("HEAD: status %d, %v", w.Code, w.Header())
	}
	etag := w.Header().Get("ETag")
	for _, c := range []struct {
		header []string
		status int
		body   string
	}{
		{[]string{"Range", "bytes=5-7"}, 206, "012"},
		{[]string{"Range", "bytes=-3"}, 206, "789"},
		{[]string{"Range", "bytes=5-7", "Accept-Encoding", "br"}, 206, "012"}, // of the file, not of its compressed form
		{[]string{"Range", "bytes=5-7", "If-Range", etag}, 206, "012"},
		{[]string{"Range", "bytes=5-7", "If-Range", `"other"`}, 200, "\x00asm 0123456789"},
		{[]string{"Range", "bytes=99-"}, 416, ""},
	} {
		w := ask(t, h, "GET", "/likeness.wasm", c.header...)
		if w.Code != c.status || c.body != "" && w.Body.String() != c.body {
			t.Errorf("%q: status %d, %q", c.header, w.Code, w.Body)
		}
	}
}

// TestServeStops: Ctrl-C ends the server within a second, a reader that hangs
// included.
func TestServeStops(t *testing.T) {
	_, h := page(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Skip("no network here:", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	hanging := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/hang" {
			<-r.Context().Done()
		}
		h.ServeHTTP(w, r)
	})
	go func() { done <- serveUntil(ctx, l, localOnly(hanging)) }()
	url := "http://" + l.Addr().String()
	resp, err := http.Get(url + "/app.js")
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	if err != nil || string(body) != "export {}" {
		t.Errorf("%q, %v", body, err)
	}
	go http.Get(url + "/hang")
	time.Sleep(50 * time.Millisecond)
	at := time.Now()
	cancel()
	select {
	case err := <-done:
		if took := time.Since(at); err != nil || took > time.Second {
			t.Errorf("%v, after %v", err, took)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("it does not stop")
	}
}
