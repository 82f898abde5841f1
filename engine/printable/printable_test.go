package printable_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"likeness/engine/printable"
)

func TestText(t *testing.T) {
	for s, want := range map[string]string{
		"":                 "",
		"block_1/conv 2":   "block_1/conv 2",
		"Schicht ä 層":      "Schicht ä 層",
		"a\x1b[31mred":     `"a\x1b[31mred"`,
		"line\nbreak":      `"line\nbreak"`,
		"tab\tbell\a":      `"tab\tbell\a"`,
		"c1\u009b2J":       `"c1\u009b2J"`,
		"right\u202eleft":  `"right\u202eleft"`,
		"no-break\u00a0":   `"no-break\u00a0"`,
		"broken\xff":       `"broken\xff"`,
		"zero\u200bwidth":  `"zero\u200bwidth"`,
		"\ufeffbyte order": `"\ufeffbyte order"`,
	} {
		if got := printable.Text(s); got != want {
			t.Errorf("%q prints as %s, want %s", s, got, want)
		}
	}
}

func TestMessage(t *testing.T) {
	for s, want := range map[string]string{
		"plain \"quoted\" a\\b":           "plain \"quoted\" a\\b",
		"first\nsecond":                   "first\nsecond",
		"no layer \x1b[2J; near it: a\tb": `no layer \x1b[2J; near it: a\tb`,
		"\xff\u202e":                      `\xff\u202e`,
	} {
		if got := printable.Message(s); got != want {
			t.Errorf("%q prints as %q, want %q", s, got, want)
		}
	}
}

func TestClip(t *testing.T) {
	if s := strings.Repeat("x", 400); printable.Clip(s) != s {
		t.Error("400 bytes were clipped")
	}
	for _, s := range []string{strings.Repeat("x", 1<<20), strings.Repeat("層", 1000), strings.Repeat("\x80", 1000)} {
		got := printable.Clip(s)
		if len(got) > 404 || !strings.HasSuffix(got, "…") || utf8.ValidString(s) && !utf8.ValidString(got) {
			t.Errorf("%d bytes became %d", len(s), len(got))
		}
	}
	if got := fmt.Sprintf("%q %d", printable.Args([]any{strings.Repeat("y", 5000), 7})...); len(got) > 420 {
		t.Errorf("%d bytes", len(got))
	}
}
