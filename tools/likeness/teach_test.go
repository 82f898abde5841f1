package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func readJSON(t *testing.T, text string, v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), v); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
}

// A model is taught two kinds of pictures and tells them; the same command
// writes the same bytes.
func TestTeach(t *testing.T) {
	dir, model := evalFolder(t)
	for _, head := range []string{"softmax", "dense", "knn"} {
		out := filepath.Join(t.TempDir(), head+".safetensors")
		args := []string{"teach", "--model", model, "--head", head, "--folds", "3", "--json", dir, "-o", out}
		if head == "dense" {
			args = append(args, "--widths", "9,5", "--rate", "0.02")
		}
		if head == "knn" {
			args = append(args, "--k", "1")
		}
		status, stdout, stderr := likeness(t, args...)
		if status != exitSome || !strings.Contains(stderr, "broken.png") {
			t.Fatalf("%s: status %d, %s", head, status, stderr)
		}
		var r taught
		readJSON(t, stdout, &r)
		if r.Pictures != 6 || strings.Join(r.Labels, " ") != "even odd" || r.Head != head || r.Dim != dim || r.Output != out || len(r.Failures) != 1 ||
			r.Cross == nil || r.Cross.Folds != 3 || len(r.Cross.Each) != 3 || r.Cross.Vectors != 6 {
			t.Errorf("%+v", r)
		}
		first, _ := os.ReadFile(out)
		likeness(t, args...)
		if again, _ := os.ReadFile(out); len(first) == 0 || !bytes.Equal(first, again) {
			t.Errorf("%s: two runs differ", head)
		}
		if _, told, _ := likeness(t, "inspect", out); !strings.Contains(told, "2 classes by a "+head+" head, from layer features (avg)") {
			t.Errorf("inspect: %s", told)
		}
		checkTold(t, dir, out)
	}
	status, stdout, _ := likeness(t, "teach", "--model", model, "--folds", "2", dir, "-o", filepath.Join(t.TempDir(), "m.safetensors"))
	if status != exitSome || !strings.Contains(stdout, "told right that were not learned from, in 2 folds") || !strings.Contains(stdout, "class  pictures  precision  recall") {
		t.Errorf("status %d: %s", status, stdout)
	}
}

// checkTold holds what classify and embed --classify write against the folders.
func checkTold(t *testing.T, dir, model string) {
	t.Helper()
	status, stdout, stderr := likeness(t, "classify", "--model", model, dir)
	rows, err := csv.NewReader(strings.NewReader(stdout)).ReadAll()
	if status != exitSome || err != nil || len(rows) != 7 || strings.Join(rows[0], ",") != "name,label,score" {
		t.Fatalf("status %d, %v, %s\n%s", status, err, stderr, stdout)
	}
	for _, row := range rows[1:] {
		want := filepath.Base(filepath.Dir(filepath.Dir(row[0])))
		if row[1] != want || row[2] < "0.5" {
			t.Errorf("%q", row)
		}
	}
	if _, same, _ := likeness(t, "embed", "--classify", "--model", model, dir); same != stdout {
		t.Errorf("embed --classify: %s", same)
	}
	file := filepath.Join(t.TempDir(), "told.jsonl")
	if status, _, stderr = likeness(t, "classify", "--model", model, "--format", "jsonl", "--top", "5", "-o", file, dir); status != exitSome || !strings.Contains(stderr, "6 pictures told among 2 labels") {
		t.Errorf("status %d: %s", status, stderr)
	}
	data, _ := os.ReadFile(file)
	if lines := strings.Split(strings.TrimSpace(string(data)), "\n"); len(lines) != 12 {
		t.Errorf("%d lines of two labels for 6 pictures", len(lines))
	} else {
		var v verdict
		readJSON(t, lines[0], &v)
		if v.Label != rows[1][1] || string(v.Name) != rows[1][0] {
			t.Errorf("%+v, want %q", v, rows[1])
		}
	}
	_, stdout, _ = likeness(t, "classify", "--model", model, "--json", dir)
	var c classified
	readJSON(t, stdout, &c)
	if c.Pictures != 6 || len(c.Told) != 6 || len(c.Labels) != 2 || len(c.Failures) != 2 {
		t.Errorf("%+v", c)
	}
}

// With --unsure, what is far from all that was learned may be none of it.
func TestTeachUnsure(t *testing.T) {
	dir, model := evalFolder(t)
	out := filepath.Join(t.TempDir(), "m.safetensors")
	_, stdout, _ := likeness(t, "teach", "--model", model, "--folds", "3", "--unsure", "0.5", "--json", dir, "-o", out)
	var r taught
	readJSON(t, stdout, &r)
	if !(r.Threshold > 0.5 && r.Threshold <= 1) {
		t.Fatalf("threshold %v", r.Threshold)
	}
	_, stdout, _ = likeness(t, "classify", "--model", out, "--json", dir)
	var c classified
	readJSON(t, stdout, &c)
	for _, v := range c.Told {
		if (v.Label == "") != (v.Score < c.Threshold) || c.Threshold != r.Threshold {
			t.Errorf("%+v, threshold %v", v, c.Threshold)
		}
	}
}

