package main

import (
	"encoding/csv"
	"encoding/json"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"likeness/engine/signal"
	"likeness/engine/signal/samples"
)

// signalFolder has the first files of each kind of a set, and a picture.
func signalFolder(t *testing.T, dir, set string, each int) string {
	t.Helper()
	root := filepath.Join(dir, set)
	seen := map[string]int{}
	for name, data := range samples.Files() {
		if kind := filepath.Dir(name); strings.HasPrefix(name, set+"/") && seen[kind] < each {
			seen[kind]++
			path := filepath.Join(dir, filepath.FromSlash(name))
			if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
				t.Fatal(err)
			}
			writeFile(t, path, data)
		}
	}
	return root
}

// TestEmbedSignals: files that are no pictures are taken when they are asked for
// and only then, and vectors of other parameters are not mixed.
func TestEmbedSignals(t *testing.T) {
	dir, modelFile, photos := fixture(t)
	folder := signalFolder(t, dir, "sounds", 1)
	writePicture(t, filepath.Join(folder, "p.png"), 9, 9, 1)
	writeFile(t, filepath.Join(photos, "notes.txt"), []byte("words"))
	writeFile(t, filepath.Join(photos, "table.csv"), []byte("1\n2\n"))
	out := filepath.Join(dir, "v.csv")
	run := func(args ...string) (summaryJSON, int, string) {
		return embedJSON(t, append([]string{"--model", modelFile, "--format", "csv", "-o", out}, args...)...)
	}
	if s, status, _ := run(photos); status != exitOK || s.Pictures != 3 || s.Skipped != 2 {
		t.Errorf("without --as: %+v", s)
	}
	if s, status, _ := run("--as", "auto", photos); status != exitOK || s.Pictures != 5 || s.Skipped != 0 {
		t.Errorf("--as auto: %+v", s)
	}
	if s, status, _ := run("--as", "mel", photos); status != exitOK || s.Pictures != 3 || s.Skipped != 2 {
		t.Errorf("--as mel: %+v", s)
	}
	if status, _, stderr := likeness(t, "embed", "--model", modelFile, "--format", "csv", "-o", out, "--update", photos); status != exitFatal || !strings.Contains(stderr, "--as") {
		t.Errorf("vectors of mel brought up to date without: status %d, %s", status, stderr)
	}
	if err := os.Remove(out); err != nil {
		t.Fatal(err)
	}
	os.Remove(out + ".json")
	if s, status, _ := run("--as", "mel", "--update", folder); status != exitOK || s.Pictures != 9 {
		t.Errorf("sounds: %+v", s)
	}
	if s, status, _ := run("--as", "mel", "--update", folder); status != exitOK || s.Pictures != 9 || s.Update.Kept != 9 {
		t.Errorf("sounds again: %+v", s)
	}
	status, _, stderr := likeness(t, "embed", "--model", modelFile, "--format", "csv", "-o", out, "--update", "--as", "mel", "--signal", "n_mels=64", folder)
	if status != exitFatal || !strings.Contains(stderr, "--signal") || !strings.Contains(stderr, "n_mels=64") {
		t.Errorf("other parameters: status %d, %s", status, stderr)
	}
	for want, args := range map[string][]string{"--as makes": {"--signal", "sr=8000"}, "choose auto": {"--as", "spectrum"}, "no parameter of mel": {"--as", "mel", "--signal", "columns=3"}} {
		status, _, stderr := likeness(t, append([]string{"embed", "--model", modelFile, "-o", filepath.Join(dir, "x.npy"), folder}, args...)...)
		if status != exitFatal || !strings.Contains(stderr, want) {
			t.Errorf("%q: status %d, %s", args, status, stderr)
		}
	}
	// One that is broken fails by itself.
	writeFile(t, filepath.Join(folder, "broken.wav"), []byte("OggS and no more"))
	if s, status, _ := run("--as", "auto", folder); status != exitSome || s.Pictures != 9 || s.Failures[0].Code != signal.CodeFormat {
		t.Errorf("a broken one: status %d, %+v", status, s)
	}
}

