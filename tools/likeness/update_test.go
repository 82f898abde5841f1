package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"likeness/engine/vectors"
)

// rowNames lists the names in a file of vectors.
func rowNames(t *testing.T, file, format string) (names []string) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := vectors.OpenRows(bytes.NewReader(data), int64(len(data)), format)
	if err != nil {
		t.Fatal(err)
	}
	for i := range rows.Len() {
		name, _, err := rows.Row(i, nil)
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, name)
	}
	return names
}

// collection is a folder of pictures and an index of it.
type collection struct {
	t                  *testing.T
	dir, model, photos string
	format, out        string
	args               []string
}

func newCollection(t *testing.T, format string, args ...string) *collection {
	dir, modelFile, photos := fixture(t)
	c := &collection{t, dir, modelFile, photos, format, filepath.Join(dir, "v."+format), args}
	return c
}

func (c *collection) command(out string, args ...string) []string {
	all := append([]string{"--model", c.model, "--format", c.format, "-o", out}, c.args...)
	return append(append(all, args...), c.photos)
}

func (c *collection) update(want changes) {
	c.t.Helper()
	s, _, stderr := embedJSON(c.t, c.command(c.out, "--update")...)
	if s.Update != want {
		c.t.Errorf("%s: %+v, want %+v; %s", c.format, s.Update, want, stderr)
	}
	c.fresh()
}

// fresh compares with what a run without --update gives.
func (c *collection) fresh() {
	c.t.Helper()
	other := filepath.Join(c.dir, "fresh."+c.format)
	args := append([]string{"embed"}, c.command(other)...)
	args = slices.DeleteFunc(args, func(s string) bool { return s == "--by-content" })
	if status, _, stderr := likeness(c.t, args...); status == exitFatal {
		c.t.Fatal(stderr)
	}
	names := map[string]string{c.out: other}
	if c.format == "tsv" {
		names[metadataName(c.out)] = metadataName(other)
	}
	if !slices.Contains(c.args, "--by-content") {
		names[c.out+".json"] = other + ".json"
	}
	for a, b := range names {
		x, err := os.ReadFile(a)
		if err != nil {
			c.t.Fatal(err)
		}
		y, err := os.ReadFile(b)
		if err != nil {
			c.t.Fatal(err)
		}
		if !bytes.Equal(x, y) {
			c.t.Errorf("%s differs from a fresh run:\n%s\n%s", a, x, y)
		}
	}
	if _, err := os.Stat(c.out + ".partial"); err == nil {
		c.t.Errorf("%s.partial is left behind", c.out)
	}
}

func (c *collection) photo(name string, size int, seed byte) {
	writePicture(c.t, filepath.Join(c.photos, name), size, size, seed)
}

func (c *collection) touch(name string) {
	later := time.Now().Add(time.Hour)
	if err := os.Chtimes(filepath.Join(c.photos, name), later, later); err != nil {
		c.t.Fatal(err)
	}
}

func (c *collection) remove(name string) {
	if err := os.Remove(filepath.Join(c.photos, name)); err != nil {
		c.t.Fatal(err)
	}
}

func TestUpdate(t *testing.T) {
	for _, format := range vectors.Formats {
		t.Run(format, func(t *testing.T) {
			c := newCollection(t, format)
			c.update(changes{Added: 3})
			before, err := os.Stat(c.out)
			if err != nil {
				t.Fatal(err)
			}
			c.update(changes{Kept: 3})
			if after, err := os.Stat(c.out); err != nil || !os.SameFile(before, after) && format != "tsv" {
				t.Errorf("nothing had changed, and the file was written: %v", err)
			}
			c.photo("b=1\n,.png", 12, 77) // among the others, and hard to write down
			c.touch("c.png")
			c.remove("d.png")
			writeFile(t, filepath.Join(c.photos, "e.png"), []byte("no picture"))
			c.update(changes{Kept: 1, Added: 1, Recomputed: 1, Dropped: 1})
			c.photo("e.png", 9, 5)
			c.update(changes{Kept: 3, Added: 1})
			// Made by a run without --update.
			c.update(changes{Kept: 4})
		})
	}
}