func TestTeachErrors(t *testing.T) {
	dir, model := evalFolder(t)
	lone := filepath.Join(t.TempDir(), "set")
	mkdir(t, filepath.Join(lone, "many"))
	mkdir(t, filepath.Join(lone, "few"))
	writePicture(t, filepath.Join(lone, "many", "a.png"), 8, 8, 1)
	writePicture(t, filepath.Join(lone, "many", "b.png"), 8, 8, 9)
	writePicture(t, filepath.Join(lone, "few", "a.png"), 8, 8, 90)
	out := filepath.Join(t.TempDir(), "m.safetensors")
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"teach", "-o", out}, "one folder with a subfolder for each class"},
		{[]string{"teach", dir}, "give -o"},
		{[]string{"teach", "--head", "forest", dir, "-o", out}, "choose knn, softmax, dense"},
		{[]string{"teach", "--widths", "8", dir, "-o", out}, "--widths is for --head dense"},
		{[]string{"teach", "--head", "dense", "--widths", "8,x", dir, "-o", out}, "--widths 8,x"},
		{[]string{"teach", "--k", "3", dir, "-o", out}, "--k is for --head knn"},
		{[]string{"teach", "--folds", "1", dir, "-o", out}, "at least 2 parts"},
		{[]string{"teach", "--folds", "0", "--unsure", "0.1", dir, "-o", out}, "--folds, which is 0"},
		{[]string{"teach", "--unsure", "2", dir, "-o", out}, "--unsure 2"},
		{[]string{"teach", "--model", model, "--folds", "99", dir, "-o", out}, "99 folds of 6 vectors"},
		{[]string{"teach", "--model", model, "--c", "-1", dir, "-o", out}, "C -1"},
		{[]string{"teach", "--model", model, "--layer", "nothing", dir, "-o", out}, "no layer"},
		{[]string{"teach", "--model", model, dir, "-o", model}, "is the model"},
		{[]string{"teach", "--model", model, filepath.Join(dir, "odd"), "-o", out}, "pictures of 1 classes"},
		{[]string{"teach", "--model", model, lone, "-o", out}, `class "few" has 1`},
		{[]string{"classify", "--model", model, dir}, "has no labels: likeness teach"},
		{[]string{"classify"}, "no pictures"},
		{[]string{"classify", "--format", "npy", dir}, "use csv or jsonl"},
		{[]string{"classify", "--top", "0", dir}, "--top 0"},
		{[]string{"embed", "--classify", "--layer", "features", dir}, "--layer is for vectors"},
		{[]string{"embed", "--classify", "--format", "npy", dir}, "use csv or jsonl"},
	} {
		status, stdout, stderr := likeness(t, c.args...)
		if status != exitFatal || stdout != "" || !strings.Contains(stderr, c.want) {
			t.Errorf("%v: status %d, %s%s", c.args, status, stdout, stderr)
		}
	}
	if _, err := os.Stat(out); err == nil {
		t.Error("a model was written")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var stdout, stderr bytes.Buffer
	status := newApp(ctx, &stdout, &stderr).main([]string{"teach", "--model", model, dir, "-o", out})
	if _, err := os.Stat(out); status != exitInterrupted || err == nil || !strings.Contains(stderr.String(), "interrupted; nothing was written") {
		t.Errorf("status %d, %s, file: %v", status, stderr.String(), err)
	}
}

// A command that is told to stop while it learns does so at once.
func TestTeachInterrupted(t *testing.T) {
	dir, model := evalFolder(t)
	out := filepath.Join(t.TempDir(), "m.safetensors")
	ctx, cancel := context.WithTimeout(t.Context(), 400*time.Millisecond)
	defer cancel()
	start := time.Now()
	var stdout, stderr bytes.Buffer
	status := newApp(ctx, &stdout, &stderr).main([]string{"teach", "--model", model, "--head", "dense", "--epochs", "1000000", dir, "-o", out})
	left, _ := os.ReadDir(filepath.Dir(out))
	if status != exitInterrupted || len(left) > 0 || time.Since(start) > 5*time.Second || !strings.Contains(stderr.String(), "interrupted; nothing was written") {
		t.Errorf("status %d after %v, %s, left: %v", status, time.Since(start), stderr.String(), left)
	}
}

// On photos, the accuracy over folds that README of engine/learn tells.
func TestTeachFlowers(t *testing.T) {
	shared := os.Getenv("LIKENESS_SHARED")
	if shared == "" {
		t.Skip("LIKENESS_SHARED names no folder that holds photos/flowers")
	}
	flowers := filepath.Join(shared, "photos", "flowers")
	model := filepath.Join("..", "..", "models", "likeness_v1.safetensors")
	for _, path := range []string{flowers, model} {
		if _, err := os.Stat(path); err != nil {
			t.Skip("there is no ", path)
		}
	}
	for _, c := range []struct {
		head string
		want float64
	}{{"softmax", 0.74}, {"knn", 0.66}, {"dense", 0.72}} {
		sum := 0.0
		const seeds = 3
		for seed := range seeds {
			out := filepath.Join(t.TempDir(), "m.safetensors")
			args := []string{"teach", "--model", model, "--head", c.head, "--seed", string(rune('0' + seed)), "--json", flowers, "-o", out}
			if c.head == "dense" {
				args = append(args, "--widths", "128")
			}
			status, stdout, stderr := likeness(t, args...)
			if status != exitOK {
				t.Fatal(stderr)
			}
			var r taught
			readJSON(t, stdout, &r)
			sum += r.Cross.Accuracy / seeds
		}
		t.Logf("%s: %.3f", c.head, sum)
		if sum < c.want {
			t.Errorf("%s: accuracy %.3f, %.2f is wanted", c.head, sum, c.want)
		}
	}
}
