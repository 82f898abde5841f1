package main

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// drawnFolder has 5 pictures each of stripes, that lie or stand.
func drawnFolder(t *testing.T) (dir, model string) {
	t.Helper()
	dir = t.TempDir()
	for class, label := range []string{"lying", "standing"} {
		mkdir(t, filepath.Join(dir, label))
		for i := range 5 {
			img := image.NewNRGBA(image.Rect(0, 0, 40, 40))
			for y := range 40 {
				for x := range 40 {
					on := []int{y, x}[class] / (4 + i) % 2
					img.SetNRGBA(x, y, color.NRGBA{byte(40*i + 80*on), byte(200 - 30*i - 90*on), byte(60 + 25*i), 255})
				}
			}
			var b bytes.Buffer
			if err := png.Encode(&b, img); err != nil {
				t.Fatal(err)
			}
			writeFile(t, filepath.Join(dir, label, string(rune('a'+i))+".png"), b.Bytes())
		}
	}
	return dir, filepath.Join("..", "..", "models", "likeness_v1.safetensors")
}

// The last block is trained, the same command writes the same bytes, and other
// commands take the result.
func TestTeachFrom(t *testing.T) {
	dir, model := drawnFolder(t)
	out := filepath.Join(t.TempDir(), "m.safetensors")
	args := []string{"teach", "--model", model, "--from", "expanded_conv_15/add", "--epochs", "20", "--views", "2", "--folds", "2", "--json", dir, "-o", out}
	status, stdout, stderr := likeness(t, args...)
	if status != exitOK {
		t.Fatalf("status %d, %s", status, stderr)
	}
	var r taught
	readJSON(t, stdout, &r)
	if r.Pictures != 10 || strings.Join(r.Labels, " ") != "lying standing" || r.From != "expanded_conv_15/add" || r.Rounds != 20 || r.Cross == nil || r.Cross.Vectors != 10 ||
		r.HeadAlone == nil || r.HeadAlone.Vectors != 10 || r.Agreement == nil || r.Agreement.Pictures != 10 || r.Agreement.Mean < 0.99 || r.Diverged != "" {
		t.Errorf("%s", stdout)
	}
	first, _ := os.ReadFile(out)
	likeness(t, args...)
	if again, _ := os.ReadFile(out); len(first) == 0 || !bytes.Equal(first, again) {
		t.Error("another file")
	}
	_, stdout, _ = likeness(t, "classify", "--model", out, "--json", dir)
	var c classified
	readJSON(t, stdout, &c)
	if len(c.Told) != 10 {
		t.Fatalf("%s", stdout)
	}
	for _, v := range c.Told {
		if v.Label != filepath.Base(filepath.Dir(string(v.Name))) {
			t.Errorf("%+v", v)
		}
	}
	status, csv, stderr := likeness(t, "embed", "--classify", "--model", out, dir)
	if status != exitOK || strings.Count(csv, "\n") != 11 {
		t.Errorf("embed --classify: status %d, %s%s", status, stderr, csv)
	}
}

func TestTeachFromErrors(t *testing.T) {
	dir, model := drawnFolder(t)
	out := filepath.Join(t.TempDir(), "m.safetensors")
	tiny := filepath.Join(t.TempDir(), "tiny.safetensors")
	writeModel(t, tiny)
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"--model", model, "--from", "nothing"}, "blocks end at"},
		{[]string{"--model", model, "--from", "expanded_conv_15/expand"}, "what follows reads other layers too"},
		{[]string{"--model", tiny, "--from", "features"}, "teach a head alone, without --from"},
		{[]string{"--model", model, "--from", "expanded_conv_15/add", "--head", "dense"}, "--head goes without --from"},
		{[]string{"--model", model, "--from", "expanded_conv_15/add", "--optimiser", "newton"}, "choose adam or sgd"},
		{[]string{"--model", model, "--views", "3"}, "--views is for --from LAYER"},
		{[]string{"--model", model, "--from", "expanded_conv_15/add", "--views", "99"}, "1 to 64"},
		{[]string{"--model", model, "--from", "expanded_conv_15/add", "--optimiser", "sgd", "--rate", "1e12", "--folds", "0", "--epochs", "3"}, "learning went astray in epoch 1"},
	} {
		status, stdout, stderr := likeness(t, append(append([]string{"teach"}, c.args...), dir, "-o", out)...)
		if status != exitFatal || stdout != "" || !strings.Contains(stderr, c.want) {
			t.Errorf("%v: status %d, %s%s", c.args, status, stdout, stderr)
		}
	}
	if _, err := os.Stat(out); err == nil {
		t.Error("a model was written")
	}
}

// A rate that becomes silly ends learning with the last good weights.
func TestTeachFromAstray(t *testing.T) {
	dir, model := drawnFolder(t)
	out := filepath.Join(t.TempDir(), "m.safetensors")
	status, stdout, stderr := likeness(t, "teach", "--model", model, "--from", "expanded_conv_15/add", "--optimiser", "sgd", "--rate", "30", "--warm-up", "2000", "--epochs", "2001",
		"--views", "1", "--folds", "0", "--json", dir, "-o", out)
	var r taught
	readJSON(t, stdout, &r)
	if status != exitSome || r.Rounds < 1 || r.Rounds > 1000 || !strings.Contains(r.Diverged, "learning went astray") || !strings.Contains(stderr, "are written") {
		t.Fatalf("status %d, %s%s", status, stderr, stdout)
	}
	if _, told, _ := likeness(t, "inspect", out); !strings.Contains(told, "2 classes by a softmax head") {
		t.Errorf("inspect: %s", told)
	}
}

func TestTeachFromInterrupted(t *testing.T) {
	dir, model := drawnFolder(t)
	out := filepath.Join(t.TempDir(), "m.safetensors")
	ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
	defer cancel()
	start := time.Now()
	var stdout, stderr bytes.Buffer
	status := newApp(ctx, &stdout, &stderr).main([]string{"teach", "--model", model, "--from", "expanded_conv_15/add", "--epochs", "1000000", dir, "-o", out})
	left, _ := os.ReadDir(filepath.Dir(out))
	if status != exitInterrupted || len(left) > 0 || time.Since(start) > 8*time.Second || !strings.Contains(stderr.String(), "interrupted; nothing was written") {
		t.Errorf("status %d after %v, %s, left: %v", status, time.Since(start), stderr.String(), left)
	}
}

// What does not fit into half of the memory goes into a file, which is gone when
// the work is done.
func TestTeachFromCache(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	const views, each = 2, 100
	for memory, want := range map[int64]int{1 << 20: 0, 1 << 10: 1} {
		c, done, err := newCache(10, views, each, memory)
		if err != nil {
			t.Fatal(err)
		}
		values := make([]int16, each)
		for i := range values {
			values[i] = int16(i - 50)
		}
		for view := range views {
			if err := c.Put(0, view, values); err != nil {
				t.Fatal(err)
			}
		}
		got := make([]int16, each)
		if err := c.Get(got, 0, 1); err != nil || !slices.Equal(got, values) {
			t.Errorf("%d bytes: %v, %v", memory, err, got)
		}
		if files, _ := os.ReadDir(os.TempDir()); len(files) != want {
			t.Errorf("%d bytes: files %v", memory, files)
		}
		done()
		if files, _ := os.ReadDir(os.TempDir()); len(files) > 0 {
			t.Errorf("%d bytes: left behind: %v", memory, files)
		}
	}
}