// TestUpdateKeeps: what is kept is not computed anew: a vector that was put in
// the place of the picture's own stays.
func TestUpdateKeeps(t *testing.T) {
	c := newCollection(t, "npy")
	c.update(changes{Added: 3})
	side := c.side()
	data, err := os.ReadFile(c.out)
	if err != nil {
		t.Fatal(err)
	}
	copy(data[len(data)-4:], "\x00\x00\x00\x40") // 2
	writeFile(t, c.out, data)
	side.File.SHA256, err = hashOf(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	c.write(side)
	c.photo("b.png", 9, 9)
	if s, _, _ := embedJSON(t, c.command(c.out, "--update")...); s.Update.Kept != 3 {
		t.Errorf("%+v", s)
	}
	if data, _ = os.ReadFile(c.out); !bytes.HasSuffix(data, []byte("\x00\x00\x00\x40")) {
		t.Error("the vector was computed anew")
	}
}

func (c *collection) side() *sideFile {
	c.t.Helper()
	data, err := os.ReadFile(c.out + ".json")
	if err != nil {
		c.t.Fatal(err)
	}
	side, err := readSideFile(data)
	if err != nil {
		c.t.Fatal(err)
	}
	return side
}

func (c *collection) write(s *sideFile) {
	c.t.Helper()
	data, err := s.encode()
	if err != nil {
		c.t.Fatal(err)
	}
	writeFile(c.t, c.out+".json", data)
}

// TestUpdateFinishes: a run that was killed between its two renames has left
// the new FILE.json, the old FILE, and the new FILE under a temporary name.
func TestUpdateFinishes(t *testing.T) {
	c := newCollection(t, "npy")
	c.update(changes{Added: 3})
	old, err := os.ReadFile(c.out)
	if err != nil {
		t.Fatal(err)
	}
	c.photo("b.png", 9, 9)
	c.update(changes{Kept: 3, Added: 1})
	temp := filepath.Join(c.dir, ".likeness-1-0123abcd.tmp")
	if err := os.Rename(c.out, temp); err != nil {
		t.Fatal(err)
	}
	writeFile(t, c.out, old)
	writeFile(t, filepath.Join(c.dir, ".likeness-2-0123abcd.tmp"), old) // of a run killed before
	if status, _, stderr := likeness(t, append([]string{"embed"}, c.command(c.out, "--update")...)...); status != exitOK {
		if runtime.GOOS == "windows" || runtime.GOOS == "js" {
			t.Skip("no locks here: it is refused")
		}
		t.Fatal(stderr)
	}
	c.update(changes{Kept: 4})
	if left, _ := filepath.Glob(filepath.Join(c.dir, ".*")); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
}

func TestUpdateByContent(t *testing.T) {
	c := newCollection(t, "jsonl", "--by-content")
	c.args = nil
	c.update(changes{Added: 3})
	c.args = []string{"--by-content"}
	if status, _, stderr := likeness(t, append([]string{"embed"}, c.command(c.out, "--update")...)...); status != exitFatal || !strings.Contains(stderr, "without --by-content") {
		t.Errorf("status %d: %s", status, stderr)
	}
	for _, name := range []string{c.out, c.out + ".json"} {
		if err := os.Remove(name); err != nil {
			t.Fatal(err)
		}
	}
	c.update(changes{Added: 3})
	c.touch("a.png")
	if err := os.Rename(filepath.Join(c.photos, "c.png"), filepath.Join(c.photos, "moved.png")); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(filepath.Join(c.photos, "d.png"))
	if err != nil {
		t.Fatal(err)
	}
	// Other bytes of the same size at the same time.
	data, err := os.ReadFile(filepath.Join(c.photos, "d.png"))
	if err != nil {
		t.Fatal(err)
	}
	good := bytes.Clone(data)
	data[len(data)-1] ^= 1
	writeFile(t, filepath.Join(c.photos, "d.png"), data)
	if err := os.Chtimes(filepath.Join(c.photos, "d.png"), info.ModTime(), info.ModTime()); err != nil {
		t.Fatal(err)
	}
	s, _, stderr := embedJSON(t, c.command(c.out, "--update")...)
	if s.Update.Kept != 2 || s.Failed+s.Update.Recomputed != 1 {
		t.Errorf("%+v, %s", s, stderr)
	}
	writeFile(t, filepath.Join(c.photos, "d.png"), good)
	c.touch("d.png")
	// Hashes stay recorded without the flag.
	c.args = nil
	if s, _, _ := embedJSON(t, c.command(c.out, "--update")...); s.Pictures != 3 || len(c.side().SHA256) != 3 {
		t.Errorf("%+v, %d hashes", s, len(c.side().SHA256))
	}
}

func TestUpdateRefuses(t *testing.T) {
	c := newCollection(t, "csv")
	c.update(changes{Added: 3})
	restore := snapshot(t, c.dir)
	other := filepath.Join(c.dir, "other.safetensors")
	data, err := os.ReadFile(c.model)
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, other, bytes.Replace(data, []byte("Apache-2.0"), []byte("Apache-1.0"), 1))
	edit := func(name, old, new string) func() {
		return func() {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Contains(text, []byte(old)) {
				t.Fatalf("%s has no %q", name, old)
			}
			writeFile(t, name, bytes.Replace(text, []byte(old), []byte(new), 1))
		}
	}
	side := c.out + ".json"
	for _, x := range []struct {
		name   string
		change func()
		args   []string
		want   []string
	}{
		{"another model", nil, []string{"--model", other}, []string{"its model", "choose the same with --model"}},
		{"pooling", nil, []string{"--pool", "max"}, []string{"pooling is avg, this run's is max", "--pool"}},
		{"normalisation", nil, []string{"--normalize=false"}, []string{"normalisation is true", "--normalize"}},
		{"format", nil, []string{"--format", "jsonl"}, []string{"format is csv, this run's is jsonl"}},
		{"preparation", func() { s := c.side(); s.Prepare.Side = 9; c.write(s) }, nil, []string{"preparation", "--resize"}},
		{"decoders", func() { s := c.side(); s.Decoding++; c.write(s) }, nil, []string{"decoded in another way"}},
		{"side file gone", func() { os.Remove(side) }, nil, []string{side, "is not: leave out --update"}},
		{"count edited", edit(side, `"count": 3`, `"count": 2`), nil, []string{side, "edited or damaged"}},
		{"side file cut off", func() { os.Truncate(side, 100) }, nil, []string{side, "damaged"}},
		{"side file of an earlier version", func() { writeFile(t, side, []byte(`{"model_hash":"x","count":3}`)) }, nil, []string{"earlier version"}},
		{"a value edited", edit(c.out, "0.", "1."), nil, []string{c.out, "do not go together"}},
		{"a name edited", edit(c.out, "a.png", "b.png"), nil, []string{c.out, "do not go together"}},
		{"cut off", func() { os.Truncate(c.out, 60) }, nil, []string{c.out, "do not go together"}},
		{"foreign journal", func() { writeFile(t, c.out+".partial", []byte("my notes")) }, nil, []string{c.out + ".partial", "not of this program"}},
		{"pictures unmounted", func() { os.Rename(c.photos, c.photos+"2") }, []string{c.model}, []string{c.photos, "would drop its 3 pictures"}},
	} {
		t.Run(x.name, func(t *testing.T) {
			if x.change != nil {
				x.change()
			}
			before := snapshot(t, c.dir)
			status, _, stderr := likeness(t, append([]string{"embed"}, c.command(c.out, append([]string{"--update"}, x.args...)...)...)...)
			if status != exitFatal {
				t.Errorf("status %d: %s", status, stderr)
			}
			for _, want := range x.want {
				if !strings.Contains(stderr, want) {
					t.Errorf("%q is missing in %s", want, stderr)
				}
			}
			after := snapshot(t, c.dir)
			for name, text := range before {
				if after[name] != text {
					t.Errorf("%s has changed", name)
				}
			}
			if len(after) != len(before) {
				t.Errorf("%d files, there were %d", len(after), len(before))
			}
			os.Rename(c.photos+"2", c.photos)
			os.Remove(c.out + ".partial")
			for name, text := range restore {
				if strings.HasPrefix(name, c.out) {
					writeFile(t, name, []byte(text))
				}
			}
		})
	}
	c.update(changes{Kept: 3})
}

