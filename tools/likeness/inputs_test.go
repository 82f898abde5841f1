package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestOutputsSpareInputs: whatever is given as an output, files of the user
// stay as they are.
func TestOutputsSpareInputs(t *testing.T) {
	dir, modelFile, photos := fixture(t)
	at := func(name string) string { return filepath.Join(dir, name) }
	photo := filepath.Join(photos, "a.png")
	writeFile(t, at("labels.csv"), []byte("rose,1\ntulip,2\n"))
	writeFile(t, at("package.json"), []byte(`{"name":"mine"}`))
	writeFile(t, at("net.tflite"), []byte("TFL3 not really"))
	writeFile(t, at("list"), []byte(photo+"\n"))
	writeFile(t, at("old.npy.json"), []byte("{}"))
	writeFile(t, at("v.tsv.json"), []byte("\x89PNG\r\n\x1a\n"))
	if err := os.Link(photo, at("hard.npy")); err != nil {
		t.Skip("no links here:", err)
	}
	if err := os.Symlink(photo, at("x.npy.json")); err != nil {
		t.Skip("no links here:", err)
	}
	before := snapshot(t, dir)
	embed := func(args ...string) []string { return append([]string{"embed", "--model", modelFile}, args...) }
	for _, c := range []struct {
		args []string
		want []string
	}{
		// The shell makes of -o *.png: -o a.png c.png d.png.
		{embed("-o", photo, filepath.Join(photos, "c.png"), filepath.Join(photos, "d.png")), []string{photo, "does not hold vectors"}},
		{embed("-o", photo, photos), []string{photo, "is the picture"}},
		{embed("-o", at("hard.npy"), photos), []string{at("hard.npy"), "is the picture " + photo}},
		{embed("-o", at("x.npy"), photos), []string{at("x.npy.json"), "is the picture " + photo}},
		{embed("-o", modelFile, photos), []string{modelFile, "is the model"}},
		{embed("-o", at("list"), "--files-from", at("list")), []string{at("list"), "is the list"}},
		{embed("-o", at("labels.csv"), photos), []string{at("labels.csv"), "does not hold vectors"}},
		{embed("-o", at("package"), photos), []string{at("package.json"), "does not hold"}},
		{embed("--format", "jsonl", "-o", at("package.json"), photos), []string{at("package.json"), "does not hold vectors"}},
		{embed("--format", "tsv", "-o", at("v.tsv"), photos), []string{at("v.tsv.json"), "does not hold what comes with vectors"}},
		{embed("-o", dir, photos), []string{dir, "is a folder"}},
		{[]string{"convert", at("net.tflite"), "-o", at("net.tflite")}, []string{at("net.tflite"), "is the network's file"}},
		{[]string{"convert", at("net.tflite"), "-o", photo}, []string{photo, "does not hold a model"}},
		{[]string{"convert", at("net.tflite"), "--calibrate", photos, "-o", photo}, []string{photo, "is the calibration picture"}},
		{[]string{"convert", at("net.tflite"), "--check", photos, "-o", photo}, []string{photo, "is the picture of --check"}},
		{[]string{"convert", at("net.tflite"), "-o", at("gone/net.safetensors")}, []string{"there is no folder", "-o"}},
	} {
		status, out, stderr := likeness(t, c.args...)
		if status != exitFatal || out != "" {
			t.Errorf("%q: status %d, %s", c.args, status, out)
		}
		for _, want := range c.want {
			if !strings.Contains(stderr, want) {
				t.Errorf("%q: %q is missing in %s", c.args, want, stderr)
			}
		}
		for name, text := range snapshot(t, dir) {
			if before[name] != text {
				t.Fatalf("%q has changed %s", c.args, name)
			}
		}
		if after := snapshot(t, dir); len(after) != len(before) {
			t.Fatalf("%q has left something: %d files, there were %d", c.args, len(after), len(before))
		}
	}
}

