package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestPrintable(t *testing.T) {
	for in, want := range map[string]string{
		"plain ä 😀\n text": "plain ä 😀\n text",
		"\x1b[31mred\x07":  `\x1b[31mred\a`,
		"a\rb\x7f":         `a\rb\x7f`,
		"\u009b31m\u202e":  `\u009b31m\u202e`,
		"caf\xe9":          `caf\xe9`,
	} {
		if got := forTerminal(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	if got := forTerminal("first\n" + strings.Repeat("ä", 1<<20)); len(got) > 2*maxMessage || !strings.HasPrefix(got, "first\nä") {
		t.Errorf("%d bytes", len(got))
	}
	for in, want := range map[string]string{"a b.jpg": "a b.jpg", "a\nb": `"a\nb"`, " a": `" a"`, "": `""`, "\xff": `"\xff"`, "ä": "ä", "\x1b": `"\x1b"`} {
		if got := shown(in); got != want {
			t.Errorf("%q: %s, want %s", in, got, want)
		}
	}
	if got := shown(strings.Repeat("x", 1<<20)); len(got) > 500 {
		t.Errorf("a name is shown in %d bytes", len(got))
	}
}

func TestExactName(t *testing.T) {
	for _, name := range []exactName{"a", "\xff", "\xed\xb2\x80", "\"\\\n\u2028<>&", "\x1b\u009b", "\ufffd"} {
		data, err := json.Marshal(map[string]exactName{"n": name})
		if err != nil {
			t.Fatal(err)
		}
		var back map[string]exactName
		if err := json.Unmarshal(data, &back); err != nil || back["n"] != name {
			t.Errorf("%q: %s, %q, %v", name, data, back["n"], err)
		}
		if bytes.ContainsAny(data, "\x1b\u009b") {
			t.Errorf("%q reaches the terminal: %q", name, data)
		}
	}
}

// TestNamesOnTerminals: neither files nor models can write to the terminal.
func TestNamesOnTerminals(t *testing.T) {
	dir, modelFile, photos := fixture(t)
	evil := filepath.Join(photos, "evil\x1b[2J\nlikeness: all is well\r.png")
	if err := os.WriteFile(evil, []byte("no picture"), 0o600); err != nil {
		t.Skip("no such names here:", err)
	}
	named := filepath.Join(dir, "named.safetensors")
	writeNamedModel(t, named, "f\x1b[m")
	for _, args := range [][]string{
		{"embed", "--model", modelFile, "--format", "csv", photos},
		{"embed", "--model", modelFile, "--format", "csv", "--json", photos},
		{"embed", "--model", modelFile, "--format", "jsonl", photos},
		{"embed", "--model", modelFile, evil},
		{"embed", "--model", evil, photos},
		{"eval", "--model", modelFile, dir},
		{"embed", "--model", modelFile, "--layer", "\x1b[2J", photos},
		{"inspect", named},
		{"inspect", "--json", named},
		{"bench", "--model", named, "--runs", "1", "--profile"},
		{"\x1b[2J"},
	} {
		_, stdout, stderr := likeness(t, args...)
		for _, text := range []string{stdout, stderr} {
			if strings.ContainsAny(strings.ReplaceAll(text, "\r\n", "\n"), "\x1b\r") || strings.Contains(text, "\nlikeness: all") {
				t.Errorf("%q: %q", args, text)
			}
		}
	}
	if _, out, stderr := likeness(t, "inspect", named); !strings.Contains(out, `\x1b[m`) {
		t.Errorf("the layer's name is not shown: %s%s", out, stderr)
	}
}