// TestUpdateInterrupted: an interrupted run is gone on with, and the result is
// that of one that was not.
func TestUpdateInterrupted(t *testing.T) {
	for _, format := range []string{"npy", "csv"} {
		c := newCollection(t, format)
		const more = 120
		for i := range more {
			c.photo("p"+string(rune('a'+i%26))+string(rune('a'+i/26))+".png", 150+i, byte(i))
		}
		partial := c.out + ".partial"
		// A machine that has other work may be too late: again, from the beginning.
		for try := 0; !c.interruptTwice(partial); try++ {
			if try == 20 {
				t.Fatal("20 runs were too quick to be interrupted")
			}
			left, _ := filepath.Glob(c.out + "*")
			for _, path := range left {
				os.Remove(path)
			}
		}
		info, err := os.Stat(partial)
		if err != nil {
			t.Fatal(err)
		}
		// A loss of power may cut off the end, or leave rubbish.
		if err := os.Truncate(partial, info.Size()-3); err != nil {
			t.Fatal(err)
		}
		f, err := os.OpenFile(partial, os.O_APPEND|os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		f.Write(make([]byte, 100))
		f.Close()
		// Another setting must not go on with it.
		if status, _, stderr := likeness(t, append([]string{"embed"}, c.command(c.out, "--update", "--pool", "max")...)...); status != exitFatal || !strings.Contains(stderr, partial) {
			t.Errorf("status %d: %s", status, stderr)
		}
		s, _, stderr := embedJSON(t, c.command(c.out, "--update")...)
		if s.Update.Added != more+3 || s.Update.Continued < 2 || s.Update.Continued > more+2 {
			t.Errorf("%+v, %s", s, stderr)
		}
		c.fresh()
	}
}

// interruptTwice interrupts a run as soon as it has a journal of some length, and
// then one that goes on with it. It reports whether both were met at work.
func (c *collection) interruptTwice(partial string) bool {
	c.t.Helper()
	for round := range 2 {
		ctx, cancel := context.WithCancel(c.t.Context())
		go func() {
			for ctx.Err() == nil {
				if info, err := os.Stat(partial); err == nil && info.Size() > int64(1000*(round+1)) {
					cancel()
				}
			}
		}()
		var out, stderr bytes.Buffer
		status := newApp(ctx, &out, &stderr).main(append([]string{"embed"}, c.command(c.out, "--update")...))
		cancel()
		if status == exitOK {
			return false
		}
		if status != exitInterrupted || !strings.Contains(stderr.String(), partial) {
			c.t.Errorf("status %d: %s does not say what is kept", status, stderr.String())
		}
		if _, err := os.Stat(c.out); err == nil {
			c.t.Error("half a file was written")
		}
	}
	return true
}
