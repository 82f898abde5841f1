//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package output

import (
	"bufio"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func mode(t *testing.T, path string) os.FileMode {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Mode()
}

func TestModes(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct {
		umask     int
		old, want os.FileMode // old 0: there is no file
	}{{0o022, 0, 0o644}, {0o077, 0, 0o600}, {0, 0, 0o666}, {0o022, 0o600, 0o600}, {0o022, 0o666, 0o666}, {0o077, 0o664, 0o664}} {
		path := filepath.Join(dir, "f")
		if c.old != 0 {
			put(t, path, "note", c.old)
		}
		was := syscall.Umask(c.umask)
		var s Set
		f, err := s.Create(path, notes)
		if err != nil {
			t.Fatal(err)
		}
		if m := mode(t, f.File.Name()); m != c.want {
			t.Errorf("umask %o, file of %v: %v while it is written", c.umask, c.old, m)
		}
		err = s.Commit()
		syscall.Umask(was)
		if err != nil {
			t.Fatal(err)
		}
		if m := mode(t, path); m != c.want {
			t.Errorf("umask %o, file of %v: %v, want %v", c.umask, c.old, m, c.want)
		}
		os.Remove(path)
	}
}

// TestMain is also the program that TestKilled kills.
func TestMain(m *testing.M) {
	if path := os.Getenv("LIKENESS_TEST_OUTPUT"); path != "" {
		var s Set
		f, err := s.Create(path, notes)
		if err != nil {
			panic(err)
		}
		os.Stdout.WriteString(f.File.Name() + "\n")
		os.Stdin.Read(make([]byte, 1))
		Abandon()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// other starts a process that has an output open, and returns the name of its
// temporary file.
func other(t *testing.T, path string) (cmd *exec.Cmd, temp string, end func()) {
	t.Helper()
	cmd = exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "LIKENESS_TEST_OUTPUT="+path)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return cmd, strings.TrimSpace(line), func() {
		in.Close()
		cmd.Wait()
	}
}

// TestStale: the temporary file of a killed process is removed by the next
// output there, that of a living one and files of like names are not.
func TestStale(t *testing.T) {
	dir := t.TempDir()
	killed, stale, _ := other(t, filepath.Join(dir, "a"))
	if err := killed.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	killed.Wait()
	_, alive, end := other(t, filepath.Join(dir, "b"))
	put(t, filepath.Join(dir, ".likeness-12-notes.tmp"), "mine", 0o644)
	if err := os.Symlink(filepath.Join(dir, "b"), filepath.Join(dir, ".likeness-12-0123abcd.tmp")); err != nil {
		t.Fatal(err)
	}
	if err := write(filepath.Join(dir, "c"), "note"); err != nil {
		t.Fatal(err)
	}
	left := strings.Join(names(t, dir), " ")
	for name, want := range map[string]bool{stale: false, alive: true, ".likeness-12-notes.tmp": true, ".likeness-12-0123abcd.tmp": true} {
		if strings.Contains(left, filepath.Base(name)) != want {
			t.Errorf("%s is there: %v, want %v", name, !want, want)
		}
	}
	end()
	if _, err := os.Lstat(alive); err == nil {
		t.Error("Abandon left its file behind")
	}
}

// TestOpenLocked: a journal has the mode of its file and one writer at a time.
func TestOpenLocked(t *testing.T) {
	dir := t.TempDir()
	put(t, filepath.Join(dir, "f"), "note", 0o600)
	path := filepath.Join(dir, "f.partial")
	f, err := OpenLocked(path, filepath.Join(dir, "f"))
	if err != nil {
		t.Fatal(err)
	}
	if m := mode(t, path); m != 0o600 {
		t.Errorf("mode %v", m)
	}
	if _, err := OpenLocked(path, ""); !errors.Is(err, ErrLocked) || !strings.Contains(err.Error(), path) {
		t.Errorf("a second writer: %v", err)
	}
	if _, err := f.WriteString("kept"); err != nil {
		t.Fatal(err)
	}
	f.Close()
	again, err := OpenLocked(path, "")
	if err != nil || content(t, path) != "kept" {
		t.Errorf("%v, %q", err, content(t, path))
	}
	again.Close()
	if err := os.Symlink("f", filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"link", "."} {
		if f, err := OpenLocked(filepath.Join(dir, name), ""); err == nil {
			f.Close()
			t.Errorf("%s was opened", name)
		}
	}
}

// TestRecover: only the stale file that belongs there is put in place.
func TestRecover(t *testing.T) {
	dir := t.TempDir()
	target := filepath.Join(dir, "f")
	put(t, target, "note old", 0o640)
	put(t, filepath.Join(dir, ".likeness-1-00000001.tmp"), "note other", 0o600)
	put(t, filepath.Join(dir, ".likeness-1-00000002.tmp"), "note new", 0o600)
	is := func(f *os.File, info os.FileInfo) bool {
		b := make([]byte, info.Size())
		f.ReadAt(b, 0)
		return string(b) == "note new"
	}
	if !Recover(target, is) || content(t, target) != "note new" || mode(t, target) != 0o640 {
		t.Errorf("%q, mode %v", content(t, target), mode(t, target))
	}
	if Recover(target, is) || Recover(filepath.Join(dir, "gone"), is) {
		t.Error("there was nothing to recover")
	}
}
