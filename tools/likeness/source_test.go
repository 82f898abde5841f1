package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"likeness/engine/model"
)

// external is an ONNX file of one convolution of a 4 x 4 picture, whose twelve
// weights lie in data/w.bin.
const external = "42040a00100d3a740a0f0a01780a01771201792204436f6e762a270804080308010801100142017770016a160a086c6f636174696f6e120a646174612f772e62696e5a1b0a017812160a14080112100a0208010a0208030a0208040a020804621b0a017912160a14080112100a0208010a0208040a0208040a020804"

// TestSourceHash: the hash of what was converted covers the files of external
// data, as the list that sha256sum prints.
func TestSourceHash(t *testing.T) {
	dir := t.TempDir()
	onnx, err := hex.DecodeString(external)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "data"), 0o755); err != nil {
		t.Fatal(err)
	}
	in, out := filepath.Join(dir, "net.onnx"), filepath.Join(dir, "net.safetensors")
	weights := make([]byte, 48)
	for i := range 12 {
		weights[4*i+2], weights[4*i+3] = 0x80, 0x3f // 1
	}
	seen := map[string]bool{}
	for _, last := range []byte{0x3f, 0xbf} {
		weights[47] = last
		for name, data := range map[string][]byte{"net.onnx": onnx, "data/w.bin": weights} {
			if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if status, _, stderr := likeness(t, "convert", in, "-o", out); status != exitOK {
			t.Fatal(stderr)
		}
		data, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		f, err := model.Read(data)
		if err != nil {
			t.Fatal(err)
		}
		list := fmt.Sprintf("%x  net.onnx\n%x  data/w.bin\n", sha256.Sum256(onnx), sha256.Sum256(weights))
		if want := fmt.Sprintf("%x", sha256.Sum256([]byte(list))); f.SourceSHA256 != want {
			t.Errorf("source_sha256 is %s, want %s", f.SourceSHA256, want)
		}
		seen[f.SourceSHA256] = true
	}
	if len(seen) != 2 {
		t.Error("other weights, the same hash")
	}
}

// TestNamesAreQuoted: no control character of a file reaches the terminal.
func TestNamesAreQuoted(t *testing.T) {
	path := filepath.Join(t.TempDir(), "escape\x1b[2J.safetensors")
	writeModel(t, path)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	f, err := model.Read(data)
	if err != nil {
		t.Fatal(err)
	}
	evil := "red\x1b[31m\x07\u202e"
	f.Graph.Name, f.Graph.Tensors[1].Name, f.Graph.DefaultLayer, f.License, f.Source = evil, evil, evil, evil, evil
	w, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := model.Write(w, f); err != nil {
		t.Fatal(err)
	}
	w.Close()
	for _, args := range [][]string{{"inspect", path}, {"bench", "--model", path, "--runs", "2", "--profile"},
		{"bench", "--model", path, "--layer", "none\x1b"}, {"inspect", path + "\x1b"}} {
		_, stdout, stderr := likeness(t, args...)
		if s := stdout + stderr; strings.ContainsAny(s, "\x1b\x07\u202e") || !strings.Contains(s, `\x1b`) {
			t.Errorf("likeness %q prints %q", args, s)
		}
	}
}
