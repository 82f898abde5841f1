package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// evalFolder holds two kinds of pictures, one that is none and a stray file.
func evalFolder(t *testing.T) (dir, model string) {
	dir = t.TempDir()
	model = filepath.Join(dir, "tiny.safetensors")
	writeModel(t, model)
	for i, size := range [][2]int{{8, 8}, {9, 9}, {10, 10}} {
		for _, kind := range []string{"even", "odd"} {
			seed := byte(2 * i)
			if kind == "odd" {
				seed = byte(200 + 2*i)
			}
			mkdir(t, filepath.Join(dir, "set", kind, "deep"))
			writePicture(t, filepath.Join(dir, "set", kind, "deep", string(rune('a'+i))+".png"), size[0], size[1], seed)
		}
	}
	writeFile(t, filepath.Join(dir, "set", "odd", "broken.png"), []byte("no picture"))
	writeFile(t, filepath.Join(dir, "set", "stray.png"), []byte("in no folder"))
	return filepath.Join(dir, "set"), model
}

func TestEval(t *testing.T) {
	dir, model := evalFolder(t)
	status, stdout, stderr := likeness(t, "eval", "--model", model+","+model, "--pool", "avg,max", "--json", dir)
	if status != exitSome || !strings.Contains(stderr, "broken.png") {
		t.Fatalf("status %d: %s", status, stderr)
	}
	var r evaluation
	if err := json.Unmarshal([]byte(stdout), &r); err != nil {
		t.Fatal(err)
	}
	if r.Pictures != 6 || r.Labels != 2 || r.Skipped != 1 || len(r.Failures) != 1 || len(r.Results) != 4 {
		t.Fatalf("%+v", r)
	}
	for i, e := range r.Results {
		if e.Layer != "features" || e.Dim != dim || e.Queries != 6 || e.Pool != []string{"avg", "max"}[i%2] {
			t.Errorf("%+v", e)
		}
		if e.P1 != 1 && e.Pool == "avg" {
			t.Errorf("kinds far apart are mixed up: %+v", e)
		}
		if e.MAP <= 0 || e.MAP > 1 {
			t.Errorf("mAP %g", e.MAP)
		}
	}
	if r.Results[0] != r.Results[2] {
		t.Errorf("the same model twice: %+v and %+v", r.Results[0], r.Results[2])
	}
	_, table, _ := likeness(t, "eval", "--model", model, dir)
	if !strings.HasPrefix(table, "6 pictures, 2 labels; 1 other files skipped; 1 failed\n\nmodel") || !strings.Contains(table, "features  avg") {
		t.Errorf("table:\n%s", table)
	}
}

func TestEvalErrors(t *testing.T) {
	dir, model := evalFolder(t)
	for _, c := range []struct {
		args []string
		want string
	}{
		{nil, "one folder with a subfolder for each label is wanted"},
		{[]string{"--pool", "best", dir}, "unknown pooling"},
		{[]string{"--model", model, "--layer", "nothing", dir}, "no layer"},
		{[]string{"--model", model, filepath.Join(dir, "odd")}, "two labels or more"},
		{[]string{"--model", model, filepath.Join(dir, "odd", "deep")}, "no subfolders with pictures"},
		{[]string{"--model", model, filepath.Join(dir, "missing")}, "cannot be read"},
	} {
		status, _, stderr := likeness(t, append([]string{"eval"}, c.args...)...)
		if status != exitFatal || !strings.Contains(stderr, c.want) {
			t.Errorf("%v: status %d, %s", c.args, status, stderr)
		}
	}
}

func mkdir(t *testing.T, path string) {
	t.Helper()
	if err := os.MkdirAll(path, 0o755); err != nil {
		t.Fatal(err)
	}
}
