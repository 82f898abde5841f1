//go:build unix

package faults

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// put writes a file, unless something that is no file has its name: opening a
// pipe would wait.
func put(path string, data []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC|syscall.O_NONBLOCK, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	f.Close()
	return err
}

// disturb does something to a file, or puts something else in its place.
func disturb(path string, whole []byte, r *rand.Rand) {
	switch r.IntN(10) {
	case 0:
		os.Remove(path)
	case 1:
		put(path, whole)
	case 2:
		os.Truncate(path, int64(r.IntN(len(whole))))
	case 3:
		if f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY|syscall.O_NONBLOCK, 0); err == nil {
			f.Write(whole[:r.IntN(len(whole))])
			f.Close()
		}
	case 4:
		os.RemoveAll(path)
		syscall.Mkfifo(path, 0o644)
	case 5:
		os.RemoveAll(path)
		os.Mkdir(path, 0o755)
	case 6:
		os.RemoveAll(path)
		os.Symlink(filepath.Base(path), path) // of itself
	case 7:
		os.RemoveAll(path)
		os.Symlink(filepath.Join("gone", filepath.Base(path)), path)
	case 8:
		os.RemoveAll(path)
		os.Symlink("/dev/zero", path)
	case 9: // as programs save: beside, then renamed
		os.RemoveAll(path)
		if put(path+"~", whole) == nil {
			os.Rename(path+"~", path)
		}
	}
}

// rows are the lines of a CSV file by their names.
func rows(t *testing.T, path string) map[string]string {
	t.Helper()
	lines, err := csv.NewReader(bytes.NewReader(read(t, path))).ReadAll()
	if err != nil {
		t.Errorf("%s is not whole: %v", path, err)
		return nil
	}
	all := map[string]string{}
	for _, l := range lines {
		all[l[0]] = strings.Join(l[1:], ",")
	}
	return all
}

// TestChangingFolder: while files come, go, shrink, grow and become pipes,
// folders and links, a run ends, its output is whole, the vectors of all files
// that nobody touched are right, and no vector is another than that of a state
// that its file had.
func TestChangingFolder(t *testing.T) {
	needFaults(t)
	p := newPlace(t, 60)
	fresh := filepath.Join(p.dir, "fresh.csv")
	likeness(t, p.embed(fresh, "csv")...)
	right := rows(t, fresh)
	touched := map[string]bool{}
	whole := map[string][]byte{}
	for i := 0; i < 60; i += 2 {
		path := filepath.Join(p.photos, fmt.Sprintf("p%03d.png", i))
		touched[path], whole[path] = true, read(t, path)
	}
	stop, stopped := make(chan bool), make(chan bool)
	go func() {
		defer close(stopped)
		r := random(5)
		for {
			select {
			case <-stop:
				return
			default:
			}
			for path, data := range whole {
				disturb(path, data, r)
				time.Sleep(time.Duration(r.IntN(300)) * time.Microsecond)
			}
		}
	}()
	out := filepath.Join(p.dir, "v.csv")
	failures := 0
	for i := range 16 {
		var more []string
		if i%2 == 1 {
			more = []string{"--update"}
		}
		e := likeness(t, p.embed(out, "csv", more...)...)
		if e.status != 0 && e.status != 1 {
			t.Errorf("round %d: status %d: %s", i, e.status, e.stderr)
			continue
		}
		failures += strings.Count(e.stderr, p.photos)
		got := rows(t, out)
		for name, values := range right {
			if now, there := got[name]; !touched[name] && now != values || there && now != values {
				t.Errorf("round %d: %s has another vector", i, name)
			}
		}
	}
	close(stop)
	<-stopped
	t.Logf("%d failures were told", failures)
	for path, data := range whole {
		os.RemoveAll(path)
		write(t, path, data)
	}
	os.RemoveAll(out + "~")
	if e := likeness(t, p.embed(out, "csv", "--update")...); e.status != 0 {
		t.Error(e.stderr)
	}
	if !bytes.Equal(read(t, out), read(t, fresh)) {
		t.Error("once all is quiet, --update differs from a fresh run")
	}
}

// TestUnreadable: what may not be read fails by itself, with its name.
func TestUnreadable(t *testing.T) {
	needFaults(t)
	p := newPlace(t, 6)
	for dir := p.photos; dir != os.TempDir() && dir != "/"; dir = filepath.Dir(dir) {
		check(t, os.Chmod(dir, 0o777))
	}
	secret := filepath.Join(p.photos, "p002.png")
	check(t, os.Chmod(secret, 0))
	closed := filepath.Join(p.photos, "closed")
	check(t, os.Mkdir(closed, 0))
	t.Cleanup(func() { os.Chmod(closed, 0o755) })
	as := func(args ...string) ended {
		c := exec.Command(program, args...)
		if os.Getuid() == 0 { // who may read all
			c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
		}
		return finish(t, c)
	}
	out := filepath.Join(p.dir, "v.csv")
	e := as(p.embed(out, "csv")...)
	if e.status != 1 || !strings.Contains(e.stderr, secret+": it may not be read") || !strings.Contains(e.stderr, closed+": it may not be read") || !strings.Contains(e.stderr, "2 failed") {
		t.Errorf("status %d: %s", e.status, e.stderr)
	}
	if n := len(rows(t, out)); n != 1+5 {
		t.Errorf("%d rows", n)
	}
	check(t, os.Chmod(p.model, 0))
	as(p.embed(out, "csv")...).oneLine(t, 2, p.model, "permission denied")
	as("inspect", p.model).oneLine(t, 2, p.model, "permission denied")
	check(t, os.Chmod(p.model, 0o644))
	if e := as("embed", "--model", p.model, "-o", out, secret); e.status != 2 || !strings.Contains(e.stderr, secret+": it may not be read: change its permissions") {
		t.Errorf("status %d: %s", e.status, e.stderr)
	}
	// Folders that may not be written, files that may not be replaced.
	check(t, os.Chmod(p.dir, 0o555))
	as(p.embed(filepath.Join(p.dir, "w.csv"), "csv")...).oneLine(t, 2, "w.csv", "permission denied", "choose another place")
	as("convert", p.net, "-o", filepath.Join(p.dir, "w.safetensors")).oneLine(t, 2, "w.safetensors", "permission denied", "choose another place")
	check(t, os.Chmod(p.dir, 0o777))
	write(t, filepath.Join(p.dir, "w.csv"), read(t, out))
	check(t, os.Chmod(filepath.Join(p.dir, "w.csv"), 0o444))
	as(p.embed(filepath.Join(p.dir, "w.csv"), "csv")...).oneLine(t, 2, "w.csv", "write-protected")
}
