package main

import (
	"net"
	"net/http"
	"strings"
)

// localOnly answers requests that are addressed to this machine. A page of
// another site can have its own name resolve to 127.0.0.1 (DNS rebinding) and
// would then read what is served here as if it were its own; the browser still
// sends that name as the Host. The port is not compared: it may be forwarded.
func localOnly(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !isLocal(r.Host) {
			http.Error(w, "This server answers to 127.0.0.1, localhost and [::1] only, not to the name in the request: open http://127.0.0.1 with its port", http.StatusMisdirectedRequest)
			return
		}
		h.ServeHTTP(w, r)
	})
}

// isLocal judges a Host header.
func isLocal(host string) bool {
	name := host
	if h, port, err := net.SplitHostPort(host); err == nil {
		if port == "" || strings.Trim(port, "0123456789") != "" {
			return false
		}
		name = h
	} else if in, ok := strings.CutPrefix(host, "["); ok {
		if name, ok = strings.CutSuffix(in, "]"); !ok || name != "::1" {
			return false
		}
	}
	switch strings.ToLower(name) {
	case "127.0.0.1", "localhost", "localhost.", "::1":
		return true
	}
	return false
}