// snapshot is the content of all files of a folder.
func snapshot(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			data, err := os.ReadFile(path)
			all[path] = string(data)
			return err
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestLongNames: FILE.json is the longest name that embed makes.
func TestLongNames(t *testing.T) {
	dir, modelFile, photos := fixture(t)
	name := filepath.Join(dir, strings.Repeat("n", 250))
	if status, _, stderr := likeness(t, "embed", "--model", modelFile, "-o", name, photos); status != exitOK {
		t.Errorf("250 bytes: status %d, %s", status, stderr)
	}
	status, _, stderr := likeness(t, "embed", "--model", modelFile, "-o", name+"n", photos)
	if status != exitFatal || !strings.Contains(stderr, "nn.json") {
		t.Errorf("251 bytes: status %d, %s", status, stderr)
	}
}

type summaryJSON struct {
	Pictures, Skipped, Failed, Duplicates int
	SkippedFolders                        int     `json:"skipped_folders"`
	SkippedSystem                         int     `json:"skipped_system"`
	Flags                                 []any   `json:"flags"`
	Update                                changes `json:"update"`
	Failures                              []struct{ Code, Error string }
}

// embedJSON runs embed --json.
func embedJSON(t *testing.T, args ...string) (s summaryJSON, status int, stderr string) {
	t.Helper()
	status, out, stderr := likeness(t, append([]string{"embed", "--json"}, args...)...)
	if err := json.Unmarshal([]byte(out), &s); err != nil {
		t.Fatalf("%v: status %d, %q, %s", err, status, out, stderr)
	}
	return s, status, stderr
}

func TestFoldersOfOthers(t *testing.T) {
	dir, modelFile, photos := fixture(t)
	for _, folder := range []string{"@eaDir", ".thumbnails", "#recycle", "$RECYCLE.BIN", "__MACOSX", "System Volume Information", "lost+found", "2024/@eaDir/deep"} {
		mkdir(t, filepath.Join(photos, folder))
		writePicture(t, filepath.Join(photos, folder, "hidden.png"), 9, 9, 1)
	}
	for _, file := range []string{"._a.png", "Thumbs.db", "desktop.ini"} {
		writeFile(t, filepath.Join(photos, file), []byte("x"))
	}
	writeFile(t, filepath.Join(photos, "notes.txt"), []byte("x"))
	out := filepath.Join(dir, "v.csv")
	s, status, _ := embedJSON(t, "--model", modelFile, "--format", "csv", "-o", out, photos)
	if status != exitOK || s.Pictures != 3 || s.SkippedFolders != 8 || s.SkippedSystem != 3 || s.Skipped != 1 || s.Flags == nil {
		t.Errorf("status %d: %+v", status, s)
	}
	status, _, stderr := likeness(t, "embed", "--model", modelFile, "--format", "csv", "-o", out, photos)
	if status != exitOK || !strings.Contains(stderr, "8 folders of other programs") {
		t.Errorf("status %d: %s", status, stderr)
	}
	// What is named outright is taken.
	if s, _, _ := embedJSON(t, "--model", modelFile, "-o", filepath.Join(dir, "v.npy"), filepath.Join(photos, "@eaDir"), filepath.Join(photos, ".thumbnails", "hidden.png")); s.Pictures != 2 {
		t.Errorf("%+v", s)
	}
}

func TestReadPaths(t *testing.T) {
	for _, c := range []struct {
		list string
		null bool
		want []string
	}{
		{"", false, nil},
		{"a\nb", false, []string{"a", "b"}},
		{"a\n\n b \n", false, []string{"a", " b "}},
		{"a\r\nb\r\n", false, []string{"a", "b"}},
		{"a\r\nb\n", false, []string{"a\r", "b"}},
		{"\ufeffa\nb\n", false, []string{"a", "b"}},
		{"caf\xe9\n\xff\n", false, []string{"caf\xe9", "\xff"}},
		{"a\nb\x00c\r\x00\ufeff", true, []string{"a\nb", "c\r", "\ufeff"}},
		{"\ufeff\x00", true, []string{"\ufeff"}},
	} {
		got, err := readPaths(strings.NewReader(c.list), c.null)
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%q: %q (%v), want %q", c.list, got, err, c.want)
		}
	}
	for list, want := range map[string]string{"a\x00b\n": "-0", "a\n" + strings.Repeat("x", maxPath+1): "path 2 has more"} {
		if _, err := readPaths(strings.NewReader(list), false); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.10q: %v, want %q", list, err, want)
		}
	}
}

func TestFilesFrom(t *testing.T) {
	dir, modelFile, photos := fixture(t)
	list, out := filepath.Join(dir, "list"), filepath.Join(dir, "v.jsonl")
	odd := filepath.Join(dir, "caf\xe9\n.png")
	if err := os.WriteFile(odd, writePicture(t, filepath.Join(dir, "x.png"), 9, 9, 3), 0o600); err != nil {
		odd = filepath.Join(dir, "x.png") // not on this file system
	}
	c := filepath.Join(photos, "c.png")
	writeFile(t, list, []byte(odd+"\x00"+c+"\x00"+photos+"\x00"+filepath.Join(photos, ".", "..", "photos", "a.png")+"\x00"+filepath.Join(dir, "gone.png")+"\x00"))
	s, status, stderr := embedJSON(t, "--model", modelFile, "--format", "jsonl", "-o", out, "-0", "--files-from", list, c)
	if status != exitSome || s.Pictures != 4 || s.Duplicates != 3 || s.Failed != 1 || !strings.Contains(stderr, "gone.png") {
		t.Errorf("status %d: %+v, %s", status, s, stderr)
	}
	names := rowNames(t, out, "jsonl")
	if want := []string{c, odd, filepath.Join(photos, "a.png"), filepath.Join(photos, "d.png")}; !slices.Equal(names, want) {
		t.Errorf("%q, want %q", names, want)
	}
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"--files-from", filepath.Join(dir, "nothing")}, "cannot be read"},
		{[]string{"--files-from", os.DevNull}, "names no pictures"},
		{[]string{"-0", photos}, "--files-from"},
		{[]string{"--update", photos}, "-o FILE"},
		{[]string{"--by-content", "-o", out, photos}, "--update"},
		{[]string{"--memory", "lots", photos}, "512M"},
		{[]string{"--memory", "1M", "--format", "csv", photos}, "give at least"},
	} {
		status, _, stderr := likeness(t, append([]string{"embed", "--model", modelFile}, c.args...)...)
		if status != exitFatal || !strings.Contains(stderr, c.want) {
			t.Errorf("%q: status %d, %s", c.args, status, stderr)
		}
	}
}
