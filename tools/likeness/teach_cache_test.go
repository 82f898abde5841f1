package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"likeness/engine/tune"
	"likeness/tools/output"
)

func init() {
	userCache = func() (string, error) { return "", errors.New("tests write nowhere but where they say") }
}

// cachedRun teaches and returns the bytes of the model and what --json says.
func cachedRun(t *testing.T, dir, model, cache string, more ...string) ([]byte, taught, string) {
	t.Helper()
	out := filepath.Join(t.TempDir(), "m.safetensors")
	args := append([]string{"teach", "--model", model, "--from", "expanded_conv_15/add", "--epochs", "2", "--views", "2", "--folds", "2", "--json", "--cache", cache}, more...)
	status, stdout, stderr := likeness(t, append(args, dir, "-o", out)...)
	if status != exitOK {
		t.Fatalf("status %d, %s", status, stderr)
	}
	var r taught
	readJSON(t, stdout, &r)
	b, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return b, r, stderr
}

// A second run takes what the frozen layers have made from the cache, to the same
// bytes; what was cut off, damaged, or is in use by another process is made anew.
func TestTeachCache(t *testing.T) {
	dir, model := drawnFolder(t)
	cache := filepath.Join(t.TempDir(), "a [new] folder", "views")
	want, _, _ := cachedRun(t, dir, model, noCache)
	run := func(what string, cached int, more ...string) {
		t.Helper()
		got, r, _ := cachedRun(t, dir, model, cache, more...)
		if r.Cached != cached || r.Pictures != 10 {
			t.Errorf("%s: %d of %d pictures were known by the cache, want %d", what, r.Cached, r.Pictures, cached)
		}
		if len(more) == 0 && !bytes.Equal(got, want) {
			t.Errorf("%s: another model", what)
		}
	}
	run("first", 0)
	run("again", 10)
	run("another seed", 0, "--seed", "3")
	run("another head's layer, the same views", 10, "--layer", "expanded_conv_16/project")
	rename := filepath.Join(dir, "lying", "z.png")
	if err := os.Rename(filepath.Join(dir, "lying", "e.png"), rename); err != nil {
		t.Fatal(err)
	}
	run("under another name", 10, "--epochs", "1")
	if err := os.Rename(rename, filepath.Join(dir, "lying", "e.png")); err != nil {
		t.Fatal(err)
	}
	path := onlyCache(t, cache)
	whole, _ := os.ReadFile(path)
	writeFile(t, path, whole[:len(whole)/2])
	run("cut off", 4)
	run("after that", 10)
	bad := bytes.Clone(whole)
	bad[len(bad)-5000] ^= 1
	writeFile(t, path, bad)
	run("damaged", 9)
	run("after that", 10)
	held, err := output.OpenLocked(path, "")
	if err != nil {
		t.Fatal(err)
	}
	run("in use", 0)
	held.Close()
	run("free again", 10)
}

// onlyCache is the file with the views of seed 0.
func onlyCache(t *testing.T, cache string) string {
	t.Helper()
	entries, err := os.ReadDir(cache)
	if err != nil || len(entries) != 2 {
		t.Fatalf("%v, %v", err, entries)
	}
	a, _ := entries[0].Info()
	b, _ := entries[1].Info()
	if a.ModTime().After(b.ModTime()) { // the other one was used once, before
		return filepath.Join(cache, a.Name())
	}
	return filepath.Join(cache, b.Name())
}

func TestTeachCacheFolder(t *testing.T) {
	dir, model := drawnFolder(t)
	file := filepath.Join(t.TempDir(), "file")
	writeFile(t, file, nil)
	out := filepath.Join(t.TempDir(), "m.safetensors")
	status, _, stderr := likeness(t, "teach", "--model", model, "--from", "expanded_conv_15/add", "--cache", file, dir, "-o", out)
	if status != exitFatal || !strings.Contains(stderr, "cannot write") {
		t.Errorf("a file in place of the folder: status %d, %s", status, stderr)
	}
	status, _, stderr = likeness(t, "teach", "--model", model, "--cache", file, dir, "-o", out)
	if status != exitFatal || !strings.Contains(stderr, "--cache is for --from LAYER") {
		t.Errorf("without --from: status %d, %s", status, stderr)
	}
	defer func(f func() (string, error)) { userCache = f }(userCache)
	userCache = func() (string, error) { return file, nil }
	want, _, _ := cachedRun(t, dir, model, noCache)
	got, r, stderr := cachedRun(t, dir, model, "")
	if !strings.Contains(stderr, "is not kept for the next run") || r.Cached != 0 || !bytes.Equal(got, want) {
		t.Errorf("no folder for caches: %d, %s", r.Cached, stderr)
	}
	userCache = func() (string, error) { return filepath.Dir(file), nil }
	cachedRun(t, dir, model, "")
	if _, r, _ := cachedRun(t, dir, model, ""); r.Cached != 10 {
		t.Errorf("by default %d pictures are known", r.Cached)
	}
}

// What no run has used for longest goes first, of other models before that.
func TestTrimCache(t *testing.T) {
	dir := t.TempDir()
	now := time.Now()
	put := func(name string, age time.Duration) string {
		path := filepath.Join(dir, name)
		writeFile(t, path, make([]byte, 100))
		if err := os.Chtimes(path, now, now.Add(-age)); err != nil {
			t.Fatal(err)
		}
		return path
	}
	put("mine-old.views", 9*time.Hour)
	put("mine-new.views", time.Hour)
	put("other-old.views", 3*time.Hour)
	put("other-new.views", 2*time.Hour)
	put("other-stale.views", staleAfter+time.Hour)
	put("another.file", 99*time.Hour)
	held, err := output.OpenLocked(put("other-held.views", 4*time.Hour), "")
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	for _, c := range []struct {
		most int64
		left string
	}{
		{1 << 20, "another.file mine-new.views mine-old.views other-held.views other-new.views other-old.views"},
		{400, "another.file mine-new.views mine-old.views other-held.views other-new.views"},
		{200, "another.file mine-new.views other-held.views"},
		{0, "another.file other-held.views"},
	} {
		(&viewCache{Pack: tune.NewPack(tune.Digest{}, 1, 1), dir: dir, model: "mine-", most: c.most}).trim()
		var left []string
		entries, _ := os.ReadDir(dir)
		for _, e := range entries {
			left = append(left, e.Name())
		}
		if got := strings.Join(left, " "); got != c.left {
			t.Errorf("at most %d bytes: %s, want %s", c.most, got, c.left)
		}
	}
}
