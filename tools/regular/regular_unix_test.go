//go:build unix

package regular_test

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"likeness/tools/regular"
)

// TestSpecial: none of these may be opened, since opening a pipe waits.
func TestSpecial(t *testing.T) {
	dir, err := os.MkdirTemp("", "l") // a socket's path has at most 104 bytes
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("pipe", filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("unix", filepath.Join(dir, "socket"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for name, want := range map[string]string{"pipe": "pipe", "link": "pipe", "socket": "socket", "/dev/zero": "device"} {
		if !filepath.IsAbs(name) {
			name = filepath.Join(dir, name)
		}
		done := make(chan error, 1)
		go func() {
			_, _, err := regular.Read(name, 1<<20)
			done <- err
		}()
		select {
		case err := <-done:
			if code(err) != regular.CodeKind || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v", name, err)
			}
		case <-time.After(5 * time.Second):
			t.Fatalf("%s: reading it waits", name)
		}
	}
	if _, err := regular.ReadFS(os.DirFS(dir), "pipe", 10); code(err) != regular.CodeKind {
		t.Errorf("in a file system: %v", err)
	}
}
