package main

import (
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path"
	"strings"
	"sync"
	"time"

	"likeness/tools/regular"
)

// csp is the policy in web/page/index.html; frame-ancestors works in a header
// only.
const csp = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'; " +
	"img-src 'self' blob: data:; style-src 'self'; media-src 'self' blob:; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"

// mimeTypes do not depend on the system's tables, which may lack or bend them.
var mimeTypes = map[string]string{
	".avif": "image/avif", ".bmp": "image/bmp", ".css": "text/css; charset=utf-8", ".csv": "text/csv; charset=utf-8",
	".gif": "image/gif", ".gz": "application/gzip", ".ico": "image/x-icon", ".heic": "image/heic", ".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8",
	".jpeg": "image/jpeg", ".map": "application/json", ".md": "text/plain; charset=utf-8", ".mjs": "text/javascript; charset=utf-8", ".tif": "image/tiff", ".tiff": "image/tiff",
	".json": "application/json", ".safetensors": "application/octet-stream", ".svg": "image/svg+xml",
	".ts": "text/plain; charset=utf-8", ".txt": "text/plain; charset=utf-8", ".wasm": "application/wasm",
	".webmanifest": "application/manifest+json", ".jpg": "image/jpeg", ".png": "image/png", ".py": "text/plain; charset=utf-8", ".webp": "image/webp",
}

// site serves the files of a folder, never listings, with the page's policy.
type site struct {
	root *os.Root // links that lead out of it are not followed

	mu   sync.Mutex
	tags map[string]tag
}

// tag is the ETag of a file as it was.
type tag struct {
	info fs.FileInfo
	etag string
}

// maxTags bounds the tags that are kept.
const maxTags = 10000

func static(root *os.Root) http.Handler { return &site{root: root, tags: map[string]tag{}} }

func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", csp)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-cache")
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		h.Set("Allow", "GET, HEAD")
		http.Error(w, "only GET and HEAD are answered", http.StatusMethodNotAllowed)
		return
	}
	name := path.Clean("/" + r.URL.Path)
	if strings.Contains(name, "/.") {
		http.NotFound(w, r)
		return
	}
	if strings.HasSuffix(r.URL.Path, "/") {
		name = path.Join(name, "index.html")
	}
	s.file(w, r, strings.TrimPrefix(name, "/"))
}

// file answers with a file, or its compressed twin, or the way to a folder.
func (s *site) file(w http.ResponseWriter, r *http.Request, name string) {
	info, err := s.root.Stat(name)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	if info.IsDir() {
		if index, err := s.root.Stat(path.Join(name, "index.html")); err != nil || !index.Mode().IsRegular() {
			http.NotFound(w, r)
			return
		}
		// The page's addresses are relative: they need the slash.
		w.Header().Set("Location", (&url.URL{Path: path.Base(name) + "/"}).String())
		w.WriteHeader(http.StatusMovedPermanently)
		return
	}
	kind, ok := mimeTypes[strings.ToLower(path.Ext(name))]
	if !ok {
		kind = "application/octet-stream"
	}
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Vary", "Accept-Encoding")
	stored := name
	// A range is of the file itself.
	if r.Header.Get("Range") == "" {
		for _, e := range []struct{ name, ext string }{{"br", ".br"}, {"gzip", ".gz"}} {
			if accepts(r.Header.Values("Accept-Encoding"), e.name) && s.fresh(name+e.ext, info) {
				stored = name + e.ext
				h.Set("Content-Encoding", e.name)
				break
			}
		}
	}
	f, info, err := s.open(stored)
	if err != nil {
		h.Del("Content-Encoding")
		http.NotFound(w, r)
		return
	}
	defer f.Close()
	etag, err := s.etag(stored, f, info)
	if err != nil {
		h.Del("Content-Encoding")
		http.Error(w, "the file cannot be read", http.StatusInternalServerError)
		return
	}
	h.Set("ETag", etag)
	// No time: a site that is rolled back has older files under the same names,
	// which a browser must not take for the ones it has.
	http.ServeContent(w, r, name, time.Time{}, f)
}

// open opens a regular file.
func (s *site) open(name string) (*os.File, fs.FileInfo, error) {
	info, err := s.root.Stat(name)
	if err != nil {
		return nil, nil, err
	}
	if err := regular.Check(info, 1<<62); err != nil {
		return nil, nil, err
	}
	f, err := s.root.Open(name)
	if err != nil {
		return nil, nil, err
	}
	if info, err = f.Stat(); err == nil {
		err = regular.Check(info, 1<<62)
	}
	if err != nil {
		f.Close()
		return nil, nil, err
	}
	return f, info, nil
}

// fresh reports whether a compressed file is there and not older than its
// source.
func (s *site) fresh(name string, source fs.FileInfo) bool {
	info, err := s.root.Stat(name)
	return err == nil && info.Mode().IsRegular() && info.Size() > 0 && !info.ModTime().Before(source.ModTime())
}

// etag is of the content, so that it is the same after a rollback, on another
// server, and for a file that was only touched. It is kept while the file, its
// size and its time stay.
func (s *site) etag(name string, f *os.File, info fs.FileInfo) (string, error) {
	s.mu.Lock()
	t, ok := s.tags[name]
	s.mu.Unlock()
	if ok && os.SameFile(t.info, info) && t.info.Size() == info.Size() && t.info.ModTime().Equal(info.ModTime()) {
		return t.etag, nil
	}
	sum, err := hashOf(f, info.Size())
	if err != nil {
		return "", err
	}
	t = tag{info, `"` + sum[:32] + `"`}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.tags) >= maxTags {
		clear(s.tags)
	}
	s.tags[name] = t
	return t.etag, nil
}

// accepts reports whether Accept-Encoding headers allow an encoding: by name,
// or by *, and not with q=0.
func accepts(headers []string, encoding string) bool {
	any := false
	for _, h := range headers {
		for item := range strings.SplitSeq(h, ",") {
			name, rest, _ := strings.Cut(item, ";")
			name = strings.ToLower(strings.TrimSpace(name))
			q, _ := strings.CutPrefix(strings.ReplaceAll(rest, " ", ""), "q=")
			no := q != "" && strings.Trim(q, "0.") == ""
			switch name {
			case encoding:
				return !no
			case "*":
				any = !no
			}
		}
	}
	return any
}
