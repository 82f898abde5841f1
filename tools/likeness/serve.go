package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"mime"
	"net"
	"net/http"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

var serveCommand = command{
	name:    "serve",
	summary: "serve a folder, the page in dist by default, on 127.0.0.1",
	usage:   "[--port 8080] [FOLDER]",
	example: "likeness serve --port 9000 dist",
	run:     (*app).serve,
}

func (a *app) serve(fs *flag.FlagSet, args []string) (int, error) {
	port := fs.Int("port", 8080, "`PORT` on 127.0.0.1; 0 picks a free one")
	dirs, err := parse(fs, args)
	if err != nil {
		return exitFatal, err
	}
	if len(dirs) > 1 || *port < 0 || *port > 65535 {
		return exitFatal, usagef("one folder and a port of 0..65535 are wanted")
	}
	dir := first(dirs, "dist")
	if info, err := os.Stat(filepath.Join(dir, "index.html")); err != nil || info.IsDir() {
		return exitFatal, fmt.Errorf("%s holds no index.html: make build makes the page in dist", dir)
	}
	l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(*port)))
	if errors.Is(err, syscall.EADDRINUSE) {
		return exitFatal, fmt.Errorf("port %d is in use by another program: choose another with --port (make demo PORT=%d)", *port, min(*port+1, 65535))
	}
	if err != nil {
		return exitFatal, fmt.Errorf("port %d cannot be used (%w): choose another with --port", *port, err)
	}
	fmt.Fprintf(a.stdout, "Likeness is at http://%s/ (stop it with Ctrl-C)\n", l.Addr())
	return exitOK, serveUntil(a.ctx, l, static(dir))
}

// serveUntil answers until ctx ends, then lets requests under way finish.
func serveUntil(ctx context.Context, l net.Listener, h http.Handler) error {
	srv := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(l) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	patience, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	if srv.Shutdown(patience) != nil {
		srv.Close() // a slow reader does not keep the program
	}
	return nil
}

// csp is the policy in web/page/index.html; frame-ancestors works in a header
// only.
const csp = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'; " +
	"img-src 'self' blob: data:; style-src 'self'; media-src 'self' blob:; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"

// mimeTypes do not depend on the system's tables, which may lack or bend them.
var mimeTypes = map[string]string{
	".css": "text/css; charset=utf-8", ".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8",
	".json": "application/json", ".safetensors": "application/octet-stream", ".svg": "image/svg+xml",
	".ts": "text/plain; charset=utf-8", ".txt": "text/plain; charset=utf-8", ".wasm": "application/wasm",
	".webmanifest": "application/manifest+json", ".jpg": "image/jpeg", ".png": "image/png", ".webp": "image/webp",
}

// static serves files, never listings, with the page's policy.
func static(dir string) http.Handler {
	root := http.Dir(dir)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
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
		serveFile(w, r, root, name)
	})
}

func serveFile(w http.ResponseWriter, r *http.Request, root http.Dir, name string) {
	f, err := root.Open(name)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		http.NotFound(w, r)
		return
	}
	if info.IsDir() {
		index, err := root.Open(path.Join(name, "index.html"))
		if err != nil {
			http.NotFound(w, r)
			return
		}
		index.Close()
		// The page's addresses are relative: they need the slash.
		w.Header().Set("Location", (&url.URL{Path: path.Base(name) + "/"}).String())
		w.WriteHeader(http.StatusMovedPermanently)
		return
	}
	ext := strings.ToLower(path.Ext(name))
	kind, ok := mimeTypes[ext]
	if !ok {
		kind = mime.TypeByExtension(ext)
	}
	if kind == "" {
		kind = "application/octet-stream"
	}
	w.Header().Set("Content-Type", kind)
	http.ServeContent(w, r, name, info.ModTime(), f)
}
