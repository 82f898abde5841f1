package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// export writes ONNX that convert reads back, replaces only its own files, and
// refuses what it cannot write.
func TestExport(t *testing.T) {
	dir, modelFile, photos := fixture(t)
	out := filepath.Join(dir, "m.onnx")
	for _, args := range [][]string{{"export", "-o", out, modelFile}, {"export", "--float", "-o", out, modelFile}} {
		if status, text, stderr := likeness(t, args...); status != exitOK {
			t.Fatalf("%v: %d %s%s", args, status, text, stderr)
		}
	}
	back := filepath.Join(dir, "back.safetensors")
	if status, _, stderr := likeness(t, "convert", out, "-o", back, "--preset", "torch"); status != exitOK {
		t.Fatalf("convert: %s", stderr)
	}
	photo := filepath.Join(photos, "a.png")
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"export", modelFile}, "-o needs a file"},
		{[]string{"export", "-o", photo, modelFile}, "a.png"},
		{[]string{"export", "-o", modelFile, modelFile}, "-o"},
		{[]string{"export", "-o", out, modelFile, modelFile}, "one model"},
		{[]string{"export", "-o", out, filepath.Join(dir, "none.safetensors")}, "none"},
	} {
		before, _ := os.ReadFile(photo)
		status, _, stderr := likeness(t, c.args...)
		if status != exitFatal || !strings.Contains(stderr, c.want) {
			t.Errorf("%v: %d %s, want %q", c.args, status, stderr, c.want)
		}
		if after, _ := os.ReadFile(photo); string(after) != string(before) {
			t.Fatal("a picture was replaced")
		}
	}
}
