package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
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
	page, ok := pageIn(dir)
	if !ok {
		return exitFatal, fmt.Errorf("%s holds no index.html: make build makes the page in dist", shown(dir))
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return exitFatal, fmt.Errorf("%s cannot be opened: %w", shown(dir), cause(err))
	}
	defer root.Close()
	l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(*port)))
	if errors.Is(err, syscall.EADDRINUSE) {
		return exitFatal, fmt.Errorf("port %d is in use by another program: choose another with --port (make demo PORT=%d)", *port, min(*port+1, 65535))
	}
	if err != nil {
		return exitFatal, fmt.Errorf("port %d cannot be used (%w): choose another with --port", *port, err)
	}
	fmt.Fprintf(a.text(), "Likeness is at http://%s/%s (stop it with Ctrl-C)\n", l.Addr(), page)
	return exitOK, serveUntil(a.ctx, l, localOnly(static(root)))
}

// pageIn finds the page to open: that of the folder itself, or the first of a
// folder in it, as a site has that is not finished but for its search.
func pageIn(dir string) (address string, ok bool) {
	has := func(name string) bool {
		info, err := os.Stat(filepath.Join(dir, name, "index.html"))
		return err == nil && !info.IsDir()
	}
	if has("") {
		return "", true
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", false
	}
	for _, e := range entries {
		if e.IsDir() && has(e.Name()) {
			return url.PathEscape(e.Name()) + "/", true
		}
	}
	return "", false
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
	patience, cancel := context.WithTimeout(context.Background(), patience/2)
	defer cancel()
	if srv.Shutdown(patience) != nil {
		srv.Close() // a slow reader does not keep the program
	}
	return nil
}
