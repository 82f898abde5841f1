package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// csp is the page's policy; web/page/index.html carries the same.
const csp = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'; " +
	"img-src 'self' blob: data:; style-src 'self'; media-src 'self' blob:; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"

var mimeTypes = map[string]string{".wasm": "application/wasm", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
	".html": "text/html; charset=utf-8", ".json": "application/json", ".safetensors": "application/octet-stream", ".svg": "image/svg+xml"}

func (a *app) serve(fs *flag.FlagSet, args []string) (int, error) {
	port := fs.Int("port", 8080, "port on 127.0.0.1; 0 picks a free one")
	dirs, err := parse(fs, args)
	if err != nil {
		return exitFatal, err
	}
	dir := "dist"
	if len(dirs) > 0 {
		dir = dirs[0]
	}
	if _, err := os.Stat(filepath.Join(dir, "index.html")); err != nil {
		return exitFatal, fmt.Errorf("%s holds no index.html: make build makes the page in dist", dir)
	}
	l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(*port)))
	if err != nil {
		return exitFatal, fmt.Errorf("port %d cannot be used (%w): choose another with --port, or make demo PORT=8081", *port, err)
	}
	srv := &http.Server{Handler: static(dir), ReadHeaderTimeout: 10 * time.Second}
	fmt.Fprintf(a.stdout, "Likeness is at http://%s/ (stop it with Ctrl-C)\n", l.Addr())
	go func() {
		<-a.ctx.Done()
		stop, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		srv.Shutdown(stop)
	}()
	if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return exitFatal, err
	}
	return exitOK, nil
}

// static serves files, never listings, with the page's policy.
func static(dir string) http.Handler {
	root := http.Dir(dir)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := path.Clean("/" + r.URL.Path)
		if strings.HasSuffix(r.URL.Path, "/") {
			name = path.Join(name, "index.html")
		}
		f, err := root.Open(name)
		if err != nil {
			http.NotFound(w, r)
			return
		}
		defer f.Close()
		info, err := f.Stat()
		if err != nil || info.IsDir() {
			http.NotFound(w, r)
			return
		}
		h := w.Header()
		h.Set("Content-Security-Policy", csp)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cache-Control", "no-cache")
		if t, ok := mimeTypes[path.Ext(name)]; ok {
			h.Set("Content-Type", t)
		}
		http.ServeContent(w, r, name, info.ModTime(), f)
	})
}