// TestRenderedVector: the vector of a sound is that of the picture that render
// writes of it.
func TestRenderedVector(t *testing.T) {
	dir, modelFile, _ := fixture(t)
	for set, name := range map[string]string{"sounds": "bell/bell-1.wav", "series": "walk/walk-1.csv", "texts": "code/code-1.txt"} {
		file := filepath.Join(signalFolder(t, dir, set, 1), filepath.FromSlash(name))
		picture := filepath.Join(dir, set+".png")
		if status, _, stderr := likeness(t, "render", file, "-o", picture); status != exitOK {
			t.Fatal(status, stderr)
		}
		f, err := os.Open(picture)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if img, err := png.Decode(f); err != nil || img.Bounds().Dx() < 224 || img.Bounds().Dx() != img.Bounds().Dy() {
			t.Fatal(err)
		}
		_, out, _ := likeness(t, "embed", "--model", modelFile, "--format", "csv", "--as", "auto", file, picture)
		rows, err := csv.NewReader(strings.NewReader(out)).ReadAll()
		if err != nil || len(rows) < 2 {
			t.Fatal(err, out)
		}
		a, b := rows[len(rows)-2][1:], rows[len(rows)-1][1:]
		if strings.Join(a, " ") != strings.Join(b, " ") {
			t.Errorf("%s: %v, its picture %v", file, a, b)
		}
	}
	status, _, stderr := likeness(t, "render", modelFile, "-o", filepath.Join(dir, "m.png"))
	if status != exitFatal || !strings.Contains(stderr, ".wav") {
		t.Errorf("status %d, %s", status, stderr)
	}
	if status, _, stderr := likeness(t, "render", "--as", "bytes", modelFile, "-o", modelFile); status != exitFatal || !strings.Contains(stderr, "is the file") {
		t.Errorf("status %d, %s", status, stderr)
	}
}

// TestSoundsFound: an index of sounds is searched by a sound without being told
// how again; a head learned from sounds tells them.
func TestSoundsFound(t *testing.T) {
	dir, modelFile := t.TempDir(), filepath.Join("..", "..", "models", "likeness_v1.safetensors")
	folder, site := signalFolder(t, dir, "sounds", 3), filepath.Join(dir, "site")
	if status, _, stderr := likeness(t, "index", "--model", modelFile, "--no-runtime", "--as", "mel", "--signal", "n_mels=64", "-o", site, folder); status != exitOK {
		t.Fatal(status, stderr)
	}
	small, err := filepath.Glob(filepath.Join(site, "small", "*.jpg"))
	if err != nil || len(small) != 24 {
		t.Errorf("%d small pictures of 24 sounds (%v)", len(small), err)
	}
	status, out, stderr := likeness(t, "search", "--model", modelFile, "--json", "-k", "1", site, filepath.Join(folder, "siren", "siren-2.wav"))
	if status != exitOK || !strings.Contains(out, "siren-2.wav") {
		t.Errorf("status %d, %s%s", status, out, stderr)
	}
	taught := filepath.Join(dir, "taught.safetensors")
	if status, _, stderr = likeness(t, "teach", "--model", modelFile, "--folds", "3", "--as", "mel", "-o", taught, folder); status != exitOK {
		t.Fatal(status, stderr)
	}
	status, out, stderr = likeness(t, "classify", "--model", taught, "--as", "mel", "--json", folder)
	var r struct{ Pictures int }
	if err := json.Unmarshal([]byte(out), &r); err != nil || status != exitOK || r.Pictures != 24 {
		t.Errorf("status %d, %+v, %s", status, r, stderr)
	}
	if status, _, stderr = likeness(t, "eval", "--model", modelFile, "--as", "mel", folder); status != exitOK {
		t.Error(status, stderr)
	}
}
