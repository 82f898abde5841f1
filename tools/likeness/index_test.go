package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// files reads all files below a folder.
func files(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, _ := filepath.Rel(dir, path)
		all[filepath.ToSlash(rel)], err = os.ReadFile(path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// An index is made, brought up to date to the bytes that a new one has, and
// searched; every picture finds itself.
func TestIndex(t *testing.T) {
	dir, model, photos := fixture(t)
	for i := range 12 {
		writePicture(t, filepath.Join(photos, fmt.Sprintf("more%d.png", i)), 40+i, 30, byte(3*i+1))
	}
	for _, limit := range []string{"20000", "2"} {
		out, fresh := filepath.Join(dir, "out"+limit), filepath.Join(dir, "fresh"+limit)
		run := func(out string) {
			t.Helper()
			status, _, stderr := likeness(t, "index", "-o", out, "--model", model, "--no-runtime", "--base", "p/", "--exact-limit", limit, photos)
			if status > exitSome {
				t.Fatalf("status %d: %s", status, stderr)
			}
		}
		run(out)
		writePicture(t, filepath.Join(photos, "new"+limit+".png"), 33, 33, byte(len(limit)+77))
		if err := os.Remove(filepath.Join(photos, "more1.png")); err != nil && limit == "20000" {
			t.Fatal(err)
		}
		run(out)
		run(fresh)
		got, want := files(t, out), files(t, fresh)
		if len(got) != len(want) {
			t.Errorf("limit %s: %d files, %d when made anew", limit, len(got), len(want))
		}
		for name, data := range want {
			if !bytes.Equal(got[name], data) {
				t.Errorf("limit %s: %s differs from one made anew", limit, name)
			}
		}
		if status, stdout, stderr := likeness(t, "index", "--verify", out); status != exitOK || !strings.Contains(stdout, "whole") {
			t.Errorf("verify: %d %s %s", status, stdout, stderr)
		}
		for _, name := range []string{"more0.png", "more7.png", "new" + limit + ".png"} {
			status, stdout, stderr := likeness(t, "search", "--model", model, "--json", "-k", "20", out, filepath.Join(photos, name))
			var list []struct {
				Path, URL string
				Score     float64
				Width     int
			}
			if err := json.Unmarshal([]byte(stdout), &list); err != nil || status != exitOK || len(list) < 15 {
				t.Fatalf("search: %d %s %s %v", status, stdout, stderr, err)
			}
			found := false
			for _, l := range list {
				found = found || l.Path == name && l.URL == "p/"+name && l.Score > .999 && l.Width > 0
			}
			if !found {
				t.Errorf("limit %s: %s does not find itself: %s", limit, name, stdout)
			}
		}
		for name := range want {
			if strings.HasPrefix(name, "vectors/") {
				data := bytes.Clone(want[name])
				data[len(data)/2] ^= 4
				writeFile(t, filepath.Join(out, filepath.FromSlash(name)), data)
			}
		}
		if status, _, stderr := likeness(t, "index", "--verify", out); status != exitFatal || !strings.Contains(stderr, "damaged") {
			t.Errorf("verify of a damaged index: %d %s", status, stderr)
		}
	}
}

func TestIndexList(t *testing.T) {
	dir, model, photos := fixture(t)
	writePicture(t, filepath.Join(photos, "a.png"), 40, 30, 9)
	writePicture(t, filepath.Join(photos, "b.png"), 40, 30, 90)
	list := filepath.Join(photos, "list.csv")
	writeFile(t, list, []byte("\ufeffPath,title,tags,url\na.png,\"One, first\",\"red; Blue\",/a\nb.png,Two,,\n"))
	out := filepath.Join(dir, "out")
	if status, _, stderr := likeness(t, "index", "-o", out, "--model", model, "--no-runtime", "--list", list); status != exitOK {
		t.Fatalf("status %d: %s", status, stderr)
	}
	status, stdout, stderr := likeness(t, "search", "--model", model, "--json", "--tag", "Blue", out, filepath.Join(photos, "b.png"))
	if status != exitOK || !strings.Contains(stdout, `"path":"a.png","url":"/a","title":"One, first","tags":["red","Blue"]`) || strings.Contains(stdout, "b.png") {
		t.Errorf("%d %s %s", status, stdout, stderr)
	}
	if status, _, stderr := likeness(t, "search", "--model", model, "--tag", "green", out, filepath.Join(photos, "b.png")); status != exitFatal || !strings.Contains(stderr, "green") {
		t.Errorf("a tag that nothing has: %d %s", status, stderr)
	}
}

func TestIndexRefused(t *testing.T) {
	dir, model, photos := fixture(t)
	other := filepath.Join(dir, "other")
	writeFile(t, filepath.Join(dir, "bad.csv"), []byte("name\nx\n"))
	if err := os.Mkdir(other, 0o777); err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(other, "thesis.txt"), []byte("years of work"))
	for _, c := range []struct{ args, want string }{
		{"index " + photos, "-o"},
		{"index -o x", "name folders"},
		{"index -o x --vectors y " + photos, "no such file"},
		{"index -o x --thumbs gif " + photos, "files, packed or none"},
		{"index -o x --side 9 " + photos, "32 to 640"},
		{"index --no-runtime -o " + other + " --model " + model + " " + photos, "holds other files"},
		{"index --no-runtime -o " + filepath.Join(photos, "out") + " --model " + model + " " + photos, "lies in"},
		{"index --no-runtime -o " + filepath.Join(dir, "l") + " --list " + filepath.Join(dir, "bad.csv"), "path is missing"},
		{"index --runtime " + other + " -o " + filepath.Join(dir, "r") + " --model " + model + " " + photos, "make build"},
		{"index --verify " + other, "holds no index"},
		{"search " + other + " x.png", "holds no index"},
		{"search " + other, "an index and a picture"},
	} {
		status, _, stderr := likeness(t, strings.Fields(c.args)...)
		if status != exitFatal || !strings.Contains(stderr, c.want) {
			t.Errorf("%s: %d %s, want %q", c.args, status, stderr, c.want)
		}
	}
	if data, err := os.ReadFile(filepath.Join(other, "thesis.txt")); err != nil || string(data) != "years of work" {
		t.Error("a foreign file was touched")
	}
}
